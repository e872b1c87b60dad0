"""An upload whose publication was given up says so, however that happened."""

from peertube.errors import Unavailable, Unprocessable
from peertube.model.jobs import Job
from peertube.model.videos import VideoState
from peertube.storage import videos
from peertube.usecases import failed_uploads
from peertube.usecases.jobs import Jobs
from peertube.usecases.publishing import PUBLISH_VIDEO
from tests.usecases.jobs_setup import NoChance
from tests.usecases.video_fakes import no_progress
from tests.usecases.video_world import VideoCase


class FailedUploadsTests(VideoCase):
    """Nobody waits for ever for a video that will not come."""

    async def setUp(self) -> None:
        await super().setUp()
        self.jobs = Jobs(
            database=self.database,
            clock=self.clock,
            randomness=NoChance(),
            publisher=self.publisher,
            lease_seconds=60,
            endings={PUBLISH_VIDEO: failed_uploads.note},
        )
        self.uuid = await self.upload()

    async def publish_job(self) -> Job:
        """The claimed job of the upload."""
        claimed = await self.jobs.claim(10)
        return next(job for job in claimed if job.kind == PUBLISH_VIDEO)

    async def state(self) -> VideoState:
        """What the video says."""
        return (await self.details(self.uuid)).video.state

    async def test_a_worker_that_dies_each_time(self) -> None:
        """Its last attempt ended with the process, and nobody was left to say so."""
        for _ in range(8):
            self.assertIs(await self.state(), VideoState.TO_TRANSCODE)
            await self.publish_job()
            await self.jobs.give_back_all()
        self.assertIs(await self.state(), VideoState.TRANSCODING_FAILED)

    async def test_the_last_failure_shows(self) -> None:
        """Its owner sees that there is no use in waiting, and what was made for it goes; a retry still mends it."""
        self.media.failing = Unavailable("busy")
        for attempt in range(1, 9):
            self.assertIs(await self.state(), VideoState.TO_TRANSCODE)
            job = await self.publish_job()
            self.assertEqual(job.attempts, attempt)
            with self.assertRaises(Unavailable) as raised:
                await self.publishing.publish_video(job, no_progress)
            await self.jobs.fail(job, raised.exception)
            self.clock.time_ms += 24 * 3_600_000
        self.assertIs(await self.state(), VideoState.TRANSCODING_FAILED)
        self.media.failing = None
        await self.publishing.publish_video(job, no_progress)
        self.assertIs(await self.state(), VideoState.PUBLISHED)

    async def test_a_final_failure_shows_at_once(self) -> None:
        """What cannot be decoded will not be decoded later."""
        self.media.failing = Unprocessable("broken")
        job = await self.publish_job()
        with self.assertRaises(Unprocessable) as raised:
            await self.publishing.publish_video(job, no_progress)
        await self.jobs.fail(job, raised.exception)
        self.assertIs(await self.state(), VideoState.TRANSCODING_FAILED)
        [discarding] = await self.jobs.claim(10)
        await self.unnamed_files.discard(discarding, no_progress)
        self.assertEqual([name for name in self.storage.everything() if not name.startswith("web_videos/")], [])

    async def test_cancelled(self) -> None:
        """While it waits or runs; a retry mends it."""
        job = await self.publish_job()
        await self.jobs.cancel(job.id)
        self.assertIs(await self.state(), VideoState.TRANSCODING_FAILED)
        await self.jobs.retry(job.id)
        again = await self.publish_job()
        await self.publishing.publish_video(again, no_progress)
        await self.jobs.complete(again)
        self.assertIs(await self.state(), VideoState.PUBLISHED)

    async def test_an_end_that_comes_too_late(self) -> None:
        """A video that was published meanwhile stays so, and one that is gone stays gone."""
        job = await self.publish_job()
        await self.publishing.publish_video(job, no_progress)
        await self.jobs.cancel(job.id)
        self.assertIs(await self.state(), VideoState.PUBLISHED)
        other = await self.upload()
        job = await self.publish_job()
        await self.videos.remove(self.alice.viewer, other)
        await self.jobs.fail(job, Unprocessable("gone"))
        self.assertIsNone(await self.found(other))

    async def found(self, uuid: str) -> object:
        """The rows of a video, if there are any."""
        return await self.database.read(videos.details_by_uuid, uuid)
