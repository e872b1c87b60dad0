"""Pods: the servers that are our friends, and how well we reach them."""

from enum import Enum

from attrs import frozen


class PodState(Enum):
    """Where a friendship stands."""

    FRIEND = "friend"
    DORMANT = "dormant"
    EJECTED = "ejected"


@frozen
class Pod:
    """A friend. `host` is normalised (`policy.hosts`); `public_key` is PEM, pinned at friendship.

    `protocol` is the highest version that both sides speak. `next_try_ms` and `failures` steer the delivery lane.
    """

    id: int
    host: str
    email: str
    public_key: str
    protocol: int
    state: PodState
    score: int
    failures: int
    next_try_ms: int
    last_success_ms: int | None
    last_error_ms: int | None
    last_error: str | None
    created_ms: int
