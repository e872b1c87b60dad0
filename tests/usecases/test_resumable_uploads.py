"""Uploads in chunks: what is acknowledged stays, a whole file becomes one video, what is given up leaves nothing."""

from typing import Any

from attrs import evolve

from peertube.errors import (
    Conflict,
    Forbidden,
    InsufficientStorage,
    Invalid,
    NotFound,
    PodError,
    TooLarge,
    TooManyRequests,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)
from peertube.model.pages import Window
from peertube.model.resumable_uploads import ResumableUpload
from peertube.model.videos import VideoFields
from peertube.storage import resumable_uploads
from peertube.storage.database import DiskFull
from peertube.usecases.new_uploads import NewUpload
from peertube.usecases.ports import Locks
from peertube.usecases.removals import remove_account
from peertube.usecases.resumable_uploads import LIFE_MS, LOST_MS, MOST_UNFINISHED, ResumableUploads
from tests.shared.memory import memory_locks
from tests.usecases.video_world import VideoCase

CONTENT = b"video" * 1000
UNKNOWN = "aaaaaaaa-0000-4000-8000-999999999999"


class ResumableCase(VideoCase):
    """Alice sends clips in chunks."""

    async def more(self) -> None:
        self.bob = await self.person("bob")
        self.locks = memory_locks()
        self.resumable = self.fresh()

    def fresh(self, locks: Locks | None = None) -> ResumableUploads:
        """The use case after a start of the pod, or of another process of it, which may have other `locks`."""
        return self.resumable_uploads(locks or self.locks)

    def described(self, **more: Any) -> NewUpload:
        """A clip of 5,000 bytes."""
        usual: dict[str, Any] = {
            "filename": "clip.mp4",
            "size": len(CONTENT),
            "channel_id": self.alice.channel_id,
            "fields": VideoFields("A video"),
            "content_type": "video/mp4",
        }
        return NewUpload(**{**usual, **more})

    async def begin(self, **more: Any) -> ResumableUpload:
        return await self.resumable.begin(self.alice.viewer, self.described(**more))

    async def send(self, upload: ResumableUpload, count: int, content: bytes = CONTENT) -> None:
        """The first `count` bytes arrive and are acknowledged."""
        self.resumable.path(upload).write_bytes(content[:count])
        await self.resumable.received(upload, count)

    async def whole(self, content: bytes = CONTENT, **more: Any) -> ResumableUpload:
        """All bytes are there."""
        upload = await self.begin(**more)
        await self.send(upload, len(content), content)
        return upload

    async def go_on(self, upload: ResumableUpload) -> ResumableUpload:
        return await self.resumable.go_on(self.alice.viewer, upload.id)

    async def position(self, upload: ResumableUpload) -> int:
        return (await self.resumable.position(self.alice.viewer, upload.id)).received

    async def videos_of_alice(self) -> int:
        return (await self.videos.mine(self.alice.viewer, Window())).total

    async def nothing_is_left(self) -> None:
        """No file, no video, no row, after the jobs."""
        await self.work()
        self.assertEqual((self.storage.everything(), await self.videos_of_alice()), ([], 0))
        self.assertEqual(await self.database.read(resumable_uploads.older, 2**60, 10), [])


class BeginTests(ResumableCase):
    """Before any byte comes."""

    async def test_an_empty_file_waits(self) -> None:
        """Its bytes have a place from the beginning."""
        upload = await self.begin()
        self.assertEqual((upload.received, await self.position(upload)), (0, 0))
        self.assertEqual(self.storage.everything(), [f"tmp_persistent/{upload.file_name}"])

    async def test_what_speaks_against_it(self) -> None:
        """Size, type, extension, fields, channel, quota, right, room: each before a row or a file."""
        small = await self.person("small", video_quota=10)
        reader = await self.person("reader", may_upload=False)
        cases: list[tuple[Any, dict[str, Any], type[PodError]]] = [
            (self.alice, {"size": 0}, Invalid),
            (self.alice, {"size": 2**40 - 1}, TooLarge),
            (self.alice, {"content_type": "text/plain"}, UnsupportedMedia),
            (self.alice, {"filename": "clip.exe"}, UnsupportedMedia),
            (self.alice, {"fields": VideoFields("x")}, Invalid),
            (self.alice, {"channel_id": 9999}, Invalid),
            (self.alice, {"channel_id": self.bob.channel_id}, Forbidden),
            (small, {"channel_id": small.channel_id}, TooLarge),
            (reader, {"channel_id": reader.channel_id}, Forbidden),
        ]
        for who, more, error in cases:
            with self.assertRaises(error):
                await self.resumable.begin(who.viewer, self.described(**more))
        self.storage.free = 4999
        with self.assertRaises(InsufficientStorage):
            await self.begin()
        await self.nothing_is_left()

    async def test_the_same_file_goes_on(self) -> None:
        """Same user, name, size and time; described by the last request."""
        first = await self.begin(modified="17", thumbnail=self.temporary(b"image A"))
        await self.send(first, 3000)
        again = await self.begin(modified="17", fields=VideoFields("New name"), preview=self.temporary(b"image B"))
        self.assertEqual((again.id, again.received, again.fields.name), (first.id, 3000, "New name"))
        for more in ({"modified": "18"}, {"modified": None}, {"filename": "b.mp4", "modified": "17"}):
            other = await self.begin(**more)
            self.assertEqual((other.id != first.id, other.received), (True, 0))
        await self.work()
        self.assertIn(f"tmp_persistent/{again.preview_name}", self.storage.everything())
        self.assertNotIn(f"tmp_persistent/{first.thumbnail_name}", self.storage.everything())

    async def test_only_so_many(self) -> None:
        """A program that begins for ever fills no table; one that ends makes room."""
        for _ in range(MOST_UNFINISHED):
            last = await self.begin()
        with self.assertRaises(TooManyRequests) as caught:
            await self.begin()
        self.assertEqual(caught.exception.code, "too_many_uploads")
        await self.resumable.cancel(self.alice.viewer, last.id)
        await self.begin()

    async def test_what_crashes_left_does_not_count(self) -> None:
        """A row without its file, of which nobody was told, keeps nobody from uploading."""
        for _ in range(MOST_UNFINISHED):
            self.resumable.path(await self.begin()).unlink()
        self.clock.time_ms += LOST_MS + 1
        await self.begin()
        self.assertEqual(len(await self.database.read(resumable_uploads.unfinished, self.alice.viewer.user.id)), 1)

    async def test_a_disk_that_refuses(self) -> None:
        """The row goes with the file."""
        self.storage.failing = "tmp_persistent"
        with self.assertRaises(OSError):
            await self.begin(thumbnail=self.temporary(b"image"))
        self.storage.failing = None
        for path in (self.storage.path("tmp", name) for name in await self.storage.names("tmp")):
            path.unlink()
        await self.nothing_is_left()


class PositionTests(ResumableCase):
    """What the client is told."""

    async def test_what_was_acknowledged(self) -> None:
        """Also after a crash, whatever more may lie in the file."""
        upload = await self.begin()
        await self.send(upload, 3000)
        self.resumable.path(upload).write_bytes(CONTENT)
        self.resumable = self.fresh()
        self.assertEqual(await self.position(upload), 3000)

    async def test_a_file_that_lost_bytes(self) -> None:
        """The disk is right, not the table."""
        upload = await self.begin()
        await self.send(upload, 3000)
        self.resumable.path(upload).write_bytes(b"v" * 100)
        self.assertEqual(await self.position(upload), 100)
        self.assertEqual((await self.database.read(resumable_uploads.by_id, upload.id)).received, 100)
        self.resumable.path(upload).unlink()
        with self.assertRaises(NotFound):
            await self.position(upload)
        await self.nothing_is_left()

    async def test_a_file_that_is_moved_at_this_moment(self) -> None:
        """Another process finishes: the file is neither where it was nor lost."""
        upload = await self.whole()
        other = self.fresh()
        real = self.database.read

        async def read(interaction: Any, *arguments: Any, **named: Any) -> Any:
            result = await real(interaction, *arguments, **named)
            if interaction is resumable_uploads.by_id:
                self.patch(self.database, "read", real)
                await other.go_on(self.alice.viewer, upload.id)
            return result

        self.patch(self.database, "read", read)
        with self.assertRaises(Unavailable):
            await self.position(upload)
        self.assertIsNotNone((await self.go_on(upload)).video)

    async def test_whose_it_is(self) -> None:
        """403 for somebody else's, 404 for none."""
        upload = await self.begin()
        for call in (self.resumable.position, self.resumable.go_on, self.resumable.cancel):
            with self.assertRaises(Forbidden):
                await call(self.bob.viewer, upload.id)
            with self.assertRaises(NotFound):
                await call(self.alice.viewer, UNKNOWN)
        with self.assertRaises(NotFound):
            await self.resumable.received(evolve(upload, id=UNKNOWN), 1)

    async def test_chunks_have_a_limit_where_one_is_set(self) -> None:
        """None by default."""
        self.resumable.require_chunk(2**40)


class FinishTests(ResumableCase):
    """From the last byte to one video."""

    async def test_one_video_however_often(self) -> None:
        """The file is moved; the second request gets the same ids."""
        upload = await self.whole(thumbnail=self.temporary(b"image A"))
        finished = await self.go_on(upload)
        assert finished.video is not None
        self.assertEqual((await self.go_on(upload)).video, finished.video)
        await self.work()
        (file,) = (await self.details(finished.video.uuid)).files
        self.assertEqual(self.storage.path("web_videos", file.file_name).read_bytes(), CONTENT)
        self.assertEqual(len(self.storage.everything()), 4)
        self.assertEqual(await self.videos_of_alice(), 1)

    async def test_not_before_the_last_byte(self) -> None:
        """Then it is only a question."""
        upload = await self.begin()
        await self.send(upload, 4999)
        self.assertIsNone((await self.go_on(upload)).video)

    async def test_a_crash_after_the_file_was_moved(self) -> None:
        """The names were noted first: the second try finds it, and the pictures too."""
        upload = await self.whole(thumbnail=self.temporary(b"image A"), preview=self.temporary(b"image B"))
        real, failures = self.database.write, []

        async def write(interaction: Any, *arguments: Any, **named: Any) -> Any:
            if getattr(interaction, "__name__", "") == "_store" and not failures:
                failures.append(1)
                raise DiskFull("no room")
            return await real(interaction, *arguments, **named)

        self.patch(self.database, "write", write)
        with self.assertRaises(DiskFull):
            await self.go_on(upload)
        self.assertFalse(self.resumable.path(upload).exists())
        self.resumable = self.fresh()
        self.assertEqual(await self.position(upload), 5000)
        finished = await self.go_on(upload)
        await self.work()
        self.assertEqual((await self.videos_of_alice(), len(self.storage.everything())), (1, 4))
        video = (await self.details(finished.video.uuid)).video
        self.assertEqual(self.storage.path("thumbnails", video.thumbnail_name).read_bytes(), b"small image A")

    async def test_given_up_after_such_a_crash(self) -> None:
        """Nothing is left of what was moved."""
        upload = await self.whole(thumbnail=self.temporary(b"image A"))
        self.storage.failing = None

        async def refuse(tx: Any, video_id: int) -> None:
            raise Conflict("lost")

        self.patch(self.resumable, "_note", lambda upload, tx, video_id: refuse(tx, video_id))
        with self.assertRaises(Conflict):
            await self.go_on(upload)
        await self.resumable.cancel(self.alice.viewer, upload.id)
        await self.nothing_is_left()

    async def test_while_a_finish_runs(self) -> None:
        """503, whoever asks for what."""
        upload = await self.whole(modified="17")
        asked: list[type[PodError]] = []
        real = self.media.probe

        async def probe(path: Any) -> Any:
            for call in (self.resumable.position, self.resumable.go_on, self.resumable.cancel):
                try:
                    await call(self.alice.viewer, upload.id)
                except PodError as error:
                    asked.append(type(error))
            try:
                await self.begin(modified="17")
            except PodError as error:
                asked.append(type(error))
            return await real(path)

        self.patch(self.media, "probe", probe)
        self.assertIsNotNone((await self.go_on(upload)).video)
        self.assertEqual(asked, [Unavailable] * 4)

    async def test_no_video(self) -> None:
        """A text called .mp4 is given up at once."""
        upload = await self.whole(content=b"text" * 1250)
        with self.assertRaises(Unprocessable):
            await self.go_on(upload)
        await self.nothing_is_left()

    async def test_a_picture_that_is_none(self) -> None:
        """The bytes of the video stay: it may be described anew."""
        upload = await self.whole(thumbnail=self.temporary(b"text"), modified="17")
        with self.assertRaises(Unprocessable):
            await self.go_on(upload)
        again = await self.begin(modified="17")
        self.assertEqual((again.id, again.received), (upload.id, 5000))
        self.assertIsNotNone((await self.go_on(again)).video)

    async def test_a_channel_that_went_meanwhile(self) -> None:
        """Refused; what is there stays until it is swept."""
        upload = await self.whole()
        await self.database.write(
            resumable_uploads.describe, evolve(upload, channel_id=self.bob.channel_id, updated_ms=self.clock.now_ms())
        )
        with self.assertRaises(Forbidden):
            await self.go_on(upload)
        self.assertEqual(await self.position(upload), 5000)


class GivenUpTests(ResumableCase):
    """Uploads that become nothing."""

    async def test_cancelled(self) -> None:
        """Once; then there is none."""
        upload = await self.begin(thumbnail=self.temporary(b"image"))
        await self.send(upload, 100)
        await self.resumable.cancel(self.alice.viewer, upload.id)
        with self.assertRaises(NotFound):
            await self.resumable.cancel(self.alice.viewer, upload.id)
        await self.nothing_is_left()

    async def test_swept_after_a_day(self) -> None:
        """Not while something happens to it; finished ones are forgotten, their videos stay."""
        await self.begin(preview=self.temporary(b"image"))
        finished = await self.go_on(await self.whole())
        busy = await self.begin()
        self.clock.time_ms += LIFE_MS + 1
        await self.send(busy, 10)
        self.assertEqual(await self.resumable.sweep(), 2)
        self.assertEqual(await self.resumable.sweep(), 0)
        await self.work()
        left = [name for name in self.storage.everything() if name.startswith("tmp")]
        self.assertEqual(left, [f"tmp_persistent/{busy.file_name}"])
        self.assertEqual(await self.videos_of_alice(), 1)
        with self.assertRaises(NotFound):
            await self.position(finished)

    async def test_user_removed(self) -> None:
        """Files go with the rows."""
        upload = await self.begin()
        await self.send(upload, 10)
        account = await self.database.read(self._account)
        await self.database.write(remove_account, account, self.clock.now_ms(), self.publisher)
        await self.work()
        self.assertEqual(self.storage.everything(), [])

    async def _account(self, tx: Any) -> Any:
        from peertube.storage import accounts

        return await accounts.by_id(tx, self.alice.viewer.user.account_id)
