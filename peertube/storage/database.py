"""What every storage module is written against: interactions with a database.

An *interaction* is an ``async def`` that takes a `Transaction` first and awaits nothing but its methods. It is
handed over whole: SQLite runs all of it in one hop to the writer's (or a reader's) thread, PostgreSQL on the
reactor. It may run more than once (a lost serialisation race, a reconnect), so it has no effect outside of the
database; what must happen afterwards is given to `Transaction.after_commit`. See docs/decisions/0002.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from peertube.storage.query import Query

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Row = Mapping[str, Any]


class Transaction(Protocol):
    """The statements of one interaction. Parameters are named; rows are read by column name."""

    async def all(self, query: Query, /, **parameters: object) -> list[Row]:
        """Every row."""
        ...

    async def one(self, query: Query, /, **parameters: object) -> Row:
        """The only row; `WrongRowCount` when there is none or a second one."""
        ...

    async def maybe(self, query: Query, /, **parameters: object) -> Row | None:
        """The only row or None; `WrongRowCount` when there is a second one."""
        ...

    async def run(self, query: Query, /, **parameters: object) -> int:
        """Change something; how many rows were changed."""
        ...

    async def many(self, query: Query, parameters: list[dict[str, object]], /) -> None:
        """The same change for each set of parameters."""
        ...

    def after_commit(self, effect: Callable[[], object], /) -> None:
        """Call `effect` on the reactor once the transaction is on disk; never, when it is rolled back."""
        ...


class Database(Protocol):
    """Where interactions run."""

    async def read(
        self,
        interaction: Callable[Concatenate[Transaction, Arguments], Awaitable[Result]],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run an interaction that changes nothing, on one consistent snapshot."""
        ...

    async def write(
        self,
        interaction: Callable[Concatenate[Transaction, Arguments], Awaitable[Result]],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run an interaction; when this returns, its changes survive a power cut. All or nothing."""
        ...


class StorageError(Exception):
    """The base of what a database can do to us. Never shown to clients as it is."""


class InteractionSuspended(StorageError):
    """An interaction awaited something else than its transaction."""


class WrongRowCount(StorageError):
    """A query that states how many rows it gives gave another number."""


class UniqueViolation(StorageError):
    """A row with this key exists already. `constraint` names the table and columns, as far as known."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class ForeignKeyViolation(StorageError):
    """A row that this one needs is not there (any more)."""


class DatabaseUnavailable(StorageError):
    """The database cannot be reached, or gave up the statement; the same call may work later."""


class TextRefused(StorageError):
    """A text with a zero character or half a character, which PostgreSQL cannot hold; so no engine takes it."""


class DiskFull(StorageError):
    """There is no room for the change; nothing was changed."""
