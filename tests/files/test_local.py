"""Files that are whole or not there, in folders that are ours."""

import errno
import os
import stat
import subprocess
from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from peertube.config.schema import Storage
from peertube.errors import InsufficientStorage, Invalid, NotFound, TooLarge
from peertube.files.local import MARKER, LocalStorage, NotOurs


class _StorageCase(TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.settings = self._settings(self.folder)
        self.storage = LocalStorage(reactor, self.settings)

    def _settings(self, folder: Path) -> Storage:
        return Storage(**{kind: folder / kind for kind in Storage.model_fields})


class StartTests(_StorageCase):
    """A wrong line in the configuration must never cost anybody's files."""

    async def test_makes_and_marks_the_folders(self) -> None:
        """And finds them again."""
        await self.storage.start()
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(Storage.model_fields))
        for kind in Storage.model_fields:
            self.assertEqual(os.listdir(self.folder / kind), [MARKER])
        await self.storage.write("torrents", "a.torrent", b"a")
        await LocalStorage(reactor, self.settings).start()
        self.assertEqual(await self.storage.read("torrents", "a.torrent", 10), b"a")

    async def test_refuses_what_is_not_ours(self) -> None:
        """Files without our marker: nothing at all is written then."""
        (self.folder / "thumbnails").mkdir(parents=True)
        (self.folder / "thumbnails" / "theirs.jpg").write_bytes(b"theirs")
        with self.assertRaisesRegex(NotOurs, "storage.thumbnails"):
            await self.storage.start()
        self.assertEqual(os.listdir(self.folder), ["thumbnails"])
        self.assertEqual(os.listdir(self.folder / "thumbnails"), ["theirs.jpg"])

    async def test_a_file_in_the_place_of_a_folder(self) -> None:
        """Said in the operator's words."""
        self.folder.write_bytes(b"")
        with self.assertRaises(NotOurs):
            await self.storage.start()

    async def test_sizes(self) -> None:
        """Bytes of files; the marker is none of them."""
        await self.storage.start()
        self.assertEqual(set((await self.storage.sizes()).values()), {0})
        await self.storage.write("torrents", "a.torrent", b"abc")
        self.assertEqual((await self.storage.sizes())["torrents"], 3)

    async def test_sweeps_unfinished_files(self) -> None:
        """What a crash left in `tmp` goes at start, what a client left goes by age."""
        await self.storage.start()
        kept = self.storage.path("web_videos", "a.mp4")
        kept.write_bytes(b"a")
        self.storage.new_temporary().write_bytes(b"left")
        await LocalStorage(reactor, self.settings).start()
        self.assertEqual(os.listdir(self.folder / "tmp"), [MARKER])

        old, new = self.storage.new_temporary(), self.storage.new_temporary(".mp4")
        for path, changed in ((old, 1_000), (new, 50_000)):
            path.write_bytes(b"")
            os.utime(path, (changed, changed))
        self.assertEqual(await self.storage.sweep(100_000), 1)
        self.assertEqual((old.exists(), new.exists(), kept.exists()), (False, True, True))


class FilesTests(_StorageCase):
    """Keeping, writing, reading, removing."""

    async def setUp(self) -> None:
        super().setUp()
        await self.storage.start()

    async def test_keep_is_safe_to_repeat(self) -> None:
        """A job that is run twice finds its work done."""
        temporary = self.storage.new_temporary(".mp4")
        self.assertFalse(temporary.exists())
        temporary.write_bytes(b"film")
        for _ in range(2):
            await self.storage.keep(temporary, "web_videos", "a.mp4")
            self.assertEqual(self.storage.path("web_videos", "a.mp4").read_bytes(), b"film")
            self.assertFalse(temporary.exists())
        with self.assertRaises(NotFound):
            await self.storage.keep(temporary, "web_videos", "b.mp4")

    async def test_write_replaces(self) -> None:
        """And leaves nothing in `tmp`."""
        for content in (b"one", b"two"):
            await self.storage.write("torrents", "a.torrent", content)
        self.assertEqual(await self.storage.read("torrents", "a.torrent", 3), b"two")
        self.assertEqual(os.listdir(self.folder / "tmp"), [MARKER])

    async def test_read_has_a_limit(self) -> None:
        """Nobody reads a film into memory by mistake."""
        await self.storage.write("torrents", "a.torrent", b"four")
        with self.assertRaises(TooLarge):
            await self.storage.read("torrents", "a.torrent", 3)
        with self.assertRaises(NotFound):
            await self.storage.read("torrents", "b.torrent", 3)

    async def test_discard(self) -> None:
        """Removing what is gone is no error; only temporary files are removed by path."""
        await self.storage.write("thumbnails", "a.jpg", b"a")
        await self.storage.discard("thumbnails", ["a.jpg", "b.jpg"])
        with self.assertRaises(NotFound):
            await self.storage.read("thumbnails", "a.jpg", 3)
        temporary = self.storage.new_temporary()
        temporary.write_bytes(b"")
        for _ in range(2):
            await self.storage.discard_temporary(temporary)
            self.assertFalse(temporary.exists())
        with self.assertRaises(Invalid):
            await self.storage.discard_temporary(self.storage.path("previews", "a.jpg"))

    async def test_names(self) -> None:
        """Names come from URLs."""
        for name in (
            "",
            ".",
            "..",
            "../a",
            "a/b",
            "/etc/passwd",
            "a\\b",
            MARKER,
            ".a",
            "a\0b",
            "a\nb",
            "a" * 201,
            "\ud800",
        ):
            with self.assertRaises(NotFound, msg=repr(name)):
                self.storage.path("web_videos", name)
        self.assertEqual(self.storage.path("web_videos", "a-360.mp4"), self.folder / "web_videos" / "a-360.mp4")

    async def test_another_disk(self) -> None:
        """`tmp` may lie on another file system than the videos."""
        elsewhere = Path("/dev/shm") / self.folder.name
        if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(self.folder).st_dev:
            raise self.skipTest("there is no second file system")
        self.addCleanup(lambda: subprocess.run(["rm", "-rf", str(elsewhere)], check=True))
        storage = LocalStorage(reactor, self.settings.model_copy(update={"tmp": elsewhere}))
        await storage.start()
        temporary = storage.new_temporary()
        temporary.write_bytes(b"film")
        await storage.keep(temporary, "web_videos", "a.mp4")
        self.assertEqual(await storage.read("web_videos", "a.mp4", 10), b"film")
        self.assertFalse(temporary.exists())
        self.assertEqual(sorted(os.listdir(self.folder / "web_videos")), [MARKER, "a.mp4"])

    async def test_full_disk(self) -> None:
        """A full disk has a name of its own, and the old file is still there."""
        if not stat.S_ISCHR(os.stat("/dev/full").st_mode):
            raise self.skipTest("there is no /dev/full")
        storage = LocalStorage(reactor, self.settings)
        await storage.write("torrents", "a.torrent", b"old")
        full = storage.new_temporary()
        storage.new_temporary = lambda suffix="": full  # type: ignore[method-assign]  # the one way to a full disk
        os.symlink("/dev/full", full)
        with self.assertRaises(InsufficientStorage) as caught:
            await storage.write("torrents", "a.torrent", b"new")
        self.assertEqual(caught.exception.__cause__.errno, errno.ENOSPC)
        self.assertEqual(await storage.read("torrents", "a.torrent", 10), b"old")
        self.assertFalse(os.path.lexists(full))

    async def test_free_bytes(self) -> None:
        """Known before an upload is taken."""
        self.assertGreater(await self.storage.free_bytes(), 0)
