"""Paging of lists: which rows of a list are asked for, and the rows with their total."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import frozen

Item = TypeVar("Item")

DEFAULT_COUNT = 15
MAXIMUM_COUNT = 100
MAXIMUM_START = 2**31 - 1


@frozen
class Window:
    """Which rows: `count` rows from row `start`, ordered by `sort` (a column, with ``-`` for descending).

    With `skip_count` the total is not counted.
    """

    start: int = 0
    count: int = DEFAULT_COUNT
    sort: str = "-createdAt"
    skip_count: bool = False

    @property
    def column(self) -> str:
        """The name of the column to sort by, without direction."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.sort.startswith("-")


@frozen
class Listing(Generic[Item]):
    """Some rows of a list, and how many there are in all (None when nobody asked)."""

    total: int | None
    items: Sequence[Item]
