"""Searching videos and channels: words, filters, and chips that take a filter away."""

from typing import Any, Protocol

from attrs import evolve, frozen

from peertube.http.routing import Access
from peertube.model.accounts import LOCAL as LOCAL_HOST
from peertube.model.channel_filters import ChannelFilter
from peertube.model.pages import Listing, Window
from peertube.model.taxonomy import CATEGORIES, LANGUAGES, LICENCES
from peertube.model.users import Viewer
from peertube.model.video_filters import Sensitive, VideoFilter
from peertube.model.videos import Video
from peertube.pages.home import PER_PAGE, SCOPES
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.visits import PageRoute, Shown, Visit, with_query
from peertube.pages.words import SEARCH_SORTS, Words
from peertube.policy.search_address import is_address
from peertube.usecases.channels import OwnedChannel

DAY_MS = 86_400_000
DATES = {"day": 1, "week": 7, "month": 31, "year": 366}
LENGTHS = {"short": (None, 240), "medium": (240, 600), "long": (600, None)}
LIVES = {"live": True, "recorded": False}
VIDEOS, CHANNELS = "videos", "channels"
OF_CHANNELS = {"scope", "server"}
"""The filters that channels have as well."""
_MAXIMUM_QUERY = 500


class Searches(Protocol):
    """Finds things by words, or by the address of one."""

    async def videos(self, viewer: Viewer | None, wanted: VideoFilter, window: Window) -> Listing[Video]:
        """The videos that a search finds."""
        ...

    async def channels(self, wanted: ChannelFilter, window: Window) -> Listing[OwnedChannel]:
        """The channels that a search finds."""
        ...


@frozen
class Chip:
    """A filter that is on, in words, and the address of the search without it."""

    text: str
    without: str


@frozen
class Tab:
    """A kind of things that are found: how many, and the address that shows them."""

    text: str
    total: int
    url: str
    current: bool


@frozen
class SearchPages:
    """`/search`."""

    searches: Searches

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [PageRoute("GET", "/search", Access.ANYONE, self.search)]

    async def search(self, visit: Visit) -> Shown:
        """Find videos or channels by words and filters."""
        chosen = _chosen(visit)
        page, kind = current_page(visit), visit.asked("type")
        sort = _sort(visit, chosen)
        nothing = Window(count=0)
        shown = window(page, PER_PAGE, sort)
        wanted = _filter(chosen, visit.now_ms)
        videos = await self.searches.videos(visit.viewer, wanted, nothing if kind == CHANNELS else shown)
        of_channels = ChannelFilter(search=chosen["search"] or None, host=_host(chosen))
        shown_channels = evolve(shown, sort="-match") if kind == CHANNELS else evolve(nothing, sort="-match")
        channels = await self.searches.channels(of_channels, shown_channels)
        if not kind and not videos.total and channels.total:
            kind, channels = CHANNELS, await self.searches.channels(of_channels, evolve(shown, sort="-match"))
        kind = kind if kind == CHANNELS else VIDEOS
        kept = {**chosen, "sort": visit.asked("sort") if sort == visit.asked("sort") else None, "type": kind}
        total = (channels.total if kind == CHANNELS else videos.total) or 0
        context = {
            "chosen": chosen,
            "kind": kind,
            "sort": sort,
            "videos": videos.items,
            "channels": channels.items,
            "tabs": [
                _tab(visit.gettext("Videos"), videos, kept, VIDEOS),
                _tab(visit.gettext("Channels"), channels, kept, CHANNELS),
            ],
            "pasted": is_address(chosen["search"]),
            "paging": Paging("/search", kept, page, PER_PAGE, total),
            "chips": _chips(visit, chosen, kept),
            "dates": dates(visit),
            "lengths": lengths(visit),
            "lives": lives(visit),
            "sensitivities": sensitivities(visit),
        }
        return Shown("search.html", context, section="search")


def _sort(visit: Visit, chosen: dict[str, Any]) -> str:
    sort = visit.asked("sort")
    best = "-match" if chosen["search"] else "-publishedAt"
    return sort if sort in SEARCH_SORTS and (sort != "-match" or chosen["search"]) else best


def _tab(text: str, found: Listing[Any], kept: dict[str, Any], kind: str) -> Tab:
    return Tab(text, found.total or 0, with_query("/search", **{**kept, "type": kind}), kept["type"] == kind)


def _host(chosen: dict[str, Any]) -> str | None:
    return LOCAL_HOST if chosen["scope"] == "local" else chosen["server"]


def _chosen(visit: Visit) -> dict[str, Any]:
    """The filters of the address; what is no known value is left out."""
    category, licence = visit.asked_number("category"), visit.asked_number("licence")
    return {
        "search": visit.asked("search")[:_MAXIMUM_QUERY],
        "scope": visit.asked("scope") if visit.asked("scope") in SCOPES[1:] else None,
        "date": visit.asked("date") if visit.asked("date") in DATES else None,
        "length": visit.asked("length") if visit.asked("length") in LENGTHS else None,
        "category": category if category in CATEGORIES else None,
        "licence": licence if licence in LICENCES else None,
        "language": visit.asked("language") if visit.asked("language") in LANGUAGES else None,
        "tag": visit.asked("tag")[:30] or None,
        "sensitive": visit.asked("sensitive") if visit.asked("sensitive") in ("both", "false") else None,
        "live": visit.asked("live") if visit.asked("live") in LIVES else None,
        "server": visit.asked("server").lower()[:255] or None,
    }


def _filter(chosen: dict[str, Any], now_ms: int) -> VideoFilter:
    shortest, longest = LENGTHS.get(chosen["length"] or "", (None, None))
    days = DATES.get(chosen["date"] or "")
    return VideoFilter(
        search=chosen["search"] or None,
        is_local=True if chosen["scope"] == "local" else None,
        categories=(chosen["category"],) if chosen["category"] else (),
        licences=(chosen["licence"],) if chosen["licence"] else (),
        languages=(chosen["language"],) if chosen["language"] else (),
        tags_one_of=(chosen["tag"],) if chosen["tag"] else (),
        sensitive=Sensitive(chosen["sensitive"]) if chosen["sensitive"] else Sensitive.BY_PREFERENCE,
        is_live=LIVES.get(chosen["live"] or ""),
        host=chosen["server"],
        published_from_ms=now_ms - days * DAY_MS if days else None,
        duration_from=shortest,
        duration_until=longest,
    )


def _chips(visit: Visit, chosen: dict[str, Any], kept: dict[str, Any]) -> list[Chip]:
    words, text = Words(visit.texts), visit.gettext
    names = {
        "scope": text("This server only"),
        "date": dates(visit).get(chosen["date"] or ""),
        "length": lengths(visit).get(chosen["length"] or ""),
        "category": words.category(chosen["category"]),
        "licence": words.licence(chosen["licence"]),
        "language": words.language(chosen["language"]),
        "tag": text("Tag: %(tag)s", tag=chosen["tag"]),
        "sensitive": sensitivities(visit).get(chosen["sensitive"] or ""),
        "live": lives(visit).get(chosen["live"] or ""),
        "server": text("From %(host)s", host=chosen["server"]),
    }
    return [
        Chip(names[name] or str(chosen[name]), with_query("/search", **{**kept, name: None}))
        for name in names
        if chosen[name] is not None and (kept["type"] == VIDEOS or name in OF_CHANNELS)
    ]


def dates(visit: Visit) -> dict[str, str]:
    """How old a video may be, in words."""
    text = visit.gettext
    return {
        "day": text("Last 24 hours"),
        "week": text("Last 7 days"),
        "month": text("Last month"),
        "year": text("Last year"),
    }


def lengths(visit: Visit) -> dict[str, str]:
    """How long a video may be, in words."""
    text = visit.gettext
    return {"short": text("Under 4 minutes"), "medium": text("4 to 10 minutes"), "long": text("Over 10 minutes")}


def lives(visit: Visit) -> dict[str, str]:
    """Live or not, in words."""
    return {"live": visit.gettext("Live now"), "recorded": visit.gettext("Not live")}


def sensitivities(visit: Visit) -> dict[str, str]:
    """What to do with sensitive videos, in words."""
    return {"both": visit.gettext("With sensitive videos"), "false": visit.gettext("Without sensitive videos")}
