"""Work under way for programs and people: jobs, and beside them each friend that is still to be told something."""

from collections.abc import Callable, Collection, Sequence

from peertube.errors import NotFound
from peertube.model.delivery_health import LaneHealth
from peertube.model.jobs import Job, JobState
from peertube.model.pages import Listing, Window
from peertube.model.work import DELIVERY, WorkItem, WorkState
from peertube.usecases.delivery_health import DeliveryHealth
from peertube.usecases.jobs import Jobs
from peertube.usecases.ports import Clock

_JOBS: dict[WorkState, tuple[JobState, bool | None]] = {
    WorkState.ACTIVE: (JobState.ACTIVE, None),
    WorkState.COMPLETED: (JobState.COMPLETED, None),
    WorkState.FAILED: (JobState.FAILED, None),
    WorkState.CANCELLED: (JobState.CANCELLED, None),
    WorkState.WAITING: (JobState.WAITING, True),
    WorkState.PAUSED: (JobState.WAITING, True),
    WorkState.DELAYED: (JobState.WAITING, False),
}
_LANE_PREFIX = "pod-"
_NOTHING: Listing[Job] = Listing(0, [])

_PENDING = (WorkState.ACTIVE, WorkState.WAITING, WorkState.DELAYED, WorkState.PAUSED)


class Work:
    """Jobs and lanes in one list, so that whoever polls it sees when nothing is left to do.

    :param in_flight: the pods (by id) that this process is telling something right now.
    """

    def __init__(
        self, *, jobs: Jobs, health: DeliveryHealth, clock: Clock, in_flight: Callable[[], Collection[int]]
    ) -> None:
        self._jobs = jobs
        self._health = health
        self._clock = clock
        self._in_flight = in_flight

    async def listing(
        self, window: Window, *, state: WorkState | None = None, kind: str | None = None
    ) -> Listing[WorkItem]:
        """Work by age, in one state or any, of one kind or any."""
        lanes = [] if kind not in (None, DELIVERY) else await self._lanes(state)
        lanes.sort(key=lambda item: item.created_ms, reverse=window.descending)
        first = max(0, window.start - len(lanes))
        reach = Window(first, window.count + window.start - first, window.sort, window.skip_count)
        paused = await self._jobs.paused()
        jobs = await self._matching(reach, state, kind, paused)
        total = None if jobs.total is None else jobs.total + len(lanes)
        items = [self._of_job(job, paused) for job in jobs.items]
        return Listing(total, _merged(items, lanes, first, window))

    async def pending(self) -> int:
        """How many pieces of work are under way or wait; 0 when nothing is left to do."""
        nothing = Window(count=0)
        found = [await self.listing(nothing, state=state) for state in _PENDING]
        return sum(listing.total or 0 for listing in found)

    async def retry(self, identifier: str) -> None:
        """Try it again, at once. `NotFound` for an unknown one, `Conflict` for one that is done."""
        if identifier.startswith(_LANE_PREFIX):
            await self._health.retry(_number(identifier.removeprefix(_LANE_PREFIX)))
        else:
            await self._jobs.retry(_number(identifier))

    async def cancel(self, identifier: str) -> None:
        """Leave it; for a friend: forget what waits to be told."""
        if identifier.startswith(_LANE_PREFIX):
            await self._health.drop(_number(identifier.removeprefix(_LANE_PREFIX)))
        else:
            await self._jobs.cancel(_number(identifier))

    async def _lanes(self, state: WorkState | None) -> list[WorkItem]:
        if state not in (None, WorkState.ACTIVE, WorkState.WAITING, WorkState.DELAYED):
            return []
        now_ms, in_flight = self._clock.now_ms(), frozenset(self._in_flight())
        items = [_of_lane(lane, in_flight, now_ms) for lane in await self._health.under_way()]
        return [item for item in items if state in (None, item.state)]

    async def _matching(self, window: Window, state: WorkState | None, kind: str | None, paused: bool) -> Listing[Job]:
        if kind == DELIVERY:
            return _NOTHING
        if state is None:
            return await self._jobs.listing(window, kind=kind)
        if state not in _JOBS or state is (WorkState.WAITING if paused else WorkState.PAUSED):
            return _NOTHING
        stored, due = _JOBS[state]
        return await self._jobs.listing(window, states=(stored,), kind=kind, due=due)

    def _of_job(self, job: Job, paused: bool) -> WorkItem:
        state = WorkState(job.state.value)
        if state is WorkState.WAITING and job.run_at_ms > self._clock.now_ms():
            state = WorkState.DELAYED
        elif state is WorkState.WAITING and paused:
            state = WorkState.PAUSED
        return WorkItem(
            id=str(job.id),
            kind=job.kind,
            state=state,
            data=job.payload,
            priority=job.priority,
            progress=job.progress,
            attempts=job.attempts,
            error=job.error,
            created_ms=job.created_ms,
            started_ms=job.started_ms,
            finished_ms=job.finished_ms,
        )


def _of_lane(lane: LaneHealth, in_flight: Collection[int], now_ms: int) -> WorkItem:
    state = WorkState.DELAYED if lane.next_try_ms > now_ms else WorkState.WAITING
    tried_ms = max(lane.last_success_ms or 0, lane.last_error_ms or 0)
    return WorkItem(
        id=f"{_LANE_PREFIX}{lane.pod_id}",
        kind=DELIVERY,
        state=WorkState.ACTIVE if lane.pod_id in in_flight else state,
        data={"host": lane.host, "waiting": lane.waiting},
        priority=0,
        progress=0,
        attempts=lane.failures,
        error=lane.last_error if lane.failures else None,
        created_ms=lane.oldest_ms or now_ms,
        started_ms=tried_ms or None,
        finished_ms=None,
    )


def _merged(jobs: Sequence[WorkItem], lanes: Sequence[WorkItem], first: int, window: Window) -> list[WorkItem]:
    """The rows of `window` of both lists, each in order; `jobs` are those from row `first` of theirs.

    There are no more lanes than rows between `first` and the start of the window, unless `first` is 0.
    """
    if first > 0 and not jobs:
        return []

    def is_before(one: WorkItem, other: WorkItem) -> bool:
        return one.created_ms >= other.created_ms if window.descending else one.created_ms <= other.created_ms

    before = [lane for lane in lanes if is_before(lane, jobs[0])] if first > 0 else []
    rest = [*lanes[len(before) :], *jobs]
    rest.sort(key=lambda item: item.created_ms, reverse=window.descending)
    skipped = window.start - first - len(before)
    return rest[skipped : skipped + window.count]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound("There is no such job")
    return int(text)
