"""Friendships that wait for somebody to approve them."""

from enum import Enum

from attrs import frozen


class Direction(Enum):
    """Who asked: another pod (IN), or we (OUT)."""

    IN = "in"
    OUT = "out"


@frozen
class FriendProposal:
    """A pod that has proved to be `host` asks for friendship, or was asked by us. Time in ms since 1970 UTC."""

    host: str
    direction: Direction
    email: str
    public_key: str
    protocol: int
    created_ms: int
