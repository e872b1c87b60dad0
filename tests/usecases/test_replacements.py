"""Another file in the place of a video's."""

from attrs import evolve

from peertube.config.schema import VideoFileSettings, VideoFileUpdate
from peertube.errors import Conflict, Forbidden, NotFound, Unauthorized, Unprocessable
from peertube.model import topics
from peertube.model.resumable_uploads import ResumableUpload
from peertube.model.users import Role, Viewer
from peertube.model.video_access import Proof
from peertube.model.videos import Privacy, VideoFields
from peertube.usecases.files import Files
from peertube.usecases.new_uploads import NewUpload
from tests.storage.publishers import NOW_MS
from tests.usecases.video_fakes import PROBE
from tests.usecases.video_world import SETTINGS, VideoCase

NEW = b"another video" * 500


class ReplacementTests(VideoCase):
    """Viewers see the old file until the new one is ready; then nobody does."""

    settings = SETTINGS.model_copy(update={"video_file": VideoFileSettings(update=VideoFileUpdate(enabled=True))})

    async def more(self) -> None:
        self.bob = (await self.person("bob")).viewer
        self.maud = (await self.person("maud", role=Role.MODERATOR)).viewer
        self.files = Files(database=self.database, storage=self.storage, access=self.access)
        self.resumable = self.resumable_uploads()

    async def begin(self, uuid: str, content: bytes = NEW, viewer: Viewer | None = None) -> ResumableUpload:
        """The file has arrived, and nothing was done with it."""
        viewer = viewer or self.alice.viewer
        found = await self.replacements.require(viewer, uuid)
        request = NewUpload(
            filename="better.mp4",
            size=len(content),
            channel_id=found.video.channel.id,
            fields=VideoFields(name="unused"),
            replaces=found.video.id,
        )
        upload = await self.resumable.begin(viewer, request)
        self.resumable.path(upload).write_bytes(content)
        await self.resumable.received(upload, len(content))
        return upload

    async def replace(self, uuid: str, viewer: Viewer | None = None) -> None:
        upload = await self.begin(uuid, viewer=viewer)
        finished = await self.resumable.go_on(viewer or self.alice.viewer, upload.id)
        self.assertEqual(finished.video.uuid, uuid)

    async def test_everything_follows(self) -> None:
        """File, torrent, tracker, friends; of the old one nothing stays."""
        uuid = await self.publish(filename="first.mp4")
        before = await self.details(uuid)
        self.media.probed = evolve(PROBE, duration=20.0, width=1280, height=720)
        self.clock.time_ms += 1000
        await self.replace(uuid)
        after = await self.details(uuid)
        (old,), (new,) = before.files, after.files
        self.assertEqual((new.resolution, new.size, after.video.duration), (720, len(NEW), 20))
        self.assertEqual(after.video.input_file_updated_ms, NOW_MS + 1000)
        self.assertNotEqual(new.info_hash, old.info_hash)
        self.assertEqual(self.publisher.of(topics.TORRENTS)[-1], {"added": [new.info_hash], "removed": [old.info_hash]})
        self.assertEqual((await self.told())[-1], ("update-video", after.video.version))
        await self.work()
        for kind, name in (("web_videos", new.file_name), ("torrents", new.torrent_name)):
            self.assertEqual(await self.storage.names(kind), [name])
        self.assertEqual(self.storage.path("web_videos", new.file_name).read_bytes(), NEW)
        self.assertEqual(await self.storage.names("tmp_persistent"), [])
        source = await self.replacements.source(self.alice.viewer, uuid)
        self.assertEqual((source.filename, source.file_name, source.size), ("better.mp4", new.file_name, len(NEW)))

    async def test_private_ones_quietly(self) -> None:
        """Neither tracker nor friends."""
        uuid = await self.publish(privacy=Privacy.PRIVATE)
        await self.replace(uuid, self.maud)
        self.assertEqual(self.publisher.of(topics.TORRENTS)[-1]["added"], [])
        self.assertEqual(await self.told(), [])

    async def test_who_may(self) -> None:
        """Owners and moderators, of videos that are ready, where it is offered."""
        uuid = await self.publish()
        with self.assertRaises(Forbidden):
            await self.replacements.require(self.bob, uuid)
        with self.assertRaises(Conflict):
            await self.replacements.require(self.alice.viewer, await self.upload())
        with self.assertRaises(NotFound):
            await self.replacements.require(self.alice.viewer, "99")
        self.replacements._settings = SETTINGS
        with self.assertRaises(Forbidden):
            await self.replacements.require(self.alice.viewer, uuid)

    async def test_what_is_no_video(self) -> None:
        """The old file stays, and nothing of the new one."""
        uuid = await self.publish()
        before, files = await self.details(uuid), self.storage.everything()
        upload = await self.begin(uuid, b"text" * 100)
        with self.assertRaises(Unprocessable):
            await self.resumable.go_on(self.alice.viewer, upload.id)
        await self.work()
        self.assertEqual((await self.details(uuid), self.storage.everything()), (before, files))

    async def test_of_a_video_that_is_removed_meanwhile(self) -> None:
        """What was kept of it goes when it is given up."""
        uuid = await self.publish()
        upload = await self.begin(uuid)
        await self.videos.remove(self.alice.viewer, uuid)
        with self.assertRaises(NotFound):
            await self.resumable.go_on(self.alice.viewer, upload.id)
        await self.resumable.cancel(self.alice.viewer, upload.id)
        await self.work()
        self.assertEqual(self.storage.everything(), [])

    async def test_a_finish_that_was_interrupted_goes_on(self) -> None:
        """The file was moved and its torrent written, and then the pod died."""
        uuid = await self.publish()
        upload = await self.begin(uuid)
        publisher, self.replacements._publisher = self.replacements._publisher, None
        swap, self.replacements._swap = self.replacements._swap, self._die
        with self.assertRaises(ZeroDivisionError):
            await self.resumable.go_on(self.alice.viewer, upload.id)
        self.replacements._publisher, self.replacements._swap = publisher, swap
        await self.resumable.go_on(self.alice.viewer, upload.id)
        await self.work()
        self.assertEqual([len(await self.storage.names(kind)) for kind in ("web_videos", "torrents")], [1, 1])

    async def _die(self, *arguments: object) -> None:
        raise ZeroDivisionError

    async def test_the_source_is_for_those_who_may_change_the_video(self) -> None:
        """Under the name that it had at its owner's."""
        uuid = await self.publish(filename="holiday.mp4")
        name = (await self.replacements.source(self.maud, uuid)).file_name
        self.assertEqual((await self.files.source_to_save(self.alice.viewer, name)).download_name, "holiday.mp4")
        with self.assertRaises(Forbidden):
            await self.replacements.source(self.bob, uuid)
        with self.assertRaises(Forbidden):
            await self.files.source_to_save(self.bob, name)
        with self.assertRaises(Unauthorized):
            await self.files.source_to_save(None, name)
        for other in ("nothing.mp4", "../x", ""):
            with self.assertRaises(NotFound):
                await self.files.source_to_save(self.alice.viewer, other)
        self.assertTrue((await self.files.resolve(None, "web_videos", name, Proof())).is_open)
