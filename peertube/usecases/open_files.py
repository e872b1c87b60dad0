"""Decisions about files that anybody may have, remembered for moments: a player asks for one file a hundred times."""

from peertube.usecases.files import FoundFile
from peertube.usecases.ports import Clock, Message

KEPT_MS = 5_000
"""A decision is never older, whatever news was lost."""

_MOST = 4_096


class OpenFiles:
    """Which file of a kind and name lies where, if it is open and belongs to a published video.

    Any torrent that is public no longer ends all decisions: a video that is removed or hidden, or the files of one
    that got another name, are among these news.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._found: dict[tuple[str, str], tuple[int, FoundFile]] = {}
        self.generation = 0

    def get(self, kind: str, name: str) -> FoundFile | None:
        """What was decided a moment ago."""
        kept = self._found.get((kind, name))
        return kept[1] if kept is not None and self._clock.now_ms() < kept[0] else None

    def put(self, kind: str, name: str, found: FoundFile, generation: int) -> None:
        """Remember a decision, unless news came since `generation` was read, before the database was."""
        if generation != self.generation:
            return
        if len(self._found) >= _MOST:
            self._found.clear()
        self._found[kind, name] = (self._clock.now_ms() + KEPT_MS, found)

    def hear(self, message: Message) -> None:
        """News of the topic TORRENTS."""
        if message.get("removed"):
            self.generation += 1
            self._found.clear()
