"""Rows of uploads in chunks."""

from attrs import evolve
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.model.resumable_uploads import ResumableUpload, UploadedVideo, UploadNames
from peertube.model.videos import CommentsPolicy, Privacy, VideoFields
from peertube.storage import resumable_uploads as uploads
from peertube.storage import users, videos
from peertube.storage.database import UniqueViolation
from tests.storage.databases import open_memory_database
from tests.storage.publishers import NOW_MS, add_publisher, new_video

FIELDS = VideoFields(
    "A «video»", privacy=Privacy.PRIVATE, tags=("one", "två"), comments_policy=CommentsPolicy.DISABLED, category=3
)
NAMES = UploadNames("uuid", "a-360.mp4", "a.jpg", "b.jpg", "a.torrent")


class ResumableUploadTests(TestCase):
    """What one upload goes through."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.alice = await self.database.write(add_publisher)
        self.upload = ResumableUpload(
            id="a1",
            user_id=self.alice.viewer.user.id,
            fingerprint="f",
            filename="clip.mp4",
            channel_id=self.alice.channel_id,
            fields=FIELDS,
            size=1000,
            received=0,
            file_name="a.part",
            created_ms=NOW_MS,
            updated_ms=NOW_MS,
            thumbnail_name="a.thumbnail",
        )
        await self.database.write(uploads.add, self.upload)

    async def found(self) -> ResumableUpload | None:
        return await self.database.read(uploads.by_id, "a1")

    async def test_comes_back_as_it_went(self) -> None:
        """By its id, by its file, in the list of the user."""
        self.assertEqual(await self.found(), self.upload)
        user = self.upload.user_id
        self.assertEqual(await self.database.read(uploads.by_fingerprint, user, "f"), self.upload)
        self.assertIsNone(await self.database.read(uploads.by_fingerprint, user + 1, "f"))
        self.assertIsNone(await self.database.read(uploads.by_id, "b2"))
        self.assertEqual(await self.database.read(uploads.unfinished, user), [self.upload])

    async def test_one_unfinished_upload_of_a_file(self) -> None:
        """Any number of those whose programs do not tell."""
        with self.assertRaises(UniqueViolation):
            await self.database.write(uploads.add, evolve(self.upload, id="b2"))
        for id_ in ("c3", "d4"):
            await self.database.write(uploads.add, evolve(self.upload, id=id_, fingerprint=None))

    async def test_position_only_grows(self) -> None:
        """A writer that lost its turn changes nothing; nobody writes beyond the end."""
        for received, taken in ((10, True), (10, True), (9, False), (1001, False), (1000, True)):
            self.assertIs(await self.database.write(uploads.advance, self.upload, received, NOW_MS + 1), taken)
        self.assertFalse(await self.database.write(uploads.advance, evolve(self.upload, id="b2"), 1, NOW_MS))
        found = await self.found()
        assert found is not None
        self.assertEqual((found.received, found.updated_ms, found.is_whole), (1000, NOW_MS + 1, True))
        await self.database.write(uploads.lose, "a1", 5)
        self.assertEqual((await self.found()).received, 5)

    async def test_describe_anew(self) -> None:
        """Name, fields and pictures."""
        other = evolve(self.upload, fields=VideoFields("Other"), thumbnail_name=None, preview_name="b", updated_ms=5)
        self.assertTrue(await self.database.write(uploads.describe, other))
        self.assertEqual(await self.found(), other)
        self.assertFalse(await self.database.write(uploads.describe, evolve(other, id="b2")))

    async def test_the_names_noted_first_stay(self) -> None:
        """A second try of a finish must find what the first one moved."""
        self.assertEqual(await self.database.write(uploads.keep, "a1", NAMES, NOW_MS), NAMES)
        other = evolve(NAMES, video="other.mp4")
        self.assertEqual(await self.database.write(uploads.keep, "a1", other, NOW_MS), NAMES)
        self.assertIsNone(await self.database.write(uploads.keep, "b2", other, NOW_MS))

    async def test_becomes_one_video(self) -> None:
        """Once; and goes with it."""
        video_id = await self.database.write(videos.add, new_video(1, self.alice.channel_id), [])
        self.assertTrue(await self.database.write(uploads.finish, "a1", video_id, NOW_MS))
        self.assertFalse(await self.database.write(uploads.finish, "a1", video_id, NOW_MS))
        found = await self.found()
        details = await self.database.read(videos.details_by_id, video_id)
        assert found is not None
        assert details is not None
        self.assertEqual(found.video, UploadedVideo(video_id, details.video.uuid))
        self.assertEqual((found.thumbnail_name, await self.unfinished()), (None, []))
        await self.database.write(uploads.add, evolve(self.upload, id="b2"))
        await self.database.write(videos.remove, video_id)
        self.assertIsNone(await self.found())

    async def unfinished(self) -> list[ResumableUpload]:
        return await self.database.read(uploads.unfinished, self.upload.user_id)

    async def test_old_ones(self) -> None:
        """By the time of the last change, some at a time."""
        for number in range(3):
            row = evolve(self.upload, id=f"n{number}", fingerprint=None, updated_ms=NOW_MS - number)
            await self.database.write(uploads.add, row)
        old = await self.database.read(uploads.older, NOW_MS, 1)
        self.assertEqual([upload.id for upload in old], ["n2"])
        self.assertEqual(await self.database.write(uploads.remove, ["n1", "n2", "n9"]), 2)
        self.assertEqual(await self.database.read(uploads.older, NOW_MS, 10), [])

    async def test_go_with_their_user(self) -> None:
        """The files are the use case's to remove."""
        await self.database.write(users.remove, self.upload.user_id)
        self.assertIsNone(await self.found())
