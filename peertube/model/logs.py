"""What the pod writes into its log."""

from enum import Enum

from attrs import frozen


class Level(Enum):
    """How grave a line is, from the least on."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """The higher, the graver."""
        return list(Level).index(self)


@frozen
class LogLine:
    """One line. `tags` are the parts of the pod that it comes from, from the outside in; `label` is both of them."""

    time_ms: int
    level: Level
    label: str
    message: str
    tags: tuple[str, ...] = ()


@frozen
class LogFilter:
    """Which lines are asked for: of a time, as grave as `level` or graver, with one of the tags (any when there are
    none), with a text in them."""

    from_ms: int
    until_ms: int
    level: Level = Level.INFO
    tags: frozenset[str] = frozenset()
    text: str = ""

    def takes(self, line: LogLine) -> bool:
        """Whether a line is one of them."""
        return (
            self.from_ms <= line.time_ms <= self.until_ms
            and line.level.rank >= self.level.rank
            and (not self.tags or not self.tags.isdisjoint(line.tags))
            and self.text.lower() in line.message.lower()
        )
