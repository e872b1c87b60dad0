"""What one follows: the newest videos of it (`/following`), and the list of it (`/following/manage`)."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.errors import PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.accounts import Account
from peertube.model.pages import Listing, Window
from peertube.model.subscriptions import FollowedTag
from peertube.model.users import Viewer
from peertube.model.video_filters import VideoFilter
from peertube.pages.actors import Follows
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.videos import VideoLists
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.usecases.channels import OwnedChannel

PER_PAGE = 24
_LISTED = Window(count=100, sort="-createdAt")


class ReadsSubscriptions(Follows, Protocol):
    """Knows what users follow."""

    async def channels(self, viewer: Viewer, window: Window, search: str | None = None) -> Listing[OwnedChannel]:
        """The channels."""
        ...

    async def accounts(self, viewer: Viewer, window: Window) -> Listing[Account]:
        """The people."""
        ...

    async def tags(self, viewer: Viewer) -> Sequence[FollowedTag]:
        """The tags."""
        ...


@frozen
class FollowingPages:
    """`/following`."""

    subscriptions: ReadsSubscriptions
    videos: VideoLists

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/following", Access.USER, self.feed),
            PageRoute("GET", "/following/manage", Access.USER, self.manage),
            PageRoute("POST", "/following/manage", Access.USER, self.add),
        ]

    async def feed(self, visit: Visit) -> Shown:
        """The newest videos of everything that is followed."""
        page, viewer = current_page(visit), visit.user()
        wanted = VideoFilter(followed_by=viewer.user.id)
        found = await self.videos.listing(viewer, wanted, window(page, PER_PAGE, "-publishedAt"))
        follows = bool(found.total) or await self._follows_anything(viewer)
        context = {
            "videos": found.items,
            "total": found.total or 0,
            "follows": follows,
            "paging": Paging("/following", {}, page, PER_PAGE, found.total or 0),
        }
        return Shown("following.html", context, section="following")

    async def manage(self, visit: Visit) -> Shown:
        """Everything that is followed, to end that or to add to it."""
        return await self._manage(visit)

    async def add(self, visit: Visit) -> Shown | Redirect:
        """Follow what was typed: a tag, a channel or a person."""
        kind, name = visit.given("kind"), visit.given("name").removeprefix("@")[:300]
        prefix = {"tag": "tag:", "account": "account:"}.get(kind, "")
        if kind == "tag":
            name = name.removeprefix("#")
        try:
            await self.subscriptions.follow(visit.user(), prefix + name)
        except PodError as error:
            texts = {
                "tag": visit.gettext("A tag has 2 to 30 characters."),
                "account": visit.gettext("No person is known here by this handle."),
                "channel": visit.gettext("No channel is known here by this handle."),
            }
            shown = texts.get(kind) if status_of(error) in (400, 404) else None
            errors = {"name": shown or Words(visit.texts).error(error.code, error.detail)}
            return await self._manage(visit, errors, status=400)
        return Redirect("/following/manage", done="followed")

    async def _manage(self, visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Shown:
        viewer, page = visit.user(), current_page(visit)
        search = visit.asked("search")[:200]
        channels = await self.subscriptions.channels(viewer, window(page, PER_PAGE, "-createdAt"), search or None)
        context = {
            "channels": channels.items,
            "total": channels.total or 0,
            "search": search,
            "accounts": (await self.subscriptions.accounts(viewer, _LISTED)).items,
            "tags": await self.subscriptions.tags(viewer),
            "paging": Paging("/following/manage", {"search": search}, page, PER_PAGE, channels.total or 0),
            "errors": errors or {},
            "kind": visit.given("kind") or "channel",
            "name": visit.given("name"),
        }
        return Shown("following_manage.html", context, status=status, section="following")

    async def _follows_anything(self, viewer: Viewer) -> bool:
        one = Window(count=1, sort="-createdAt")
        if (await self.subscriptions.channels(viewer, one)).total or await self.subscriptions.tags(viewer):
            return True
        return bool((await self.subscriptions.accounts(viewer, one)).total)
