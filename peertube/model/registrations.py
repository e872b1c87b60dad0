"""Requests for an account, which the people who run the pod agree to or not."""

from enum import IntEnum

from attrs import frozen


class RegistrationState(IntEnum):
    """Where a request stands (numbers as in PeerTube's REST API)."""

    PENDING = 1
    REJECTED = 2
    ACCEPTED = 3

    @property
    def label(self) -> str:
        """The name that programs show."""
        return self.name.capitalize()


@frozen
class Registration:
    """One request. Times in ms since 1970 UTC.

    :param reason: why somebody wants an account.
    :param moderation_response: what was answered.
    :param user_id: the user it became, while there is one.
    """

    id: int
    username: str
    email: str
    email_verified: bool
    password_hash: str
    reason: str
    display_name: str | None
    channel_name: str | None
    channel_display_name: str | None
    language: str
    state: RegistrationState
    moderation_response: str | None
    user_id: int | None
    created_ms: int
    updated_ms: int
