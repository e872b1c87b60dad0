"""Jobs: who may work on what until when, and what becomes of a job that went wrong."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from peertube.errors import Conflict, Invalid, NotFound, PodError, Unprocessable
from peertube.jobs.states import JobEvent, next_state
from peertube.model import topics
from peertube.model.jobs import Job, JobFilter, JobState
from peertube.model.pages import Listing, Window
from peertube.policy.backoff import next_delay
from peertube.storage import jobs, settings
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Publisher, Randomness

_FINAL = (Invalid, Unprocessable, NotFound)
_LOST = "The process ended while it ran."
_ERROR_LENGTH = 1000
_DAY_MS = 24 * 3_600_000

KEEP_ENDED_DAYS = 3
"""How long a job is kept that was completed or cancelled."""

KEEP_FAILED_DAYS = 90
"""How long a failed job waits for the admin."""

SWEPT_AT_ONCE = 1000

RETRIED_AT_ONCE = 10_000

PAUSED = "jobs.paused"
"""The key in table ``settings`` under which it stands that no jobs are begun: ``yes``, or nothing."""

JobEnding = Callable[[Transaction, Job, int], Awaitable[object]]
"""What becomes of the cause of a job that will not be done: it failed for good, or was cancelled. Called with the
time (ms), in the transaction that says so."""


class JobTaken(Conflict):
    """The job is not ours any more: it was cancelled, or our lease ended and another worker has it."""

    code = "job_taken"


class Jobs:
    """Claims, ends and shows jobs.

    Whoever works on a claimed job extends its lease before `lease_seconds` are over, and is told by `JobTaken` when
    it is too late. While jobs are paused nothing is claimed, by no process; what runs goes on.

    :param endings: by the kind of job.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        lease_seconds: float,
        endings: Mapping[str, JobEnding] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._lease_ms = int(lease_seconds * 1000)
        self._endings = endings or {}

    async def claim(self, count: int, limits: Mapping[str, int] | None = None) -> list[Job]:
        """Take up to `count` jobs that are due, the most urgent first; of kinds in `limits` no more than it says."""
        return await self._database.write(self._claim, count, limits or {})

    async def heartbeat(self, job: Job) -> None:
        """We still work on it."""
        now_ms = self._clock.now_ms()
        _ours(await self._database.write(jobs.extend, job, now_ms, now_ms + self._lease_ms))

    async def progress(self, job: Job, percent: int) -> None:
        """We still work on it and have come so far (0..100)."""
        now_ms = self._clock.now_ms()
        percent = min(100, max(0, percent))
        _ours(await self._database.write(jobs.extend, job, now_ms, now_ms + self._lease_ms, progress=percent))

    async def complete(self, job: Job) -> None:
        """It is done."""
        _ours(await self._database.write(jobs.complete, job, self._clock.now_ms()))

    async def fail(self, job: Job, error: BaseException) -> JobState:
        """It went wrong: WAITING when it will be tried again, FAILED when that makes no sense."""
        now_ms = self._clock.now_ms()
        text = _described(error)
        if isinstance(error, _FINAL) or job.attempts >= job.maximum_attempts:
            await self._database.write(self._fail, job, now_ms, text)
            return JobState.FAILED
        delay = next_delay(job.attempts, self._randomness.fraction())
        _ours(await self._database.write(jobs.try_later, job, now_ms, now_ms + int(delay * 1000), text))
        return JobState.WAITING

    async def give_back(self, job: Job) -> None:
        """We stop before it is done; another may take it at once. Nothing when it is not ours any more."""
        await self._database.write(self._give_back, job)

    async def give_back_expired(self) -> int:
        """Jobs of workers that are gone wait again; how many there were. Those on their last attempt fail."""
        now_ms = self._clock.now_ms()
        return await self._database.write(self._give_back_expired, now_ms)

    async def give_back_all(self) -> int:
        """As `give_back_expired`, for a worker that knows itself to be the only one of the pod."""
        return await self._database.write(self._give_back_expired, jobs.ANY_LEASE_MS)

    async def retry(self, job_id: int) -> Job:
        """The admin wants a failed or cancelled job tried again, or one that waits for its next attempt at once."""
        return await self._database.write(self._move, job_id, JobEvent.RETRY)

    async def retry_failed(self, kind: str | None = None) -> int:
        """Every failed job, or every one of a kind, is tried again; how many, at most `RETRIED_AT_ONCE`."""
        return await self._database.write(self._retry_failed, kind)

    async def cancel(self, job_id: int) -> Job:
        """The admin does not want a job any more; the worker that has it is told, or learns at its next heartbeat."""
        return await self._database.write(self._move, job_id, JobEvent.CANCEL)

    async def pause(self) -> None:
        """Begin no more jobs, in all processes, until `resume`; also after a restart."""
        await self._database.write(settings.put, PAUSED, "yes")

    async def resume(self) -> None:
        """Begin jobs again."""
        await self._database.write(self._resume)

    async def paused(self) -> bool:
        """Whether no jobs are begun."""
        return await self._database.read(_paused)

    async def listing(
        self,
        window: Window,
        *,
        states: tuple[JobState, ...] | None = None,
        kind: str | None = None,
        due: bool | None = None,
    ) -> Listing[Job]:
        """Jobs by age, in some states or all, of one kind or any.

        :param due: only those that may (not yet) be run now.
        """
        return await self._database.read(self._list, window, JobFilter(states, kind, due, self._clock.now_ms()))

    async def sweep(self) -> int:
        """Forget jobs that ended long ago, a bounded number at a time; how many."""
        return await self._database.write(self._sweep, self._clock.now_ms())

    async def _claim(self, tx: Transaction, count: int, limits: Mapping[str, int]) -> list[Job]:
        if await _paused(tx):
            return []
        now_ms = self._clock.now_ms()
        return await jobs.claim(tx, count, now_ms, now_ms + self._lease_ms, limits=limits)

    async def _fail(self, tx: Transaction, job: Job, now_ms: int, text: str) -> None:
        _ours(await jobs.fail(tx, job, now_ms, text))
        await self._end(tx, [job], now_ms)

    async def _end(self, tx: Transaction, ended: Sequence[Job], now_ms: int) -> None:
        for job in ended:
            if job.kind in self._endings:
                await self._endings[job.kind](tx, job, now_ms)
                self._tell(tx)

    async def _give_back(self, tx: Transaction, job: Job) -> None:
        if await jobs.give_back(tx, job, self._clock.now_ms()):
            self._tell(tx)

    async def _give_back_expired(self, tx: Transaction, before_ms: int) -> int:
        now_ms = self._clock.now_ms()
        failed = await jobs.fail_expired(tx, now_ms, before_ms, _LOST)
        await self._end(tx, failed, now_ms)
        waiting = await jobs.give_back_expired(tx, now_ms, before_ms)
        if waiting:
            self._tell(tx)
        return len(failed) + waiting

    async def _move(self, tx: Transaction, job_id: int, event: JobEvent) -> Job:
        job = await jobs.by_id(tx, job_id)
        if job is None:
            raise NotFound("There is no such job.")
        state = next_state(job.state, event)
        if event is JobEvent.RETRY and job.state is JobState.WAITING and job.attempts == 0:
            raise Conflict("The job waits for its first attempt.", code="wrong_job_state")
        _ours(await jobs.move(tx, job_id, job.state, state, self._clock.now_ms()))
        if state is JobState.WAITING:
            self._tell(tx)
        else:
            await self._end(tx, [job], self._clock.now_ms())
            tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {"cancelled": [job_id]}))
        moved = await jobs.by_id(tx, job_id)
        if moved is None:
            raise NotFound("There is no such job.")
        return moved

    async def _retry_failed(self, tx: Transaction, kind: str | None) -> int:
        failed = await jobs.ids(tx, JobFilter((JobState.FAILED,), kind), RETRIED_AT_ONCE)
        self._tell(tx)
        return await jobs.move_all(tx, failed, JobState.FAILED, JobState.WAITING, self._clock.now_ms())

    async def _resume(self, tx: Transaction) -> None:
        await settings.put(tx, PAUSED, "")
        self._tell(tx)

    async def _list(self, tx: Transaction, window: Window, wanted: JobFilter) -> Listing[Job]:
        total = None if window.skip_count else await jobs.count(tx, wanted)
        return Listing(total, await jobs.listing(tx, window, wanted))

    async def _sweep(self, tx: Transaction, now_ms: int) -> int:
        ended = (JobState.COMPLETED, JobState.CANCELLED)
        swept = await jobs.sweep(tx, ended, now_ms - KEEP_ENDED_DAYS * _DAY_MS, SWEPT_AT_ONCE)
        return swept + await jobs.sweep(tx, (JobState.FAILED,), now_ms - KEEP_FAILED_DAYS * _DAY_MS, SWEPT_AT_ONCE)

    def _tell(self, tx: Transaction) -> None:
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))


async def _paused(tx: Transaction) -> bool:
    return bool(await settings.get(tx, PAUSED))


def _ours(held: bool) -> None:
    if not held:
        raise JobTaken("The job is not held any more.")


def _described(error: BaseException) -> str:
    text = error.detail if isinstance(error, PodError) else f"{type(error).__name__}: {error}"
    return text[:_ERROR_LENGTH]
