"""What becomes of jobs."""

from twisted.internet.defer import gatherResults
from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, Invalid, NotFound, Unprocessable, Unreachable
from peertube.model import topics
from peertube.model.jobs import Job, JobState
from peertube.model.pages import Window
from peertube.usecases.jobs import JobTaken
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred
from tests.usecases.jobs_setup import LEASE_SECONDS, JobsOnTest

DAY = 24 * 3600


class JobsTests(TestCase):
    """On a real database in memory."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.on = JobsOnTest(self.database)
        self.jobs = self.on.jobs
        self.reactor = self.on.reactor

    async def _claimed(self, **more: object) -> Job:
        await self.on.add(**more)
        [job] = await self.jobs.claim(1)
        return job

    async def test_claim_and_complete(self) -> None:
        """The good way, with what was given to the job."""
        await self.on.add("publish", payload={"video": "ü", "n": [1, None]})
        [job] = await self.jobs.claim(5)
        self.assertEqual(("publish", {"video": "ü", "n": [1, None]}), (job.kind, job.payload))
        self.assertEqual((JobState.ACTIVE, 1, 1), (job.state, job.attempts, job.fence))
        self.assertEqual(self.on.clock.now_ms() + LEASE_SECONDS * 1000, job.lease_until_ms)
        await self.jobs.complete(job)
        ended = await self.on.job(job.id)
        self.assertEqual((JobState.COMPLETED, 100, None), (ended.state, ended.progress, ended.lease_until_ms))
        self.assertEqual([], await self.jobs.claim(5))

    async def test_order(self) -> None:
        """The most urgent first, then the oldest; not before their time."""
        late = await self.on.add(run_at_ms=self.on.clock.now_ms() + 1000)
        second = await self.on.add()
        third = await self.on.add()
        first = await self.on.add(priority=-1)
        self.assertEqual([first, second], [job.id for job in await self.jobs.claim(2)])
        self.assertEqual([third], [job.id for job in await self.jobs.claim(2)])
        self.reactor.advance(1)
        self.assertEqual([late], [job.id for job in await self.jobs.claim(2)])

    async def test_nobody_claims_twice(self) -> None:
        """Workers that ask at the same time get different jobs."""
        for _ in range(20):
            await self.on.add()
        claims = await gatherResults([deferred(self.jobs.claim(3)) for _ in range(10)])
        ids = [job.id for claimed in claims for job in claimed]
        self.assertEqual(20, len(ids))
        self.assertEqual(20, len(set(ids)))

    async def test_heartbeat_and_progress_extend_the_lease(self) -> None:
        """A long job is not taken from a worker that is alive."""
        job = await self._claimed()
        self.reactor.advance(LEASE_SECONDS - 1)
        await self.jobs.heartbeat(job)
        self.reactor.advance(LEASE_SECONDS - 1)
        await self.jobs.progress(job, 140)
        self.assertEqual(0, await self.jobs.give_back_expired())
        self.assertEqual(100, (await self.on.job(job.id)).progress)

    async def test_fence(self) -> None:
        """A worker that was thought dead cannot end what another has taken over."""
        job = await self._claimed()
        self.reactor.advance(LEASE_SECONDS + 1)
        self.assertEqual(1, await self.jobs.give_back_expired())
        [again] = await self.jobs.claim(1)
        self.assertEqual(job.id, again.id)
        for late in (
            self.jobs.complete(job),
            self.jobs.heartbeat(job),
            self.jobs.progress(job, 50),
            self.jobs.fail(job, ValueError()),
        ):
            with self.assertRaises(JobTaken):
                await late
        await self.jobs.give_back(job)
        self.assertIs(JobState.ACTIVE, (await self.on.job(job.id)).state)
        await self.jobs.complete(again)

    async def test_failure_is_tried_again_later(self) -> None:
        """Most failures pass; the wait grows."""
        job = await self._claimed()
        self.assertIs(JobState.WAITING, await self.jobs.fail(job, Unreachable("The pod does not answer.")))
        waiting = await self.on.job(job.id)
        self.assertEqual("The pod does not answer.", waiting.error)
        self.assertEqual([], await self.jobs.claim(1))
        self.reactor.advance(45)
        [again] = await self.jobs.claim(1)
        await self.jobs.fail(again, ValueError("odd"))
        waiting = await self.on.job(job.id)
        self.assertEqual(("ValueError: odd", 90_000), (waiting.error, waiting.run_at_ms - self.on.clock.now_ms()))

    async def test_some_errors_are_final(self) -> None:
        """What is wrong with the job itself will be wrong the next time."""
        for error in (Invalid("no"), Unprocessable("no"), NotFound("no")):
            job = await self._claimed()
            self.assertIs(JobState.FAILED, await self.jobs.fail(job, error))

    async def test_last_attempt(self) -> None:
        """A job is not tried for ever."""
        job = await self._claimed(maximum_attempts=1)
        self.assertIs(JobState.FAILED, await self.jobs.fail(job, ValueError()))

    async def test_job_that_ends_the_process(self) -> None:
        """A job that kills its worker each time fails in the end."""
        job = await self._claimed(maximum_attempts=2)
        for state in (JobState.WAITING, JobState.FAILED):
            self.reactor.advance(LEASE_SECONDS + 1)
            await self.jobs.give_back_expired()
            self.assertIs(state, (await self.on.job(job.id)).state)
            await self.jobs.claim(1)
        self.assertIn("ended while it ran", (await self.on.job(job.id)).error or "")

    async def test_give_back(self) -> None:
        """A stop does not count as an attempt, and the next start goes on at once."""
        job = await self._claimed(maximum_attempts=1)
        await self.jobs.give_back(job)
        self.assertEqual([(topics.JOBS, {})], self.on.news.published)
        [again] = await self.jobs.claim(1)
        self.assertEqual((job.id, 1, 2), (again.id, again.attempts, again.fence))

    async def test_give_back_all(self) -> None:
        """The only worker knows at its start that nobody holds anything."""
        job = await self._claimed()
        self.assertEqual(1, await self.jobs.give_back_all())
        self.assertEqual([job.id], [each.id for each in await self.jobs.claim(1)])

    async def test_retry(self) -> None:
        """The admin can have a failed job tried again, with all its attempts."""
        job = await self._claimed(maximum_attempts=1)
        await self.jobs.fail(job, Invalid("no"))
        retried = await self.jobs.retry(job.id)
        self.assertEqual((JobState.WAITING, 0, None), (retried.state, retried.attempts, retried.finished_ms))
        self.assertEqual([(topics.JOBS, {})], self.on.news.published)
        self.assertEqual(1, len(await self.jobs.claim(1)))

    async def test_cancel(self) -> None:
        """The worker of a cancelled job learns of it; the job can be retried."""
        job = await self._claimed()
        self.assertIs(JobState.CANCELLED, (await self.jobs.cancel(job.id)).state)
        with self.assertRaises(JobTaken):
            await self.jobs.heartbeat(job)
        with self.assertRaises(Conflict):
            await self.jobs.cancel(job.id)
        self.assertIs(JobState.WAITING, (await self.jobs.retry(job.id)).state)

    async def test_unknown_job(self) -> None:
        """An id from outside may name nothing."""
        with self.assertRaises(NotFound):
            await self.jobs.retry(12345)

    async def test_listing(self) -> None:
        """By state and kind, newest first, with the total."""
        ids = [await self.on.add("a") for _ in range(3)]
        other = await self.on.add("b")
        [first] = await self.jobs.claim(1)
        everything = await self.jobs.listing(Window(count=2))
        self.assertEqual((4, [other, ids[2]]), (everything.total, [job.id for job in everything.items]))
        waiting = await self.jobs.listing(Window(sort="createdAt"), states=(JobState.WAITING,), kind="a")
        self.assertEqual((2, ids[1:]), (waiting.total, [job.id for job in waiting.items]))
        active = await self.jobs.listing(Window(skip_count=True), states=(JobState.ACTIVE,))
        self.assertEqual((None, [first.id]), (active.total, [job.id for job in active.items]))

    async def test_sweep(self) -> None:
        """What ended long ago is forgotten; what failed is kept for longer, what waits for ever."""
        done, failed = await self._claimed(), await self._claimed()
        await self.jobs.complete(done)
        await self.jobs.fail(failed, Invalid("no"))
        waiting = await self.on.add()
        self.assertEqual(0, await self.jobs.sweep())
        self.reactor.advance(4 * DAY)
        self.assertEqual(1, await self.jobs.sweep())
        self.assertIs(JobState.FAILED, (await self.on.job(failed.id)).state)
        self.reactor.advance(100 * DAY)
        self.assertEqual(1, await self.jobs.sweep())
        self.assertEqual([waiting], [job.id for job in (await self.jobs.listing(Window())).items])
