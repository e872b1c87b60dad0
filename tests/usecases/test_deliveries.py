"""Lanes of friends: refused items, busy pods, coalescing, sizes."""

from collections.abc import Sequence

from peertube.errors import Refused, Unreachable
from peertube.model.deliveries import DeliveryKind
from peertube.model.pods import Pod
from peertube.model.videos import Privacy, VideoFields
from peertube.storage import deliveries, pods
from peertube.usecases.lane_batches import MOST_BYTES
from tests.usecases.test_pods import NetworkTests


class DeliveriesTests(NetworkTests):
    """Pod 1 tells pod 2."""

    size = 2

    async def setUp(self) -> None:
        await super().setUp()
        self.teller, self.listener = self.pods
        await self.network.befriend(self.teller, self.listener)
        self.channel = await self.teller.add_author()
        await self.network.settle()
        ((self.pod_id, self.before),) = [(pod.id, pod) for pod in await self.teller.pods.friends()]
        self.sent: list[bytes] = []
        self.answer: list[Exception | None] = []
        self.teller.client.deliver = self.deliver

    async def deliver(self, pod: Pod, path: str, items: bytes) -> Sequence[tuple[int, str]]:
        """What the client would do; `answer` says what comes of it, one after the other."""
        self.sent.append(items)
        error = self.answer.pop(0) if self.answer else None
        if error is not None:
            raise error
        return ()

    async def waiting(self) -> list[DeliveryKind]:
        """The kinds in the lane."""
        return [row.kind for row in await self.teller.database.read(deliveries.head, self.pod_id, 100)]

    async def test_an_item_that_is_refused_costs_only_itself(self) -> None:
        """A batch refused for what is in it is told item by item; the refused one is dropped."""
        await self.teller.upload(self.channel, "Bad")
        await self.teller.upload(self.channel, "Good")
        self.answer = [Refused("no", status=400), Refused("no", status=422), None]
        sent = await self.teller.deliveries.send(self.pod_id)
        self.assertEqual((sent.more, len(self.sent)), (False, 3))
        self.assertIn(b'"name":"Good"', self.sent[2])
        self.assertEqual(await self.waiting(), [])

    async def test_what_is_about_the_pod_waits(self) -> None:
        """No longer a friend there, clocks apart, too busy, another server in its place: nothing is lost."""
        await self.teller.upload(self.channel)
        for status in (301, 401, 403, 404, 408, 426, 429, 500, 503):
            self.answer = [Refused("no", status=status)]
            self.assertTrue((await self.teller.deliveries.send(self.pod_id)).more, status)
        self.assertEqual(await self.waiting(), [DeliveryKind.ADD_VIDEO])
        self.assertEqual(await self.teller.pods.waiting(), {self.pod_id: 1})

    async def test_the_wait_doubles_and_heeds_the_other_side(self) -> None:
        """60 s, 120 s, ...; Retry-After counts when it is longer, and never over six hours."""
        await self.teller.upload(self.channel)
        waits = []
        for error in (
            Unreachable("dead"),
            Unreachable("dead"),
            Refused("busy", status=429, retry_after_seconds=1000),
            Refused("busy", status=503, retry_after_seconds=10**8),
        ):
            self.answer = [error]
            sent = await self.teller.deliveries.send(self.pod_id)
            waits.append((sent.next_try_ms - self.network.time.ms) / 1000)
        self.assertEqual(waits, [45, 90, 1000, 21600])
        health = await self.teller.database.read(pods.by_id, self.pod_id)
        self.assertEqual((health.failures, health.last_error, health.score), (4, "busy", self.before.score - 40))

    async def test_updates_of_one_object_coalesce(self) -> None:
        """Three updates while the pod is away are one item with the newest state."""
        uuid = await self.teller.upload(self.channel)
        await self.teller.deliveries.send(self.pod_id)
        for name in ("First", "Second", "Third"):
            await self.teller.change(uuid, VideoFields(name=name))
        self.assertEqual(await self.waiting(), [DeliveryKind.UPDATE_VIDEO])
        await self.teller.deliveries.send(self.pod_id)
        self.assertIn(b'"name":"Third"', self.sent[-1])

    async def test_a_removal_drops_what_was_still_to_be_told(self) -> None:
        """Only the removal is left."""
        uuid = await self.teller.upload(self.channel)
        await self.teller.change(uuid, VideoFields(name="Changed"))
        await self.teller.remove(uuid)
        self.assertEqual(await self.waiting(), [DeliveryKind.REMOVE_VIDEO])

    async def test_what_is_not_public_any_more_is_passed_over(self) -> None:
        """Without a word to the pod, which therefore does not count as reached."""
        uuid = await self.teller.upload(self.channel)
        await self.teller.change(uuid, VideoFields(name="Mine", privacy=Privacy.PRIVATE))
        self.assertFalse((await self.teller.deliveries.send(self.pod_id)).more)
        self.assertEqual(self.sent, [])
        self.assertEqual(await self.teller.database.read(pods.by_id, self.pod_id), self.before)

    async def test_a_change_while_the_batch_is_under_way_is_told_too(self) -> None:
        """Settling drops what was sent, not what came since."""
        uuid = await self.teller.upload(self.channel)
        await self.teller.deliveries.send(self.pod_id)
        await self.teller.change(uuid, VideoFields(name="Second"))

        async def changing(pod: Pod, path: str, items: bytes) -> Sequence[tuple[int, str]]:
            await self.teller.change(uuid, VideoFields(name="Third"))
            return ()

        self.teller.client.deliver = changing
        self.assertTrue((await self.teller.deliveries.send(self.pod_id)).more)
        self.teller.client.deliver = self.deliver
        self.assertFalse((await self.teller.deliveries.send(self.pod_id)).more)
        self.assertIn(b'"name":"Third"', self.sent[-1])

    async def test_batches_have_a_size(self) -> None:
        """What does not fit waits for the next one; order is kept."""
        for number in range(60):
            uuid = await self.teller.upload(self.channel, f"Video {number}")
            self.teller.files.files["thumbnails", f"{uuid}.jpg"] = b"\xff\xd8\xff" + b"\x01" * 15_000
        more = True
        while more:
            more = (await self.teller.deliveries.send(self.pod_id)).more
        self.assertTrue(all(len(items) <= MOST_BYTES for items in self.sent))
        names = [f'"name":"Video {number}"'.encode() for number in range(60)]
        joined = b"".join(self.sent)
        places = [joined.index(name) for name in names]
        self.assertEqual(places, sorted(places))
        self.assertGreater(len(self.sent), 2)
