"""News from process to process through PostgreSQL's LISTEN and NOTIFY, for pods without Redis.

What is notified inside of a transaction is heard when it is committed, and only then. LISTEN belongs to a connection:
it is repeated on every new one, and whoever listens is told that something may have been missed in between.
"""

import re
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, DeferredList, DeferredLock
from twisted.internet.task import deferLater
from twisted.logger import Logger

from peertube.storage.database import DatabaseUnavailable, StorageError, Transaction
from peertube.storage.postgresql_connection import Connection, Server
from peertube.storage.postgresql_transaction import Statement
from peertube.storage.query import Query

LONGEST_PAYLOAD = 7_999
"""Bytes; PostgreSQL takes no more."""

_NOTIFY = Query("select 1 as done", postgresql="select pg_notify(:channel, :payload)")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0
_HEARTBEAT_SECONDS = 10

Listener = Callable[[str], object]


async def notify(tx: Transaction, channel: str, payload: str) -> None:
    """Tell every process that listens to `channel`, once the transaction is committed. On SQLite there is no other."""
    await tx.one(_NOTIFY, channel=_checked(channel), payload=payload)


class PostgresqlNews:
    """A part with a connection of its own that listens. Start it before the parts that listen."""

    _log = Logger()

    def __init__(self, *, reactor: Any, server: Server, statement_seconds: float = 10) -> None:
        self._reactor = reactor
        self._server = server
        self._statement_seconds = statement_seconds
        self._listeners: dict[str, list[Listener]] = {}
        self._gaps: list[Callable[[], object]] = []
        self._connection: Connection | None = None
        self._lock = DeferredLock()
        self._staying: Deferred[None] | None = None
        self._look: Deferred[None] | None = None
        self._been_connected = False
        self._complained = False

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
    def available(self) -> bool:
        """Whether other processes are heard now."""
        return self._connection is not None

    async def listen(self, channel: str, listener: Listener) -> None:
        """Call `listener` with every payload of `channel` (lower case letters, digits, underscores)."""
        listeners = self._listeners.setdefault(_checked(channel), [])
        listeners.append(listener)
        if len(listeners) == 1 and self._connection is not None:
            await self._ask(self._connection, f"listen {channel}")

    def on_gap(self, missed: Callable[[], object]) -> None:
        """Call `missed` each time that something may have been missed."""
        self._gaps.append(missed)

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
                await self._take_up(connection)
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

    async def _take_up(self, connection: Connection) -> None:
        """Listen to everything (again), and only then say that there was a gap."""
        for channel in list(self._listeners):
            await self._ask(connection, f"listen {channel}")
        self._connection = connection
        gap, self._been_connected, self._complained = self._been_connected, True, False
        for missed in self._gaps if gap else ():
            self._call(missed)

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
                await self._ask(connection, "select 1")
        raise DatabaseUnavailable("the connection was lost")

    async def _ask(self, connection: Connection, text: str) -> None:
        await self._lock.acquire()
        try:
            await connection.ask(Statement(text, ({},)))
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
        for listener in list(self._listeners.get(channel, ())):
            self._call(listener, payload)

    def _call(self, listener: Callable[..., object], *arguments: str) -> None:
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


def _checked(channel: str) -> str:
    if not _CHANNEL.fullmatch(channel):
        raise ValueError(f"not a channel: {channel!r}")
    return channel
