"""Accounts (authors, in the words of the pods' protocol): who publishes. Each owns channels."""

from attrs import frozen

LOCAL = ""
"""The host of everything that lives on this pod: empty, so that a change of domain rewrites nothing."""


@frozen
class Account:
    """An author here (`host` is LOCAL) or on another pod. Times in ms since 1970 UTC."""

    id: int
    uuid: str
    host: str
    user_id: int | None
    name: str
    display_name: str
    description: str | None
    created_ms: int
    updated_ms: int

    @property
    def is_local(self) -> bool:
        """Whether the account lives on this pod."""
        return self.host == LOCAL
