"""Where the files of videos are served: web seeds, torrents, pictures, downloads, and their old addresses."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from re import compile as pattern

from twisted.web.resource import IResource

from peertube.api.proofs import proof_of
from peertube.errors import NotFound
from peertube.http.authentication import Gate
from peertube.http.routing import Call
from peertube.http.site import Folder
from peertube.http.spool import InThread
from peertube.http.static import FileServing, Internal, PageViewer
from peertube.usecases.actor_images import ActorImages
from peertube.usecases.files import Files, FoundFile
from peertube.usecases.previews import Previews

_BY_VIDEO = pattern(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jpg")

Resolving = Callable[[Call, str], Awaitable[FoundFile]]


class FileMounts:
    """Builds the resources ``/static``, ``/lazy-static`` and ``/download``.

    :param page_viewer: who is logged in by cookie; players cannot send bearer tokens.
    :param internal: where the nginx in front of the pod finds a file, when it shall send files itself.
    """

    def __init__(
        self,
        *,
        files: Files,
        previews: Previews,
        actor_images: ActorImages,
        gate: Gate,
        in_thread: InThread,
        page_viewer: PageViewer,
        internal: Internal | None = None,
    ) -> None:
        self._files = files
        self._previews = previews
        self._actor_images = actor_images
        self._gate = gate
        self._in_thread = in_thread
        self._page_viewer = page_viewer
        self._internal = internal

    def resources(self) -> Mapping[bytes, IResource]:
        """The resources by the first part of their path."""
        videos = self._serving(self._kind("web_videos"), immutable=True, private=True)
        torrents = self._serving(self._kind("torrents"), immutable=True)
        thumbnails = self._serving(self._thumbnail)
        previews = self._serving(self._preview)
        actor_images = self._serving(self._actor_image, immutable=True)
        return {
            b"static": Folder(
                {
                    b"web-videos": videos,
                    b"webseed": videos,
                    b"torrents": torrents,
                    b"thumbnails": thumbnails,
                    b"previews": previews,
                }
            ),
            b"lazy-static": Folder(
                {
                    b"torrents": torrents,
                    b"thumbnails": thumbnails,
                    b"previews": previews,
                    b"avatars": actor_images,
                    b"banners": actor_images,
                    b"video-captions": self._serving(self._kind("captions"), immutable=True),
                    b"storyboards": self._serving(self._kind("storyboards"), immutable=True),
                }
            ),
            b"download": Folder(
                {
                    b"web-videos": self._serving(self._video_to_save, download=True),
                    b"torrents": self._serving(self._torrent_to_save, download=True),
                    b"original-video-files": self._serving(self._source_to_save, download=True),
                }
            ),
        }

    def _serving(
        self, resolve: Resolving, *, immutable: bool = False, download: bool = False, private: bool = False
    ) -> FileServing:
        return FileServing(
            gate=self._gate,
            resolve=resolve,
            in_thread=self._in_thread,
            page_viewer=self._page_viewer,
            immutable=immutable,
            download=download,
            private=private,
            internal=self._internal,
        )

    def _kind(self, kind: str) -> Resolving:
        async def resolve(call: Call, name: str) -> FoundFile:
            return await self._files.resolve(call.viewer, kind, name, proof_of(call))

        return resolve

    async def _thumbnail(self, call: Call, name: str) -> FoundFile:
        return await self._picture(call, "thumbnails", name)

    async def _preview(self, call: Call, name: str) -> FoundFile:
        """Previews of other pods are fetched from their origin when somebody first asks for them."""
        try:
            return await self._picture(call, "previews", name)
        except NotFound:
            by_video = _BY_VIDEO.fullmatch(name)
            if by_video is None:
                raise
            path: Path = await self._previews.path(by_video[1])
            return FoundFile(path=path, is_open=True)

    async def _picture(self, call: Call, kind: str, name: str) -> FoundFile:
        """By file name, or by the UUID of the video."""
        try:
            return await self._files.resolve(call.viewer, kind, name, proof_of(call))
        except NotFound:
            by_video = _BY_VIDEO.fullmatch(name)
            own = None if by_video is None else await self._files.picture_name(kind, by_video[1])
            if own is None:
                raise
            return await self._files.resolve(call.viewer, kind, own, proof_of(call))

    async def _actor_image(self, call: Call, name: str) -> FoundFile:
        return self._actor_images.found(name)

    async def _video_to_save(self, call: Call, name: str) -> FoundFile:
        return await self._files.video_to_save(call.viewer, name, proof_of(call))

    async def _source_to_save(self, call: Call, name: str) -> FoundFile:
        return await self._files.source_to_save(call.viewer, name)

    async def _torrent_to_save(self, call: Call, name: str) -> FoundFile:
        return await self._files.torrent_to_save(call.viewer, name, proof_of(call))
