"""News from process to process through PostgreSQL's LISTEN and NOTIFY, for pods without Redis.

LISTEN belongs to a connection: it is repeated on every new one, and whoever listens is told that something may have
been missed in between. The locks of `postgresql_locks` belong to the same connection.
"""

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, DeferredList, DeferredLock
from twisted.internet.task import deferLater
from twisted.logger import Logger

from peertube.storage.database import DatabaseUnavailable, StorageError
from peertube.storage.postgresql_connection import Connection, Server
from peertube.storage.postgresql_transaction import Answer, Statement
from peertube.storage.query import Query

_PREPARE = Query("set idle_session_timeout = '60s'; set synchronous_commit = off; listen peertube")
"""A process that is halted loses its connection after a minute, and its locks with it. News survive no crash."""

_NOTIFY = Query("select pg_notify('peertube', :payload)")
_SIGN_OF_LIFE = Query("select 1")
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0
_HEARTBEAT_SECONDS = 10


class PostgresqlWire:
    """A connection of its own that tells and listens: a wire for news (`peertube.shared.news.Wire`).

    Several pods do not hear each other: each has its own database.
    """

    _log = Logger()

    longest = 7_999
    """Bytes; PostgreSQL takes no more."""

    def __init__(self, *, reactor: Any, server: Server, statement_seconds: float = 10) -> None:
        self._reactor = reactor
        self._server = server
        self._statement_seconds = statement_seconds
        self._connection: Connection | None = None
        self._lock = DeferredLock()
        self._staying: Deferred[None] | None = None
        self._look: Deferred[None] | None = None
        self._complained = False
        self.heard: Callable[[bytes], object] | None = None
        self.ready: Callable[[], object] | None = None
        self.listening: Callable[[], object] | None = None

    async def start(self) -> None:
        """Connect; when the first attempt fails, go on trying beside everything else."""
        tried: Deferred[None] = Deferred()
        self._staying = Deferred.fromCoroutine(self._stay_connected(tried))
        await tried

    async def stop(self) -> None:
        """Disconnect."""
        if self._staying is not None:
            staying, self._staying = self._staying, None
            staying.cancel()
            await DeferredList([staying], consumeErrors=True)

    @property
    def can_send(self) -> bool:
        """Whether messages would be taken now."""
        return self._connection is not None

    @property
    def can_hear(self) -> bool:
        """Whether other processes are heard now."""
        return self._connection is not None

    @property
    def connection(self) -> object:
        """What is another one after each loss of the connection; None while there is none."""
        return self._connection

    async def send(self, messages: Sequence[bytes]) -> None:
        """Tell all processes, in this order. Raises `StorageError`."""
        payloads: list[dict[str, object]] = [{"payload": message.decode()} for message in messages]
        await self.ask(_NOTIFY, *payloads)

    async def ask(self, query: Query, *parameters: dict[str, object]) -> Answer:
        """Run a statement on the connection, once for each set of parameters. Raises `StorageError`."""
        connection = self._connection
        if connection is None:
            raise DatabaseUnavailable("there is no connection")
        return await self._ask(connection, query, *parameters)

    async def _stay_connected(self, tried: Deferred[None]) -> None:
        delay = _FIRST_DELAY
        while True:
            connection = Connection(
                reactor=self._reactor,
                server=self._server,
                statement_seconds=self._statement_seconds,
                ended=self._ended,
                heard=self._heard,
            )
            try:
                await connection.open()
                await self._ask(connection, _PREPARE)
                self._take_up(connection)
                delay = _FIRST_DELAY
                self._tell_later(tried)
                await self._watch(connection)
            except CancelledError:
                raise
            except Exception as error:
                self._complain(error)
            finally:
                self._connection = None
                connection.close()
            self._tell_later(tried)
            await deferLater(self._reactor, delay)
            delay = min(2 * delay, _LONGEST_DELAY)

    def _take_up(self, connection: Connection) -> None:
        self._connection = connection
        self._complained = False
        for tell in (self.listening, self.ready):
            if tell is not None:
                self._call(tell)

    async def _watch(self, connection: Connection) -> None:
        """Until the connection ends. A machine that vanished closes none, so ask for a sign of life."""
        while not connection.gone:
            timer = self._reactor.callLater(_HEARTBEAT_SECONDS, self._ended)
            try:
                await self._waiting()
            finally:
                if timer.active():
                    timer.cancel()
            if not connection.gone:
                await self._ask(connection, _SIGN_OF_LIFE)
        raise DatabaseUnavailable("the connection was lost")

    async def _ask(self, connection: Connection, query: Query, *parameters: dict[str, object]) -> Answer:
        await self._lock.acquire()
        try:
            return await connection.ask(Statement(query.for_postgresql, parameters or ({},)))
        except StorageError:
            connection.close()
            self._ended()
            raise
        finally:
            self._lock.release()

    def _waiting(self) -> Deferred[None]:
        self._look = Deferred()
        return self._look

    def _ended(self) -> None:
        """The connection ended, or it is time to see whether it did."""
        if self._look is not None and not self._look.called:
            self._look.callback(None)

    def _heard(self, channel: str, payload: str) -> None:
        if self.heard is not None:
            self._call(self.heard, payload.encode())

    def _call(self, listener: Callable[..., object], *arguments: bytes) -> None:
        try:
            listener(*arguments)
        except Exception:
            self._log.failure("somebody who listens failed")

    def _complain(self, error: Exception) -> None:
        """Once for each time that the server is away."""
        if not self._complained:
            self._complained = True
            self._log.warn("news of other processes are not heard: {error}", error=str(error))

    def _tell_later(self, tried: Deferred[None]) -> None:
        """Not now: whoever is told may stop us, and what runs cannot be cancelled."""
        if not tried.called:
            self._reactor.callLater(0, lambda: None if tried.called else tried.callback(None))
