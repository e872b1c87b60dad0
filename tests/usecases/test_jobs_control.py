"""What an operator does with jobs, and what becomes of the cause of a job that will not be done."""

from typing import Any

from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, Invalid
from peertube.model import topics
from peertube.model.jobs import Job, JobState
from peertube.model.pages import Window
from peertube.storage import settings
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred
from tests.usecases.jobs_setup import LEASE_SECONDS, JobsOnTest


class ControlCase(TestCase):
    """Jobs on a real database; `ended` lists the kinds and numbers of jobs whose cause was told."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.ended: list[int] = []

        async def told(tx: Any, job: Job, now_ms: int) -> None:
            self.ended.append(job.id)
            await settings.put(tx, f"ended {job.id}", str(now_ms))

        self.on = JobsOnTest(self.database, endings={"k": told})
        self.jobs = self.on.jobs
        self.reactor = self.on.reactor

    async def claimed(self, **more: Any) -> Job:
        """A job that runs."""
        await self.on.add(**more)
        [job] = await self.jobs.claim(1)
        return job


class PauseTests(ControlCase):
    """Nothing is begun for a while."""

    async def test_paused_jobs_wait_and_what_runs_goes_on(self) -> None:
        """Also for another worker, as after a restart: it stands in the database."""
        running = await self.claimed()
        waiting = await self.on.add()
        await self.jobs.pause()
        self.assertTrue(await self.jobs.paused())
        self.assertEqual([], await JobsOnTest(self.database).jobs.claim(5))
        await self.jobs.complete(running)
        self.on.news.published.clear()
        await self.jobs.resume()
        self.assertEqual([(topics.JOBS, {})], self.on.news.published)
        self.assertEqual([waiting], [job.id for job in await self.jobs.claim(5)])
        self.assertFalse(await self.jobs.paused())


class LimitsTests(ControlCase):
    """So many of a kind at once."""

    async def test_a_kind_leaves_room_for_others(self) -> None:
        """A hundred slow jobs of one kind do not keep a later one of another kind waiting."""
        slow = [await self.on.add("slow") for _ in range(5)]
        other = await self.on.add("k")
        self.assertEqual([slow[0], other], [job.id for job in await self.jobs.claim(4, {"slow": 1, "none": 1})])
        self.assertEqual([], await self.jobs.claim(4, {"slow": 0}))
        self.assertEqual(slow[1:4], [job.id for job in await self.jobs.claim(3)])

    async def test_the_most_urgent_first_whatever_its_kind(self) -> None:
        """Limits do not change the order."""
        later = await self.on.add("k", priority=1)
        first = await self.on.add("slow", priority=-1)
        self.assertEqual([first], [job.id for job in await self.jobs.claim(1, {"slow": 1})])
        self.assertEqual([later], [job.id for job in await self.jobs.claim(1, {"slow": 1})])


class EndingTests(ControlCase):
    """The cause of a job learns that it will not be done."""

    async def test_a_final_failure(self) -> None:
        """In the same transaction; not while it will be tried again."""
        job = await self.claimed(maximum_attempts=2)
        await self.jobs.fail(job, ValueError())
        self.assertEqual([], self.ended)
        self.reactor.advance(60)
        [job] = await self.jobs.claim(1)
        await self.jobs.fail(job, ValueError())
        self.assertEqual([job.id], self.ended)
        self.assertIsNotNone(await self.database.read(settings.get, f"ended {job.id}"))

    async def test_what_cannot_work_fails_at_once(self) -> None:
        """No second attempt, and the cause knows."""
        job = await self.claimed()
        await self.jobs.fail(job, Invalid("no"))
        self.assertEqual([job.id], self.ended)

    async def test_a_job_whose_last_worker_died(self) -> None:
        """Nobody called `fail`: the lease ended, or the pod was started again."""
        lost, later = await self.claimed(maximum_attempts=1), await self.claimed(maximum_attempts=2)
        self.reactor.advance(LEASE_SECONDS + 1)
        self.assertEqual(2, await self.jobs.give_back_expired())
        self.assertEqual([lost.id], self.ended)
        [again] = await self.jobs.claim(1)
        self.assertEqual(later.id, again.id)
        self.assertEqual(1, await self.jobs.give_back_all())
        self.assertEqual([lost.id, later.id], self.ended)

    async def test_a_cancelled_job(self) -> None:
        """Whether it runs or waits; its worker is told which one."""
        job = await self.claimed()
        await self.jobs.cancel(job.id)
        self.assertEqual([job.id], self.ended)
        self.assertIn((topics.JOBS, {"cancelled": [job.id]}), self.on.news.published)

    async def test_nothing_is_told_by_a_worker_that_lost_its_job(self) -> None:
        """Another has it, and may still do it."""
        job = await self.claimed()
        await self.jobs.give_back(job)
        await self.jobs.claim(1)
        with self.assertRaises(Conflict):
            await self.jobs.fail(job, Invalid("no"))
        self.assertEqual([], self.ended)


class RetryTests(ControlCase):
    """Tried again, at once."""

    async def test_a_job_that_waits_for_its_next_attempt(self) -> None:
        """The operator has mended the cause and does not want to wait for hours."""
        job = await self.claimed()
        await self.jobs.fail(job, ValueError())
        self.assertEqual([], await self.jobs.claim(1))
        await self.jobs.retry(job.id)
        [again] = await self.jobs.claim(1)
        self.assertEqual((job.id, 1), (again.id, again.attempts))

    async def test_a_job_before_its_time(self) -> None:
        """What is due later was meant to be: files that are being written are announced so."""
        job_id = await self.on.add(run_at_ms=self.on.clock.now_ms() + 1000)
        with self.assertRaises(Conflict):
            await self.jobs.retry(job_id)

    async def test_all_failed_ones(self) -> None:
        """Of one kind, or of all."""
        ids = []
        for kind in ("a", "b", "b"):
            job = await self.claimed(kind=kind)
            await self.jobs.fail(job, Invalid("no"))
            ids.append(job.id)
        self.assertEqual(2, await self.jobs.retry_failed("b"))
        self.assertEqual(1, await self.jobs.retry_failed())
        self.assertEqual(0, await self.jobs.retry_failed())
        self.assertEqual(ids, sorted(job.id for job in await self.jobs.claim(5)))


class ListingTests(ControlCase):
    """Which jobs are due."""

    async def test_due_and_delayed(self) -> None:
        """Programs show them apart; when work on one began is told too."""
        now = await self.on.add()
        later = await self.on.add(run_at_ms=self.on.clock.now_ms() + 1000)
        for due, expected in ((True, now), (False, later)):
            found = await self.jobs.listing(Window(), states=(JobState.WAITING,), due=due)
            self.assertEqual((1, [expected]), (found.total, [job.id for job in found.items]))
        [job] = await self.jobs.claim(1)
        self.assertEqual(self.on.clock.now_ms(), job.started_ms)
