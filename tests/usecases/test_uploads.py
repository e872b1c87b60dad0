"""From a finished file to a video that waits to be published, or to nothing at all."""

from attrs import evolve

from peertube.errors import Forbidden, Invalid, PodError, TooLarge, Unprocessable, UnsupportedMedia
from peertube.model import topics
from peertube.model.pages import Window
from peertube.model.videos import Privacy, VideoFields, VideoState
from peertube.usecases.uploads import ROOM_FOR_FIELDS, UploadRequest
from tests.usecases.video_fakes import PROBE
from tests.usecases.video_world import SETTINGS, VideoCase

LIMIT = SETTINGS.upload.max_file_size


class UploadTests(VideoCase):
    """What is stored, and when nothing is."""

    async def nothing_left(self, error: type[PodError], code: str, **upload: object) -> None:
        """An upload fails and leaves neither file nor row nor job."""
        with self.assertRaises(error) as caught:
            await self.upload(**upload)
        self.assertEqual(caught.exception.code, code)
        self.assertEqual(self.storage.everything(), [])
        self.assertEqual(await self.waiting_jobs(), [])
        self.assertEqual((await self.videos.mine(self.alice.viewer, Window())).total, 0)

    async def test_rows_file_and_job(self) -> None:
        """The real size and duration count, not what anybody says."""
        uuid = await self.upload(tags=("one", "two"))
        found = await self.details(uuid)
        (file,) = found.files
        self.assertIs(found.video.state, VideoState.TO_TRANSCODE)
        self.assertEqual((found.video.duration, found.video.aspect_ratio), (10, 1.7778))
        self.assertEqual((file.size, file.resolution, file.fps, file.extname), (5000, 360, 25, ".mp4"))
        self.assertEqual(self.storage.everything(), [f"web_videos/{file.file_name}"])
        (job,) = await self.waiting_jobs()
        self.assertEqual((job.kind, job.payload["video"]), ("publish-video", uuid))
        self.assertEqual(self.publisher.of(topics.JOBS), [{}])
        self.assertEqual(await self.told(), [])

    async def test_names_of_files_say_nothing_of_the_video(self) -> None:
        """Whoever knows the video cannot guess where its file lies."""
        uuid = await self.upload()
        (file,) = (await self.details(uuid)).files
        self.assertNotIn(uuid, file.file_name)

    async def test_a_text_file_called_mp4(self) -> None:
        """Files are judged by what is in them."""
        await self.nothing_left(Unprocessable, "not_a_video", content=b"text, no video")

    async def test_sound_without_pictures(self) -> None:
        """There is nothing to watch."""
        self.media.probed = evolve(PROBE, has_video=False)
        await self.nothing_left(Unprocessable, "not_a_video")

    async def test_other_extensions(self) -> None:
        """415 names those that are taken."""
        await self.nothing_left(UnsupportedMedia, "unsupported_media_type", filename="clip.avi")
        await self.nothing_left(UnsupportedMedia, "unsupported_media_type", filename="mp4")

    async def test_fields_are_checked_here_too(self) -> None:
        """Whichever edge the upload came by."""
        await self.nothing_left(Invalid, "invalid_parameters", name="x")
        await self.nothing_left(Invalid, "invalid_parameters", privacy=Privacy.PASSWORD_PROTECTED)

    async def test_channel_of_another(self) -> None:
        """Nobody publishes in the name of somebody else."""
        bob = await self.person("bob")
        self.alice = evolve(self.alice, channel_id=bob.channel_id)
        await self.nothing_left(Forbidden, "forbidden")
        self.alice = evolve(self.alice, channel_id=9999)
        await self.nothing_left(Invalid, "invalid_parameters")

    async def test_disk_full(self) -> None:
        """A file that cannot be kept leaves no row."""
        self.storage.failing = "web_videos"
        with self.assertRaises(OSError):
            await self.upload(thumbnail=b"image", preview=b"image")
        self.assertEqual(self.storage.everything(), [])
        self.assertEqual(await self.waiting_jobs(), [])

    async def test_pictures_of_the_owner(self) -> None:
        """They are used instead of frames of the video."""
        uuid = await self.publish(thumbnail=b"image A", preview=b"image B")
        video = (await self.details(uuid)).video
        self.assertEqual(self.storage.path("thumbnails", video.thumbnail_name).read_bytes(), b"small image A")
        self.assertEqual(self.storage.path("previews", video.preview_name).read_bytes(), b"large image B")
        self.assertEqual(len([name for name in self.storage.everything() if name.endswith(".jpg")]), 2)

    async def test_picture_that_is_none(self) -> None:
        """The first picture goes with the second that is none."""
        await self.nothing_left(Unprocessable, "not_an_image", thumbnail=b"image", preview=b"text")


class QuotaTests(VideoCase):
    """Users have only so much room."""

    async def test_before_the_body(self) -> None:
        """Who has no room or no right does not send gigabytes in vain."""
        small = await self.person("small", video_quota=1000)
        self.assertEqual(await self.uploads.check(small.viewer, 900), 1000 + ROOM_FOR_FIELDS)
        self.assertEqual(await self.uploads.check(small.viewer, None), 1000 + ROOM_FOR_FIELDS)
        self.assertEqual(await self.uploads.check(self.alice.viewer, None), LIMIT + ROOM_FOR_FIELDS)
        for viewer, length, error, code in (
            (small.viewer, 1001 + ROOM_FOR_FIELDS, TooLarge, "quota_reached"),
            (self.alice.viewer, LIMIT + 1 + ROOM_FOR_FIELDS, TooLarge, "max_file_size_reached"),
            ((await self.person("reader", may_upload=False)).viewer, 5, Forbidden, "upload_not_allowed"),
        ):
            with self.assertRaises(error) as caught:
                await self.uploads.check(viewer, length)
            self.assertEqual(caught.exception.code, code)

    async def test_in_all_and_by_day(self) -> None:
        """A file counts for its day in one quota and for ever in the other."""
        self.alice = await self.person("quoted", video_quota=12_000, video_quota_daily=6_000)
        await self.upload()
        with self.assertRaises(TooLarge):
            await self.upload()
        self.clock.time_ms += 86_400_001
        await self.upload()
        self.clock.time_ms += 86_400_001
        with self.assertRaises(TooLarge) as caught:
            await self.upload()
        self.assertEqual(caught.exception.code, "quota_reached")
        self.assertEqual(len(self.storage.everything()), 2)

    async def test_quota_as_it_is_when_the_upload_ends(self) -> None:
        """Not as the session remembers it."""
        poor = await self.person("poor", video_quota=10)
        rich = evolve(poor.viewer, user=evolve(poor.viewer.user, video_quota=-1))
        request = UploadRequest(
            path=self.temporary(b"video" * 100),
            filename="a.mp4",
            channel_id=poor.channel_id,
            fields=VideoFields("Name"),
        )
        with self.assertRaises(TooLarge):
            await self.uploads.publish(rich, request)
