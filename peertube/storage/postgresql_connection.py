"""One connection to PostgreSQL: how it is opened, how statements go through it, how its end is told.

The server is asked through txpostgres, one statement at a time. Where that saves a journey to the server, what ends
the last transaction and what begins the next are sent in one text with its first statement.
"""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

import psycopg2
from attrs import field, frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IHostResolution
from twisted.logger import Logger
from txpostgres import txpostgres
from zope.interface import implementer

from peertube.storage.database import DatabaseUnavailable, StorageError
from peertube.storage.postgresql_prepared import Execution, Prepared
from peertube.storage.postgresql_transaction import (
    NUMBERS,
    Answer,
    ConnectionGone,
    Raced,
    Statement,
    texts,
    translated,
)

CONNECT_SECONDS = 10

_BEGIN_WRITE = b"begin isolation level serializable"
_BEGIN_READ = b"begin isolation level repeatable read read only"
_PREPARE = (
    "set timezone = 'UTC'; set jit = off; set client_min_messages = warning; set statement_timeout = %(milliseconds)s;"
    "set lock_timeout = %(milliseconds)s; set idle_in_transaction_session_timeout = 60000;"
    # What was acknowledged survives a power cut, whatever the server's default is.
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
)


_HOPELESS = ("password authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry")


class ServerRefused(DatabaseUnavailable):
    """The server is there and does not let us in; waiting does not help."""


def unreachable(error: Exception) -> DatabaseUnavailable:
    """Why a connection could not be opened, in one line."""
    text = " ".join(str(error).split()) or repr(error)
    return (ServerRefused if any(words in text for words in _HOPELESS) else DatabaseUnavailable)(text)


@frozen
class Server:
    """Where the database is and who asks.

    `hostname` is a name, an address, or the folder of a Unix socket, which begins with a slash.
    """

    hostname: str
    port: int
    name: str
    username: str
    password: str = field(default="", repr=False)
    ssl: bool = False

    def arguments(self, addresses: Sequence[str] = ()) -> dict[str, Any]:
        """What libpq is told. `addresses` are those of the host name; looking them up itself would block."""
        hosts: dict[str, Any] = {"host": self.hostname}
        if addresses:
            hosts = {"host": ",".join([self.hostname] * len(addresses)), "hostaddr": ",".join(addresses)}
        secret = {"password": self.password} if self.password else {}
        return {
            **hosts,
            **secret,
            "port": self.port,
            "dbname": self.name,
            "user": self.username,
            "sslmode": "require" if self.ssl else "prefer",
            "application_name": "peertube",
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
        }


class _Wire(txpostgres.Connection):  # type: ignore[misc]  # txpostgres has no types
    """The connection of txpostgres, which tells of its end instead of throwing it at the reactor."""

    def __init__(
        self, reactor: Any, broken: Callable[[Exception], None], heard: Callable[[str, str], object] | None
    ) -> None:
        super().__init__(reactor)
        self._broken = broken
        self._heard = heard

    def checkForNotifies(self) -> None:
        """Tell of what was notified, in its order."""
        waiting = self._connection.notifies
        while waiting:
            told = waiting.pop(0)
            if self._heard is not None:
                self._heard(told.channel, told.payload)

    def continuePolling(self, swallowErrors: bool = False) -> None:
        try:
            super().continuePolling()
        except Exception as error:
            if not swallowErrors:
                self._broken(error)

    def doRead(self) -> None:
        txpostgres._PollingMixin.doRead(self)
        self.checkForNotifies()
        if self.has_socket:
            self.reactor.addReader(self)

    def cursorFinished(self, cursor: Any) -> None:
        if self.has_socket:
            super().cursorFinished(cursor)
        else:
            self._cursors.discard(cursor)

    @property
    def has_socket(self) -> bool:
        """Whether there is something to read from; libpq may have closed it before anybody closed the connection."""
        return not self._connection.closed and self._connection.fileno() >= 0

    def close(self) -> None:
        if self._connection is not None:
            super().close()


class Connection:
    """One open connection. `gone` says that it is of no use any more.

    :param ended: called (once) when the connection breaks while nobody waits for an answer.
    :param heard: given channel and payload of what is notified.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: Any,
        server: Server,
        statement_seconds: float,
        ended: Callable[[], object],
        heard: Callable[[str, str], object] | None = None,
    ) -> None:
        self._reactor = reactor
        self._server = server
        self._statement_seconds = statement_seconds
        self._ended = ended
        self._wire: Any = _Wire(reactor, self._broken, heard)
        self._before: list[bytes] = []
        self._reading = False
        self._prepared = Prepared()
        self._asking = False
        self.gone = False
        self.in_transaction = False
        self.busy_since: float | None = None

    async def open(self) -> None:
        """Connect. Raises `DatabaseUnavailable`."""
        addresses = await _addresses(self._reactor, self._server.hostname)
        try:
            connecting: Deferred[object] = self._wire.connect(**self._server.arguments(addresses))
            late = self._reactor.callLater(CONNECT_SECONDS, self.close)
            try:
                await connecting
            finally:
                if late.active():
                    late.cancel()
            psycopg2.extensions.register_type(NUMBERS, self._wire.pollable())
            milliseconds = int(self._statement_seconds * 1000)
            await self.ask(Statement(_PREPARE, ({"milliseconds": milliseconds},)))
        except CancelledError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise unreachable(error) from error

    def begin(self, *, reading: bool) -> None:
        """Have the next statement begin a transaction."""
        self._before.append(_BEGIN_READ if reading else _BEGIN_WRITE)
        self._reading = reading

    async def ask(self, statement: Statement) -> Answer:
        """Run a statement. Raises `StorageError`."""
        if not self._reading or len(statement.parameters) != 1:
            return await self._ask(statement)
        execution = self._prepared.execution(statement.text, statement.parameters[0])
        if execution is None:
            return await self._ask(statement)
        return await self._execute(execution, statement.parameters)

    async def _execute(self, execution: Execution, parameters: Sequence[Mapping[str, object]]) -> Answer:
        if execution.preparation:
            self._before.append(execution.preparation.encode())
        try:
            answer = await self._ask(Statement(execution.text, parameters))
        except DatabaseUnavailable:
            raise
        except StorageError as error:
            if not execution.preparation:
                raise
            self._prepared.refused.add(execution.key)
            raise Raced(f"not prepared: {error}") from error
        if execution.preparation:
            self._prepared.done(execution)
        return answer

    async def _ask(self, statement: Statement) -> Answer:
        cursor = None
        self._asking = True
        self.busy_since = self._reactor.seconds()
        try:
            cursor = self._wire.cursor()
            before = b";".join(self._before)
            for text in texts(cursor, statement, before):
                if self._before:
                    self._before, self.in_transaction = [], True
                await cursor.execute(text)
            names = tuple(column[0] for column in cursor.description or ())
            values = cursor.fetchall() if cursor.description else ()
            return Answer(names, values, cursor.rowcount, cursor.statusmessage or "")
        except CancelledError as error:
            raise DatabaseUnavailable(f"a statement took more than {self._statement_seconds} seconds") from error
        except Exception as error:
            meaning = translated(error)
            if isinstance(meaning, ConnectionGone) or not self._wire.has_socket:
                self.close()
                meaning = ConnectionGone(str(meaning))
            raise meaning from error
        finally:
            self._asking = False
            self.busy_since = None
            if cursor is not None:
                cursor.close()

    async def commit(self) -> None:
        """Commit what was begun; nothing when nothing was. Raises `StorageError`."""
        await self._end("commit")

    async def rollback(self) -> None:
        """Undo what was begun; a connection that cannot is closed."""
        await self._end_or_close("rollback")

    async def finish(self) -> None:
        """End a transaction that only read; a connection that cannot is closed."""
        await self._end_or_close("commit")

    def end_with_next(self) -> None:
        """Have the next statement end a transaction that only read."""
        if self.in_transaction:
            self._before.append(b"commit")

    def close(self) -> None:
        """Close at once; who waits for an answer gets `ConnectionGone`."""
        self.gone = True
        self._wire.close()

    async def _end_or_close(self, word: str) -> None:
        try:
            if not self.gone:
                await self._end(word)
        except StorageError:
            self.close()

    async def _end(self, word: str) -> None:
        self._before, self._reading = [], False
        if not self.in_transaction:
            return
        answer = await self.ask(Statement(word, ({},)))
        self.in_transaction = False
        if answer.status.lower() != word:
            raise DatabaseUnavailable(f"the server answered {answer.status} to {word}")

    def _broken(self, error: Exception) -> None:
        if self.gone:
            return
        self._log.debug("a connection to the database ended: {error}", error=str(error).strip())
        self.close()
        if not self._asking:
            self._ended()


@implementer(IHostResolution)
class _Resolution:
    """Collects the addresses of a host."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[str] = []
        self.done: Deferred[None] = Deferred()

    def resolutionBegan(self, resolutionInProgress: object) -> None:
        """Nothing to do."""

    def addressResolved(self, address: Any) -> None:
        """One more."""
        self.found.append(address.host)

    def resolutionComplete(self) -> None:
        """That was all."""
        self.done.callback(None)

    def cancel(self) -> None:
        """Nobody waits."""


async def _addresses(reactor: Any, hostname: str) -> list[str]:
    """The addresses of a host name, looked up off the reactor; none for a socket's folder or an address."""
    if hostname.startswith("/"):
        return []
    try:
        return [str(ip_address(hostname))]
    except ValueError:
        pass
    resolution = _Resolution(hostname)
    reactor.nameResolver.resolveHostName(resolution, hostname)
    await resolution.done
    if not resolution.found:
        raise DatabaseUnavailable(f"there is no host {hostname}")
    return list(dict.fromkeys(resolution.found))
