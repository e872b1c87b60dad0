"""Which files the hybrid seeder may give to the world."""

from pathlib import Path

from attrs import frozen

from peertube.policy import visibility
from peertube.storage import video_files, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Storage


@frozen
class TorrentSource:
    """Where a torrent lies, and the file that it is of."""

    torrent: Path
    file: Path


class Seeding:
    """Finds what a torrent is of."""

    def __init__(self, *, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    async def source(self, info_hash: str) -> TorrentSource | None:
        """The torrent (40 hex digits) of a file of ours that anybody may have; None for any other."""
        return await self._database.read(self._source, info_hash)

    async def _source(self, tx: Transaction, info_hash: str) -> TorrentSource | None:
        file = await video_files.by_info_hash(tx, info_hash)
        if file is None or file.torrent_name is None or file.file_name is None:
            return None
        found = await videos.details_by_id(tx, file.video_id)
        if found is None or not visibility.is_open(found.video):
            return None
        return TorrentSource(
            self._storage.path("torrents", file.torrent_name), self._storage.path("web_videos", file.file_name)
        )
