"""Pods that go away: dormant, ejected, back again, with nothing lost. Days pass on the given clock."""

from peertube.errors import Conflict
from peertube.model.admin_events import AdminEventKind
from peertube.model.deliveries import DeliveryKind
from peertube.model.pages import Window
from peertube.model.pods import Pod, PodState
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import VideoFields
from peertube.storage import deliveries, video_lists
from peertube.storage import pods as stored_pods
from tests.pods.network import PodOnTest
from tests.usecases.test_pods import NetworkTests

HOUR_MS = 3_600_000
ALL = Window(count=100, sort="publishedAt")


class AwayCase(NetworkTests):
    """Pods 1, 2 and 3 are friends; pod 2 goes away."""

    async def setUp(self) -> None:
        await super().setUp()
        await self.all_friends()
        self.here, self.away, self.third = self.pods
        self.channel = await self.here.add_author()
        self.away_channel = await self.away.add_author()
        self.theirs = await self.away.upload(self.away_channel, "Theirs")
        await self.network.settle()

    async def pass_hours(self, hours: float, step: float = 1) -> None:
        """Let time pass, with everybody at work."""
        for _ in range(int(hours / step)):
            self.network.time.ms += int(step * HOUR_MS)
            await self.network.settle()

    async def friend(self, of: PodOnTest, host: str) -> Pod:
        found = await of.database.read(stored_pods.by_host, host)
        assert found is not None
        return found

    async def shown(self, pod: PodOnTest) -> list[str]:
        """The names in the public list."""
        found = await pod.database.read(video_lists.listing, VideoFilter(), ALL, self.network.time.ms)
        return sorted(video.fields.name for video in found.items)

    async def events(self, pod: PodOnTest) -> list[tuple[AdminEventKind, str]]:
        return [(event.kind, event.subject) for event in (await pod.health.events(ALL)).items]


class FriendHealthTests(AwayCase):
    """Hours, days and weeks without an answer."""

    async def test_a_pod_that_is_away_for_a_day_is_dormant(self) -> None:
        """Its videos are hidden and its lane is kept; when it is back, all is as if it had never been away."""
        self.network.down.add(self.away.host)
        uuid = await self.here.upload(self.channel, "Ours")
        await self.pass_hours(23)
        self.assertIs((await self.friend(self.here, self.away.host)).state, PodState.FRIEND)
        self.assertEqual(await self.shown(self.here), ["Ours", "Theirs"])
        await self.pass_hours(8)
        self.assertIs((await self.friend(self.here, self.away.host)).state, PodState.DORMANT)
        self.assertEqual(await self.shown(self.here), ["Ours"])
        self.assertEqual(await self.events(self.here), [(AdminEventKind.POD_DORMANT, self.away.host)])
        await self.here.change(uuid, VideoFields(name="Renamed"))
        self.network.down.clear()
        await self.pass_hours(7)
        self.assertIs((await self.friend(self.here, self.away.host)).state, PodState.FRIEND)
        self.assertEqual(await self.shown(self.here), ["Renamed", "Theirs"])
        self.assertEqual(await self.shown(self.away), ["Renamed", "Theirs"])
        self.assertEqual((await self.events(self.here))[0], (AdminEventKind.POD_RETURNED, self.away.host))

    async def test_a_quiet_pod_that_dies_is_noticed(self) -> None:
        """Though there was nothing to tell it."""
        self.network.down.add(self.away.host)
        await self.pass_hours(32)
        self.assertIs((await self.friend(self.here, self.away.host)).state, PodState.DORMANT)

    async def test_a_word_of_the_pod_wakes_its_lane(self) -> None:
        """Whoever is back asks its friends, and is told at once what waits, not hours later."""
        self.network.down.add(self.away.host)
        await self.here.upload(self.channel, "Ours")
        await self.pass_hours(48)
        self.network.down.clear()
        self.network.time.ms += 60_000
        await self.network.settle()
        self.assertEqual(await self.shown(self.away), ["Ours", "Theirs"])
        self.assertIs((await self.friend(self.here, self.away.host)).state, PodState.FRIEND)

    async def test_whoever_starts_greets_its_friends(self) -> None:
        """A pod that was dead learns at once what it has missed, long before its friends would have tried again."""
        self.network.down.add(self.away.host)
        await self.here.upload(self.channel, "Ours")
        await self.pass_hours(12)
        self.network.down.clear()
        self.away.deliveries._met.clear()
        await self.away.deliver()
        await self.network.settle()
        self.network.time.ms += 60_000
        await self.network.settle()
        self.assertEqual(await self.shown(self.away), ["Ours", "Theirs"])

    async def test_a_pod_that_is_away_for_two_weeks_is_ejected(self) -> None:
        """The admin sees it and can take it back; then both sides tell each other everything."""
        self.network.down.add(self.away.host)
        kept = await self.here.upload(self.channel, "Kept")
        gone = await self.here.upload(self.channel, "Gone")
        await self.pass_hours(13 * 24, step=6)
        self.assertIs((await self.friend(self.here, self.away.host)).state, PodState.DORMANT)
        await self.pass_hours(2 * 24, step=6)
        ejected = await self.friend(self.here, self.away.host)
        self.assertIs(ejected.state, PodState.EJECTED)
        self.assertEqual(await self.here.database.read(deliveries.waiting, ejected.id), 0)
        self.assertEqual((await self.events(self.here))[0], (AdminEventKind.POD_EJECTED, self.away.host))
        self.assertNotIn(self.away.host, [pod.host for pod in await self.here.pods.friends()])
        await self.here.remove(gone)
        self.network.down.clear()
        await self.pass_hours(12)
        self.assertIs((await self.friend(self.here, self.away.host)).state, PodState.EJECTED)
        await self.here.health.restore(ejected.id)
        with self.assertRaises(Conflict):
            await self.here.health.restore(ejected.id)
        await self.network.settle()
        self.assertEqual(await self.shown(self.here), ["Kept", "Theirs"])
        self.assertEqual(await self.shown(self.away), ["Kept", "Theirs"])
        self.assertIsNotNone(await self.away.details(kept))
        self.assertEqual((await self.events(self.here))[0], (AdminEventKind.POD_RESTORED, self.away.host))


class ForgottenTests(AwayCase):
    """What came from a pod that was ejected is hidden, and later removed."""

    async def test_undone_in_time(self) -> None:
        """Until then nothing is lost: what was hidden is shown at once, though the pod does not answer yet."""
        pod = await self.ejected(days=25)
        self.assertIsNotNone(await self.here.details(self.theirs))
        self.assertEqual(await self.shown(self.here), [])
        await self.here.health.restore(pod.id)
        self.assertEqual(await self.shown(self.here), ["Theirs"])

    async def test_undone_too_late(self) -> None:
        """A month later all is gone, pictures too; the friendship can be taken up again, and all comes back."""
        pod = await self.ejected(days=31)
        self.assertIsNone(await self.here.details(self.theirs))
        self.assertEqual(await self.here.files.names("thumbnails"), [])
        events = await self.events(self.here)
        self.assertEqual(events[0], (AdminEventKind.POD_FORGOTTEN, self.away.host))
        self.assertEqual([kind for kind, _ in events].count(AdminEventKind.POD_FORGOTTEN), 1)
        self.assertEqual(await self.here.health.unseen(), len(events))
        await self.here.health.see((await self.here.health.events(ALL)).items[0].id)
        await self.here.health.see(0)
        self.assertEqual(await self.here.health.unseen(), 0)
        self.network.down.clear()
        await self.here.health.restore(pod.id)
        await self.network.settle()
        self.assertEqual(await self.shown(self.here), ["Theirs"])
        self.assertIsNotNone(await self.here.files.read("thumbnails", await self.thumbnail(), 100))

    async def ejected(self, days: int) -> Pod:
        """The pod, so many days after it was ejected; others are not asked."""
        self.network.down.update({self.away.host, self.third.host})
        await self.pass_hours(15 * 24, step=6)
        for _ in range(days):
            await self.pass_hours(24, step=24)
            await self.here.health.sweep()
        await self.network.settle()
        return await self.friend(self.here, self.away.host)

    async def thumbnail(self) -> str:
        details = await self.here.details(self.theirs)
        assert details is not None
        return str(details.video.thumbnail_name)


class ResyncTests(AwayCase):
    """A lane that grew too long is told as the state that is current."""

    async def lane(self, pod: Pod) -> list[DeliveryKind]:
        return [row.kind for row in await self.here.database.read(deliveries.head, pod.id, 1000)]

    async def test_a_long_lane_becomes_one_row(self) -> None:
        """What went while the pod was away goes there too; what is new comes; in pieces."""
        old = [await self.here.upload(self.channel, f"Old {number}") for number in range(60)]
        await self.network.settle()
        self.network.down.add(self.away.host)
        for pod in self.pods:
            pod.health._most_rows = 50
        for uuid in old[::2]:
            await self.here.remove(uuid)
        new = [await self.here.upload(self.channel, f"New {number}") for number in range(80)]
        await self.network.settle()
        pod = await self.friend(self.here, self.away.host)
        self.assertEqual(await self.lane(pod), [DeliveryKind.RESYNC])
        late = await self.here.upload(self.channel, "Late")
        self.network.down.clear()
        self.network.requests.clear()
        await self.pass_hours(1)
        for uuid in (*old[1::2], *new, late):
            self.assertIsNotNone(await self.away.details(uuid))
        for uuid in old[::2]:
            self.assertIsNone(await self.away.details(uuid))
        self.assertEqual(await self.shown(self.away), await self.shown(self.here))
        self.assertEqual(await self.lane(pod), [])
        self.assertIn((AdminEventKind.LANE_SHORTENED, self.away.host), await self.events(self.here))

    async def test_a_resync_goes_on_where_it_was(self) -> None:
        """A failure in the middle costs one piece."""
        for number in range(120):
            await self.here.upload(self.channel, f"Video {number}")
        pod = await self.friend(self.here, self.away.host)
        await self.here.database.write(deliveries.drop_lane, pod.id)
        await self.here.database.write(deliveries.add_resync, pod.id, self.network.time.ms)
        await self.here.deliveries.send(pod.id)
        await self.here.deliveries.send(pod.id)
        await self.here.deliveries.send(pod.id)
        self.network.down.add(self.away.host)
        await self.here.deliveries.send(pod.id)
        self.network.down.clear()
        (row,) = await self.here.database.read(deliveries.head, pod.id, 10)
        assert row.body is not None
        self.assertEqual(row.body["phase"], "video")
        self.assertNotEqual(row.body["after"], "")
        await self.pass_hours(1)
        self.assertEqual(await self.shown(self.away), await self.shown(self.here))

    async def test_nobody_says_what_is_kept_of_others(self) -> None:
        """A pod forgets only what came from the one that speaks."""
        evil = await self.friend(self.here, self.third.host)
        for kind in ("author", "channel", "video"):
            item = {"type": "keep", "data": {"kind": kind, "after": "", "uuids": []}}
            self.assertEqual(await self.here.items.receive(evil, [item]), [])
        self.assertEqual(await self.shown(self.here), ["Theirs"])
