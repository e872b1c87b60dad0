"""Files of videos: which may be fetched by whom, and where they lie."""

import re
from pathlib import Path
from typing import Protocol

from attrs import frozen

from peertube.errors import Forbidden, NotFound, Unauthorized
from peertube.model.users import Viewer
from peertube.model.video_access import NOTHING_SHOWN, Proof
from peertube.model.video_sources import VideoSource
from peertube.model.videos import Video, VideoDetails, VideoFile, VideoState
from peertube.policy import visibility
from peertube.policy.authority import may_update_video
from peertube.storage import video_files, video_sources, videos
from peertube.storage.database import Database, Transaction
from peertube.torrents.metainfo import torrent_name
from peertube.usecases.ports import Storage

KINDS = frozenset({"web_videos", "torrents", "thumbnails", "previews", "captions", "storyboards"})

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_DOWNLOAD = re.compile(r"(?P<uuid>[0-9a-f-]{36})-(?P<resolution>[0-9]{1,5})(?P<extname>\.[a-z0-9]{2,5})")


@frozen
class FoundFile:
    """A file that may be fetched.

    :param is_open: anybody may fetch it; caches on the way may keep it.
    :param download_name: what a browser should call it when it is saved.
    """

    path: Path
    is_open: bool
    download_name: str | None = None


class Remembered(Protocol):
    """Decisions about open files of published videos (`usecases.open_files`)."""

    generation: int

    def get(self, kind: str, name: str) -> FoundFile | None:
        """What was decided a moment ago."""
        ...

    def put(self, kind: str, name: str, found: FoundFile, generation: int) -> None:
        """Remember a decision that was read from the database after `generation`."""
        ...


class Opens(Protocol):
    """Looks at what is shown for a video that is not open to everybody (`usecases.video_access`)."""

    async def opens(self, video: Video, proof: Proof) -> bool:
        """Whether it opens the video."""
        ...


class Files:
    """Decides about every request for a file of a video."""

    def __init__(
        self, *, database: Database, storage: Storage, access: Opens, remembered: Remembered | None = None
    ) -> None:
        self._database = database
        self._storage = storage
        self._access = access
        self._remembered = remembered

    async def may_fetch(self, viewer: Viewer | None, kind: str, name: str) -> bool:
        """Whether there is such a file, and the viewer may have it."""
        video = await self._video_of(kind, name)
        return video is not None and visibility.can_see(viewer, video)

    async def resolve(self, viewer: Viewer | None, kind: str, name: str, proof: Proof = NOTHING_SHOWN) -> FoundFile:
        """Where a file lies. Kinds are those of `KINDS`.

        :param proof: what else the viewer shows for the video of the file.
        :raises NotFound: for names that are no file of ours.
        :raises Unauthorized, Forbidden: for files of videos that the viewer may not see.
        """
        remembered = self._remembered
        if remembered is None:
            return await self._found(viewer, await self._known_video_of(kind, name), kind, name, proof)
        found = remembered.get(kind, name)
        if found is None:
            generation = remembered.generation
            video = await self._known_video_of(kind, name)
            found = await self._found(viewer, video, kind, name, proof)
            if found.is_open and video.state is VideoState.PUBLISHED:
                remembered.put(kind, name, found, generation)
        return found

    async def video_to_save(self, viewer: Viewer | None, name: str, proof: Proof = NOTHING_SHOWN) -> FoundFile:
        """The file of a download link, ``<uuid>-<resolution><extension>``."""
        match = _DOWNLOAD.fullmatch(name)
        found = None if match is None else await self._database.read(videos.details_by_uuid, match["uuid"])
        if match is None or found is None:
            raise NotFound("There is no such file")
        for file in found.files:
            if file.resolution == int(match["resolution"]) and file.extname == match["extname"] and file.file_name:
                self._require_download(viewer, found.video)
                return await self._found(viewer, found.video, "web_videos", file.file_name, proof, file)
        raise NotFound("There is no such file")

    async def source_to_save(self, viewer: Viewer | None, name: str) -> FoundFile:
        """The file that a video was made of, under the name that it had at its owner's; for those who may change it."""
        found = await self._database.read(self._read_source, name) if _NAME.fullmatch(name) else None
        if found is None:
            raise NotFound("There is no such file")
        video, source = found
        if viewer is None:
            raise Unauthorized("This file is only for those who may change the video")
        if not may_update_video(viewer, video):
            raise Forbidden("This file is only for those who may change the video")
        return FoundFile(path=self._storage.path("web_videos", name), is_open=False, download_name=source.filename)

    async def torrent_to_save(self, viewer: Viewer | None, name: str, proof: Proof = NOTHING_SHOWN) -> FoundFile:
        """The torrent file of a download link."""
        found = await self._details_of("torrents", name)
        for file in () if found is None else found.files:
            if found is not None and file.torrent_name == name:
                self._require_download(viewer, found.video)
                return await self._found(viewer, found.video, "torrents", name, proof, file)
        raise NotFound("There is no such file")

    async def picture_name(self, kind: str, uuid: str) -> str | None:
        """The name of a video's thumbnail or preview, by the video's UUID (the links of the pods' protocol)."""
        found = await self._database.read(videos.details_by_uuid, uuid)
        if found is None:
            return None
        return found.video.thumbnail_name if kind == "thumbnails" else found.video.preview_name

    async def _known_video_of(self, kind: str, name: str) -> Video:
        video = await self._video_of(kind, name)
        if video is None:
            raise NotFound("There is no such file")
        return video

    async def _video_of(self, kind: str, name: str) -> Video | None:
        found = await self._details_of(kind, name)
        return None if found is None else found.video

    async def _details_of(self, kind: str, name: str) -> VideoDetails | None:
        if kind not in KINDS or not _NAME.fullmatch(name):
            return None
        return await self._database.read(self._read_details, kind, name)

    async def _read_source(self, tx: Transaction, name: str) -> tuple[Video, VideoSource] | None:
        video_id = await video_sources.video_of(tx, name)
        found = None if video_id is None else await videos.details_by_id(tx, video_id)
        if found is None:
            return None
        return found.video, (await video_sources.of_videos(tx, [found.video.id]))[found.video.id]

    async def _read_details(self, tx: Transaction, kind: str, name: str) -> VideoDetails | None:
        video_id = await video_files.video_id_of(tx, kind, name)
        return None if video_id is None else await videos.details_by_id(tx, video_id)

    def _require_download(self, viewer: Viewer | None, video: Video) -> None:
        owner = viewer is not None and visibility.is_owner(viewer.user, video)
        if not (video.fields.download_enabled or owner or visibility.sees_all(viewer)):
            if viewer is None:
                raise Unauthorized("This file is only for those who may change the video")
            raise Forbidden("This file is only for those who may change the video")

    async def _found(
        self,
        viewer: Viewer | None,
        video: Video,
        kind: str,
        name: str,
        proof: Proof,
        file: VideoFile | None = None,
    ) -> FoundFile:
        if not visibility.can_see(viewer, video) and not (proof and await self._access.opens(video, proof)):
            raise visibility.refusal(viewer, video)
        saved_as = None
        if file is not None:
            saved_as = torrent_name(video.fields.name, file.resolution, file.extname)
            saved_as += ".torrent" if kind == "torrents" else ""
        return FoundFile(path=self._storage.path(kind, name), is_open=visibility.is_open(video), download_name=saved_as)
