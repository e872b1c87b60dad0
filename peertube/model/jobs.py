"""Jobs: work that must be done although the process may die at any moment."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import frozen


class JobState(Enum):
    """Where a job stands."""

    WAITING = "waiting"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@frozen
class Job:
    """One piece of work. `kind` names the use case, `payload` its arguments (JSON).

    A worker that claimed the job holds it until `lease_until_ms`; `fence` grows with every claim, so that a worker
    that was thought dead cannot finish what another has taken over. `progress` is 0..100. `started_ms` is when it was
    claimed last, `finished_ms` when it ended, however it did.
    """

    id: int
    kind: str
    payload: Mapping[str, Any]
    state: JobState
    priority: int
    attempts: int
    maximum_attempts: int
    run_at_ms: int
    lease_until_ms: int | None
    fence: int
    progress: int
    error: str | None
    created_ms: int
    updated_ms: int
    started_ms: int | None
    finished_ms: int | None


@frozen
class JobFilter:
    """Which jobs: in some `states` or any, of one `kind` or any; with `due`, those that may (or may not yet) be run at
    `now_ms`."""

    states: tuple[JobState, ...] | None = None
    kind: str | None = None
    due: bool | None = None
    now_ms: int = 0
