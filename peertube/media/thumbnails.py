"""`peertube.usecases.ports.Media`: what is in a file, and the pictures of it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from peertube.errors import Unprocessable
from peertube.media import commands, probe
from peertube.media.ffmpeg import Command, Launcher, Limits, ProgramFailed
from peertube.model.actor_images import ImageKind
from peertube.model.media import MediaProbe
from peertube.model.storyboards import Grid

PROBE_LIMITS = Limits(wall_seconds=30, cpu_seconds=20, memory_bytes=2 * 2**30, file_bytes=0, output_bytes=2**20)
FRAME_LIMITS = Limits(wall_seconds=60, cpu_seconds=60, file_bytes=0, output_bytes=8 * 2**20)
PICTURE_LIMITS = Limits(wall_seconds=20, cpu_seconds=15, memory_bytes=2**30, file_bytes=0, output_bytes=2**20)

STORYBOARD_LIMITS = Limits(wall_seconds=1800, cpu_seconds=1800, file_bytes=0, output_bytes=8 * 2**20)

IMAGE_FORMATS = "JPEG,PNG,WEBP"
"""Pillow's names of the formats that users may send."""

_FRAME_FORMATS = "PPM"
_OF_VIDEOS = ("whole", "280x157:20000", "850x480:300000")
"""How the thumbnail and the preview are made."""

_ACTOR_IMAGE_BYTES = 450_000
"""The most bytes of one picture of an account or channel; four of them stay below the limit of the program's output."""

_JPEG = b"\xff\xd8\xff"
_PROGRAM = Path(__file__).with_name("picture_program.py")


class SandboxedMedia:
    """Looks into media files through the `Launcher`."""

    _log = Logger()

    def __init__(self, reactor: Any, launcher: Launcher) -> None:
        self._reactor = reactor
        self._launcher = launcher

    async def probe(self, path: Path) -> MediaProbe:
        """What is in the file.

        :raises Unprocessable: code ``not_a_video`` or ``unsupported_video``.
        """
        path = path.absolute()
        try:
            output = await self._launcher.run(Command(commands.probe(str(path)), reads=[path], limits=PROBE_LIMITS))
        except ProgramFailed as error:
            self._log.info("refused a file that is no video: {error}", error=str(error))
            raise Unprocessable("This file is not a video that we know", code="not_a_video") from error
        return probe.parse(output)

    async def pictures(self, path: Path, at_seconds: float, thumbnail: Path, preview: Path) -> None:
        """Write a frame of the video as JPEG: `thumbnail` (280x157, at most 20,000 bytes) and `preview` (850x480).

        The first frame serves when there is none at `at_seconds`.

        :raises Unprocessable: code ``no_picture``, when no frame can be decoded.
        """
        path = path.absolute()
        frame = await self._frame(path, at_seconds)
        if not frame and at_seconds > 0:
            frame = await self._frame(path, 0)
        if not frame:
            raise Unprocessable("No picture of this video could be read", code="no_picture")
        await self._make(frame, _FRAME_FORMATS, thumbnail, preview)

    async def resize(self, image: Path, thumbnail: Path, preview: Path) -> None:
        """The same two pictures from an image that a user sent (JPEG, PNG or WebP).

        :raises Unprocessable: code ``not_an_image``, also for one with too many pixels.
        """
        await self._make(image, IMAGE_FORMATS, thumbnail, preview)

    async def actor_images(self, image: Path, kind: ImageKind) -> Sequence[bytes]:
        """The JPEGs of an avatar or banner, in the order of `ImageKind.sizes`, from an image that a user sent.

        :raises Unprocessable: as `resize`.
        """
        sizes = [
            f"{width}x{height}:{min(_ACTOR_IMAGE_BYTES, width * height // 2 + 2000)}" for width, height in kind.sizes
        ]
        made = await self._made(image, IMAGE_FORMATS, ("cover", *sizes))
        if len(made) != len(sizes):
            raise _no_image()
        return made

    async def storyboard(self, path: Path, grid: Grid, *, only_keyframes: bool) -> bytes:
        """Frames of the video at equal distances, side by side in one JPEG picture.

        :param only_keyframes: decode nothing else, as long as that gives a picture.
        :raises Unprocessable: code ``no_picture``, when no frame can be decoded.
        """
        path = path.absolute()
        for fast in (True, False) if only_keyframes else (False,):
            command = commands.storyboard(str(path), grid, only_keyframes=fast)
            try:
                made = await self._launcher.run(Command(command, reads=[path], limits=STORYBOARD_LIMITS))
            except ProgramFailed as error:
                self._log.info("no storyboard: {error}", error=str(error))
                continue
            if made.startswith(_JPEG):
                return made
        raise Unprocessable("No picture of this video could be read", code="no_picture")

    async def _frame(self, path: Path, at_seconds: float) -> bytes:
        try:
            return await self._launcher.run(
                Command(commands.frame(str(path), at_seconds), reads=[path], limits=FRAME_LIMITS)
            )
        except ProgramFailed as error:
            self._log.info("no frame at {seconds} s: {error}", seconds=at_seconds, error=str(error))
            return b""

    async def _make(self, image: bytes | Path, formats: str, thumbnail: Path, preview: Path) -> None:
        made = await self._made(image, formats, _OF_VIDEOS)
        if len(made) != 2:
            raise _no_image()
        pool = self._reactor.getThreadPool()
        await deferToThreadPool(self._reactor, pool, thumbnail.write_bytes, made[0])
        await deferToThreadPool(self._reactor, pool, preview.write_bytes, made[1])

    async def _made(self, image: bytes | Path, formats: str, how: Sequence[str]) -> list[bytes]:
        command = Command(
            # -I: neither the environment nor the working directory decide what is imported.
            [sys.executable, "-I", str(_PROGRAM), formats, *how],
            reads=[_PROGRAM, *_python_folders()],
            limits=PICTURE_LIMITS,
        )
        try:
            output = await self._launcher.run(command, image)
        except ProgramFailed as error:
            self._log.info("refused an image: {error}", error=str(error))
            raise _no_image() from error
        made = []
        while output:
            length = int.from_bytes(output[:4], "big")
            made.append(output[4 : 4 + length])
            output = output[4 + length :]
            if not made[-1] or len(made[-1]) != length:
                raise _no_image()
        return made


def _no_image() -> Unprocessable:
    return Unprocessable("This file is not an image that we know", code="not_an_image")


def _python_folders() -> list[Path]:
    """Where this Python and its packages lie, beside ``/usr`` that every program sees."""
    folders = {Path(sys.prefix), Path(sys.base_prefix)}
    return sorted(folder for folder in folders if not folder.is_relative_to("/usr"))
