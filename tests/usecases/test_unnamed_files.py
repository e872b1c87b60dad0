"""No file without a row, whatever happens in between; and no row without its file."""

from peertube.errors import Forbidden, NotFound
from peertube.failpoints import armed
from peertube.model.pages import Window
from peertube.model.videos import VideoState
from peertube.storage import jobs
from peertube.usecases import failed_uploads, unnamed_files
from peertube.usecases.unnamed_files import LONGEST_MS
from peertube.usecases.videos import VideoChanges
from tests.storage.publishers import NOW_MS
from tests.usecases.video_fakes import no_progress
from tests.usecases.video_world import VideoCase


class UnnamedFilesTests(VideoCase):
    """A pod whose disk or process fails half-way."""

    async def crash(self) -> None:
        """The process ends and starts again: nobody holds jobs, nobody writes."""
        await self.unnamed_files.give_up_all()

    async def test_an_upload_that_a_crash_interrupts_leaves_no_file(self) -> None:
        """The file is in its place and no row came: the announcement removes it."""
        kept, self.storage.discard = self.storage.discard, self._lost
        with armed("upload.file-kept:error"):
            await self.assertFailure_(self.upload(thumbnail=b"image", preview=b"image"))
        self.storage.discard = kept
        self.assertEqual(len(self.storage.everything()), 3)
        await self.work()
        self.assertEqual(len(self.storage.everything()), 3)
        await self.crash()
        await self.work()
        self.assertEqual(self.storage.everything(), [])

    async def test_an_announcement_ends_with_the_row(self) -> None:
        """Files of stored videos are never candidates."""
        await self.publish(thumbnail=b"image")
        before = self.storage.everything()
        await self.crash()
        self.clock.time_ms += LONGEST_MS
        await self.work()
        self.assertEqual(self.storage.everything(), before)

    async def test_what_a_row_names_is_not_removed(self) -> None:
        """A picture that comes back, before the job that was to remove it has run."""
        uuid = await self.publish()
        name = (await self.details(uuid)).video.thumbnail_name
        await self.database.write(jobs.add, "discard-files", {"files": {"thumbnails": [name, "gone.jpg"]}}, NOW_MS)
        await self.work()
        self.assertIn(f"thumbnails/{name}", self.storage.everything())

    async def test_pictures_of_a_change_that_is_refused(self) -> None:
        """Nothing stays of it, not even the announcement."""
        uuid = await self.publish()
        before, bob = self.storage.everything(), await self.person("bob")
        changes = VideoChanges({}, thumbnail=self.temporary(b"image"))
        with self.assertRaises(Forbidden):
            await self.videos.update(bob.viewer, uuid, changes)
        with armed("update.noted:error"):
            await self.assertFailure_(self.videos.update(self.alice.viewer, uuid, changes))
        changes.thumbnail.unlink()
        self.assertEqual(self.storage.everything(), before)
        self.assertEqual([job for job in await self.waiting_jobs() if job.state.value == "waiting"], [])

    async def test_a_video_removed_before_its_job_was_run_again(self) -> None:
        """The first run wrote the torrent and died; the second finds no video."""
        uuid = await self.upload()
        (job,) = await self.database.write(jobs.claim, 1, NOW_MS, NOW_MS * 2)
        with armed("torrent.written:error"):
            await self.assertFailure_(self.publishing.publish_video(job, no_progress))
        await self.videos.remove(self.alice.viewer, uuid)
        await self.publishing.publish_video(job, no_progress)
        await self.work()
        self.assertEqual(self.storage.everything(), [])

    async def test_a_video_that_cannot_be_published_keeps_only_its_file(self) -> None:
        uuid = await self.upload()
        (job,) = await self.database.write(jobs.claim, 1, NOW_MS, NOW_MS * 2)
        with armed("torrent.written:error"):
            await self.assertFailure_(self.publishing.publish_video(job, no_progress))
        await self.database.write(failed_uploads.note, job, NOW_MS)
        await self.work()
        self.assertIs((await self.details(uuid)).video.state, VideoState.TRANSCODING_FAILED)
        self.assertEqual([name.partition("/")[0] for name in self.storage.everything()], ["web_videos"])

    async def test_a_video_removed_while_its_job_reads_the_file(self) -> None:
        """The job fails, and knows of pictures that nobody else knows."""
        uuid = await self.upload()
        (job,) = await self.database.write(jobs.claim, 1, NOW_MS, NOW_MS * 2)

        async def removed(percent: int) -> None:
            await self.videos.remove(self.alice.viewer, uuid)
            raise NotFound("The file is not there any more", code="file_missing")

        with self.assertRaises(NotFound):
            await self.publishing.publish_video(job, removed)
        await self.database.write(failed_uploads.note, job, NOW_MS)
        await self.work()
        self.assertEqual(self.storage.everything(), [])

    async def test_a_torrent_made_again_that_a_crash_interrupts(self) -> None:
        """Each run chooses a new name; that of the interrupted one is announced."""
        uuid = await self.publish()
        await self.videos.update(self.alice.viewer, uuid, VideoChanges({"name": "Another name"}))
        with armed("torrent.rewritten:error"):
            (job,) = await self.database.write(jobs.claim, 1, NOW_MS, NOW_MS * 2)
            await self.assertFailure_(self.publishing.rewrite_torrent(job, no_progress))
        await self.publishing.rewrite_torrent(job, no_progress)
        await self.crash()
        await self.work()
        torrents = [name for name in self.storage.everything() if name.startswith("torrents/")]
        (file,) = (await self.details(uuid)).files
        self.assertEqual(torrents, [f"torrents/{file.torrent_name}"])

    async def test_taking_back_never_fails(self) -> None:
        """The error that led there is the one to be told."""
        announcement = await self.database.write(unnamed_files.announce, {"web_videos": ["a.mp4"]}, NOW_MS)
        self.storage.discard = self._lost
        await unnamed_files.take_back(self.database, self.storage, {"web_videos": ["a.mp4"]}, announcement)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
        self.assertEqual(len(await self.database.read(jobs.listing, Window())), 1)

    async def _lost(self, kind, names) -> None:
        raise OSError("the process is dead")

    async def assertFailure_(self, awaitable) -> None:
        with self.assertRaises(OSError):
            await awaitable
        self.flushLoggedErrors(OSError)
