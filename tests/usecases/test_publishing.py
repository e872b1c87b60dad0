"""The jobs between an upload and its publication."""

from peertube.model import topics
from peertube.model.jobs import Job, JobState
from peertube.model.videos import Privacy, VideoState
from peertube.storage import jobs
from peertube.torrents import metainfo
from peertube.usecases.videos import VideoChanges
from tests.storage.publishers import NOW_MS
from tests.usecases.video_fakes import no_progress
from tests.usecases.video_world import VideoCase


class PublishingTests(VideoCase):
    """What a video needs before others may watch it."""

    async def job(self, kind: str) -> Job:
        """The waiting job of a kind."""
        return next(job for job in await self.waiting_jobs() if job.kind == kind and job.state is JobState.WAITING)

    async def test_pictures_torrent_and_news(self) -> None:
        """Everything is there when the video says that it is published."""
        uuid = await self.upload(name="What? A: video")
        self.clock.time_ms += 5000
        await self.work()
        found = await self.details(uuid)
        video, (file,) = found.video, found.files
        self.assertIs(video.state, VideoState.PUBLISHED)
        self.assertEqual((video.published_ms, video.created_ms), (NOW_MS + 5000, NOW_MS))
        thumbnail = self.storage.path("thumbnails", video.thumbnail_name)
        self.assertEqual(thumbnail.read_bytes(), b"small frame at 5")
        self.assertEqual(self.storage.path("previews", video.preview_name).read_bytes(), b"large frame at 5")
        torrent = self.storage.path("torrents", file.torrent_name).read_bytes()
        self.assertIn(b"What- A- video 360p.mp4", torrent)
        self.assertIn(f"http://pod.example:9001/static/web-videos/{file.file_name}".encode(), torrent)
        self.assertIn(b"ws://pod.example:9001/tracker/socket", torrent)
        self.assertEqual(metainfo.rename(torrent, "What- A- video 360p.mp4"), (torrent, file.info_hash))
        self.assertEqual(self.publisher.of(topics.TORRENTS), [{"added": [file.info_hash], "removed": []}])
        self.assertEqual(await self.told(), [("add-video", video.version)])
        self.assertEqual(self.publisher.of(topics.DELIVERIES), [{"pods": []}])
        self.assertEqual(len(self.storage.everything()), 4)

    async def test_safe_to_run_twice(self) -> None:
        """A worker that dies at the end of its work is followed by another."""
        uuid = await self.upload()
        job = await self.job("publish-video")
        await self.publishing.publish_video(job, no_progress)
        before, files = await self.details(uuid), self.storage.everything()
        await self.publishing.publish_video(job, no_progress)
        self.assertEqual((await self.details(uuid), self.storage.everything()), (before, files))
        self.assertEqual(len(self.publisher.of(topics.TORRENTS)), 1)

    async def test_files_of_a_first_try_are_used_by_the_second(self) -> None:
        """Dying between files and rows leaves no orphans: the names were chosen before."""
        uuid = await self.upload()
        job = await self.job("publish-video")
        await self.storage.write("thumbnails", job.payload["thumbnail"], b"of a first try")
        await self.storage.write("torrents", job.payload["torrent"], b"of a first try")
        await self.publishing.publish_video(job, no_progress)
        self.assertIs((await self.details(uuid)).video.state, VideoState.PUBLISHED)
        self.assertEqual(len(self.storage.everything()), 4)

    async def test_a_first_try_leaves_no_picture_when_the_owner_sent_another(self) -> None:
        """The first try died with its thumbnail kept; then the owner sent a thumbnail, so nobody makes one again."""
        uuid = await self.upload()
        job = await self.job("publish-video")
        await self.storage.write("thumbnails", job.payload["thumbnail"], b"of a first try")
        image = self.storage.new_temporary(".png")
        image.write_bytes(b"an image")
        await self.videos.update(self.alice.viewer, uuid, VideoChanges({}, thumbnail=image))
        await self.publishing.publish_video(job, no_progress)
        await self.unnamed_files.discard(await self.job("discard-files"), no_progress)
        self.assertFalse(self.storage.path("thumbnails", job.payload["thumbnail"]).exists())
        thumbnail_name = (await self.details(uuid)).video.thumbnail_name
        self.assertTrue(self.storage.path("thumbnails", thumbnail_name).exists())

    async def test_private_videos_have_no_web_seed_and_no_swarm(self) -> None:
        """Nobody is told of them."""
        uuid = await self.publish(privacy=Privacy.PRIVATE)
        (file,) = (await self.details(uuid)).files
        self.assertNotIn(b"/static/web-videos/", self.storage.path("torrents", file.torrent_name).read_bytes())
        self.assertEqual(self.publisher.of(topics.TORRENTS), [{"added": [], "removed": []}])
        self.assertEqual(await self.told(), [])

    async def test_removed_while_it_is_published(self) -> None:
        """Nothing of it stays, and nobody hears of it."""
        uuid = await self.upload()
        job = await self.job("publish-video")

        async def removed(percent: int) -> None:
            if percent == 90:
                await self.videos.remove(self.alice.viewer, uuid)

        await self.publishing.publish_video(job, removed)
        await self.unnamed_files.discard(await self.job("discard-files"), no_progress)
        self.assertEqual(self.storage.everything(), [])
        self.assertEqual(await self.told(), [])

    async def test_renamed_while_it_is_published(self) -> None:
        """The torrent gets the new name afterwards."""
        uuid = await self.upload()
        job = await self.job("publish-video")

        async def renamed(percent: int) -> None:
            if percent == 90:
                await self.videos.update(self.alice.viewer, uuid, VideoChanges({"name": "Another name"}))

        await self.publishing.publish_video(job, renamed)
        await self.database.write(jobs.claim, 1, NOW_MS, NOW_MS * 2)
        await self.work()
        (file,) = (await self.details(uuid)).files
        self.assertIn(b"Another name 360p.mp4", self.storage.path("torrents", file.torrent_name).read_bytes())


class RewritingTests(VideoCase):
    """A torrent follows its video."""

    async def test_new_name_new_torrent(self) -> None:
        """The info-hash changes, so the tracker and friends are told; the old file goes."""
        uuid = await self.publish()
        (before,) = (await self.details(uuid)).files
        self.publisher.news.clear()
        await self.videos.update(self.alice.viewer, uuid, VideoChanges({"name": "New name"}))
        await self.work()
        found = await self.details(uuid)
        (after,) = found.files
        self.assertNotEqual(after.info_hash, before.info_hash)
        self.assertEqual(
            self.publisher.of(topics.TORRENTS), [{"added": [after.info_hash], "removed": [before.info_hash]}]
        )
        self.assertEqual(
            [name for name in self.storage.everything() if name.startswith("torrents/")],
            [f"torrents/{after.torrent_name}"],
        )
        self.assertEqual((await self.told())[-1], ("update-video", found.video.version))

    async def test_same_name_same_torrent(self) -> None:
        """Running the job once more changes nothing."""
        uuid = await self.publish()
        before = await self.details(uuid)

        async def run() -> None:
            await self.database.write(jobs.add, "rewrite-torrent", {"video": uuid}, NOW_MS)
            await self.work()

        await run()
        self.assertEqual(await self.details(uuid), before)

    async def test_closing_takes_the_web_seed_away(self) -> None:
        """Strangers could not fetch it any more."""
        uuid = await self.publish()
        (before,) = (await self.details(uuid)).files
        await self.videos.update(self.alice.viewer, uuid, VideoChanges({"privacy": Privacy.PRIVATE}))
        await self.work()
        (after,) = (await self.details(uuid)).files
        self.assertEqual(after.info_hash, before.info_hash)
        self.assertNotIn(b"/static/web-videos/", self.storage.path("torrents", after.torrent_name).read_bytes())

    async def test_video_that_is_gone(self) -> None:
        """There is nothing to do."""
        await self.database.write(jobs.add, "rewrite-torrent", {"video": "gone"}, NOW_MS)
        await self.work()
        self.assertEqual(self.storage.everything(), [])
