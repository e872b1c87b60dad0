"""The check of the storage tells what is wrong, and nothing that is about to be right."""

from collections.abc import Sequence

from twisted.trial.unittest import TestCase

from peertube.model.resumable_uploads import ResumableUpload, UploadNames
from peertube.model.videos import VideoFields
from peertube.storage import file_names, jobs, resumable_uploads, videos
from peertube.storage.database import Transaction
from peertube.usecases.storage_check import FoundFile, Report, StorageCheck
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred
from tests.storage.publishers import NOW_MS, add_publisher, add_video, uuid_of
from tests.usecases.video_fakes import FakeClock

MINUTE_MS = 60_000


class FakeFolders:
    """Names with ages."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, int]] = {kind: {} for kind in file_names.KINDS}
        self.aside: list[tuple[str, str]] = []

    async def listed(self, kind: str) -> Sequence[FoundFile]:
        return [FoundFile(name, 100, changed_ms) for name, changed_ms in self.files[kind].items()]

    async def absent(self, kind: str, names: Sequence[str]) -> Sequence[str]:
        return [name for name in names if name not in self.files[kind]]

    async def set_aside(self, kind: str, names: Sequence[str]) -> int:
        self.aside += [(kind, name) for name in names]
        return len(names)

    async def remove(self, kind: str, names: Sequence[str]) -> int:
        for name in names:
            del self.files[kind][name]
        return len(names)


class StorageCheckTests(TestCase):
    """Video 1 has all of its files; video 2 has lost its torrent."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.clock = FakeClock(NOW_MS)
        self.folders = FakeFolders()
        self.check = StorageCheck(
            database=self.database, folders=self.folders, clock=self.clock, minimum_age_seconds=3600
        )
        self.alice = await self.database.write(add_publisher)
        for number in (1, 2):
            await self.database.write(add_video, number, self.alice.channel_id)
            self.put("web_videos", f"video-{number}-360.mp4")
            self.put("thumbnails", f"thumbnail-{number}.jpg")
            self.put("previews", f"preview-{number}.jpg")
        self.put("torrents", "torrent-1-360.torrent")

    def put(self, kind: str, name: str, minutes_ago: int = 61) -> None:
        """A file of some age."""
        self.folders.files[kind][name] = NOW_MS - minutes_ago * MINUTE_MS

    async def report(self) -> Report:
        """What is found."""
        return await self.check.check(lambda done, total: None)

    async def orphans(self) -> list[tuple[str, str]]:
        """The names that are found without rows."""
        return [(orphan.kind, orphan.file.name) for orphan in (await self.report()).orphans]

    async def test_missing_and_orphans(self) -> None:
        """With the video that misses its file."""
        self.put("web_videos", "left.mp4")
        self.put("thumbnails", "torrent-1-360.torrent")
        report = await self.report()
        (missing,) = report.missing
        self.assertEqual(("torrents", "torrent-2-360.torrent"), (missing.kind, missing.file.name))
        self.assertEqual((uuid_of(2), "A video"), (missing.file.video_uuid, missing.file.title))
        self.assertEqual([("web_videos", "left.mp4"), ("thumbnails", "torrent-1-360.torrent")], [
            (orphan.kind, orphan.file.name) for orphan in report.orphans
        ])  # fmt: skip
        self.assertEqual(9, report.files)

    async def test_young_files_are_left_alone(self) -> None:
        """Their rows come with the end of the upload."""
        self.put("web_videos", "young.mp4", minutes_ago=59)
        self.assertEqual([], await self.orphans())

    async def test_files_of_unfinished_work(self) -> None:
        """Jobs and uploads in chunks name files before videos do; done and given up removals do not."""

        async def add(tx: Transaction) -> None:
            payload = {"video": "x", "thumbnail": "t.jpg", "preview": "p.jpg", "torrent": "t.torrent"}
            await jobs.add(tx, "publish-video", payload, NOW_MS)
            await jobs.add(tx, "discard-files", {"files": {"web_videos": ["soon-gone.mp4"]}}, NOW_MS)
            done = await jobs.add(tx, "discard-files", {"files": {"web_videos": ["left.mp4"]}}, NOW_MS, priority=-1)
            [job] = await jobs.claim(tx, 1, NOW_MS, NOW_MS)
            assert job.id == done
            await jobs.complete(tx, job, NOW_MS)
            await resumable_uploads.add(
                tx,
                ResumableUpload(
                    id="u",
                    user_id=self.alice.viewer.user.id,
                    fingerprint=None,
                    filename="a.mp4",
                    channel_id=self.alice.channel_id,
                    fields=VideoFields(name="A"),
                    size=10,
                    received=10,
                    file_name="u",
                    created_ms=NOW_MS,
                    updated_ms=NOW_MS,
                    thumbnail_name="u.thumbnail",
                ),
            )
            await resumable_uploads.keep(tx, "u", UploadNames("x", "k.mp4", "k.jpg", "kp.jpg", "k.torrent"), NOW_MS)

        await self.database.write(add)
        for kind, names in (
            ("thumbnails", "t.jpg k.jpg"),
            ("previews", "p.jpg kp.jpg"),
            ("torrents", "t.torrent k.torrent"),
            ("web_videos", "soon-gone.mp4 k.mp4 left.mp4"),
            ("tmp_persistent", "u u.thumbnail v"),
        ):
            for name in names.split():
                self.put(kind, name)
        self.assertEqual([("web_videos", "left.mp4"), ("tmp_persistent", "v")], await self.orphans())

    async def test_a_row_that_came_meanwhile(self) -> None:
        """What was an orphan a moment ago is looked at again before it is touched."""
        self.put("web_videos", "video-3-360.mp4")
        self.put("web_videos", "left.mp4")
        report = await self.report()
        await self.database.write(add_video, 3, self.alice.channel_id)
        told: list[tuple[int, int]] = []
        moved = await self.check.set_aside(report.orphans, lambda done, total: told.append((done, total)))
        self.assertEqual((1, [("web_videos", "left.mp4")]), (moved, self.folders.aside))
        self.assertEqual([(1, 2)], told)

    async def test_a_video_that_was_removed_meanwhile(self) -> None:
        """It misses nothing."""

        async def absent(kind: str, names: Sequence[str]) -> Sequence[str]:
            found = await self.database.read(videos.details_by_uuid, uuid_of(2))
            if found is not None:
                await self.database.write(videos.remove, found.video.id)
            return list(names)

        self.folders.absent = absent  # type: ignore[method-assign]  # the fake is changed for this test
        self.assertEqual([], list((await self.report()).missing))

    async def test_remove(self) -> None:
        """For good, when it is wanted."""
        for number in range(1100):
            self.put("previews", f"left-{number}.jpg")
        self.assertEqual(1100, await self.check.remove((await self.report()).orphans, lambda done, total: None))
        self.assertEqual([], await self.orphans())
