"""What viewers do with a video, as it happens and added up."""

from collections.abc import Mapping, Sequence
from enum import Enum

from attrs import frozen

from peertube.model.users import Viewer
from peertube.model.videos import Video

HOUR_MS = 3_600_000
DAY_HOURS = 24
MONTH_HOURS = 720
"""Thirty days."""


class AgentKind(Enum):
    """What viewers watch with."""

    CLIENT = "client"
    DEVICE = "device"
    SYSTEM = "system"


@frozen
class Agent:
    """What one viewer watches with: names of fixed lists (`policy.user_agents`)."""

    client: str
    device: str
    system: str

    def named(self) -> Sequence[tuple[AgentKind, str]]:
        """Each name with its kind."""
        return (
            (AgentKind.CLIENT, self.client),
            (AgentKind.DEVICE, self.device),
            (AgentKind.SYSTEM, self.system),
        )


@frozen
class Watching:
    """A player said where it is.

    :param is_new: the first word of this watching.
    :param gained: seconds of the video that were watched since the last word.
    :param stretches: numbers of the stretches that this viewer had not seen before (`policy.watching`).
    :param viewers: how many watch the video now.
    """

    video: Video
    viewer: Viewer | None
    agent: Agent
    position: int
    is_new: bool
    gained: int
    stretches: Sequence[int]
    viewers: int
    now_ms: int


@frozen
class Period:
    """Sums of `hours` that begin `first_hour` hours after 1970. `peak` is the most viewers at once, at `peak_ms`."""

    first_hour: int
    hours: int
    viewers: int
    watched_seconds: int
    peak: int
    peak_ms: int


@frozen
class Retention:
    """How many of `viewers` saw each stretch of a video."""

    stretch_seconds: int
    viewers: int
    counts: tuple[int, ...]


@frozen
class Gathered:
    """What is to be added to the sums of one video."""

    periods: Sequence[Period]
    agents: Mapping[tuple[int, AgentKind, str], int]
    retention: Retention


class Metric(Enum):
    """What a series shows (names as in PeerTube's REST API)."""

    VIEWERS = "viewers"
    WATCH_TIME = "aggregateWatchTime"
