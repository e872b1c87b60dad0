"""What there is to discover (`/explore`): the directory of channels, categories, tags, languages, servers."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.errors import NotFound
from peertube.http.routing import Access
from peertube.model.channels import Channel
from peertube.model.directory import Directory
from peertube.model.pages import Listing, Window
from peertube.model.taxonomy import CATEGORIES
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.videos import Friends
from peertube.pages.visits import PageRoute, Shown, Visit

PER_PAGE = 24


class ReadsDirectory(Protocol):
    """Knows what there is."""

    async def overview(self) -> Directory:
        """Categories, languages, tags, active channels."""
        ...

    async def on_shelf(self, category: int, window: Window) -> Listing[Channel]:
        """The channels that stand under a category of the directory."""
        ...


@frozen
class ExplorePages:
    """`/explore` and the shelves of the directory (`/directory/<category>`)."""

    directory: ReadsDirectory
    friends: Friends

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/explore", Access.ANYONE, self.explore),
            PageRoute("GET", "/directory/<category>", Access.ANYONE, self.shelf),
        ]

    async def explore(self, visit: Visit) -> Shown:
        """Everything there is to discover."""
        found = await self.directory.overview()
        hosts: Sequence[str] = [friend.host for friend in await self.friends.friends()]
        return Shown("explore.html", {"found": found, "hosts": hosts}, section="explore")

    async def shelf(self, visit: Visit, category: str) -> Shown:
        """The channels under one category of the directory."""
        number = int(category) if category.isascii() and category.isdigit() and len(category) < 4 else 0
        if number not in CATEGORIES:
            raise NotFound("There is no such category")
        page = current_page(visit)
        found = await self.directory.on_shelf(number, window(page, PER_PAGE, "name"))
        paging = Paging(f"/directory/{number}", {}, page, PER_PAGE, found.total or 0)
        context = {"category": number, "channels": found.items, "total": found.total or 0, "paging": paging}
        return Shown("directory.html", context, section="explore")
