"""Jobs and lanes in one list."""

from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, Invalid, NotFound
from peertube.model.jobs import JobState
from peertube.model.pages import Window
from peertube.model.work import DELIVERY, WorkState
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred
from tests.usecases.work_world import WorkOnTest


class WorkTests(TestCase):
    """What programs poll until nothing is left to do."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.on = WorkOnTest(self.database)

    async def found(self, state: WorkState | None = None, **more: object) -> list[str]:
        """The ids of everything in a state, newest first."""
        listing = await self.on.work.listing(Window(count=100), state=state, **more)
        self.assertEqual(listing.total, len(listing.items))
        if state is not None:
            self.assertEqual({item.state for item in listing.items} | {state}, {state})
        return [item.id for item in listing.items]

    async def test_states(self) -> None:
        """Each piece of work is in one of them, wherever it is stored."""
        failed = await self.on.add(priority=-2)
        await self.on.jobs.fail((await self.on.jobs.claim(1))[0], Invalid("no"))
        active = await self.on.add(priority=-1)
        await self.on.jobs.claim(1)
        due = await self.on.add()
        delayed = await self.on.add(run_at_ms=self.on.clock.now_ms() + 1)
        lanes = {name: await self.on.befriend(f"{name}.example") for name in ("told", "due", "later", "well")}
        for name in ("told", "due", "later"):
            await self.on.tell(lanes[name], 2)
        await self.on.fail(lanes["later"], 60)
        self.on.in_flight.add(lanes["told"])
        expected = {
            WorkState.FAILED: [f"{failed}"],
            WorkState.ACTIVE: [f"{active}", f"pod-{lanes['told']}"],
            WorkState.WAITING: [f"{due}", f"pod-{lanes['due']}"],
            WorkState.DELAYED: [f"{delayed}", f"pod-{lanes['later']}"],
        }
        for state in WorkState:
            self.assertEqual(sorted(await self.found(state)), sorted(expected.get(state, [])), state)
        self.assertEqual(sorted(await self.found()), sorted(one for some in expected.values() for one in some))
        self.assertEqual(len(await self.found(kind=DELIVERY)), 3)
        self.assertEqual(await self.found(WorkState.WAITING, kind="k"), [f"{due}"])

    async def test_paused(self) -> None:
        """What could begin waits for the admin; friends are told all the same, and the rest stays what it was."""
        due = await self.on.add()
        delayed = await self.on.add(run_at_ms=self.on.clock.now_ms() + 1)
        lane = await self.on.befriend("told.example")
        await self.on.tell(lane, 1)
        await self.on.jobs.pause()
        self.assertEqual(await self.found(WorkState.PAUSED), [f"{due}"])
        self.assertEqual(await self.found(WorkState.WAITING), [f"pod-{lane}"])
        self.assertEqual(await self.found(WorkState.DELAYED), [f"{delayed}"])
        self.assertEqual(await self.on.work.pending(), 3)
        await self.on.jobs.resume()
        self.assertEqual(await self.found(WorkState.PAUSED), [])
        self.assertEqual(len(await self.found(WorkState.WAITING)), 2)

    async def test_what_a_lane_says(self) -> None:
        """To whom, how much, and what went wrong."""
        pod_id = await self.on.befriend("later.example")
        since_ms = self.on.clock.now_ms()
        await self.on.tell(pod_id, 3)
        self.on.reactor.advance(10)
        await self.on.fail(pod_id, 60)
        [item] = (await self.on.work.listing(Window(), kind=DELIVERY)).items
        self.assertEqual((item.data, item.error), ({"host": "later.example", "waiting": 3}, "no answer"))
        self.assertEqual((item.created_ms, item.started_ms), (since_ms, self.on.clock.now_ms()))

    async def test_every_page_of_a_mixed_list(self) -> None:
        """Pages of any size put together are the whole list in order, in both directions."""
        for number in range(13):
            if number in (0, 4, 5, 11, 12):
                await self.on.tell(await self.on.befriend(f"p{number}.example"))
            else:
                await self.on.add()
            self.on.reactor.advance(1)
        for sort in ("createdAt", "-createdAt"):
            whole = (await self.on.work.listing(Window(count=100, sort=sort))).items
            times = [item.created_ms for item in whole]
            self.assertEqual(times, sorted(times, reverse=sort.startswith("-")))
            self.assertEqual(len(whole), 13)
            for size in (1, 2, 3, 5, 12, 13):
                paged = []
                for start in range(0, 15, size):
                    listing = await self.on.work.listing(Window(start, size, sort))
                    self.assertEqual(listing.total, 13)
                    paged += [item.id for item in listing.items]
                self.assertEqual(paged, [item.id for item in whole], (sort, size))

    async def test_retry_and_cancel(self) -> None:
        """By the ids of the list, whatever they stand for."""
        job_id, pod_id = await self.on.add(), await self.on.befriend("one.example")
        await self.on.tell(pod_id, 2)
        await self.on.fail(pod_id, 60)
        await self.on.work.cancel(f"{job_id}")
        self.assertIs((await self.on.job(job_id)).state, JobState.CANCELLED)
        await self.on.work.retry(f"{job_id}")
        self.assertIs((await self.on.job(job_id)).state, JobState.WAITING)
        await self.on.work.retry(f"pod-{pod_id}")
        self.assertEqual((await self.on.health.of(pod_id)).next_try_ms, 0)
        await self.on.work.cancel(f"pod-{pod_id}")
        self.assertEqual((await self.on.health.of(pod_id)).waiting, 0)
        with self.assertRaises(Conflict):
            await self.on.work.retry(f"{job_id}")
        for unknown in ("", "x", "pod-", "pod-x", "-1", "٣", "9" * 30, "pod-99999", "99999"):
            with self.assertRaises(NotFound):
                await self.on.work.retry(unknown)
