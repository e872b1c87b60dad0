"""The first page and the lists it leads to."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.http.routing import Access
from peertube.model.pages import Listing, Window
from peertube.model.taxonomy import CATEGORIES, LANGUAGES
from peertube.model.users import Viewer
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Video
from peertube.pages.appearance import OwnText
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.videos import VideoLists
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit, with_query
from peertube.pages.words import SORTS

ROW = 6
"""Videos in one row of the first page, where there is room for them."""
PER_PAGE = 24
SCOPES = ("all", "local")
_NEWEST = "-publishedAt"


@frozen
class Section:
    """One row of videos on the first page. `more` is the address of the whole list."""

    key: str
    title: str
    more: str
    videos: Sequence[Video]


class Unfinished(Protocol):
    """Knows what people began to watch."""

    async def unfinished(self, viewer: Viewer, window: Window) -> Listing[Video]:
        """The videos that the viewer began to watch, the last one first."""
        ...


@frozen
class HomePages:
    """Home (`/`) and lists (`/videos`)."""

    videos: VideoLists
    history: Unfinished
    home_page: OwnText

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/", Access.ANYONE, self.home),
            PageRoute("GET", "/videos", Access.ANYONE, self.listing),
            PageRoute("GET", "/videos/recently-added", Access.ANYONE, self.recent),
            PageRoute("GET", "/videos/trending", Access.ANYONE, self.trending),
            PageRoute("GET", "/videos/local", Access.ANYONE, self.local),
        ]

    async def home(self, visit: Visit) -> Shown:
        """Recent, trending and this server's videos: a row of each."""
        scope = _scope(visit)
        only_here = True if scope == "local" else None
        recent = await self._row(visit, _NEWEST, only_here)
        trending = await self._row(visit, "-trending", only_here)
        local = recent if scope == "local" else await self._row(visit, _NEWEST, True)
        sections = [
            Section("recent", visit.gettext("Recent"), with_query("/videos", scope=_named(scope)), recent),
            Section(
                "trending",
                visit.gettext("Trending"),
                with_query("/videos", sort="-trending", scope=_named(scope)),
                trending,
            ),
        ]
        if scope == "all":
            sections.append(Section("local", visit.gettext("This server"), "/videos?scope=local", local))
        if visit.viewer is not None:
            newest = await self._row(visit, _NEWEST, only_here, followed_by=visit.viewer.user.id)
            sections.insert(0, Section("following", visit.gettext("Following"), "/following", newest))
        sections.insert(
            0, Section("continue", visit.gettext("Continue watching"), "/history", await self._begun(visit))
        )
        shown = [section for section in sections if section.videos]
        context = {"sections": shown, "scope": scope, "own_text": self.home_page.content}
        return Shown("home.html", context, section="home")

    async def listing(self, visit: Visit) -> Shown:
        """All videos, in the order and of the kinds asked for, in numbered pages."""
        scope = _scope(visit)
        sort = visit.asked("sort", _NEWEST)
        sort = sort if sort in SORTS else _NEWEST
        category = visit.asked_number("category")
        category = category if category in CATEGORIES else None
        language = visit.asked("language")
        language = language if language in LANGUAGES else ""
        page = current_page(visit)
        wanted = VideoFilter(
            is_local=True if scope == "local" else None,
            categories=(category,) if category is not None else (),
            languages=(language,) if language else (),
        )
        found = await self.videos.listing(visit.viewer, wanted, window(page, PER_PAGE, sort))
        total = found.total or 0
        kept: dict[str, object] = {
            "sort": None if sort == _NEWEST else sort,
            "scope": _named(scope),
            "category": category,
            "language": language,
        }
        titles = {"-trending": visit.gettext("Trending videos"), "-views": visit.gettext("Most viewed videos")}
        if scope == "local":
            title, section = visit.gettext("Videos on this server"), "local"
        else:
            title = titles.get(sort, visit.gettext("Recent videos") if sort == _NEWEST else visit.gettext("Videos"))
            section = "trending" if sort == "-trending" else "recent"
        context = {
            "title": title,
            "videos": found.items,
            "total": total,
            "paging": Paging("/videos", kept, page, PER_PAGE, total),
            "scope": scope,
            "sort": sort,
            "category": category,
            "language": language,
        }
        return Shown("list.html", context, section=section)

    async def recent(self, visit: Visit) -> Redirect:
        """PeerTube's address of the newest videos."""
        return Redirect("/videos", status=301)

    async def trending(self, visit: Visit) -> Redirect:
        """PeerTube's address of the trending videos."""
        return Redirect("/videos?sort=-trending", status=301)

    async def local(self, visit: Visit) -> Redirect:
        """PeerTube's address of this server's videos."""
        return Redirect("/videos?scope=local", status=301)

    async def _begun(self, visit: Visit) -> Sequence[Video]:
        if visit.viewer is None:
            return ()
        rows = Window(count=ROW, sort="-watchedAt", skip_count=True)
        return (await self.history.unfinished(visit.viewer, rows)).items

    async def _row(
        self, visit: Visit, sort: str, only_here: bool | None, *, followed_by: int | None = None
    ) -> Sequence[Video]:
        rows = Window(count=ROW, sort=sort, skip_count=True)
        wanted = VideoFilter(is_local=only_here, followed_by=followed_by)
        return (await self.videos.listing(visit.viewer, wanted, rows)).items


def _scope(visit: Visit) -> str:
    scope = visit.asked("scope", "all")
    return scope if scope in SCOPES else "all"


def _named(scope: str) -> str | None:
    return None if scope == "all" else scope
