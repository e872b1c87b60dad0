"""Offers of videos to other people of this pod."""

from attrs import frozen

from peertube.model.accounts import Account
from peertube.model.videos import Video

WAITING = "WAITING"
ACCEPTED = "ACCEPTED"
REFUSED = "REFUSED"


@frozen
class OwnershipChange:
    """One offer. `state` is WAITING, ACCEPTED or REFUSED. Time in ms since 1970 UTC."""

    id: int
    video: Video
    initiator: Account
    next_owner: Account
    state: str
    created_ms: int
