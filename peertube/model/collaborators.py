"""People who take part in a channel of somebody else (PeerTube 8): they change it and publish in it."""

from enum import IntEnum

from attrs import frozen

from peertube.model.accounts import Account

MAXIMUM_COLLABORATORS = 100
"""How many may take part in one channel, those who are only invited included."""


class CollaboratorState(IntEnum):
    """How far it is (numbers as in PeerTube's REST API)."""

    PENDING = 1
    ACCEPTED = 2

    @property
    def label(self) -> str:
        """The name that programs show."""
        return self.name.capitalize()


@frozen
class Collaborator:
    """Somebody who takes part in a channel, or was invited to. Times in ms since 1970 UTC."""

    id: int
    channel_id: int
    account: Account
    state: CollaboratorState
    created_ms: int
    updated_ms: int
