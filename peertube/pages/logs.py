"""The pod's log for people: by level, with a text; followed; as a file."""

from datetime import UTC, datetime
from typing import Protocol

from attrs import frozen

from peertube.model.logs import Level, LogFilter, LogLine
from peertube.model.users import Right
from peertube.pages.visits import Answer, PageRoute, Shown, Visit, with_query

MOST_SHOWN = 500
"""Lines on the page; the file has more."""

LONGEST_SEARCH = 200
_FOLLOW_SECONDS = 5
_DAYS_MS = 7 * 86_400_000


class LogReader(Protocol):
    """Knows the log."""

    async def lines(self, wanted: LogFilter) -> list[LogLine]:
        """The newest lines that are asked for, oldest first."""
        ...


class PageClock(Protocol):
    """What time it is."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...


@frozen
class LogsPages:
    """`/admin/logs`."""

    logs: LogReader
    clock: PageClock

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/admin/logs", Right.MANAGE_LOGS, self.listing),
            PageRoute("GET", "/admin/logs/download", Right.MANAGE_LOGS, self.download),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """The newest lines of a week, newest first; the page comes again by itself for who follows."""
        level, search = self._asked(visit)
        lines = await self.logs.lines(self._wanted(visit))
        follow = visit.asked("follow") == "1"
        asked = {"level": level.value, "search": search}
        context = {
            "lines": lines[: -MOST_SHOWN - 1 : -1],
            "total": len(lines),
            "asked_level": level.value,
            "asked_search": search,
            "levels": {each.value: _named(visit, each) for each in reversed(Level)},
            "follow": follow,
            "other": with_query("/admin/logs", **asked, follow="" if follow else "1"),
            "file": with_query("/admin/logs/download", **asked),
        }
        headers = {"Refresh": str(_FOLLOW_SECONDS)} if follow else {}
        return Shown("logs.html", context, section="logs", headers=headers)

    async def download(self, visit: Visit) -> Answer:
        """The same lines as a text, oldest first."""
        lines = await self.logs.lines(self._wanted(visit))
        texts = (f"{_iso(line.time_ms)} {line.level.value} {line.label} {line.message}\n" for line in lines)
        return Answer(
            "".join(texts).encode(),
            "text/plain; charset=utf-8",
            {"Content-Disposition": 'attachment; filename="peertube.log"', "Cache-Control": "private, no-store"},
        )

    def _asked(self, visit: Visit) -> tuple[Level, str]:
        named = {level.value: level for level in Level}
        return named.get(visit.asked("level"), Level.INFO), visit.asked("search")[:LONGEST_SEARCH].strip()

    def _wanted(self, visit: Visit) -> LogFilter:
        level, search = self._asked(visit)
        now_ms = self.clock.now_ms()
        return LogFilter(now_ms - _DAYS_MS, now_ms + _DAYS_MS, level, text=search)


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def _named(visit: Visit, level: Level) -> str:
    gettext = visit.texts.gettext
    names = {
        Level.ERROR: gettext("Errors"),
        Level.WARN: gettext("Warnings"),
        Level.INFO: gettext("Information"),
        Level.DEBUG: gettext("Everything"),
    }
    return names[level]
