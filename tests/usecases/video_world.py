"""A pod's use cases of videos on a real database, with the outside faked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.config.schema import Limit, Settings, Storyboards, Upload, WebServer
from peertube.model.deliveries import Delivery
from peertube.model.jobs import Job
from peertube.model.pages import Window
from peertube.model.videos import VideoDetails, VideoFields
from peertube.storage import deliveries, jobs, pods, videos
from peertube.storage.database import Transaction
from peertube.usecases.ports import JobRunner, Locks
from peertube.usecases.publishing import Publishing
from peertube.usecases.replacements import Replacements
from peertube.usecases.resumable_uploads import ResumableUploads
from peertube.usecases.unnamed_files import DISCARD_FILES, UnnamedFiles
from peertube.usecases.uploads import UploadRequest, Uploads
from peertube.usecases.video_access import VideoAccess
from peertube.usecases.video_changes import ScheduledUpdates
from peertube.usecases.video_pictures import VideoPictures
from peertube.usecases.videos import Videos
from tests.shared.memory import memory_locks
from tests.storage.databases import open_memory_database
from tests.storage.publishers import NOW_MS, Publisher, add_publisher
from tests.usecases.video_fakes import (
    FakeClock,
    FakeCounters,
    FakeHasher,
    FakeMedia,
    FakePublisher,
    FakeRandomness,
    FakeStorage,
    FakeVault,
    no_progress,
)

SETTINGS = Settings(
    webserver=WebServer(https=False, hostname="pod.example", port=9001),
    upload=Upload(max_file_size=30 * 2**20),
    storyboards=Storyboards(enabled=False),
)


async def befriend(tx: Transaction, host: str = "friend.example") -> int:
    """A friend that is told news."""
    return await pods.add(tx, host=host, email="", public_key="", protocol=3, score=0, now_ms=NOW_MS)


class VideoCase(TestCase):
    """A pod with one friend, and alice who may upload."""

    settings = SETTINGS

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.clock = FakeClock(NOW_MS)
        self.publisher = FakePublisher()
        self.randomness = FakeRandomness()
        self.storage = FakeStorage(Path(self.mktemp()))
        self.media = FakeMedia()
        common: dict[str, Any] = {
            "database": self.database,
            "clock": self.clock,
            "publisher": self.publisher,
            "storage": self.storage,
            "settings": self.settings,
        }
        self.vault, self.attempts = FakeVault(), FakeCounters()
        self.access = VideoAccess(
            database=self.database,
            clock=self.clock,
            counters=self.attempts,
            vault=self.vault,
            limit=Limit(window=300, max=3),
        )
        pictures = VideoPictures(media=self.media, storage=self.storage, randomness=self.randomness)
        self.videos = Videos(pictures=pictures, vault=self.vault, access=self.access, **common)
        self.uploads = Uploads(
            media=self.media, randomness=self.randomness, pictures=pictures, vault=self.vault, **common
        )
        self.scheduled = ScheduledUpdates(
            database=self.database, clock=self.clock, publisher=self.publisher, vault=self.vault
        )
        self.publishing = Publishing(media=self.media, randomness=self.randomness, hasher=FakeHasher(), **common)
        self.replacements = Replacements(
            database=self.database,
            clock=self.clock,
            publisher=self.publisher,
            storage=self.storage,
            uploads=self.uploads,
            publishing=self.publishing,
            settings=self.settings,
        )
        self.unnamed_files = UnnamedFiles(database=self.database, storage=self.storage, clock=self.clock)
        self.friend = await self.database.write(befriend)
        self.alice = await self.database.write(add_publisher)
        await self.more()

    async def more(self) -> None:
        """What a test needs beside this."""

    def resumable_uploads(self, locks: Locks | None = None) -> ResumableUploads:
        """Uploads in chunks, as after a start of the pod; processes of one pod share `locks`."""
        return ResumableUploads(
            database=self.database,
            clock=self.clock,
            randomness=self.randomness,
            publisher=self.publisher,
            locks=locks or memory_locks(),
            storage=self.storage,
            uploads=self.uploads,
            vault=self.vault,
            replacements=self.replacements,
            settings=self.settings,
        )

    async def person(self, name: str, **more: Any) -> Publisher:
        """Another user."""
        return await self.database.write(add_publisher, name, **more)

    async def upload(self, *, content: bytes = b"video" * 1000, filename: str = "clip.mp4", **fields: Any) -> str:
        """Alice uploads; the UUID. Pictures go by `thumbnail` and `preview` (bytes)."""
        pictures = {name: self.temporary(fields.pop(name)) for name in ("thumbnail", "preview") if name in fields}
        request = UploadRequest(
            path=self.temporary(content),
            filename=filename,
            channel_id=self.alice.channel_id,
            passwords=tuple(fields.pop("passwords", ())),
            fields=VideoFields(**{"name": "A video", **fields}),
            **pictures,
        )
        try:
            return (await self.uploads.publish(self.alice.viewer, request)).uuid
        finally:
            for path in (request.path, *pictures.values()):
                path.unlink(missing_ok=True)

    async def publish(self, **fields: Any) -> str:
        """Alice uploads, and the jobs are done."""
        uuid = await self.upload(**fields)
        await self.work()
        return uuid

    def temporary(self, content: bytes) -> Path:
        """A file that arrived."""
        path = self.storage.new_temporary()
        path.write_bytes(content)
        return path

    async def work(self) -> None:
        """Do the jobs until there is none."""
        while claimed := await self.database.write(jobs.claim, 10, self.clock.now_ms(), NOW_MS * 2):
            for job in claimed:
                await self.runners()[job.kind](job, no_progress)
                await self.database.write(jobs.complete, job, self.clock.now_ms())

    def runners(self) -> Mapping[str, JobRunner]:
        """What does each kind of job."""
        return {**self.publishing.runners(), **self.scheduled.runners(), DISCARD_FILES: self.unnamed_files.discard}

    async def waiting_jobs(self) -> list[Job]:
        """All jobs there are, oldest first."""
        return list(reversed(await self.database.read(jobs.listing, Window(count=100))))

    async def told(self) -> list[tuple[str, int]]:
        """What the friend is to be told: kinds and versions."""
        lane: list[Delivery] = await self.database.read(deliveries.head, self.friend, 100)
        return [(delivery.kind.value, delivery.version) for delivery in lane]

    async def details(self, uuid: str) -> VideoDetails:
        """The rows of a video."""
        found = await self.database.read(videos.details_by_uuid, uuid)
        assert found is not None
        return found
