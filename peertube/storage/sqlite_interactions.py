"""How the threads of SQLite run interactions: reads on a snapshot, writes several to one commit."""

import errno
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from attrs import define, field

from peertube.failpoints import reach
from peertube.storage.database import DatabaseUnavailable, DiskFull, Transaction
from peertube.storage.sqlite_reserve import Reserve
from peertube.storage.sqlite_transaction import SqliteTransaction, drive, translated

_TOGETHER = 128
"""How many interactions one commit may hold."""

_TOGETHER_SECONDS = 0.02
"""How long an interaction may wait for others to be committed with it."""


@define(eq=False)
class Asked:
    """An interaction that somebody waits for, and what came of it. `cancelled` when nobody waits any more."""

    call: Callable[[Transaction], Awaitable[Any]]
    reading: bool = False
    cancelled: bool = False
    result: Any = None
    error: BaseException | None = None
    effects: list[Callable[[], object]] = field(factory=list)

    def succeed(self, result: Any, effects: list[Callable[[], object]]) -> None:
        """It ended well."""
        self.result, self.error, self.effects = result, None, effects

    def fail(self, error: BaseException) -> None:
        """It ended with `error`, and nothing of it is kept."""
        self.result, self.error, self.effects = None, error, []


class Lost(Exception):
    """SQLite has rolled back the whole transaction by itself."""


def read(connection: sqlite3.Connection, asked: Asked) -> None:
    """Run one interaction on one snapshot; `connection` refuses changes."""
    if asked.cancelled:
        return
    try:
        connection.execute("begin")
        try:
            _run(connection, asked)
        finally:
            if connection.in_transaction:
                connection.execute("rollback")
    except sqlite3.Error as error:
        asked.fail(translated(error))


class Writer:
    """Commits what waits in `queue` (None ends it) and hands every finished interaction to `post`.

    Reads may be in the queue as well; they are run between the commits.

    :param reserve: room that is given up when the disk is full.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        queue: SimpleQueue[Asked | None],
        post: Callable[[list[Asked]], None],
        reserve: Reserve | None = None,
    ) -> None:
        self._reserve = reserve
        self._connection = connection
        self._queue = queue
        self._post = post

    def run(self) -> None:
        """Work until the queue ends."""
        asked = self._queue.get()
        while asked is not None:
            if asked.reading:
                self._read(asked)
                asked = self._queue.get()
                continue
            together, following, ended = self._collect(asked)
            self._post(together)
            if ended:
                return
            asked = following or self._queue.get()

    def _collect(self, first: Asked) -> tuple[list[Asked], Asked | None, bool]:
        """Commit `first` and the writes that wait behind it.

        Gives these, the read that came after them, and whether the queue has ended.
        """
        together = [first]
        following: Asked | None = None
        ended = False
        try:
            self._connection.execute("begin immediate")
            self._in_savepoint(first)
            until = monotonic() + _TOGETHER_SECONDS
            while len(together) < _TOGETHER and monotonic() < until:
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if following is None:
                    ended = True
                    break
                if following.reading:
                    break
                asked, following = following, None
                together.append(asked)
                self._in_savepoint(asked)
            self._commit()
            if self._reserve is not None:
                self._reserve.keep()
        except (sqlite3.Error, Lost) as error:
            self._rollback()
            self._one_by_one(together, error)
        return together, following, ended

    def _one_by_one(self, together: list[Asked], error: Exception) -> None:
        """After a commit of several was lost: find out whose fault it was."""
        cause = translated(error.__cause__ if isinstance(error, Lost) and error.__cause__ else error)
        made_room = isinstance(cause, DiskFull) and self._reserve is not None and self._reserve.give()
        for asked in together:
            # What it had come to was not kept; one that nobody waits for any more is not run again.
            asked.fail(cause)
            if (len(together) == 1 and not made_room) or isinstance(cause, DatabaseUnavailable):
                continue
            try:
                self._connection.execute("begin immediate")
                self._in_savepoint(asked)
                self._commit()
            except (sqlite3.Error, Lost) as own:
                self._rollback()
                asked.fail(translated(own.__cause__ if isinstance(own, Lost) and own.__cause__ else own))

    def _in_savepoint(self, asked: Asked) -> None:
        if asked.cancelled:
            return
        self._connection.execute("savepoint interaction")
        _run(self._connection, asked)
        if not self._connection.in_transaction:
            raise Lost from asked.error
        if asked.error is not None:
            self._connection.execute("rollback to interaction")
        self._connection.execute("release interaction")

    def _commit(self) -> None:
        with _failing_as_sqlite():
            reach("database.commit")
        self._connection.execute("commit")
        reach("database.committed")

    def _rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("rollback")

    def _read(self, asked: Asked) -> None:
        self._connection.execute("pragma query_only = on")
        try:
            read(self._connection, asked)
        finally:
            self._connection.execute("pragma query_only = off")
        self._post([asked])


@contextmanager
def _failing_as_sqlite() -> Iterator[None]:
    """An error of a failpoint becomes the one that SQLite has for a disk like that."""
    try:
        yield
    except OSError as error:
        failed = sqlite3.OperationalError(str(error))
        failed.sqlite_errorcode = sqlite3.SQLITE_FULL if error.errno == errno.ENOSPC else sqlite3.SQLITE_IOERR
        raise failed from error


def _run(connection: sqlite3.Connection, asked: Asked) -> None:
    tx = SqliteTransaction(connection)
    try:
        result = drive(asked.call(tx))
        if tx.failed is not None:
            raise tx.failed
    except sqlite3.Error as error:
        asked.fail(translated(error))
    except BaseException as error:
        asked.fail(error)
    else:
        asked.succeed(result, tx.effects)
