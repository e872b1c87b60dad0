"""Whom or what users follow: channels, authors (accounts) and tags."""

from attrs import frozen

from peertube.model.accounts import Account
from peertube.model.channels import Channel

MAXIMUM_SUBSCRIPTIONS = 2_000
"""How much one user may follow."""


@frozen
class FollowedTag:
    """A tag that a user follows, as the user spelled it. Time in ms since 1970 UTC."""

    tag: str
    created_ms: int


@frozen
class Follower:
    """Somebody of this pod who follows a channel, or an account by itself (`channel` is None then)."""

    id: int
    account: Account
    channel: Channel | None
    followed: Account
    created_ms: int
