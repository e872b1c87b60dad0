"""The statements of one interaction with PostgreSQL, and what the errors of its driver mean to us.

The methods of a `PostgresqlTransaction` suspend the interaction with a `Statement`, and nothing else may suspend it;
whoever drives the interaction sends the statement to the server and resumes it with what came back.
"""

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any

import psycopg2
from attrs import frozen
from psycopg2 import extensions

from peertube.storage.database import (
    DatabaseUnavailable,
    DiskFull,
    ForeignKeyViolation,
    Row,
    StorageError,
    TextRefused,
    UniqueViolation,
    WrongRowCount,
)
from peertube.storage.query import Query

_MESSAGE_BYTES = 2**18
"""How much of the same change for many sets of parameters goes into one text."""

_KEY = re.compile(r"\(([^()]+)\)=\(")
_NOT_NOW_CLASSES = ("53", "55", "57")
_GONE_CLASSES = ("08", "57P")
_GONE = {
    "25P03",  # idle_in_transaction_session_timeout
    "25P04",  # transaction_timeout
    "F0001",
}
_DISK_FULL = "53100"
_FEATURE = "0A000"
_READ_ONLY = "25006"
_RACES = {"40001", "40P01"}


class Raced(StorageError):
    """Another interaction came first; this one was undone and may be run again."""


class ConnectionGone(DatabaseUnavailable):
    """The connection to the server is of no use any more."""


@frozen
class Answer:
    """What the server said to one statement."""

    names: tuple[str, ...]
    values: Sequence[tuple[Any, ...]]
    count: int
    status: str = ""

    @property
    def rows(self) -> list[Row]:
        """The rows by column name."""
        return [dict(zip(self.names, each, strict=True)) for each in self.values]


@frozen
class Statement:
    """A text with one or more sets of parameters that the server is to run; awaiting it gives the last `Answer`."""

    text: str
    parameters: Sequence[Mapping[str, object]]

    def __await__(self) -> Generator["Statement", Answer, Answer]:
        return (yield self)


class PostgresqlTransaction:
    """The `peertube.storage.database.Transaction` of PostgreSQL."""

    def __init__(self) -> None:
        self.effects: list[Callable[[], object]] = []
        self.failed: StorageError | None = None

    async def all(self, query: Query, /, **parameters: object) -> list[Row]:
        """Every row."""
        return (await self._answer(query, parameters)).rows

    async def one(self, query: Query, /, **parameters: object) -> Row:
        """The only row."""
        row = await self.maybe(query, **parameters)
        if row is None:
            raise WrongRowCount(f"no row, expected one: {query.text}")
        return row

    async def maybe(self, query: Query, /, **parameters: object) -> Row | None:
        """The only row or None."""
        rows = (await self._answer(query, parameters)).rows
        if len(rows) > 1:
            raise WrongRowCount(f"more than one row: {query.text}")
        return rows[0] if rows else None

    async def run(self, query: Query, /, **parameters: object) -> int:
        """Change something; how many rows were changed."""
        return max(0, (await self._answer(query, parameters)).count)

    async def many(self, query: Query, parameters: list[dict[str, object]], /) -> None:
        """The same change for each set of parameters."""
        if parameters:
            self._refuse_after_failure()
            await Statement(query.for_postgresql, [bound(each) for each in parameters])

    def after_commit(self, effect: Callable[[], object], /) -> None:
        """Call `effect` on the reactor once the transaction is on disk."""
        self.effects.append(effect)

    async def _answer(self, query: Query, parameters: Mapping[str, object]) -> Answer:
        self._refuse_after_failure()
        return await Statement(query.for_postgresql, (bound(parameters),))

    def _refuse_after_failure(self) -> None:
        if self.failed is not None:
            raise self.failed


def bound(parameters: Mapping[str, object]) -> dict[str, object]:
    """Parameters as psycopg2 takes them: any list becomes an array, truth the numbers 0 and 1 as in our tables."""
    return {name: _bound(value) for name, value in parameters.items()}


def _bound(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_bound(each) for each in value]
    return value


def translated(error: BaseException) -> StorageError:
    """What an error of psycopg2 means to us."""
    if isinstance(error, StorageError):
        return error
    text = str(error).strip()
    if isinstance(error, UnicodeError) or (isinstance(error, ValueError) and "NUL" in text):
        return TextRefused(text)
    code = getattr(error, "pgcode", None)
    if code is None:
        gone = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
        return (ConnectionGone if gone else StorageError)(text or type(error).__name__)
    return _translated_code(code, text, error)


def _translated_code(code: str, text: str, error: Any) -> StorageError:
    if code in _RACES:
        return Raced(text)
    if code == "23505":
        return UniqueViolation(_columns(error.diag))
    if code == "23503":
        return ForeignKeyViolation(text)
    if code == _DISK_FULL:
        return DiskFull(text)
    if code == _FEATURE and "cached plan" in text:
        return ConnectionGone(text)
    if code in _GONE or code.startswith(_GONE_CLASSES):
        return ConnectionGone(text)
    if code.startswith(_NOT_NOW_CLASSES):
        return DatabaseUnavailable(text)
    return StorageError(text)


def refuses_writes(error: BaseException | None) -> bool:
    """Whether the server only reads, as one does that stands by for another."""
    return getattr(error, "pgcode", None) == _READ_ONLY


def _columns(diag: Any) -> str:
    """The key that is taken, as SQLite names it: ``nonces.host, nonces.nonce``."""
    found = _KEY.search(diag.message_detail or "")
    columns = found[1].split(", ") if found else [diag.constraint_name]
    return ", ".join(f"{diag.table_name}.{column}" for column in columns)


def _number(value: str | bytes | None, _: object) -> int | float | None:
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        return float(value)


NUMBERS = extensions.new_type(extensions.DECIMAL.values, "NUMBERS", _number)
"""Sums of whole numbers are ``numeric`` in PostgreSQL; the rows of SQLite have plain numbers."""


def texts(cursor: Any, statement: Statement, before: bytes = b"") -> Iterable[bytes]:
    """The statement as texts for the server, each with as many sets of parameters as fit into one message.

    :param cursor: of psycopg2, which knows how to write values.
    :param before: what the first text begins with.
    """
    gathered, size = [before] if before else [], 0
    for parameters in statement.parameters:
        text: bytes = cursor.mogrify(statement.text, parameters)
        if size and size + len(text) > _MESSAGE_BYTES:
            yield b";".join(gathered)
            gathered, size = [], 0
        gathered.append(text)
        size += len(text)
    yield b";".join(gathered)
