"""How well a friend is told what there is to be told."""

from attrs import frozen

from peertube.model.pods import PodState


@frozen
class LaneHealth:
    """The lane of one pod. Times in ms since 1970 UTC.

    `waiting` things have not been told, the oldest of them since `oldest_ms`. After `failures` failures in a row the
    next attempt comes at `next_try_ms`; 0 means as soon as there is anything to tell.
    """

    pod_id: int
    host: str
    state: PodState
    waiting: int
    oldest_ms: int | None
    failures: int
    next_try_ms: int
    last_success_ms: int | None
    last_error_ms: int | None
    last_error: str | None
