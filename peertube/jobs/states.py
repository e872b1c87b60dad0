"""The life of a job: which event leads from which state to which."""

from collections.abc import Mapping
from enum import Enum

from peertube.errors import Conflict
from peertube.model.jobs import JobState


class JobEvent(Enum):
    """What can happen to a job."""

    CLAIM = "claim"
    COMPLETE = "complete"
    TRY_LATER = "try later"
    GIVE_BACK = "give back"
    FAIL = "fail"
    RETRY = "retry"
    CANCEL = "cancel"


_NEXT: Mapping[tuple[JobState, JobEvent], JobState] = {
    (JobState.WAITING, JobEvent.CLAIM): JobState.ACTIVE,
    (JobState.WAITING, JobEvent.RETRY): JobState.WAITING,
    (JobState.WAITING, JobEvent.CANCEL): JobState.CANCELLED,
    (JobState.ACTIVE, JobEvent.COMPLETE): JobState.COMPLETED,
    (JobState.ACTIVE, JobEvent.TRY_LATER): JobState.WAITING,
    (JobState.ACTIVE, JobEvent.GIVE_BACK): JobState.WAITING,
    (JobState.ACTIVE, JobEvent.FAIL): JobState.FAILED,
    (JobState.ACTIVE, JobEvent.CANCEL): JobState.CANCELLED,
    (JobState.FAILED, JobEvent.RETRY): JobState.WAITING,
    (JobState.FAILED, JobEvent.CANCEL): JobState.CANCELLED,
    (JobState.CANCELLED, JobEvent.RETRY): JobState.WAITING,
}


def next_state(state: JobState, event: JobEvent) -> JobState:
    """Where `event` leads.

    :raises Conflict: code ``wrong_job_state``, when it cannot happen in `state`.
    """
    try:
        return _NEXT[state, event]
    except KeyError:
        raise Conflict(f"A job that is {state.value} cannot {event.value}.", code="wrong_job_state") from None
