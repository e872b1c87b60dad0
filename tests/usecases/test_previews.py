"""Previews of other pods' videos: fetched once, kept while there is room, failures remembered."""

from twisted.internet.defer import Deferred

from peertube.errors import NotFound, Unreachable
from peertube.storage.database import Transaction
from peertube.storage.query import Query
from tests.usecases.test_pods import NetworkTests

_ONE = Query("select 1 as one")


class PreviewsTests(NetworkTests):
    """Pod 1 shows videos of pod 2; its cache holds two pictures."""

    size = 2

    async def setUp(self) -> None:
        await super().setUp()
        self.here, self.origin = self.pods
        channel = await self.origin.add_author()
        self.uuids = [await self.origin.upload(channel) for _ in range(3)]
        await self.network.befriend(self.here, self.origin)
        self.fetched: list[str] = []
        self.waiting: list[Deferred[bytes]] = []
        self.here.client.fetch_preview = self.fetch

    async def fetch(self, url: str, limit: int) -> bytes:
        self.fetched.append(url.rpartition("/")[2])
        self.waiting.append(Deferred())
        return await self.waiting[-1]

    def asking(self, uuid: str) -> "Deferred[object]":
        return Deferred.fromCoroutine(self.here.previews.path(uuid))

    async def until_fetching(self, count: int) -> None:
        """Until so many fetches have begun (each question goes to the database first)."""
        while len(self.waiting) < count:
            await self.here.database.read(_nothing)

    async def get(self, uuid: str) -> None:
        """Ask and be given."""
        asked = self.asking(uuid)
        await self.until_fetching(len(self.fetched) + 1)
        self.waiting[-1].callback(b"\xff\xd8\xff preview")
        await asked

    async def test_many_who_ask_share_one_fetch(self) -> None:
        """And later ones get the copy."""
        uuid = self.uuids[0]
        both = [self.asking(uuid), self.asking(uuid)]
        await self.until_fetching(1)
        await self.here.database.read(_nothing)
        self.waiting[0].callback(b"\xff\xd8\xff preview")
        paths = [await one for one in both]
        paths.append(await self.asking(uuid))
        self.assertEqual(len(set(paths)), 1)
        self.assertEqual(self.fetched, [f"{uuid}.jpg"])
        self.assertEqual(self.here.files.files["cache", paths[0].name], b"\xff\xd8\xff preview")

    async def test_the_longest_unused_goes(self) -> None:
        """Two fit; the first was looked at again, so the second goes."""
        first, second, third = self.uuids
        await self.get(first)
        await self.get(second)
        await self.asking(first)
        await self.get(third)
        kept = await self.here.files.names("cache")
        self.assertEqual(sorted(name[:36] for name in kept), sorted([first, third]))

    async def test_a_failure_is_remembered_for_a_minute(self) -> None:
        """A dead origin is not asked by every viewer."""
        uuid = self.uuids[0]
        asked = self.asking(uuid)
        await self.until_fetching(1)
        self.waiting[0].errback(Unreachable("dead"))
        with self.assertRaises(Unreachable):
            await asked
        with self.assertRaises(Unreachable):
            await self.asking(uuid)
        self.assertEqual(len(self.fetched), 1)
        self.network.time.ms += 60_000
        await self.get(uuid)
        self.assertEqual(len(self.fetched), 2)

    async def test_our_own_and_none(self) -> None:
        """Ours are served by those who know who may see them; an unknown video has none."""
        for pod, uuid in ((self.origin, self.uuids[0]), (self.here, "00000000-0000-4000-8000-000000000000")):
            with self.assertRaises(NotFound):
                await pod.previews.path(uuid)

    async def test_the_cache_of_an_earlier_run_is_taken_over(self) -> None:
        """Down to its size."""
        for number in range(3):
            await self.here.files.write("cache", f"{number}.jpg", b"")
        await self.here.previews.start()
        self.assertEqual(await self.here.files.names("cache"), ["1.jpg", "2.jpg"])


async def _nothing(tx: Transaction) -> None:
    await tx.all(_ONE)
