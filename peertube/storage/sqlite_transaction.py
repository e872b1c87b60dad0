"""One connection to SQLite, the statements of one interaction on it, and what its errors mean to us."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from peertube.storage.database import (
    DatabaseUnavailable,
    DiskFull,
    ForeignKeyViolation,
    InteractionSuspended,
    Row,
    StorageError,
    TextRefused,
    UniqueViolation,
    WrongRowCount,
)
from peertube.storage.query import Query

MEMORY = ":memory:"

_KEY_TAKEN = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
}
_NOT_NOW = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
}


def connect(path: str, *, busy_seconds: float, read_only: bool = False) -> sqlite3.Connection:
    """Open a database in the way that all of this package expects. Belongs to the thread that calls.

    A commit is on disk when it returns (``synchronous=FULL``), readers never wait for the writer (WAL), foreign keys
    are enforced, and nothing begins a transaction but us.
    """
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, cached_statements=512)
    try:
        if not read_only:
            connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma temp_store = memory")
        connection.execute("pragma journal_size_limit = 67108864")
        if read_only:
            connection.execute("pragma query_only = on")
    except BaseException:
        connection.close()
        raise
    return connection


def drive(awaitable: Awaitable[Any]) -> Any:
    """Run an awaitable that never suspends to its end, here and now.

    :raises InteractionSuspended: when it waits for anything.
    """
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as end:
        return end.value
    close = getattr(steps, "close", None)
    if close is not None:
        close()
    raise InteractionSuspended("an interaction may await nothing but its transaction")


class SqliteTransaction:
    """The `peertube.storage.database.Transaction` of SQLite; its methods never suspend.

    After a statement that failed, every other one is refused with the same error: PostgreSQL does so, and one text has
    to behave alike on both.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.effects: list[Callable[[], object]] = []
        self.failed: StorageError | None = None

    async def all(self, query: Query, /, **parameters: object) -> list[Row]:
        """Every row."""
        cursor = self._execute(query, parameters)
        try:
            return _rows(cursor, cursor.fetchall())
        except sqlite3.Error as error:
            raise self._fail(error) from error
        finally:
            cursor.close()

    async def one(self, query: Query, /, **parameters: object) -> Row:
        """The only row."""
        row = self._only(query, parameters)
        if row is None:
            raise WrongRowCount(f"no row, expected one: {query.text}")
        return row

    async def maybe(self, query: Query, /, **parameters: object) -> Row | None:
        """The only row or None."""
        return self._only(query, parameters)

    async def run(self, query: Query, /, **parameters: object) -> int:
        """Change something; how many rows were changed."""
        before = self._connection.total_changes
        cursor = self._execute(query, parameters)
        try:
            if cursor.rowcount >= 0 and cursor.description is None:
                return cursor.rowcount
            cursor.fetchall()
            if self._connection.total_changes == before:
                return 0
            # The sqlite3 module counts only statements that begin with insert, update or delete, not with `with`.
            count: int = cursor.execute("select changes()").fetchone()[0]
            return count
        except sqlite3.Error as error:
            raise self._fail(error) from error
        finally:
            cursor.close()

    async def many(self, query: Query, parameters: list[dict[str, object]], /) -> None:
        """The same change for each set of parameters."""
        self._refuse_after_failure()
        try:
            self._connection.executemany(query.for_sqlite, [_bound(each) for each in parameters]).close()
        except (sqlite3.Error, OverflowError, UnicodeError, TextRefused) as error:
            raise self._fail(error) from error

    def after_commit(self, effect: Callable[[], object], /) -> None:
        """Call `effect` on the reactor once the transaction is on disk."""
        self.effects.append(effect)

    def _only(self, query: Query, parameters: dict[str, object]) -> Row | None:
        cursor = self._execute(query, parameters)
        try:
            rows = _rows(cursor, cursor.fetchmany(2))
        except sqlite3.Error as error:
            raise self._fail(error) from error
        finally:
            cursor.close()
        if len(rows) > 1:
            raise WrongRowCount(f"more than one row: {query.text}")
        return rows[0] if rows else None

    def _execute(self, query: Query, parameters: dict[str, object]) -> sqlite3.Cursor:
        self._refuse_after_failure()
        try:
            return self._connection.execute(query.for_sqlite, _bound(parameters))
        except (sqlite3.Error, OverflowError, UnicodeError, TextRefused) as error:
            raise self._fail(error) from error

    def _refuse_after_failure(self) -> None:
        if self.failed is not None:
            raise self.failed

    def _fail(self, error: Exception) -> StorageError:
        self.failed = translated(error)
        return self.failed


def translated(error: BaseException) -> StorageError:
    """What an error of the sqlite3 module means to us."""
    if isinstance(error, StorageError):
        return error
    text = str(error)
    if isinstance(error, UnicodeError):
        return TextRefused(text)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return StorageError(text)
    if code in _KEY_TAKEN:
        return UniqueViolation(text.removeprefix("UNIQUE constraint failed: "))
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return ForeignKeyViolation(text)
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return DiskFull(text)
    if primary in _NOT_NOW:
        return DatabaseUnavailable(text)
    return StorageError(text)


def _bound(parameters: dict[str, object]) -> dict[str, object]:
    """Lists become JSON texts (`Query.for_sqlite` takes them apart); everything else is SQLite's own."""
    return {name: _bound_value(value) for name, value in parameters.items()}


def _bound_value(value: object) -> object:
    if isinstance(value, list | tuple | set | frozenset):
        return msgspec.json.encode([_bound_value(each) for each in value]).decode()
    if isinstance(value, str) and "\0" in value:
        raise TextRefused("a text with a zero character")
    return value


def _rows(cursor: sqlite3.Cursor, values: Iterable[tuple[object, ...]]) -> list[Row]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, each, strict=True)) for each in values]
