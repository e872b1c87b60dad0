"""A pod whose clock is wrong by more than the window: refused politely, told to both admins, and well again after."""

from peertube.model.admin_events import AdminEventKind
from peertube.pods import envelope
from peertube.storage import pods as stored_pods
from tests.pods.network import PodOnTest
from tests.usecases.test_friend_health import ALL, HOUR_MS, AwayCase

MINUTE_MS = 60_000


class ClockTests(AwayCase):
    """The clock of pod 2 goes wrong, and is set right hours later."""

    async def told(self, of: PodOnTest) -> list[tuple[str, str]]:
        """Who has another time, and the words."""
        events = (await of.health.events(ALL)).items
        return [(event.subject, event.detail) for event in events if event.kind is AdminEventKind.CLOCKS_DIFFER]

    async def wrong_for(self, shift_ms: int, hours: int) -> None:
        """Both sides act while the clock is wrong; then it is right."""
        self.away.clock.shift_ms = shift_ms
        await self.here.upload(self.channel, "Ours")
        await self.away.upload(self.away_channel, "More of theirs")
        await self.pass_hours(hours, step=0.5)
        self.assertEqual(await self.shown(self.here), ["Ours", "Theirs"])
        self.assertEqual(await self.shown(self.away), ["More of theirs", "Theirs"])
        self.away.clock.shift_ms = 0

    async def assert_equal_soon(self) -> None:
        """Within ten minutes all have all."""
        for _ in range(10):
            self.network.time.ms += MINUTE_MS
            await self.network.settle()
        for pod in self.pods:
            self.assertEqual(await self.shown(pod), ["More of theirs", "Ours", "Theirs"])
            self.assertEqual({friend.failures for friend in await pod.pods.friends()}, {0})

    async def test_an_hour_ahead(self) -> None:
        """What it noted for an hour ahead does not keep it waiting when its clock is right again."""
        await self.wrong_for(HOUR_MS, hours=5)
        ahead = "The date of the request is 60 minutes ahead of our clock, 15 are allowed"
        self.assertIn(self.away.host, [host for host, _ in await self.told(self.third)])
        self.assertIn((self.third.host, f"It says: {ahead}"), await self.told(self.away))
        self.assertEqual({host for host, _ in await self.told(self.away)}, {self.here.host, self.third.host})
        self.assertEqual((await self.friend(self.away, self.here.host)).last_error, ahead)
        await self.assert_equal_soon()

    async def test_an_hour_behind(self) -> None:
        """The same in the other direction."""
        await self.wrong_for(-HOUR_MS, hours=5)
        ((host, words),) = await self.told(self.third)
        self.assertEqual(host, self.away.host)
        self.assertIn("60 minutes", words)
        await self.assert_equal_soon()

    async def test_within_the_window_nobody_notices(self) -> None:
        """Fourteen minutes are no reason to part."""
        self.away.clock.shift_ms = 14 * MINUTE_MS
        await self.here.upload(self.channel, "Ours")
        await self.away.upload(self.away_channel, "More of theirs")
        await self.network.settle()
        self.assertEqual([await self.told(pod) for pod in self.pods], [[], [], []])
        await self.assert_equal_soon()

    async def test_a_wrong_clock_ejects_nobody(self) -> None:
        """A clock that shows next month for an hour counts for no more than the time between two tries."""
        self.away.clock.shift_ms = 30 * 24 * HOUR_MS
        await self.here.upload(self.channel, "Ours")
        await self.pass_hours(1, step=0.25)
        self.away.clock.shift_ms = 0
        await self.pass_hours(1, step=0.25)
        for pod in self.pods:
            self.assertEqual(len(await pod.pods.friends()), 2)
            self.assertEqual(await self.shown(pod), ["Ours", "Theirs"])

    async def test_only_what_is_signed_rightly_tells_the_time(self) -> None:
        """A stranger cannot make the admin believe that the clock of a friend is wrong."""
        path = "/api/v1/remote/videos"
        body = envelope.seal(
            self.third.keys.private,
            b'{"data":[]}',
            method="POST",
            path=path,
            sender=self.away.host,
            receiver=self.here.host,
            date_ms=self.network.time.ms + HOUR_MS,
            nonce="0" * 32,
        )
        with self.assertRaisesRegex(Exception, "does not belong"):
            await self.network.answer("POST", self.here.host, path, body)
        self.assertEqual(await self.told(self.here), [])
        pod = await self.here.database.read(stored_pods.by_host, self.away.host)
        assert pod is not None
        self.assertIsNone(pod.last_error)
