"""Runs jobs: claims what is due, holds the lease while it runs, says what became of it."""

from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from attrs import define
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from peertube.config.schema import JobsSettings
from peertube.errors import PodError, Unprocessable
from peertube.model.jobs import Job, JobState
from peertube.usecases.jobs import Jobs, JobTaken
from peertube.usecases.ports import JobRunner, Message

_HEARTBEATS_PER_LEASE = 3
_PROGRESS_EVERY_SECONDS = 1.0
_SWEEP_SECONDS = 3600.0


@define
class _Told:
    """What was last said about the progress of a job."""

    percent: int = 0
    at_seconds: float = 0


@define
class _Running:
    """A job that runs."""

    job: Job
    done: Deferred[None]


class Worker:
    """A part that runs up to `settings.concurrency` jobs at a time, of some kinds fewer (`settings.concurrency_of`).

    News of the topic JOBS must be handed to `wake`; what comes without news (the next attempt of a job, a job of
    another process) is found every `settings.poll_seconds`.

    :param runners: what does each kind of job.
    :param alone: no other process runs jobs on this database, so what is active at the start was left by a crash.
    :param stop_seconds: how long a stop waits for running jobs before it gives them back.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: IReactorTime,
        jobs: Jobs,
        runners: Mapping[str, JobRunner],
        settings: JobsSettings,
        alone: bool,
        stop_seconds: float = 5,
    ) -> None:
        self._reactor = reactor
        self._jobs = jobs
        self._runners = runners
        self._settings = settings
        self._alone = alone
        self._stop_seconds = stop_seconds
        self._running: dict[tuple[int, int], _Running] = {}
        self._own: set[Deferred[None]] = set()
        self._claiming = False
        self._again = False
        self._stopping = True
        self._loops: list[LoopingCall] = []

    async def start(self) -> None:
        """Begin to claim jobs."""
        if self._alone:
            left = await self._jobs.give_back_all()
            if left:
                self._log.info("{left} jobs go on that were not finished when the pod ended", left=left)
        self._stopping = False
        self._loops = [
            self._every(self._settings.poll_seconds, self._poll),
            self._every(_SWEEP_SECONDS, self._sweep),
        ]

    async def stop(self) -> None:
        """Claim no more; what has not ended after a while is given back, for the next start to go on with."""
        self._stopping = True
        for loop in self._loops:
            if loop.running:
                loop.stop()
        self._loops = []
        await self._settled([*self._own])
        await self._settled(running.done for running in self._running.values())
        for running in list(self._running.values()):
            running.done.cancel()
        await self._settled(running.done for running in self._running.values())
        if self._running:
            self._log.warn("{count} jobs did not stop in time", count=len(self._running))

    def wake(self, message: Message | None = None) -> None:
        """There may be work, or some of it is not wanted any more."""
        for job_id in (message or {}).get("cancelled", ()):
            self._cancel(job_id)
        self._again = True
        if not (self._claiming or self._stopping):
            self._run_beside(self._claim())

    async def _claim(self) -> None:
        self._claiming = True
        try:
            while self._again and not self._stopping:
                self._again = False
                free = self._settings.concurrency - len(self._running)
                if free <= 0:
                    return
                claimed = await self._jobs.claim(free, self._room())
                for job in claimed:
                    if self._stopping:
                        await self._jobs.give_back(job)
                    else:
                        self._begin(job)
                self._again = self._again or len(claimed) == free
        except CancelledError:
            raise
        except Exception:
            self._log.failure("could not claim jobs")
        finally:
            self._claiming = False

    def _room(self) -> dict[str, int]:
        """How many more jobs of each kind with a limit may run."""
        kinds = [running.job.kind for running in self._running.values()]
        return {kind: max(0, most - kinds.count(kind)) for kind, most in self._settings.concurrency_of.limits().items()}

    def _cancel(self, job_id: int) -> None:
        for running in list(self._running.values()):
            if running.job.id == job_id:
                running.done.cancel()

    def _begin(self, job: Job) -> None:
        running = Deferred.fromCoroutine(self._run(job))
        self._running[job.id, job.fence] = _Running(job, running)

        def ended(result: object) -> None:
            del self._running[job.id, job.fence]
            if not self._stopping:
                self.wake()

        running.addErrback(self._failed)
        running.addBoth(ended)

    def _failed(self, failure: Any) -> None:
        if not failure.check(CancelledError):
            self._log.failure("a job could not be ended properly", failure=failure)

    async def _run(self, job: Job) -> None:
        told = _Told(at_seconds=self._reactor.seconds())

        async def progress(percent: int) -> None:
            await self._progress(job, told, percent)

        beats = self._every(
            self._settings.lease_seconds / _HEARTBEATS_PER_LEASE, lambda: self._heartbeat(job), now=False
        )
        try:
            await self._runner(job.kind)(job, progress)
            await self._jobs.complete(job)
        except CancelledError:
            await self._jobs.give_back(job)
            raise
        except JobTaken:
            self._log.info("job {id} ({kind}) was taken from us", id=job.id, kind=job.kind)
        except Exception as error:
            await self._fail(job, error)
        finally:
            if beats.running:
                beats.stop()

    def _runner(self, kind: str) -> JobRunner:
        try:
            return self._runners[kind]
        except KeyError:
            raise Unprocessable(f"This version knows no job of the kind {kind!r}.", code="unknown_job") from None

    async def _fail(self, job: Job, error: Exception) -> None:
        if not isinstance(error, PodError):
            self._log.failure("job {id} ({kind}) failed", id=job.id, kind=job.kind)
        state = await self._jobs.fail(job, error)
        self._log.warn(
            "job {id} ({kind}), attempt {attempt}: {error}; {then}",
            id=job.id,
            kind=job.kind,
            attempt=job.attempts,
            error=str(error),
            then="given up" if state is JobState.FAILED else "tried again later",
        )

    async def _progress(self, job: Job, told: _Told, percent: int) -> None:
        now = self._reactor.seconds()
        if percent != told.percent and now - told.at_seconds >= _PROGRESS_EVERY_SECONDS:
            told.percent, told.at_seconds = percent, now
            await self._jobs.progress(job, percent)

    async def _heartbeat(self, job: Job) -> None:
        try:
            await self._jobs.heartbeat(job)
        except JobTaken:
            running = self._running.get((job.id, job.fence))
            if running is not None:
                running.done.cancel()

    async def _poll(self) -> None:
        await self._jobs.give_back_expired()
        self.wake()

    async def _sweep(self) -> None:
        await self._jobs.sweep()

    def _every(self, seconds: float, what: Any, *, now: bool = True) -> LoopingCall:
        """Run the coroutine function `what` again and again, never twice at a time; what fails is logged."""

        async def once() -> None:
            try:
                await what()
            except CancelledError:
                raise
            except Exception:
                self._log.failure("a timer of the worker failed")

        loop = LoopingCall(lambda: self._run_beside(once()))
        loop.clock = self._reactor
        loop.start(seconds, now=now)
        return loop

    def _run_beside(self, coroutine: Coroutine[Any, Any, None]) -> Deferred[None]:
        """Own a coroutine until it ends, so that `stop` can wait for it."""
        running = Deferred.fromCoroutine(coroutine)
        self._own.add(running)

        def ended(result: object) -> None:
            self._own.discard(running)

        running.addErrback(self._failed)
        running.addBoth(ended)
        return running

    async def _settled(self, running: Iterable[Deferred[None]]) -> None:
        """Wait until all have ended, or for `stop_seconds`."""
        waited_for = list(running)
        if not waited_for:
            return
        over: Deferred[None] = Deferred()
        late = self._reactor.callLater(self._stop_seconds, over.callback, None)
        DeferredList(waited_for).addCallback(lambda _: None if over.called else over.callback(None))
        await over
        if late.active():
            late.cancel()
