"""Numbered pages of a list."""

from attrs import frozen

from peertube.model.pages import Window
from peertube.pages.visits import Visit, with_query

LAST = 2000
"""Nobody turns further pages than this."""


@frozen
class Paging:
    """Where in a list the visitor is. `kept` are the parameters that each page's address carries on."""

    path: str
    kept: dict[str, object]
    current: int
    per_page: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return min(LAST, max(1, -(-self.total // self.per_page)))

    @property
    def shown(self) -> list[int | None]:
        """The numbers to offer: first, last and those around the current one; None for a gap."""
        near = {number for number in range(self.current - 2, self.current + 3) if 1 <= number <= self.last}
        numbers: list[int | None] = []
        before = 0
        for number in sorted(near | {1, self.last}):
            if number > before + 1:
                numbers.append(None)
            numbers.append(number)
            before = number
        return numbers

    def url(self, number: int) -> str:
        """The address of a page."""
        return with_query(self.path, **{**self.kept, "page": number if number > 1 else None})


def current_page(visit: Visit) -> int:
    """The page that the address asks for."""
    return min(LAST, max(1, visit.asked_number("page", 1) or 1))


def window(page: int, per_page: int, sort: str) -> Window:
    """The rows of a page."""
    return Window(start=(page - 1) * per_page, count=per_page, sort=sort)
