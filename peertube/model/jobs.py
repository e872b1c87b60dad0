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
    that was thought dead cannot finish what another has taken over. `progress` is 0..100.
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
    finished_ms: int | None
