"""What one watched: by day, with a search, to be paused and forgotten."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from peertube.errors import NotFound
from peertube.http.routing import Access
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.videos import Video
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.policy.short_uuid import identify_uuid
from peertube.usecases.my_account import MyChanges

PER_PAGE = 24
_DAY_MS = 86_400_000


class OwnHistory(Protocol):
    """The viewer's own history."""

    async def listing(self, viewer: Viewer, window: Window, search: str | None = None) -> Listing[Video]:
        """The videos that the viewer watched, the last one first."""
        ...

    async def positions(self, viewer: Viewer | None, listed: Sequence[Video]) -> dict[int, int]:
        """Where the viewer stopped (seconds), by the numbers of videos."""
        ...

    async def times(self, viewer: Viewer, listed: Sequence[Video]) -> dict[int, int]:
        """When the viewer watched them (ms), by the numbers of videos."""
        ...

    async def forget(self, viewer: Viewer, id_or_uuid: str) -> None:
        """Take one video out."""
        ...

    async def forget_before(self, viewer: Viewer, before_ms: int | None) -> None:
        """Take everything out, or what was watched before a time."""
        ...


class Preferring(Protocol):
    """Changes the viewer's own things."""

    async def update(self, viewer: Viewer, changes: MyChanges) -> None:
        """Change."""
        ...


@frozen
class Day:
    """What was watched on one day (in UTC); `time_ms` is some time of that day."""

    time_ms: int
    videos: Sequence[Video]


@frozen
class HistoryPages:
    """`/history`."""

    history: OwnHistory
    account: Preferring

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/history", Access.USER, self.listing),
            PageRoute("POST", "/history/pause", Access.USER, self.pause),
            PageRoute("POST", "/history/forget", Access.USER, self.forget),
            PageRoute("GET", "/history/clear", Access.USER, self.ask_clearing),
            PageRoute("POST", "/history/clear", Access.USER, self.clear),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """The videos of each day, the last one first."""
        viewer, page, search = visit.user(), current_page(visit), visit.asked("search")[:200]
        found = await self.history.listing(viewer, window(page, PER_PAGE, "-watchedAt"), search or None)
        times = await self.history.times(viewer, found.items)
        context = {
            "days": _by_day(found.items, times),
            "positions": await self.history.positions(viewer, found.items),
            "search": search,
            "kept": viewer.user.preferences.videos_history_enabled,
            "paging": Paging("/history", {"search": search}, page, PER_PAGE, found.total or 0),
        }
        return Shown("history.html", context, section="history")

    async def pause(self, visit: Visit) -> Redirect:
        """Keep a history, or none from now on."""
        wanted = visit.given("keep") == "on"
        await self.account.update(visit.user(), MyChanges(preferences={"videos_history_enabled": wanted}))
        return Redirect("/history", done="history-resumed" if wanted else "history-paused")

    async def forget(self, visit: Visit) -> Redirect:
        """Take one video out."""
        uuid = identify_uuid(visit.given("video"))
        if uuid is None:
            raise NotFound("Video not found")
        await self.history.forget(visit.user(), uuid)
        return Redirect("/history", done="history-forgotten")

    async def ask_clearing(self, visit: Visit) -> Shown:
        """Ask whether everything shall really be forgotten."""
        text = visit.gettext
        context = {
            "title": text("Forget everything you watched?"),
            "text": text("Your history and the places at which you stopped go for good."),
            "action": "/history/clear",
            "yes": text("Forget everything"),
            "back": "/history",
        }
        return Shown("confirm.html", context, section="history")

    async def clear(self, visit: Visit) -> Redirect:
        """Take everything out."""
        await self.history.forget_before(visit.user(), None)
        return Redirect("/history", done="history-cleared")


def _by_day(listed: Sequence[Video], times: Mapping[int, int]) -> list[Day]:
    days: dict[int, list[Video]] = {}
    for video in listed:
        days.setdefault(times.get(video.id, 0) // _DAY_MS, []).append(video)
    return [Day(day * _DAY_MS, videos) for day, videos in days.items()]
