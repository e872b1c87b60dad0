"""``peertubectl storage fsck``."""

from peertube.files.folders import ASIDE
from tests.cli.offline import OfflineCase
from tests.storage.publishers import add_publisher, add_video


class FsckTests(OfflineCase):
    """A pod with one video."""

    async def setUp(self) -> None:
        await super().setUp()
        await self.storage.start()
        alice = await self.database.write(add_publisher)
        await self.database.write(add_video, 1, alice.channel_id)
        for kind, name in (
            ("web_videos", "video-1-360.mp4"),
            ("thumbnails", "thumbnail-1.jpg"),
            ("previews", "preview-1.jpg"),
            ("torrents", "torrent-1-360.torrent"),
        ):
            (self.folder / kind / name).write_bytes(b"x")

    def orphan(self) -> None:
        """A file without a row."""
        (self.folder / "web_videos" / "left.mp4").write_bytes(b"12345")

    async def test_clean(self) -> None:
        """Status 0, and nothing more to say than how much was looked at."""
        answer = await self.ctl("storage", "fsck", "--minimum-age", 0)
        self.assertEqual((4, 0, 0, []), (answer["files"], answer["orphans"], answer["missing"], answer["data"]))

    async def test_orphan(self) -> None:
        """Told with status 3, and left alone; young ones are not told at all."""
        self.orphan()
        answer = await self.ctl("storage", "fsck", "--minimum-age", 0, status=3)
        [found] = answer["data"]
        self.assertEqual(
            ("orphan", "web_videos", "left.mp4", 5), (found["problem"], found["kind"], found["name"], found["bytes"])
        )
        self.assertTrue((self.folder / "web_videos" / "left.mp4").exists())
        self.assertEqual(0, (await self.ctl("storage", "fsck"))["orphans"])
        result = await self.run_command("storage", "fsck", "--minimum-age", 0)
        self.assertIn("5 files: 1 without a row (5 bytes), 0 missing.", result.stdout)

    async def test_repair(self) -> None:
        """Aside, from where it can be taken back; the next check is clean."""
        self.orphan()
        answer = await self.ctl("storage", "fsck", "--minimum-age", 0, "--repair")
        self.assertEqual(1, answer["setAside"])
        self.assertEqual(b"12345", (self.folder / "web_videos" / ASIDE / "left.mp4").read_bytes())
        await self.ctl("storage", "fsck", "--minimum-age", 0)

    async def test_discard(self) -> None:
        """For good."""
        self.orphan()
        self.assertEqual(1, (await self.ctl("storage", "fsck", "--minimum-age", 0, "--discard"))["removed"])
        self.assertFalse((self.folder / "web_videos" / "left.mp4").exists())
        self.assertEqual(2, (await self.run_command("storage", "fsck", "--repair", "--discard")).exit_code)

    async def test_missing(self) -> None:
        """No repair brings it back, so the status stays 3."""
        (self.folder / "torrents" / "torrent-1-360.torrent").unlink()
        answer = await self.ctl("storage", "fsck", "--repair", status=3)
        [found] = answer["data"]
        self.assertEqual(
            ("missing", "torrents", "torrent-1-360.torrent", "00000000-0000-4000-8000-000000000001", "A video"),
            (found["problem"], found["kind"], found["name"], found["video"], found["title"]),
        )

    async def test_a_folder_that_is_not_ours(self) -> None:
        """Whatever lies in it is not touched."""
        (self.folder / "previews" / ".peertube-node").unlink()
        answer = await self.ctl("storage", "fsck", "--minimum-age", 0, "--discard", status=1)
        self.assertEqual("not_ours", answer["error"])
        self.assertTrue((self.folder / "previews" / "preview-1.jpg").exists())
