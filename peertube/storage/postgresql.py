"""PostgreSQL: a pool of connections that heals, and interactions that are run again where that is safe.

Writes are serializable, reads see one snapshot. An interaction that lost a race, or its connection, is run again; one
whose connection broke while its commit was on the way is not, for nobody knows what came of it.
"""

import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from peertube.storage.database import DatabaseUnavailable, Transaction
from peertube.storage.postgresql_connection import Connection, Server, ServerRefused
from peertube.storage.postgresql_interactions import Asked, Outcome, run

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_TICK_SECONDS = 0.5
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0
_STOP_SECONDS = 10


class PostgresqlDatabase:
    """The `peertube.storage.database.Database` on a server that others may share.

    :param size: how many connections there may be (``database.pool.max``).
    :param limit: how many interactions may wait; one more is refused with `DatabaseUnavailable`.
    :param wait_seconds: how long an interaction may wait for a connection.
    :param patience_seconds: how long the server may be away before whoever asks is refused at once.
    :param statement_seconds: how long one statement may take.
    :param boot_seconds: how long the start waits for a server that cannot be reached.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: Any,
        server: Server,
        size: int = 5,
        limit: int = 10_000,
        wait_seconds: float = 20,
        patience_seconds: float = 5,
        statement_seconds: float = 20,
        boot_seconds: float = 60,
    ) -> None:
        self._reactor = reactor
        self._server = server
        self._size = size
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._patience_seconds = patience_seconds
        self._statement_seconds = statement_seconds
        self._boot_seconds = boot_seconds
        self._open = False
        self._waiting: deque[Asked] = deque()
        self._raced: deque[Asked] = deque()
        self._raced_running = False
        self._connections: set[Connection] = set()
        self._idle: list[Connection] = []
        self._opening = 0
        self._failures = 0
        self._down_since: float | None = None
        self._retry: IDelayedCall | None = None
        self._running: set[Deferred[None]] = set()
        self._tick = LoopingCall(self._look_at_the_clock)
        self._tick.clock = reactor

    async def start(self) -> None:
        """Connect; waits for a server that is not there yet. Raises `DatabaseUnavailable`."""
        until = self._reactor.seconds() + self._boot_seconds
        while True:
            try:
                await self._connect()
                break
            except DatabaseUnavailable as error:
                if isinstance(error, ServerRefused) or self._reactor.seconds() >= until:
                    raise
                self._log.warn("waiting for the database: {error}", error=str(error))
                await deferLater(self._reactor, min(1, self._boot_seconds / 10))
        self._open = True
        self._tick.start(_TICK_SECONDS, now=False)

    async def stop(self) -> None:
        """Finish what waits, within limits, and close the connections."""
        self._open = False
        if self._tick.running:
            self._tick.stop()
        if self._down_since is not None:
            self._refuse_all("the database is closed")
        late = self._reactor.callLater(_STOP_SECONDS, self._give_up)
        while self._running:
            await DeferredList(list(self._running))
        if late.active():
            late.cancel()
        self._give_up()
        self._connections.clear()
        self._idle.clear()

    @property
    def available(self) -> bool:
        """Whether the server answers, as far as is known."""
        return self._open and self._down_since is None

    async def read(
        self,
        interaction: Callable[Concatenate[Transaction, Arguments], Awaitable[Result]],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run an interaction that changes nothing, on one consistent snapshot."""
        result: Result = await self._ask(lambda tx: interaction(tx, *arguments, **named), reading=True)
        return result

    async def write(
        self,
        interaction: Callable[Concatenate[Transaction, Arguments], Awaitable[Result]],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run an interaction; when this returns, its changes are on disk. All or nothing.

        Whoever cancels the wait does not know what came of it: an interaction that has begun is still committed.
        `DatabaseUnavailable` during the commit leaves it open as well.
        """
        result: Result = await self._ask(lambda tx: interaction(tx, *arguments, **named), reading=False)
        return result

    def _ask(self, call: Callable[[Transaction], Awaitable[Any]], *, reading: bool) -> Deferred[Any]:
        if not self._open:
            raise DatabaseUnavailable("the database is closed")
        if len(self._waiting) >= self._limit:
            raise DatabaseUnavailable(f"more than {self._limit} interactions wait")
        now = self._reactor.seconds()
        if self._down_since is not None and now - self._down_since > self._patience_seconds:
            raise DatabaseUnavailable("the database cannot be reached")

        def cancel(_: Deferred[Any]) -> None:
            asked.cancelled = True

        asked = Asked(call, reading, Deferred(cancel), since=now)
        self._waiting.append(asked)
        self._dispatch()
        return asked.answer

    def _own(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside everything else; the stop waits for it. There are at most two for each connection."""
        running: Deferred[None] = Deferred.fromCoroutine(coroutine)
        if running.called:
            return
        self._running.add(running)

        def ended(result: object) -> None:
            self._running.discard(running)
            if isinstance(result, Failure):
                self._log.failure("serving the database failed", failure=result)

        running.addBoth(ended)

    # Interactions to connections.

    def _dispatch(self) -> None:
        """Give what waits to connections that are free, and open more where none is."""
        while self._idle and (asked := self._next()) is not None:
            self._own(self._serve(self._idle.pop(), asked))
        if (
            (self._waiting or self._raced)
            and self._retry is None
            and len(self._connections) + self._opening < self._size
        ):
            self._opening += 1
            self._own(self._open_one())

    def _next(self) -> Asked | None:
        """What to run next. Of those that lost a race only one runs at a time, so that they do not race each other."""
        for queue in (() if self._raced_running else (self._raced,)) + (self._waiting,):
            while queue:
                asked = queue.popleft()
                if not asked.cancelled:
                    self._raced_running = self._raced_running or queue is self._raced
                    return asked
        return None

    async def _serve(self, connection: Connection, asked: Asked | None) -> None:
        """Run interactions on a connection for as long as some wait."""
        while asked is not None:
            raced = asked.races > 0
            outcome = await run(connection, asked)
            if raced:
                self._raced_running = False
            self._settle(asked, outcome)
            if connection.gone:
                break
            connection.end_with_next()
            asked = self._next()
        self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        if connection.gone:
            self._lost(connection)
        else:
            self._idle.append(connection)
        self._dispatch()

    async def _finish(self, connection: Connection) -> None:
        """End the read that a connection did last. It waits for a next one with that, for a moment: it costs a journey
        to the server, or nothing when it goes along with another statement."""
        await connection.finish()
        self._give_back(connection)

    def _settle(self, asked: Asked, outcome: Outcome) -> None:
        if outcome.again and not asked.cancelled:
            (self._raced if asked.races else self._waiting).appendleft(asked)
            return
        for effect in outcome.effects:
            try:
                effect()
            except Exception:
                self._log.failure("an effect after a commit failed")
        if asked.cancelled:
            return
        if outcome.error is None:
            asked.answer.callback(outcome.result)
        else:
            asked.answer.errback(Failure(outcome.error))

    def _look_at_the_clock(self) -> None:
        """Nobody waits too long: not for a connection, and not for a server that went silent."""
        now = self._reactor.seconds()
        if self._down_since is not None and now - self._down_since > self._patience_seconds:
            self._refuse_all("the database cannot be reached")
        while self._waiting and now - self._waiting[0].since > self._wait_seconds:
            self._refuse(self._waiting.popleft(), f"no connection was free for {self._wait_seconds} seconds")
        for connection in [each for each in self._idle if each.in_transaction]:
            self._idle.remove(connection)
            self._own(self._finish(connection))
        for connection in list(self._connections):
            if connection.busy_since is not None and now - connection.busy_since > self._statement_seconds + 5:
                connection.close()

    def _refuse_all(self, reason: str) -> None:
        for queue in (self._raced, self._waiting):
            while queue:
                self._refuse(queue.popleft(), reason)

    def _refuse(self, asked: Asked, reason: str) -> None:
        if not asked.cancelled:
            asked.answer.errback(DatabaseUnavailable(reason))

    def _give_up(self) -> None:
        """At the end: nothing waits any longer."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._refuse_all("the database is closed")
        for connection in list(self._connections):
            connection.close()

    # Connections.

    async def _connect(self) -> None:
        connection = Connection(
            reactor=self._reactor,
            server=self._server,
            statement_seconds=self._statement_seconds,
            ended=lambda: self._ended_idle(connection),
        )
        await connection.open()
        self._connections.add(connection)
        self._idle.append(connection)

    async def _open_one(self) -> None:
        try:
            await self._connect()
        except CancelledError:
            raise
        except Exception as error:
            self._failed_to_open(error)
        else:
            if self._failures:
                self._log.info("the database can be reached again")
            self._failures, self._down_since = 0, None
        finally:
            self._opening -= 1
        self._dispatch()

    def _failed_to_open(self, error: Exception) -> None:
        if not self._failures:
            self._log.error("cannot connect to the database: {error}", error=str(error))
        self._failures += 1
        if not self._connections and self._down_since is None:
            self._down_since = self._reactor.seconds()
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(self._failures, 10)) * (0.5 + random.random() / 2)
        if self._open and self._retry is None:
            self._retry = self._reactor.callLater(delay, self._try_again)

    def _try_again(self) -> None:
        self._retry = None
        if not self._connections and not self._opening:
            self._opening += 1
            self._own(self._open_one())
        else:
            self._dispatch()

    def _ended_idle(self, connection: Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        self._lost(connection)

    def _lost(self, connection: Connection) -> None:
        """Without a connection, find out at once whether the server is there."""
        self._connections.discard(connection)
        if not self._connections and not self._opening and self._retry is None and self._open:
            self._log.warn("the connections to the database were lost")
            self._opening += 1
            self._own(self._open_one())
