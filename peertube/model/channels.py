"""Channels: what an account publishes videos in."""

from attrs import frozen

from peertube.model.accounts import LOCAL


@frozen
class Channel:
    """A channel here (`host` is LOCAL) or on another pod. Times in ms since 1970 UTC."""

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

    @property
    def is_local(self) -> bool:
        """Whether the channel lives on this pod."""
        return self.host == LOCAL
