"""Rows of friends, of their lanes, and of nonces."""

from twisted.trial.unittest import TestCase

from peertube.model.deliveries import DeliveryKind
from peertube.model.pages import Window
from peertube.model.pods import PodState
from peertube.storage import deliveries, nonces, pods
from peertube.storage.database import Transaction, UniqueViolation
from tests.storage.databases import memory_database

UUID = "3f0c1f52-7d0c-4f6e-9a59-0c7a4b7f7f11"


async def two(tx: Transaction) -> list[int]:
    """Friends b and a."""
    return [
        await pods.add(tx, host=host, email="e@x", public_key="PEM", protocol=3, score=score, now_ms=now_ms)
        for host, score, now_ms in (("b.example", 100, 1), ("a.example", 90, 2))
    ]


class PodsTests(TestCase):
    """Friends."""

    async def test_sorting_and_paging(self) -> None:
        """Every order of the API; the total counts all."""
        async with memory_database() as database:
            await database.write(two)
            orders = {"host": "ab", "-host": "ba", "id": "ba", "-id": "ab", "score": "ab", "-score": "ba",
                      "createdAt": "ba", "-createdAt": "ab"}  # fmt: skip
            self.assertEqual(set(orders), set(pods.SORTS))
            for sort, order in orders.items():
                found = await database.read(pods.listing, Window(0, 10, sort))
                self.assertEqual(("".join(pod.host[0] for pod in found.items), found.total), (order, 2), sort)
            found = await database.read(pods.listing, Window(1, 1, "host"))
            self.assertEqual([pod.host for pod in found.items], ["b.example"])

    async def test_one_row_per_host(self) -> None:
        """A second one is refused by the database itself."""
        async with memory_database() as database:
            await database.write(two)
            with self.assertRaises(UniqueViolation):
                await database.write(two)

    async def test_health(self) -> None:
        """A failure is counted and waits; a success forgets it."""
        async with memory_database() as database:
            first, _ = await database.write(two)
            await database.write(pods.failed, first, score=90, next_try_ms=70, now_ms=10, error="dead")
            pod = await database.read(pods.by_id, first)
            self.assertEqual((pod.failures, pod.next_try_ms, pod.last_error, pod.last_error_ms), (1, 70, "dead", 10))
            await database.write(pods.reached, first, score=100, now_ms=80)
            pod = await database.read(pods.by_host, "b.example")
            self.assertEqual((pod.failures, pod.next_try_ms, pod.last_success_ms), (0, 0, 80))
            self.assertEqual(pod.state, PodState.FRIEND)


class DeliveriesTests(TestCase):
    """Lanes."""

    async def test_one_row_per_pod_kind_and_object(self) -> None:
        """A newer version renews the row in its place; what was sent in the older one does not settle it."""
        async with memory_database() as database:
            first, second = await database.write(two)
            await database.write(deliveries.add, DeliveryKind.UPDATE_VIDEO, UUID, 1, 5)
            sent = await database.read(deliveries.head, first, 10)
            await database.write(deliveries.add, DeliveryKind.UPDATE_VIDEO, UUID, 2, 6)
            await database.write(deliveries.settle, sent)
            self.assertEqual([row.version for row in await database.read(deliveries.head, first, 10)], [2])
            self.assertEqual(await database.read(deliveries.waiting_by_pod), {first: 1, second: 1})

    async def test_only_some_pods(self) -> None:
        """And a removal drops only their rows."""
        async with memory_database() as database:
            first, second = await database.write(two)
            await database.write(deliveries.add, DeliveryKind.ADD_VIDEO, UUID, 1, 5)
            await database.write(
                deliveries.add, DeliveryKind.REMOVE_VIDEO, UUID, 2, 6, body={"uuid": UUID}, pod_ids=[second]
            )
            (row,) = await database.read(deliveries.head, first, 10)
            self.assertEqual(row.kind, DeliveryKind.ADD_VIDEO)
            (row,) = await database.read(deliveries.head, second, 10)
            self.assertEqual((row.kind, row.body), (DeliveryKind.REMOVE_VIDEO, {"uuid": UUID}))

    async def test_a_lane_goes_with_its_pod(self) -> None:
        """Nothing is left to be told to nobody."""
        async with memory_database() as database:
            first, second = await database.write(two)
            await database.write(deliveries.add, DeliveryKind.ADD_AUTHOR, UUID, 1, 5)
            self.assertEqual(await database.read(pods.with_deliveries, 0), [(first, 0), (second, 0)])
            await database.write(pods.remove, first)
            self.assertEqual(await database.read(pods.with_deliveries, 0), [(second, 0)])


class NoncesTests(TestCase):
    """Each works once."""

    async def test_once_per_host(self) -> None:
        """Until it is so old that its request would not be taken anyway."""
        async with memory_database() as database:
            self.assertTrue(await database.write(nonces.use, "a.example", "n", 100))
            self.assertFalse(await database.write(nonces.use, "a.example", "n", 101))
            self.assertTrue(await database.write(nonces.use, "b.example", "n", 200))
            self.assertEqual(await database.write(nonces.expire, 150), 1)
            self.assertTrue(await database.write(nonces.use, "a.example", "n", 300))
