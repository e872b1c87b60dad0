"""Channels: what an account publishes videos in."""

from collections.abc import Mapping

from attrs import frozen

from peertube.model.accounts import LOCAL
from peertube.model.actor_images import ActorImage


@frozen
class Channel:
    """A channel here (`host` is LOCAL) or on another pod. Times in ms since 1970 UTC.

    `directory`: the category (number as of videos) under which it stands in the directory.
    """

    id: int
    uuid: str
    host: str
    account_id: int
    name: str
    display_name: str
    description: str | None
    support: str | None
    created_ms: int
    updated_ms: int
    avatar: ActorImage | None = None
    banner: ActorImage | None = None
    followers: int = 0
    directory: int | None = None

    @property
    def is_local(self) -> bool:
        """Whether the channel lives on this pod."""
        return self.host == LOCAL


@frozen
class ChannelStats:
    """How many videos a channel has, how often they were watched, and how often on each of the last days.

    :param per_day: views by day (days since 1970); days without any are left out.
    """

    videos: int
    views: int
    per_day: Mapping[int, int]
