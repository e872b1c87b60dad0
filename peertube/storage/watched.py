"""A database that tells what each write has changed, so that copies of what was read can be forgotten exactly then."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from peertube.storage.database import Database, Row, Transaction
from peertube.storage.query import Query

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class WatchedDatabase:
    """A `peertube.storage.database.Database`.

    :param changed: called on the reactor with `Query.changes` of all that a write has done, once that is on disk and
        before whoever asked for it goes on.
    """

    def __init__(self, database: Database, changed: Callable[[frozenset[str]], object]) -> None:
        self._database = database
        self._changed = changed

    async def read(
        self,
        interaction: Callable[Concatenate[Transaction, Arguments], Awaitable[Result]],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run an interaction that changes nothing."""
        return await self._database.read(interaction, *arguments, **named)

    async def write(
        self,
        interaction: Callable[Concatenate[Transaction, Arguments], Awaitable[Result]],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run an interaction."""

        async def watched(tx: Transaction) -> Result:
            noting = _Noting(tx)
            result = await interaction(noting, *arguments, **named)
            if noting.changes:
                tx.after_commit(lambda: self._changed(frozenset(noting.changes)))
            return result

        return await self._database.write(watched)


class _Noting:
    """A transaction that notes what its statements change."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.changes: set[str] = set()
        self.after_commit = tx.after_commit

    async def all(self, query: Query, /, **parameters: object) -> list[Row]:
        """Every row."""
        self.changes |= query.changes
        return await self._tx.all(query, **parameters)

    async def one(self, query: Query, /, **parameters: object) -> Row:
        """The only row."""
        self.changes |= query.changes
        return await self._tx.one(query, **parameters)

    async def maybe(self, query: Query, /, **parameters: object) -> Row | None:
        """The only row or None."""
        self.changes |= query.changes
        return await self._tx.maybe(query, **parameters)

    async def run(self, query: Query, /, **parameters: object) -> int:
        """Change something."""
        self.changes |= query.changes
        return await self._tx.run(query, **parameters)

    async def many(self, query: Query, parameters: list[dict[str, object]], /) -> None:
        """The same change for each set of parameters."""
        self.changes |= query.changes
        await self._tx.many(query, parameters)
