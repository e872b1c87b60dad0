"""Decisions about open files: remembered for moments, forgotten when they may be wrong."""

from peertube.errors import NotFound, Unauthorized
from peertube.model.videos import Privacy
from peertube.usecases.files import Files, FoundFile
from peertube.usecases.open_files import KEPT_MS, OpenFiles
from tests.usecases.video_world import VideoCase


class OpenFilesTests(VideoCase):
    """One read of the database serves many requests."""

    async def more(self) -> None:
        self.remembered = OpenFiles(clock=self.clock)
        self.reads = 0
        read = self.database.read

        async def counting(*arguments, **named):
            self.reads += 1
            return await read(*arguments, **named)

        self.patch(self.database, "read", counting)
        self.files = Files(database=self.database, storage=self.storage, access=self.access, remembered=self.remembered)

    async def name(self, privacy: Privacy = Privacy.PUBLIC) -> str:
        (file,) = (await self.details(await self.publish(privacy=privacy))).files
        self.reads = 0
        return str(file.file_name)

    async def test_one_read_for_many_requests(self) -> None:
        """Of anybody."""
        name = await self.name()
        for viewer in (None, self.alice.viewer, None):
            self.assertTrue((await self.files.resolve(viewer, "web_videos", name)).is_open)
        self.assertEqual(self.reads, 1)

    async def test_private_files_are_looked_up_each_time(self) -> None:
        """What the owner may see is not what others may."""
        name = await self.name(Privacy.PRIVATE)
        await self.files.resolve(self.alice.viewer, "web_videos", name)
        with self.assertRaises(Unauthorized):
            await self.files.resolve(None, "web_videos", name)

    async def test_news_end_it(self) -> None:
        """A torrent that is public no longer may be that of any file."""
        name = await self.name()
        await self.files.resolve(None, "web_videos", name)
        self.remembered.hear({"added": ["a" * 40], "removed": []})
        self.assertIsNotNone(self.remembered.get("web_videos", name))
        self.remembered.hear({"added": [], "removed": ["a" * 40]})
        self.assertIsNone(self.remembered.get("web_videos", name))

    async def test_what_was_read_before_the_news_is_not_kept(self) -> None:
        """The news came while the database answered."""
        found = FoundFile(self.storage.path("web_videos", "a.mp4"), is_open=True)
        generation = self.remembered.generation
        self.remembered.hear({"removed": ["a" * 40]})
        self.remembered.put("web_videos", "a.mp4", found, generation)
        self.assertIsNone(self.remembered.get("web_videos", "a.mp4"))

    async def test_time_ends_it(self) -> None:
        """Whatever news was lost."""
        name = await self.name()
        await self.files.resolve(None, "web_videos", name)
        self.clock.time_ms += KEPT_MS
        self.assertIsNone(self.remembered.get("web_videos", name))

    async def test_unknown_names_are_not_kept(self) -> None:
        """Strangers fill no memory."""
        with self.assertRaises(NotFound):
            await self.files.resolve(None, "web_videos", "nothing.mp4")
        self.assertIsNone(self.remembered.get("web_videos", "nothing.mp4"))
