"""An upload through the real ffmpeg, real folders and real hashing: what comes out is a torrent that others accept."""

from pathlib import Path
from typing import Any

import libtorrent
from PIL import Image
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred

from peertube.config.schema import Storage as Folders
from peertube.errors import Unprocessable
from peertube.files.local import LocalStorage
from peertube.media.ffmpeg import Launcher
from peertube.media.thumbnails import SandboxedMedia
from peertube.model.videos import VideoFields, VideoState
from peertube.torrents.hashing import PieceHashing
from peertube.usecases.publishing import Publishing
from peertube.usecases.unnamed_files import UnnamedFiles
from peertube.usecases.uploads import UploadRequest, Uploads
from peertube.usecases.video_pictures import VideoPictures
from peertube.usecases.videos import VideoChanges, Videos
from tests.media import clips
from tests.usecases.video_world import VideoCase


class RealUploadTests(VideoCase):
    """The parts fit together."""

    async def more(self) -> None:
        self.root = Path(self.mktemp()).absolute()
        folders = {name: self.root / name for name in Folders.model_fields}
        real_storage = LocalStorage(reactor, Folders(**folders))
        launcher = Launcher(reactor)
        hasher = PieceHashing(reactor)
        for part in (real_storage, launcher, hasher):
            await part.start()
            self.addCleanup(lambda part=part: ensureDeferred(part.stop()))
        media = SandboxedMedia(reactor, launcher)
        pictures = VideoPictures(media=media, storage=real_storage, randomness=self.randomness)
        common: dict[str, Any] = {
            "database": self.database,
            "clock": self.clock,
            "publisher": self.publisher,
            "storage": real_storage,
            "settings": self.settings,
        }
        self.real_storage = real_storage
        self.videos = Videos(pictures=pictures, vault=self.vault, access=self.access, **common)
        self.uploads = Uploads(media=media, randomness=self.randomness, pictures=pictures, vault=self.vault, **common)
        self.publishing = Publishing(media=media, randomness=self.randomness, hasher=hasher, **common)
        self.unnamed_files = UnnamedFiles(database=self.database, storage=real_storage, clock=self.clock)

    def kept(self) -> list[str]:
        """The kinds of all files of videos, temporary ones too."""
        kinds = ("tmp", "web_videos", "thumbnails", "previews", "torrents")
        return sorted(kind for kind in kinds for path in (self.root / kind).iterdir() if path.suffix)

    async def send(self, path: Path) -> str:
        request = UploadRequest(
            path=path, filename="clip.mp4", channel_id=self.alice.channel_id, fields=VideoFields(name="A clip")
        )
        return (await self.uploads.publish(self.alice.viewer, request)).uuid

    async def test_published_and_accepted_by_libtorrent(self) -> None:
        """The same info-hash, name, size and web seed; after a rename too."""
        uuid = await self.send(clips.video(self.real_storage.new_temporary(".mp4"), seconds=2))
        await self.work()
        for name in ("A clip", "Another name"):
            await self.videos.update(self.alice.viewer, uuid, VideoChanges({"name": name}))
            await self.work()
            found = await self.details(uuid)
            (file,) = found.files
            torrent = libtorrent.torrent_info(str(self.real_storage.path("torrents", file.torrent_name)))
            self.assertEqual(str(torrent.info_hashes().v1), file.info_hash)
            self.assertEqual((torrent.name(), torrent.total_size()), (f"{name} 180p.mp4", file.size))
            self.assertEqual([seed["url"].rpartition("/")[2] for seed in torrent.web_seeds()], [file.file_name])
        self.assertIs(found.video.state, VideoState.PUBLISHED)
        self.assertEqual((found.video.duration, found.video.aspect_ratio, file.fps), (2, 1.7778, 25))
        with Image.open(self.real_storage.path("thumbnails", found.video.thumbnail_name)) as thumbnail:
            self.assertEqual(thumbnail.size, (280, 157))
        self.assertEqual(self.kept(), ["previews", "thumbnails", "torrents", "web_videos"])

    async def test_text_leaves_nothing(self) -> None:
        """422, and the temporary file is the caller's to remove."""
        path = self.real_storage.new_temporary(".mp4")
        path.write_text("This is no video.\n" * 100)
        with self.assertRaises(Unprocessable):
            await self.send(path)
        path.unlink()
        self.assertEqual(self.kept(), [])
        self.assertEqual(await self.waiting_jobs(), [])
