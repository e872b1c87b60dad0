"""Pictures and probing of real and of hostile files, through the real ffmpeg and Pillow."""

import io
import os
import struct
import zlib
from pathlib import Path

from PIL import Image
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import TestCase

from peertube.errors import Unprocessable
from peertube.media.ffmpeg import Launcher
from peertube.media.thumbnails import SandboxedMedia
from tests.media import clips


class _MediaCase(TestCase):
    bubblewrap: str | None = "bwrap"

    async def setUp(self) -> None:
        self.launcher = Launcher(reactor, bubblewrap=self.bubblewrap)
        await self.launcher.start()
        self.addCleanup(lambda: ensureDeferred(self.launcher.stop()))
        self.media = SandboxedMedia(reactor, self.launcher)
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.thumbnail, self.preview = self.folder / "thumbnail.jpg", self.folder / "preview.jpg"

    async def _refuses(self, path: Path, code: str = "not_a_video") -> None:
        with self.assertRaises(Unprocessable) as caught:
            await self.media.probe(path)
        self.assertEqual(caught.exception.code, code)

    def _check_pictures(self) -> Image.Image:
        with Image.open(self.thumbnail) as small, Image.open(self.preview) as large:
            self.assertEqual((small.format, small.size), ("JPEG", (280, 157)))
            self.assertEqual((large.format, large.size), ("JPEG", (850, 480)))
            self.assertLessEqual(self.thumbnail.stat().st_size, 20_000)
            return large.copy()


class ProbeTests(_MediaCase):
    """Files as people upload them."""

    async def test_video(self) -> None:
        """Size, length, rate and codecs of a real clip."""
        seen = await self.media.probe(clips.video(self.folder / "a.mp4", seconds=1))
        self.assertEqual((seen.width, seen.height, seen.fps), (320, 180, 25))
        self.assertEqual((seen.has_video, seen.has_audio), (True, True))
        self.assertAlmostEqual(seen.duration, 1, delta=0.2)
        self.assertIn("mp4", seen.format_names)

    async def test_other_containers(self) -> None:
        """The container counts, not the name's ending."""
        for ending, codec in [(".webm", "vp9"), (".mkv", "h264"), (".avi", "mpeg4"), (".ogv", "theora"), (".ts", None)]:
            made = clips.video(self.folder / f"a{ending}", audio=False)
            renamed = made.rename(self.folder / f"{ending[1:]}.mp4")
            seen = await self.media.probe(renamed)
            self.assertEqual((seen.width, seen.has_audio), (320, False), ending)
            if codec is not None:
                self.assertEqual(seen.video_codec, codec)

    async def test_strange_names(self) -> None:
        """Names are never options, patterns or protocols."""
        for name in ("-y.mp4", "concat:a.mp4", "a %03d\n'$(id).mp4"):
            made = clips.video(self.folder / "plain.mp4", audio=False).rename(self.folder / name)
            self.assertEqual((await self.media.probe(made)).width, 320)

    async def test_text_called_mp4(self) -> None:
        """The commonest mistake and the oldest trick."""
        for content in (b"", b"hello\n" * 1000, b"#!/bin/sh\nid\n", b"\0" * 5000, b"<html></html>"):
            path = self.folder / "text.mp4"
            path.write_bytes(content)
            await self._refuses(path)

    async def test_sound_and_pictures_are_no_video(self) -> None:
        """What a player could not show as a film."""
        sound = clips.make(self.folder / "a.m4a", "-f", "lavfi", "-i", "sine=duration=1")
        await self._refuses(sound.rename(self.folder / "sound.mp4"))
        picture = clips.make(self.folder / "a.png", "-f", "lavfi", "-i", "testsrc=duration=1", "-frames:v", "1")
        await self._refuses(picture.rename(self.folder / "picture.mp4"))

    async def test_truncated(self) -> None:
        """A broken upload is refused or readable, and never anything else."""
        whole = clips.video(self.folder / "whole.mp4").read_bytes()
        for percent in range(0, 100, 10):
            path = self.folder / "part.mp4"
            path.write_bytes(whole[: len(whole) * percent // 100])
            await self._refuses(path)


class HostileTests(_MediaCase):
    """Files that name other files. Also without the sandbox: the whitelists hold alone."""

    bubblewrap = None

    async def setUp(self) -> None:
        await super().setUp()
        self.connections: list[object] = []
        factory = Factory.forProtocol(lambda: _Canary(self.connections))
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        self.url = f"http://127.0.0.1:{port.getHost().port}/canary.ts"
        self.secret = clips.video(self.folder / "secret.ts", audio=False)
        # So old that the first reading shows, also on file systems mounted with relatime.
        os.utime(self.secret, ns=(0, self.secret.stat().st_mtime_ns))

    async def test_playlists(self) -> None:
        """HLS, DASH, concat scripts and lists of images, whatever they are called, read nothing."""
        corpus = {
            "hls to a URL": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{self.url}\n#EXT-X-ENDLIST\n",
            "hls to a file": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{self.secret}\n#EXT-X-ENDLIST\n",
            "hls relative": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n",
            "hls by concat": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nconcat:{self.url}|file:/etc/passwd\n",
            "concat to a file": f"ffconcat version 1.0\nfile '{self.secret}'\n",
            "concat to a URL": f"ffconcat version 1.0\nfile '{self.url}'\n",
            "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
            f"<AdaptationSet><Representation><BaseURL>{self.url}</BaseURL></Representation></AdaptationSet>"
            "</Period></MPD>",
            "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
        }
        for what, content in corpus.items():
            for name in ("a.mp4", "a.m3u8", "a.webm", "a.txt"):
                path = self.folder / name
                path.write_text(content)
                await self._refuses(path)
                self.assertFalse(self._secret_was_read(), what)
            with self.assertRaises(Unprocessable):
                await self.media.pictures(path, 0, self.thumbnail, self.preview)
        self.assertEqual(self.connections, [])
        self.assertFalse(self.thumbnail.exists())

    def _secret_was_read(self) -> bool:
        return self.secret.stat().st_atime_ns != 0


class _Canary(Protocol):
    def __init__(self, connections: list[object]) -> None:
        self._connections = connections

    def connectionMade(self) -> None:
        self._connections.append(self)
        self.transport.loseConnection()


class PicturesTests(_MediaCase):
    """What a visitor sees first of a video."""

    async def test_of_a_video(self) -> None:
        """Both sizes, filled, from the middle of the film."""
        path = clips.video(self.folder / "a.mp4", size="1280x720", seconds=1)
        await self.media.pictures(path, 0.5, self.thumbnail, self.preview)
        self._check_pictures()

    async def test_time_past_the_end(self) -> None:
        """A length that lies still gives a picture."""
        path = clips.video(self.folder / "a.mp4", seconds=1)
        await self.media.pictures(path, 900, self.thumbnail, self.preview)
        self._check_pictures()

    async def test_noise_fits(self) -> None:
        """Friends get the thumbnail in a message: quality gives way, the limit does not."""
        path = clips.make(
            self.folder / "a.mp4", "-f", "lavfi", "-i", "nullsrc=s=640x360:d=1,geq=random(1)*255:128:128", "-qp", "1"
        )
        await self.media.pictures(path, 0.3, self.thumbnail, self.preview)
        self._check_pictures()

    async def test_upright(self) -> None:
        """An upright video is seen whole, in the middle."""
        path = clips.make(self.folder / "a.mp4", "-f", "lavfi", "-i", "color=red:size=180x320:duration=1")
        await self.media.pictures(path, 0, self.thumbnail, self.preview)
        middle = self._check_pictures().getpixel((425, 240))
        assert isinstance(middle, tuple)
        self.assertGreater(middle[0], 200)


class ResizeTests(_MediaCase):
    """Images that users send."""

    def _image(self, kind: str, size: tuple[int, int] = (1000, 600), mode: str = "RGB") -> Path:
        path = self.folder / "image"
        Image.new(mode, size, "blue").save(path, kind)
        return path

    async def test_formats(self) -> None:
        """JPEG, PNG and WebP, also see-through and in colours of print."""
        for kind, mode in [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")]:
            await self.media.resize(self._image(kind, mode=mode), self.thumbnail, self.preview)
            self._check_pictures()

    async def test_metadata_is_gone(self) -> None:
        """Where a photo was taken is nobody's business."""
        exif = Image.Exif()
        exif[0x010E] = "at home"
        path = self.folder / "image"
        Image.new("RGB", (900, 500)).save(path, "JPEG", exif=exif)
        self.assertIn(b"at home", path.read_bytes())
        await self.media.resize(path, self.thumbnail, self.preview)
        self.assertNotIn(b"at home", self.preview.read_bytes() + self.thumbnail.read_bytes())

    async def test_no_image(self) -> None:
        """Text, half a file, and formats that nobody needs."""
        whole = self._image("PNG").read_bytes()
        tiff = io.BytesIO()
        Image.new("RGB", (10, 10)).save(tiff, "TIFF")
        for content in (
            b"",
            b"hello",
            whole[:40],
            whole[: len(whole) // 2],
            tiff.getvalue(),
            b"<svg/>",
            b"%!PS-Adobe-3.0\n",
        ):
            path = self.folder / "image"
            path.write_bytes(content)
            with self.assertRaises(Unprocessable) as caught:
                await self.media.resize(path, self.thumbnail, self.preview)
            self.assertEqual(caught.exception.code, "not_an_image")
        self.assertFalse(self.thumbnail.exists())

    async def test_decompression_bomb(self) -> None:
        """A small file that says it is a wall of pixels."""

        def chunk(kind: bytes, content: bytes) -> bytes:
            body = kind + content
            return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

        header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
        pixels = zlib.compress(bytes(30_001) * 3000)
        path = self.folder / "image"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
        with self.assertRaises(Unprocessable):
            await self.media.resize(path, self.thumbnail, self.preview)
