"""The worker runs what is due."""

from collections.abc import Awaitable, Callable

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from peertube.config.schema import JobsSettings
from peertube.errors import Invalid
from peertube.jobs.worker import Worker
from peertube.model.jobs import Job, JobState
from peertube.usecases.ports import Progress
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred
from tests.usecases.jobs_setup import LEASE_SECONDS, JobsOnTest


class Task:
    """A runner that the test starts, ends and watches."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.progress: Progress | None = None
        self._ends: dict[int, Deferred[None]] = {}
        self._seen: list[tuple[int, Deferred[None]]] = []

    async def run(self, job: Job, progress: Progress) -> None:
        self.begun.append(job.id)
        self.progress = progress
        end = self._ends[job.id] = Deferred()
        for count, seen in self._seen:
            if len(self.begun) >= count and not seen.called:
                seen.callback(None)
        await end

    def end(self, job_id: int, error: Exception | None = None) -> None:
        if error is None:
            self._ends[job_id].callback(None)
        else:
            self._ends[job_id].errback(error)

    async def has_begun(self, count: int) -> None:
        if len(self.begun) < count:
            seen: Deferred[None] = Deferred()
            self._seen.append((count, seen))
            await seen


class WorkerTests(TestCase):
    """On a real database, with the test's own time."""

    timeout = 20

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.on = JobsOnTest(self.database)
        self.reactor = self.on.reactor
        self.task = Task()
        self.worker = self._worker()

    def _worker(self, *, concurrency: int = 2, alone: bool = True) -> Worker:
        settings = JobsSettings(concurrency=concurrency, poll_seconds=5, lease_seconds=LEASE_SECONDS)
        runners = {"k": self.task.run, "end-friendship": self.task.run}
        return Worker(reactor=self.reactor, jobs=self.on.jobs, runners=runners, settings=settings, alone=alone)

    async def _until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Ask the database until it is so; each question takes a turn of the real reactor."""
        while not await condition():
            pass

    async def _until_state(self, job_id: int, state: JobState) -> None:
        async def reached() -> bool:
            return (await self.on.job(job_id)).state is state

        await self._until(reached)

    async def _stop(self, worker: Worker) -> None:
        """Stop; the test's time goes on meanwhile."""
        stopped = deferred(worker.stop())
        while not stopped.called:
            await self.on.jobs.sweep()
            self.reactor.advance(1)
        await stopped

    async def test_runs_what_is_there_and_what_comes(self) -> None:
        """At the start, on news, and by polling."""
        first = await self.on.add()
        await self.worker.start()
        await self.task.has_begun(1)
        second = await self.on.add()
        self.worker.wake({})
        await self.task.has_begun(2)
        self.task.end(first)
        self.task.end(second)
        await self._until_state(first, JobState.COMPLETED)
        await self._until_state(second, JobState.COMPLETED)
        third = await self.on.add()
        self.reactor.advance(5)
        await self.task.has_begun(3)
        self.task.end(third)
        await self._stop(self.worker)
        self.assertIs(JobState.COMPLETED, (await self.on.job(third)).state)

    async def test_concurrency(self) -> None:
        """No more at a time than the operator wants, and all of them in the end."""
        ids = [await self.on.add() for _ in range(5)]
        await self.worker.start()
        await self.task.has_begun(2)
        self.worker.wake({})
        await self.on.jobs.sweep()
        self.assertEqual(ids[:2], self.task.begun)
        for number, job_id in enumerate(ids):
            await self.task.has_begun(number + 1)
            self.task.end(job_id)
        for job_id in ids:
            await self._until_state(job_id, JobState.COMPLETED)
        await self._stop(self.worker)

    async def test_failure(self) -> None:
        """A failure is written down with its reason, and the worker goes on."""
        ids = [await self.on.add() for _ in range(2)]
        await self.worker.start()
        await self.task.has_begun(2)
        self.task.end(ids[0], Invalid("Not a video."))
        self.task.end(ids[1], ZeroDivisionError("by chance"))
        await self._until_state(ids[0], JobState.FAILED)
        await self._until_state(ids[1], JobState.WAITING)
        self.assertEqual("Not a video.", (await self.on.job(ids[0])).error)
        self.assertEqual("ZeroDivisionError: by chance", (await self.on.job(ids[1])).error)
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))
        await self._stop(self.worker)

    async def test_unknown_kind(self) -> None:
        """A job of a newer version fails clearly instead of blocking the queue."""
        job_id = await self.on.add("from the future")
        await self.worker.start()
        await self._until_state(job_id, JobState.FAILED)
        self.assertIn("from the future", (await self.on.job(job_id)).error or "")
        await self._stop(self.worker)

    async def test_heartbeats(self) -> None:
        """A long job keeps its lease."""
        job_id = await self.on.add()
        await self.worker.start()
        await self.task.has_begun(1)
        for _ in range(4):
            before = (await self.on.job(job_id)).lease_until_ms or 0
            self.reactor.advance(LEASE_SECONDS / 3)

            async def extended(before: int = before) -> bool:
                return ((await self.on.job(job_id)).lease_until_ms or 0) > before

            await self._until(extended)
        self.assertEqual(1, len(self.task.begun))
        self.task.end(job_id)
        await self._stop(self.worker)

    async def test_progress(self) -> None:
        """Progress is written down, at most once a second."""
        job_id = await self.on.add()
        await self.worker.start()
        await self.task.has_begun(1)
        assert self.task.progress is not None
        await self.task.progress(10)
        self.assertEqual(0, (await self.on.job(job_id)).progress)
        self.reactor.advance(1)
        await self.task.progress(20)
        await self.task.progress(30)
        self.assertEqual(20, (await self.on.job(job_id)).progress)
        self.task.end(job_id)
        await self._stop(self.worker)

    async def test_cancelled_by_the_admin(self) -> None:
        """A running job that nobody wants ends at its next heartbeat, and its place is free."""
        job_id = await self.on.add()
        worker = self._worker(concurrency=1)
        await worker.start()
        await self.task.has_begun(1)
        await self.on.jobs.cancel(job_id)
        await self.on.add()
        self.reactor.advance(LEASE_SECONDS / 3)
        await self.task.has_begun(2)
        self.assertIs(JobState.CANCELLED, (await self.on.job(job_id)).state)
        await self._stop(worker)

    async def test_news_of_a_cancelled_job_stop_it_at_once(self) -> None:
        """Without waiting for a heartbeat; others go on."""
        ids = [await self.on.add() for _ in range(2)]
        await self.worker.start()
        await self.task.has_begun(2)
        await self.on.jobs.cancel(ids[0])
        self.worker.wake({"cancelled": [ids[0], 12345]})
        third = await self.on.add()
        self.worker.wake({})
        await self.task.has_begun(3)
        self.assertEqual([*ids, third], self.task.begun)
        self.assertIs(JobState.CANCELLED, (await self.on.job(ids[0])).state)
        self.task.end(ids[1])
        self.task.end(third)
        await self._stop(self.worker)
        self.assertIs(JobState.CANCELLED, (await self.on.job(ids[0])).state)
        self.assertIs(JobState.COMPLETED, (await self.on.job(ids[1])).state)

    async def test_a_kind_with_a_limit(self) -> None:
        """Farewells to servers that do not answer leave room for videos."""
        farewells = [await self.on.add("end-friendship") for _ in range(3)]
        await self.worker.start()
        await self.task.has_begun(1)
        other = await self.on.add()
        self.worker.wake({})
        await self.task.has_begun(2)
        self.assertEqual([farewells[0], other], self.task.begun)
        self.task.end(farewells[0])
        await self.task.has_begun(3)
        self.assertEqual(farewells[1], self.task.begun[2])
        self.task.end(other)
        self.task.end(farewells[1])
        await self.task.has_begun(4)
        self.task.end(farewells[2])
        await self._stop(self.worker)

    async def test_paused(self) -> None:
        """Nothing begins until it is resumed."""
        await self.on.jobs.pause()
        job_id = await self.on.add()
        await self.worker.start()
        self.reactor.advance(5)
        await self.on.jobs.sweep()
        self.assertEqual([], self.task.begun)
        await self.on.jobs.resume()
        self.worker.wake({})
        await self.task.has_begun(1)
        self.task.end(job_id)
        await self._stop(self.worker)

    async def test_stop_waits_for_what_ends_soon(self) -> None:
        """A job that is nearly done is done."""
        job_id = await self.on.add()
        await self.worker.start()
        await self.task.has_begun(1)
        stopped = deferred(self.worker.stop())
        self.task.end(job_id)
        await stopped
        self.assertIs(JobState.COMPLETED, (await self.on.job(job_id)).state)
        self.assertEqual([], self.reactor.getDelayedCalls())

    async def test_stop_gives_back_the_rest(self) -> None:
        """A long job goes on at once at the next start, with no attempt lost."""
        job_id = await self.on.add(maximum_attempts=1)
        await self.worker.start()
        await self.task.has_begun(1)
        await self._stop(self.worker)
        job = await self.on.job(job_id)
        self.assertEqual((JobState.WAITING, 0), (job.state, job.attempts))
        self.assertEqual([], self.reactor.getDelayedCalls())
        await self.worker.start()
        await self.task.has_begun(2)
        self.task.end(job_id)
        await self._stop(self.worker)
        self.assertIs(JobState.COMPLETED, (await self.on.job(job_id)).state)

    async def test_start_after_a_crash(self) -> None:
        """The only worker does not wait for the leases of the dead one; one of several does."""
        job_id = await self.on.add()
        await self.on.jobs.claim(1)
        several = self._worker(alone=False)
        await several.start()
        await self._stop(several)
        self.assertIs(JobState.ACTIVE, (await self.on.job(job_id)).state)
        await self.worker.start()
        await self.task.has_begun(1)
        self.task.end(job_id)
        await self._stop(self.worker)

    async def test_database_away(self) -> None:
        """A database that does not answer for a while is logged, and the worker lives on."""
        await self.worker.start()
        await self._stop(self.worker)
        await self.database.stop()
        several = self._worker(alone=False)
        await several.start()
        await several.stop()
        self.assertNotEqual([], self.flushLoggedErrors())
