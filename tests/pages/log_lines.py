"""A made-up log."""

from peertube.model.logs import Level, LogFilter, LogLine
from tests.http.serving import NOW_MS
from tests.pages.videos import HOSTILE


class FakeLogs:
    """A line of each level, the last with what a stranger sent."""

    def __init__(self, more: int = 0) -> None:
        texts = {Level.INFO: "listening", Level.WARN: "told nobody", Level.ERROR: f"broke at {HOSTILE}"}
        self._lines = [LogLine(NOW_MS, Level.INFO, "peertube.more", f"more {number}") for number in range(more)]
        self._lines += [LogLine(NOW_MS, level, "peertube.part", text) for level, text in texts.items()]

    async def lines(self, wanted: LogFilter) -> list[LogLine]:
        return [line for line in self._lines if wanted.takes(line)]

    def now_ms(self) -> int:
        return NOW_MS
