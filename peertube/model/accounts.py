"""Accounts (authors, in the words of the pods' protocol): who publishes. Each owns channels."""

from attrs import frozen

from peertube.model.actor_images import ActorImage

LOCAL = ""
"""The host of everything that lives on this pod: empty, so that a change of domain rewrites nothing."""


@frozen
class Account:
    """An author here (`host` is LOCAL) or on another pod. Times in ms since 1970 UTC.

    `followers`: how many follow the account; `following`: how many channels and accounts its user follows here.
    """

    id: int
    uuid: str
    host: str
    user_id: int | None
    name: str
    display_name: str
    description: str | None
    created_ms: int
    updated_ms: int
    avatar: ActorImage | None = None
    followers: int = 0
    following: int = 0

    @property
    def is_local(self) -> bool:
        """Whether the account lives on this pod."""
        return self.host == LOCAL
