"""What was there before the index of searches, or is called otherwise now, is found as well."""

from attrs import evolve
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.model.jobs import JobState
from peertube.model.pages import Window
from peertube.model.video_filters import VideoFilter
from peertube.storage import channels, jobs, video_lists
from peertube.storage.database import Transaction
from peertube.storage.query import Query
from peertube.usecases import search_indexing
from peertube.usecases.search_indexing import INDEX_SEARCH, SearchIndexing
from tests.storage.databases import open_memory_database
from tests.storage.publishers import NOW_MS, add_publisher, add_video


async def forget(tx: Transaction) -> None:
    for text in (
        "delete from video_words",
        "delete from channel_words",
        "delete from search_words",
        "delete from search_variants",
        "update videos set indexed = 0",
        "update channels set indexed = 0",
    ):
        await tx.run(Query(text))


class IndexingTests(TestCase):
    """A channel with five videos."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.alice = await self.database.write(add_publisher)
        for number in range(1, 6):
            await self.database.write(add_video, number, self.alice.channel_id, name=f"Clip {number}")

    async def total(self, search: str) -> int | None:
        """How many videos are found."""
        wanted, window = VideoFilter(search=search), Window(sort="-match")
        return (await self.database.read(video_lists.listing, wanted, window, NOW_MS)).total

    async def run_jobs(self) -> list[int]:
        """Do what waits; what was told of it."""
        told: list[int] = []

        async def progress(percent: int) -> None:
            told.append(percent)

        for job in await self.database.write(jobs.claim, 10, NOW_MS, NOW_MS * 2):
            self.assertEqual(job.kind, INDEX_SEARCH)
            await SearchIndexing(database=self.database).run(job, progress)
            await self.database.write(jobs.complete, job, NOW_MS)
        return told

    async def test_what_was_there_before_is_noted_in_steps(self) -> None:
        """A pod with 100,000 videos is not stopped for a minute when it gets the index."""
        self.patch(search_indexing, "STEP", 2)
        await self.database.write(forget)
        self.assertEqual(await self.total("clip"), 0)
        await self.database.write(jobs.add, INDEX_SEARCH, {}, NOW_MS)
        self.assertEqual(await self.run_jobs(), [50, 50, 50, 100])
        self.assertEqual(await self.total("clip"), 5)

    async def test_videos_follow_the_name_of_their_channel(self) -> None:
        """A channel with thousands of videos is renamed at once; they follow."""
        self.assertEqual(await self.total("lighthouse"), 0)
        channel = await self.database.read(channels.by_id, self.alice.channel_id)
        assert channel is not None
        renamed = evolve(channel, display_name="The lighthouse")
        for _ in range(2):
            await self.database.write(
                channels.update,
                channel.id,
                display_name=renamed.display_name,
                description=renamed.description,
                support=renamed.support,
                updated_ms=NOW_MS,
            )
        found = await self.database.read(jobs.listing, Window(count=10))
        self.assertEqual([(job.kind, job.state) for job in found], [(INDEX_SEARCH, JobState.WAITING)])
        await self.run_jobs()
        self.assertEqual(await self.total("lighthouse"), 5)
        self.assertEqual(await self.total("main alice"), 0)
