"""Friends that send too much are slowed, then muted; whoever honours Retry-After never is."""

import msgspec

from peertube.config.schema import FriendLimits as Limits
from peertube.errors import Refused
from peertube.model.admin_events import AdminEventKind
from peertube.model.pages import Window
from peertube.pods import envelope
from peertube.storage import pods as stored_pods
from peertube.usecases.friend_limits import MOST_IGNORED, FriendLimits
from tests.usecases.test_pods import NetworkTests

VIDEOS = "/api/v1/remote/videos"
ALL = Window(count=100, sort="id")


class LimitsTests(NetworkTests):
    """Pod 2 floods pod 1; pod 3 is a friend that behaves."""

    async def setUp(self) -> None:
        await super().setUp()
        await self.all_friends()
        self.victim, self.flooder, self.friend = self.pods
        self.victim.limits._limits = Limits(requests=10, items=100, bytes=50_000)
        self.network.time.ms += 3_600_000
        self.nonces = 0

    async def tell(self, count: int = 0, *, padding: int = 0) -> int:
        """The flooder sends `count` items; the seconds after which it may try again, or 0 when it was obeyed."""
        self.nonces += 1
        item = {"type": "remove-video", "data": {"uuid": "00000000-0000-4000-8000-000000000001"}}
        body = envelope.seal(
            self.flooder.keys.private,
            msgspec.json.encode({"data": [item] * count, "padding": "x" * padding}),
            method="POST",
            path=VIDEOS,
            sender=self.flooder.host,
            receiver=self.victim.host,
            date_ms=self.network.time.ms,
            nonce=f"{self.nonces:032x}",
        )
        try:
            await self.network.answer("POST", self.victim.host, VIDEOS, body)
        except Refused as error:
            self.assertEqual(error.status, 429)
            return error.retry_after_seconds or -1
        return 0

    async def test_requests_items_and_bytes(self) -> None:
        """Each has its limit, and a minute later everything begins anew."""
        self.assertEqual([await self.tell() for _ in range(11)], [0] * 10 + [60])
        self.network.time.ms += 60_000
        self.assertEqual([await self.tell(40) for _ in range(3)], [0, 0, 60])
        self.network.time.ms += 60_000
        self.assertEqual([await self.tell(padding=20_000) for _ in range(3)], [0, 0, 60])
        self.network.time.ms += 45_000
        self.assertEqual(await self.tell(), 15)

    async def test_processes_count_together(self) -> None:
        """Whoever spreads what it sends over several processes of a pod may not send more for it."""
        another = FriendLimits(
            database=self.victim.database,
            clock=self.victim.clock,
            counters=self.victim.counters,
            limits=self.victim.limits._limits,
        )
        self.assertEqual([await self.tell() for _ in range(6)], [0] * 6)
        self.victim.resource._limits = another
        self.assertEqual([await self.tell() for _ in range(5)], [0] * 4 + [60])

    async def test_the_patient_are_never_muted(self) -> None:
        """A long backlog at the limit: one refusal a minute, heeded."""
        for _ in range(40):
            self.assertEqual([await self.tell(40) for _ in range(3)], [0, 0, 60])
            self.network.time.ms += 60_000
        self.assertEqual((await self.victim.health.events(ALL)).items, [])

    async def test_who_goes_on_is_muted(self) -> None:
        """For an hour nothing is taken, not even a little; the admin is told and can end it. Others do not notice."""
        for _ in range(10 + 1 + MOST_IGNORED):
            await self.tell()
        self.assertEqual(await self.tell(), 3600)
        (event,) = (await self.victim.health.events(ALL)).items
        self.assertEqual((event.kind, event.subject), (AdminEventKind.POD_MUTED, self.flooder.host))
        self.network.time.ms += 1_800_000
        self.assertEqual(await self.tell(), 1800)
        uuid = await self.friend.upload(await self.friend.add_author())
        await self.network.settle()
        self.assertIsNotNone(await self.victim.details(uuid))
        pod = await self.victim.database.read(stored_pods.by_host, self.flooder.host)
        assert pod is not None
        await self.victim.limits.unmute(pod.id)
        self.assertEqual(await self.tell(), 0)

    async def test_a_muted_friend_that_means_well_loses_nothing(self) -> None:
        """Its lane waits as long as it was told."""
        pod = await self.victim.database.read(stored_pods.by_host, self.flooder.host)
        assert pod is not None
        await self.victim.database.write(stored_pods.mute, pod.id, self.network.time.ms + 3_600_000)
        uuid = await self.flooder.upload(await self.flooder.add_author())
        await self.network.settle()
        self.assertIsNone(await self.victim.details(uuid))
        self.network.time.ms += 3_600_000
        await self.network.settle()
        self.assertIsNotNone(await self.victim.details(uuid))
