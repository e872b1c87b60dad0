"""Work under way, as programs ask for it: jobs, and what friends are still to be told."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import frozen


class WorkState(Enum):
    """Where a piece of work stands, in the words of PeerTube's REST API; `CANCELLED` is ours.

    `DELAYED` work waits for its time, `WAITING` work for a worker, `PAUSED` work for the admin who paused all jobs.
    Nothing here is ever in the last two states: no job waits for others, and urgent ones wait in the same row.
    """

    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    WAITING = "waiting"
    DELAYED = "delayed"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    WAITING_CHILDREN = "waiting-children"
    PRIORITIZED = "prioritized"


DELIVERY = "pod-delivery"
"""The kind of the work of telling one friend what waits for it."""


@frozen
class WorkItem:
    """One piece of work. `data` are its arguments, `progress` is 0..100; times in ms since 1970 UTC."""

    id: str
    kind: str
    state: WorkState
    data: Mapping[str, Any]
    priority: int
    progress: int
    attempts: int
    error: str | None
    created_ms: int
    started_ms: int | None
    finished_ms: int | None
