"""Storyboards and chapters of real files, by the real programs."""

import io
from pathlib import Path

from PIL import Image
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from peertube.errors import Unprocessable
from peertube.media.ffmpeg import Launcher
from peertube.media.thumbnails import SandboxedMedia
from peertube.model.chapters import Chapter
from peertube.model.storyboards import grid_of
from tests.media.clips import make, video

_METADATA = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2000
title=One
[CHAPTER]
TIMEBASE=1/1000
START=2000
END=4000
title=Two
"""


class StoryboardTests(TestCase):
    """What ffmpeg makes of our command lines."""

    async def setUp(self) -> None:
        from twisted.internet import reactor

        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.launcher = Launcher(reactor)
        await Deferred.fromCoroutine(self.launcher.start())
        self.addCleanup(lambda: Deferred.fromCoroutine(self.launcher.stop()))
        self.media = SandboxedMedia(reactor, self.launcher)

    async def test_a_picture_of_all_frames(self) -> None:
        """Its size is what the grid says; all frames are decoded where key frames alone give none."""
        clip = video(self.folder / "clip.mp4", seconds=4, audio=False)
        grid = grid_of(4, 320, 180)
        assert grid is not None
        for only_keyframes in (False, True):
            made = await Deferred.fromCoroutine(self.media.storyboard(clip, grid, only_keyframes=only_keyframes))
            with Image.open(io.BytesIO(made)) as picture:
                self.assertEqual((picture.format, picture.size), ("JPEG", (grid.total_width, grid.total_height)))
                width, height = grid.sprite_width, grid.sprite_height
                for left, top in [(0, 0), (width, 0), (0, height), (width, height)]:
                    frame = picture.convert("L").crop((left, top, left + width, top + height))
                    self.assertGreater(len(set(frame.getdata())), 20, f"nothing at {left}, {top}")

    async def test_no_video(self) -> None:
        """A file of something else is a clear error."""
        nothing = self.folder / "clip.mp4"
        nothing.write_bytes(b"nothing " * 1000)
        grid = grid_of(4, 320, 180)
        assert grid is not None
        with self.assertRaises(Unprocessable):
            await Deferred.fromCoroutine(self.media.storyboard(nothing, grid, only_keyframes=False))

    async def test_chapters_of_a_file(self) -> None:
        """As its metadata names them."""
        clip = video(self.folder / "plain.mp4", seconds=4, audio=False)
        metadata = self.folder / "metadata.txt"
        metadata.write_text(_METADATA)
        named = make(
            self.folder / "named.mp4", "-i", str(clip), "-i", str(metadata), "-map_metadata", "1", "-codec", "copy"
        )
        probed = await Deferred.fromCoroutine(self.media.probe(named))
        self.assertEqual(probed.chapters, (Chapter(0, "One"), Chapter(2, "Two")))
        self.assertEqual((await Deferred.fromCoroutine(self.media.probe(clip))).chapters, ())
