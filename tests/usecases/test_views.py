"""Who has watched, and who is watching."""

from peertube.errors import Unauthorized
from peertube.model.videos import Privacy
from peertube.policy.watching import Rule
from peertube.usecases.views import MAXIMUM_VIEWS_OF_ADDRESS, Views
from tests.storage.publishers import add_video, uuid_of
from tests.usecases.video_fakes import FakeCounters
from tests.usecases.video_world import VideoCase

HOUR_MS = 3_600_000


class ViewTests(VideoCase):
    """Watching counts when it is watching."""

    async def more(self) -> None:
        self.views = Views(database=self.database, clock=self.clock, counters=FakeCounters())
        self.number = await self.database.write(add_video, 1, self.alice.channel_id, change={"duration": 100})

    async def at(
        self, *positions: int, address: str = "1.2.3.4", session: str | None = "a", seeked: bool = False
    ) -> None:
        for position in positions:
            await self.views.watch(None, uuid_of(1), address=address, position=position, session=session, seeked=seeked)

    async def count(self) -> int:
        return (await self.details(uuid_of(1))).video.views

    async def test_ten_seconds_are_a_view(self) -> None:
        """Nine are none."""
        await self.at(0, 5, 9)
        self.assertEqual(await self.count(), 0)
        await self.at(10)
        self.assertEqual(await self.count(), 1)

    async def test_jumps_are_not_watched(self) -> None:
        """Neither forward with the seek event nor backward."""
        await self.at(0, 5)
        await self.at(90, seeked=True)
        await self.at(5, 8)
        self.assertEqual(await self.count(), 0)
        await self.at(10)
        self.assertEqual(await self.count(), 1)

    async def test_first_word_is_no_watching(self) -> None:
        """A player that resumes at 90 seconds has not watched 90 seconds."""
        await self.at(90)
        self.assertEqual(await self.count(), 0)

    async def test_short_videos(self) -> None:
        """More than half of one is enough."""
        await self.database.write(add_video, 2, self.alice.channel_id, change={"duration": 6})
        for position in (0, 3):
            await self.views.watch(None, uuid_of(2), address="1.2.3.4", position=position)
        self.assertEqual((await self.details(uuid_of(2))).video.views, 0)
        await self.views.watch(None, uuid_of(2), address="1.2.3.4", position=4)
        self.assertEqual((await self.details(uuid_of(2))).video.views, 1)

    async def test_once_an_hour(self) -> None:
        """The same session watching again is the same view."""
        await self.at(0, 10, 20, 30)
        await self.at(0, 10, 20, 30)
        self.assertEqual(await self.count(), 1)
        self.clock.time_ms += HOUR_MS
        await self.at(0, 10)
        self.assertEqual(await self.count(), 2)

    async def test_sessions_and_addresses(self) -> None:
        """Others are others; without a session the address tells them apart."""
        await self.at(0, 10)
        await self.at(0, 10, session="b")
        await self.at(0, 10, session=None)
        await self.at(0, 10, session=None, address="5.6.7.8")
        self.assertEqual(await self.count(), 4)

    async def test_an_address_cannot_invent_sessions_for_ever(self) -> None:
        """A loop of made-up sessions does not make a video famous."""
        for number in range(MAXIMUM_VIEWS_OF_ADDRESS + 10):
            await self.at(0, 10, session=f"session {number}")
        self.assertEqual(await self.count(), MAXIMUM_VIEWS_OF_ADDRESS)

    async def test_viewers_of_two_minutes(self) -> None:
        """Who has said nothing since is gone."""
        await self.at(0, session="a")
        self.clock.time_ms += 60_000
        await self.at(0, session="b")
        self.assertEqual(self.views.viewers_of(self.number), 2)
        self.clock.time_ms += 60_000
        self.assertEqual(self.views.viewers_of(self.number), 1)
        self.clock.time_ms += 60_000
        self.assertEqual(self.views.viewers_of(self.number), 0)
        self.assertEqual(self.views.viewers_of(12345), 0)

    async def test_memory_is_bounded(self) -> None:
        """Strangers decide how many sessions there are; we decide how many are remembered."""
        self.views = Views(database=self.database, clock=self.clock, counters=FakeCounters(), maximum_watches=3)
        for number in range(10):
            await self.at(0, session=f"session {number}")
        self.assertEqual(self.views.viewers_of(self.number), 3)

    async def test_other_rules(self) -> None:
        """As the configuration says: other seconds, and no trust in what players call themselves."""
        self.views = Views(
            database=self.database,
            clock=self.clock,
            counters=FakeCounters(),
            rule=Rule(enough_seconds=3, once_per_ms=1000),
            trust_sessions=False,
        )
        await self.at(0, 3)
        await self.at(0, 3, session="b")
        self.assertEqual(await self.count(), 1)
        self.assertEqual(self.views.viewers_of(self.number), 1)
        self.clock.time_ms += 1000
        await self.at(0, 3)
        self.assertEqual(await self.count(), 2)

    async def test_only_what_one_sees(self) -> None:
        """A private video is not counted by strangers."""
        await self.database.write(add_video, 3, self.alice.channel_id, privacy=Privacy.PRIVATE)
        with self.assertRaises(Unauthorized):
            await self.views.watch(None, uuid_of(3), address="1.2.3.4", position=0)
