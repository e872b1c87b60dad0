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

    `protocol` is the highest version that both sides speak. `next_try_ms` and `failures` steer the delivery lane;
    `failing_since_ms` is when the failures began that go on. `last_heard_ms`: its last request that was verified.
    Until `muted_until_ms` nothing of it is taken. `our_key` says which of our keys it has pinned (SHA-256 of the PEM).
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
    failing_since_ms: int | None = None
    last_heard_ms: int | None = None
    muted_until_ms: int = 0
    ejected_ms: int | None = None
    our_key: str | None = None
