"""What is known of viewers: sums of videos, and each user's own history."""

from attrs import evolve

from peertube.errors import Forbidden, Invalid
from peertube.model.pages import Window
from peertube.model.users import Preferences, Viewer
from peertube.model.watching import DAY_HOURS, HOUR_MS, AgentKind, Metric
from peertube.policy.user_agents import agent_of
from peertube.storage import history, watch_stats
from peertube.usecases.history import History
from peertube.usecases.views import Views
from peertube.usecases.watch_stats import MOST_GATHERED, WatchStats
from tests.storage.publishers import add_video, uuid_of
from tests.usecases.video_fakes import FakeCounters
from tests.usecases.video_world import VideoCase

DAY_MS = DAY_HOURS * HOUR_MS
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"


class WatchingCase(VideoCase):
    """Alice has a video of 20 seconds; bob watches."""

    async def more(self) -> None:
        self.history = History(database=self.database, clock=self.clock)
        self.stats = WatchStats(database=self.database, clock=self.clock)
        self.views = Views(
            database=self.database,
            clock=self.clock,
            counters=FakeCounters(),
            listeners=(self.history.take, self.stats.take),
        )
        self.bob = await self.person("bob")
        self.number = await self.database.write(add_video, 1, self.alice.channel_id, change={"duration": 20})

    async def watch(
        self, *positions: int, session: str = "a", viewer: Viewer | None = None, uuid: str = uuid_of(1), agent: str = ""
    ) -> None:
        for position in positions:
            await self.views.watch(
                viewer, uuid, address="1.2.3.4", position=position, session=session, agent=agent_of(agent)
            )


class StatsTests(WatchingCase):
    """Sums, and nothing of anybody."""

    async def test_overall(self) -> None:
        """Two viewers, one of them to the end."""
        await self.watch(0, 5, 10, 15, 20, session="a")
        await self.watch(0, 5, session="b")
        found = await self.stats.overall(self.alice.viewer, uuid_of(1), None, None)
        self.assertEqual((found.viewers, found.watched_seconds, found.peak), (2, 25, 2))
        self.assertEqual(found.peak_ms, self.clock.time_ms)

    async def test_retention(self) -> None:
        """Everybody saw the start; a jump skips what it skips."""
        await self.watch(0, 5, session="a")
        await self.watch(0, 1, session="b")
        await self.views.watch(None, uuid_of(1), address="1.2.3.4", position=18, session="b", seeked=True)
        await self.watch(20, session="b")
        found = dict(await self.stats.retention(self.alice.viewer, uuid_of(1)))
        self.assertEqual(len(found), 20)
        self.assertEqual([found[second] for second in (0, 1, 2, 5, 6, 17, 18, 19)], [100, 100, 50, 50, 0, 0, 50, 50])

    async def test_series(self) -> None:
        """Steps fit the time that is asked for, and empty ones are there."""
        begin = self.clock.time_ms
        await self.watch(0, 10, session="a")
        self.clock.time_ms += 2 * HOUR_MS
        await self.watch(0, 20, session="b")
        hours = await self.stats.series(self.alice.viewer, uuid_of(1), Metric.VIEWERS, begin, self.clock.time_ms)
        self.assertEqual((hours.hours, [value for _, value in hours.values]), (1, [1, 0, 1]))
        days = await self.stats.series(
            self.alice.viewer, uuid_of(1), Metric.WATCH_TIME, begin - 9 * DAY_MS, self.clock.time_ms
        )
        self.assertEqual((days.hours, sum(value for _, value in days.values)), (24, 30))
        with self.assertRaises(Invalid):
            await self.stats.series(self.alice.viewer, uuid_of(1), Metric.VIEWERS, begin, begin - 1)

    async def test_agents(self) -> None:
        """Only names of our lists, whatever a header or a player says."""
        await self.watch(0, session="a", agent=FIREFOX)
        await self.watch(0, session="b", agent=PHONE)
        await self.watch(0, session="c", agent="<script>")
        found = await self.stats.agents(self.alice.viewer, uuid_of(1), None, None)
        self.assertEqual(found[AgentKind.CLIENT], {"Chrome": 1, "Firefox": 1, "Other": 1})
        self.assertEqual(found[AgentKind.DEVICE], {"Other": 1, "desktop": 1, "mobile": 1})
        self.assertEqual(found[AgentKind.SYSTEM], {"Android": 1, "Linux": 1, "Other": 1})
        made_up = agent_of(FIREFOX, client="x" * 50, device="SmartTV")
        self.assertEqual((made_up.client, made_up.device), ("Other", "smarttv"))

    async def test_whose(self) -> None:
        """Owners and who sees all."""
        with self.assertRaises(Forbidden):
            await self.stats.overall(self.bob.viewer, uuid_of(1), None, None)

    async def test_old_sums_are_added_up(self) -> None:
        """However long a video is watched, there are some hundred rows of it; and no viewer is lost."""
        for _ in range(3 * DAY_HOURS):
            await self.watch(0, session=str(self.clock.time_ms))
            self.clock.time_ms += HOUR_MS
        await self.stats.flush()
        before = await self.database.read(watch_stats.periods, self.number, 0, 2**30)
        self.assertEqual(len(before), 72)
        self.clock.time_ms += 20 * DAY_MS
        await self.stats.sweep()
        after = await self.database.read(watch_stats.periods, self.number, 0, 2**30)
        self.assertLess(len(after), 6)
        self.assertEqual(sum(period.viewers for period in after), 72)
        self.clock.time_ms += 900 * DAY_MS
        await self.stats.sweep()
        found = await self.stats.overall(self.alice.viewer, uuid_of(1), None, None)
        self.assertEqual((found.viewers, found.peak), (72, 1))
        agents = await self.stats.agents(self.alice.viewer, uuid_of(1), None, None)
        self.assertEqual(agents[AgentKind.CLIENT], {"Other": 72})

    async def test_a_failure_loses_nothing(self) -> None:
        """What was gathered waits for the database; what belongs to a removed video goes."""
        await self.watch(0, 10, viewer=self.bob.viewer)
        write, self.database.write = self.database.write, _failing  # type: ignore[method-assign,assignment]
        with self.assertRaises(OSError):
            await self.stats.flush()
        with self.assertRaises(OSError):
            await self.history.flush()
        self.database.write = write  # type: ignore[method-assign]
        found = await self.stats.overall(self.alice.viewer, uuid_of(1), None, None)
        self.assertEqual(found.watched_seconds, 10)
        await self.watch(0, 5, session="x", viewer=self.bob.viewer)
        await self.videos.remove(self.alice.viewer, uuid_of(1))
        await self.stats.flush()
        await self.history.flush()

    async def test_memory_is_bounded(self) -> None:
        """Videos beyond the limit are not counted."""
        self.stats._sums = dict.fromkeys(range(10**6, 10**6 + MOST_GATHERED))  # type: ignore[arg-type]
        await self.watch(0)
        self.assertEqual(len(self.stats._sums), MOST_GATHERED)


class HistoryTests(WatchingCase):
    """What one watched oneself."""

    async def test_last_first(self) -> None:
        """With the place where it was left."""
        await self.database.write(add_video, 2, self.alice.channel_id, name="Something else")
        await self.watch(0, 7, viewer=self.bob.viewer)
        self.clock.time_ms += 1000
        await self.watch(3, viewer=self.bob.viewer, uuid=uuid_of(2))
        found = await self.history.listing(self.bob.viewer, Window())
        self.assertEqual([video.uuid for video in found.items], [uuid_of(2), uuid_of(1)])
        self.assertEqual(list((await self.history.positions(self.bob.viewer, found.items)).values()), [7, 3])
        searched = await self.history.listing(self.bob.viewer, Window(), "something")
        self.assertEqual(searched.total, 1)
        unfinished = await self.history.unfinished(self.bob.viewer, Window())
        self.assertEqual([video.uuid for video in unfinished.items], [uuid_of(1)])
        self.assertEqual((await self.history.listing(self.alice.viewer, Window())).total, 0)

    async def test_not_wanted(self) -> None:
        """Who switched it off has none."""
        user = evolve(self.bob.viewer.user, preferences=Preferences(videos_history_enabled=False))
        await self.watch(0, 7, viewer=evolve(self.bob.viewer, user=user))
        self.assertEqual((await self.history.listing(self.bob.viewer, Window())).total, 0)

    async def test_forgetting(self) -> None:
        """One, those before a time, or all."""
        await self.watch(0, 7, viewer=self.bob.viewer)
        await self.history.forget(self.bob.viewer, uuid_of(1))
        self.assertEqual((await self.history.listing(self.bob.viewer, Window())).total, 0)
        await self.watch(8, viewer=self.bob.viewer)
        await self.history.forget_before(self.bob.viewer, self.clock.time_ms)
        self.assertEqual((await self.history.listing(self.bob.viewer, Window())).total, 1)
        await self.history.forget_before(self.bob.viewer, None)
        self.assertEqual((await self.history.listing(self.bob.viewer, Window())).total, 0)
        for number in range(4):
            await self.database.write(add_video, 10 + number, self.alice.channel_id)
            await self.watch(1, viewer=self.bob.viewer, uuid=uuid_of(10 + number))
        await self.history.flush()
        self.patch(history, "MOST_OF_USER", 3)
        await self.history.sweep()
        self.assertEqual((await self.history.listing(self.bob.viewer, Window())).total, 3)
        self.clock.time_ms += 10_001
        await History(database=self.database, clock=self.clock, max_age_seconds=10).sweep()
        self.assertEqual((await self.history.listing(self.bob.viewer, Window())).total, 0)


async def _failing(*arguments: object) -> None:
    raise OSError("no database")
