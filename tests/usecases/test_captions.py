"""Captions, chapters and storyboards of videos, and what becomes of their files."""

from collections.abc import Mapping

from attrs import evolve

from peertube.config.schema import Storyboards as StoryboardSettings
from peertube.errors import Forbidden, Invalid, NotFound, Unauthorized, Unprocessable, UnsupportedMedia
from peertube.model.chapters import Chapter
from peertube.model.videos import Privacy
from peertube.storage import file_names
from peertube.usecases.captions import Captions
from peertube.usecases.chapters import Chapters
from peertube.usecases.ports import JobRunner
from peertube.usecases.storyboards import Storyboards
from tests.usecases.video_fakes import PROBE, FakeCaptionReader
from tests.usecases.video_world import SETTINGS, VideoCase


class BesideVideosCase(VideoCase):
    """Alice has a video."""

    settings = SETTINGS.model_copy(update={"storyboards": StoryboardSettings(enabled=True)})

    async def more(self) -> None:
        self.captions = Captions(
            database=self.database,
            clock=self.clock,
            publisher=self.publisher,
            randomness=self.randomness,
            storage=self.storage,
            reader=FakeCaptionReader(),
        )
        self.chapters = Chapters(database=self.database)
        self.storyboards = Storyboards(
            database=self.database,
            clock=self.clock,
            randomness=self.randomness,
            storage=self.storage,
            media=self.media,
        )
        self.bob = await self.person("bob")

    def runners(self) -> Mapping[str, JobRunner]:
        return {**super().runners(), **self.storyboards.runners()}

    def kept(self, kind: str) -> list[str]:
        """The content of all files of a kind."""
        return [path.read_text() for path in sorted(self.storage.path(kind, "x").parent.iterdir())]


class CaptionTests(BesideVideosCase):
    """Text beside pictures."""

    async def put(self, uuid: str, language: str, content: bytes, name: str = "c.srt") -> None:
        await self.captions.put(self.alice.viewer, uuid, language, self.temporary(content), name)

    async def test_taken_replaced_removed(self) -> None:
        """At no time is there a file that no row names, or a row without its file."""
        uuid = await self.publish()
        await self.put(uuid, "en", b"first")
        await self.put(uuid, "de", b"erste", "c.VTT")
        await self.put(uuid, "en", b"second")
        await self.work()
        self.assertEqual(self.kept("captions"), ["WEBVTT\n\n.vtt erste\n", "WEBVTT\n\n.srt second\n"])
        found = await self.captions.listing(None, uuid)
        self.assertEqual([caption.language for caption in found], ["de", "en"])
        named = await self.database.read(file_names.of_videos, "captions")
        self.assertEqual({one.name for one in named}, {caption.file_name for caption in found})
        await self.captions.remove(self.alice.viewer, uuid, "de")
        await self.work()
        self.assertEqual(len(self.kept("captions")), 1)
        await self.videos.remove(self.alice.viewer, uuid)
        await self.work()
        self.assertEqual((self.kept("captions"), self.kept("storyboards")), ([], []))

    async def test_refusals(self) -> None:
        """Nothing is left of what was refused."""
        uuid = await self.publish(privacy=Privacy.PRIVATE)
        with self.assertRaises(Unprocessable):
            await self.put(uuid, "en", b"binary")
        with self.assertRaises(UnsupportedMedia):
            await self.put(uuid, "en", b"text", "c.exe")
        with self.assertRaises(Invalid):
            await self.put(uuid, "../x", b"text")
        with self.assertRaises(Forbidden):
            await self.captions.put(self.bob.viewer, uuid, "en", self.temporary(b"text"), "c.vtt")
        with self.assertRaises(NotFound):
            await self.captions.remove(self.alice.viewer, uuid, "en")
        with self.assertRaises(Unauthorized):
            await self.captions.listing(None, uuid)
        self.assertEqual(self.kept("captions"), [])

    async def test_full_disk(self) -> None:
        """A failure takes back what it announced."""
        uuid = await self.publish()

        async def fail(kind: str, name: str, content: bytes) -> None:
            raise OSError("no room")

        self.storage.write = fail  # type: ignore[method-assign]
        with self.assertRaises(OSError):
            await self.put(uuid, "en", b"text")
        self.assertEqual(await self.captions.listing(None, uuid), ())
        self.assertEqual([job for job in await self.waiting_jobs() if job.state.value == "waiting"], [])


class ChapterTests(BesideVideosCase):
    """Set, found in the file, or written in the description."""

    async def test_of_the_description(self) -> None:
        """They follow it until the owner sets others."""
        uuid = await self.publish(description="0:00 Start\n0:05 End")
        described = (Chapter(0, "Start"), Chapter(5, "End"))
        self.assertEqual(await self.chapters.listing(None, uuid), described)
        own = [Chapter(7, "Late"), Chapter(1, "Early")]
        await self.chapters.replace(self.alice.viewer, uuid, own)
        self.assertEqual(await self.chapters.listing(None, uuid), (Chapter(1, "Early"), Chapter(7, "Late")))
        await self.chapters.replace(self.alice.viewer, uuid, [])
        self.assertEqual(await self.chapters.listing(None, uuid), described)

    async def test_of_the_file(self) -> None:
        """The description comes first."""
        held = (Chapter(0, "One"), Chapter(4, "Two"))
        self.media.probed = evolve(PROBE, chapters=held)
        plain = await self.publish()
        described = await self.publish(description="0:00 Start\n0:05 End")
        self.assertEqual(await self.chapters.listing(None, plain), held)
        self.assertEqual((await self.chapters.listing(None, described))[0].title, "Start")

    async def test_refusals(self) -> None:
        """Others may not, and times must be in the video."""
        uuid = await self.publish()
        with self.assertRaises(Forbidden):
            await self.chapters.replace(self.bob.viewer, uuid, [])
        with self.assertRaises(Invalid):
            await self.chapters.replace(self.alice.viewer, uuid, [Chapter(99, "Beyond")])


class StoryboardTests(BesideVideosCase):
    """Pictures of many small frames."""

    async def test_made_after_publication(self) -> None:
        """Of every video that is long enough."""
        uuid = await self.publish()
        self.assertEqual(self.kept("storyboards"), ["4 by 3 frames"])
        found = await self.storyboards.of_video(None, uuid)
        assert found is not None
        self.assertEqual((found.total_width, found.total_height, found.sprite_seconds), (4 * 192, 3 * 108, 1))

    async def test_once_more(self) -> None:
        """A job that runs twice leaves one picture."""
        uuid = await self.publish()
        (job,) = [job for job in await self.waiting_jobs() if job.kind == "generate-storyboard"]
        await self.runners()[job.kind](job, _no_progress)
        await self.work()
        self.assertEqual(len(self.kept("storyboards")), 1)
        self.assertIsNotNone(await self.storyboards.of_video(None, uuid))

    async def test_video_gone(self) -> None:
        """Nothing is kept for a video that was removed meanwhile."""
        uuid = await self.publish()
        (job,) = [job for job in await self.waiting_jobs() if job.kind == "generate-storyboard"]
        await self.videos.remove(self.alice.viewer, uuid)
        await self.runners()[job.kind](job, _no_progress)
        await self.work()
        self.assertEqual(self.kept("storyboards"), [])


async def _no_progress(percent: int) -> None:
    """Nobody looks."""
