"""SQLite: one thread that writes, some that read, and whole interactions handed to them.

A hop to a thread costs ten times a query, and a commit to disk costs a hundred times; so an interaction makes one
hop, and the writer commits all interactions that wait together, each in a savepoint of its own. Nobody hears of a
result before the commit that holds it.
"""

import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.logger import Logger
from twisted.python.failure import Failure

from peertube.storage.database import DatabaseUnavailable, Transaction
from peertube.storage.sqlite_interactions import Asked, Writer, read
from peertube.storage.sqlite_reserve import Reserve
from peertube.storage.sqlite_transaction import MEMORY, connect, translated

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class SqliteDatabase:
    """The `peertube.storage.database.Database` in one file (or in memory, with one thread for everything).

    :param path: an existing, migrated file, or ``":memory:"``.
    :param readers: how many interactions may read at the same time.
    :param limit: how many interactions may wait; one more is refused with `DatabaseUnavailable`.
    :param busy_seconds: how long to wait for another process that writes.
    :param prepare: called with the writer's connection, in its thread, before anything else.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: IReactorFromThreads,
        path: Path | str,
        readers: int = 2,
        limit: int = 10_000,
        busy_seconds: float = 5,
        prepare: Callable[[sqlite3.Connection], object] | None = None,
    ) -> None:
        self._reactor = reactor
        self._path = str(path)
        self._readers = 0 if self._path == MEMORY else readers
        self._limit = limit
        self._busy_seconds = busy_seconds
        self._prepare = prepare
        self._answers: dict[Asked, Deferred[Any]] = {}
        self._open = False
        self._to_write: SimpleQueue[Asked | None] = SimpleQueue()
        self._to_read: SimpleQueue[Asked | None] = SimpleQueue()
        self._writer_ended: Deferred[None] | None = None
        self._readers_ended: list[Deferred[None]] = []
        self._done: deque[Asked] = deque()
        self._done_lock = Lock()
        self._delivery_due = False

    async def start(self) -> None:
        """Open the connections."""
        self._writer_ended = await self._thread("sqlite writer", self._write_forever)
        for number in range(self._readers):
            self._readers_ended.append(await self._thread(f"sqlite reader {number}", self._read_forever))
        self._open = True

    async def stop(self) -> None:
        """Finish what waits and close the file."""
        self._open = False
        for _ in self._readers_ended:
            self._to_read.put(None)
        while self._readers_ended:
            await self._readers_ended.pop()
        if self._writer_ended is not None:
            ended, self._writer_ended = self._writer_ended, None
            self._to_write.put(None)
            await ended

    async def read(
        self,
        interaction: Callable[Concatenate[Transaction, Arguments], Awaitable[Result]],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run an interaction that changes nothing, on one consistent snapshot."""
        asked = Asked(lambda tx: interaction(tx, *arguments, **named), reading=True)
        result: Result = await self._ask(self._to_read if self._readers else self._to_write, asked)
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
        """
        asked = Asked(lambda tx: interaction(tx, *arguments, **named))
        result: Result = await self._ask(self._to_write, asked)
        return result

    def _ask(self, queue: SimpleQueue[Asked | None], asked: Asked) -> Deferred[Any]:
        if not self._open:
            raise DatabaseUnavailable("the database is closed")
        if len(self._answers) >= self._limit:
            raise DatabaseUnavailable(f"more than {self._limit} interactions wait")

        def cancel(_: Deferred[Any]) -> None:
            asked.cancelled = True

        answer: Deferred[Any] = Deferred(cancel)
        self._answers[asked] = answer
        queue.put(asked)
        return answer

    def _deliver(self) -> None:
        with self._done_lock:
            done, self._done, self._delivery_due = self._done, deque(), False
        for asked in done:
            for effect in asked.effects:
                self._run_effect(effect)
            answer = self._answers.pop(asked, None)
            if answer is None or asked.cancelled:
                continue
            if asked.error is None:
                answer.callback(asked.result)
            else:
                answer.errback(Failure(asked.error))

    def _run_effect(self, effect: Callable[[], object]) -> None:
        try:
            effect()
        except Exception:
            self._log.failure("an effect after a commit failed")

    # From here on: in the threads.

    async def _thread(self, name: str, forever: Callable[[Callable[[], None]], None]) -> Deferred[None]:
        """Run `forever` in a thread; returns when it has called the function it is given."""
        opened: Deferred[None] = Deferred()
        ended: Deferred[None] = Deferred()

        def run() -> None:
            try:
                forever(lambda: self._reactor.callFromThread(opened.callback, None))
            except BaseException as error:
                failure = Failure(translated(error))
                self._reactor.callFromThread(self._ended, opened, ended, failure)
            else:
                self._reactor.callFromThread(self._ended, opened, ended, None)

        Thread(target=run, name=name, daemon=True).start()
        await opened
        return ended

    def _ended(self, opened: Deferred[None], ended: Deferred[None], failure: Failure | None) -> None:
        if failure is not None and not opened.called:
            opened.errback(failure)
        elif failure is not None:
            self._log.failure("a thread of the database failed", failure=failure)
            self._give_up()
        ended.callback(None)

    def _give_up(self) -> None:
        """Without one of its threads the database is closed; nobody waits for it in vain."""
        self._open = False
        waiting, self._answers = self._answers, {}
        for asked, answer in waiting.items():
            if not asked.cancelled:
                answer.errback(DatabaseUnavailable("a thread of the database failed"))

    def _post(self, done: list[Asked]) -> None:
        with self._done_lock:
            self._done.extend(done)
            due, self._delivery_due = not self._delivery_due, True
        if due:
            self._reactor.callFromThread(self._deliver)

    def _read_forever(self, opened: Callable[[], None]) -> None:
        connection = connect(self._path, busy_seconds=self._busy_seconds, read_only=True)
        try:
            opened()
            while (asked := self._to_read.get()) is not None:
                read(connection, asked)
                self._post([asked])
        finally:
            connection.close()

    def _write_forever(self, opened: Callable[[], None]) -> None:
        connection = connect(self._path, busy_seconds=self._busy_seconds)
        try:
            if self._prepare is not None:
                self._prepare(connection)
            opened()
            reserve = None if self._path == MEMORY else Reserve(Path(self._path))
            if reserve is not None:
                reserve.keep()
            Writer(connection, self._to_write, self._post, reserve).run()
            with suppress(sqlite3.Error):
                connection.execute("pragma optimize")
        finally:
            connection.close()
