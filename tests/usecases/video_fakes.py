"""The outside of the use cases of videos, in memory: one list of what was done, in order."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from peertube.config.schema import Storage
from peertube.errors import NotFound, Unprocessable
from peertube.model.actor_images import ImageKind
from peertube.model.storyboards import Grid
from peertube.usecases.ports import MediaProbe

PROBE = MediaProbe(
    duration=10.02,
    width=640,
    height=360,
    fps=25,
    has_audio=True,
    has_video=True,
    format_names=("mov", "mp4"),
    video_codec="h264",
    audio_codec="aac",
)


class FakeClock:
    """A clock that is set by hand."""

    def __init__(self, now_ms: int) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms


class FakeRandomness:
    """Counts."""

    def __init__(self) -> None:
        self._count = 0

    def uuid(self) -> str:
        self._count += 1
        return f"aaaaaaaa-0000-4000-8000-{self._count:012d}"

    def token(self) -> str:
        return self.uuid()

    def fraction(self) -> float:
        return 0.5


class FakePublisher:
    """Keeps the news."""

    def __init__(self) -> None:
        self.news: list[tuple[str, Mapping[str, Any]]] = []

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        self.news.append((topic, message))

    def of(self, topic: str) -> list[Mapping[str, Any]]:
        return [message for name, message in self.news if name == topic]


class FakeCounters:
    """Counts without an end."""

    def __init__(self) -> None:
        self._hits: dict[str, int] = {}

    def hit(self, key: str, window_seconds: float, by: int = 1) -> int:
        self._hits[key] = self._hits.get(key, 0) + by
        return self._hits[key]

    def remaining_seconds(self, key: str) -> float:
        return 1 if key in self._hits else 0


class FakeVault:
    """Seals with a word in front."""

    def seal(self, text: str) -> str:
        return f"sealed {text}"

    def unseal(self, sealed: str) -> str | None:
        return sealed.removeprefix("sealed ") if sealed.startswith("sealed ") else None

    def digest(self, text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    def secret(self, purpose: str) -> str:
        return f"a long secret for nothing but one {purpose}"


class FakeStorage:
    """Folders in a directory of the test."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._count = 0
        self.failing: str | None = None
        self.free = 2**40
        for kind in Storage.model_fields:
            (root / kind).mkdir(parents=True)

    def path(self, kind: str, name: str) -> Path:
        return self._root / kind / name

    def new_temporary(self, suffix: str = "") -> Path:
        self._count += 1
        return self.path("tmp", f"{self._count}{suffix}")

    async def keep(self, temporary: Path, kind: str, name: str) -> None:
        if self.failing == kind:
            raise OSError("no room")
        temporary.rename(self.path(kind, name))

    async def write(self, kind: str, name: str, content: bytes) -> None:
        self.path(kind, name).write_bytes(content)

    async def read(self, kind: str, name: str, limit: int) -> bytes:
        try:
            return self.path(kind, name).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("no such file") from error

    async def discard(self, kind: str, names: Sequence[str]) -> None:
        for name in names:
            self.path(kind, name).unlink(missing_ok=True)

    async def names(self, kind: str) -> list[str]:
        return sorted(path.name for path in (self._root / kind).iterdir())

    async def discard_temporary(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    async def free_bytes(self) -> int:
        return self.free

    def everything(self) -> list[str]:
        """All files, as ``kind/name``."""
        return sorted(str(path.relative_to(self._root)) for path in self._root.rglob("*") if path.is_file())


class FakeMedia:
    """Believes that every file is the same clip, but for those that begin with ``text``."""

    def __init__(self) -> None:
        self.probed = PROBE
        self.failing: Exception | None = None

    async def probe(self, path: Path) -> MediaProbe:
        if path.read_bytes().startswith(b"text"):
            raise Unprocessable("This file is not a video", code="not_a_video")
        return self.probed

    async def pictures(self, path: Path, at_seconds: float, thumbnail: Path, preview: Path) -> None:
        if self.failing is not None:
            raise self.failing
        thumbnail.write_bytes(b"small frame at %d" % at_seconds)
        preview.write_bytes(b"large frame at %d" % at_seconds)

    async def storyboard(self, path: Path, grid: Grid, *, only_keyframes: bool) -> bytes:
        if self.failing is not None:
            raise self.failing
        return b"%d by %d frames" % (grid.columns, grid.rows)

    async def resize(self, image: Path, thumbnail: Path, preview: Path) -> None:
        if image.read_bytes().startswith(b"text"):
            raise Unprocessable("This file is not an image", code="not_an_image")
        thumbnail.write_bytes(b"small " + image.read_bytes())
        preview.write_bytes(b"large " + image.read_bytes())

    async def actor_images(self, image: Path, kind: ImageKind) -> Sequence[bytes]:
        if image.read_bytes().startswith(b"text"):
            raise Unprocessable("This file is not an image", code="not_an_image")
        return [b"%d of %s" % (width, image.read_bytes()) for width, _ in kind.sizes]


class FakeCaptionReader:
    """Believes everything but what begins with ``binary``."""

    async def read(self, path: Path, extension: str) -> str:
        content = path.read_bytes()
        if content.startswith(b"binary"):
            raise Unprocessable("These are no captions", code="not_captions")
        return f"WEBVTT\n\n{extension} {content.decode()}\n"


class FakeHasher:
    """Hashes at once."""

    async def pieces(self, path: Path, piece_length: int, progress: Callable[[int], None]) -> bytes:
        content = path.read_bytes()
        starts = range(0, len(content), piece_length)
        return b"".join(hashlib.sha1(content[start : start + piece_length]).digest() for start in starts)


async def no_progress(percent: int) -> None:
    """Nobody looks."""
