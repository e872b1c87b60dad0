"""``/api/v1/videos/upload-resumable``: uploads in chunks, as PeerTube's programs make them.

``POST`` describes the file and gives its address: 201, or 200 with ``Range`` when a part of the same file (name, size,
``lastModified``) is there. ``PUT`` with ``Content-Range: bytes a-b/size`` sends a chunk: 308 with ``Range: bytes=0-N``
until the last, then 200 with the video. ``Content-Range: bytes */size`` asks for the position. ``DELETE`` gives up.

The description comes as JSON (at most 500 kB, as every JSON body) or, with pictures, as a multipart form.
"""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from peertube.api.uploads import PICTURES, UPDATE_LIMIT, sent_pictures
from peertube.api.video_forms import UploadForm
from peertube.config.schema import WebServer
from peertube.errors import Conflict, Invalid
from peertube.http import checksums
from peertube.http.chunks import ChunkRoute, Incoming
from peertube.http.routing import Access, Call, Reply, Route
from peertube.http.sinks import ReceivedForm, SinkRoute
from peertube.model.resumable_uploads import ResumableUpload
from peertube.model.videos import Video, VideoFields
from peertube.policy import content_range
from peertube.policy.content_range import Chunk
from peertube.policy.short_uuid import shorten
from peertube.usecases.new_uploads import NewUpload
from peertube.usecases.resumable_uploads import ResumableUploads

PATH = "/api/v1/videos/upload-resumable"
RESUME_INCOMPLETE = 308

_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,260}")


def text_of_time(value: object) -> object:
    """Programs send times as numbers or as texts."""
    return str(value) if isinstance(value, int | float) else value


class ResumableForm(UploadForm):
    """What is said of the file: the fields of an upload, and which file it is."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    filename: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    last_modified: Annotated[str | None, BeforeValidator(text_of_time), Field(max_length=100)] = None


class UploadAddress(BaseModel):
    """The query string of an upload's address."""

    upload_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class ResumableUploadsApi:
    """Uploads in chunks, for programs.

    :param web: how the pod is called where a request does not say.
    """

    def __init__(self, *, uploads: ResumableUploads, web: WebServer) -> None:
        self._uploads = uploads
        self._web = web

    def routes(self) -> list[Route]:
        """The routes whose bodies are small."""
        return [
            Route("POST", "/videos/upload-resumable", Access.USER, self.begin, body=ResumableForm),
            Route("DELETE", "/videos/upload-resumable", Access.USER, self.cancel, query=UploadAddress),
        ]

    def sinks(self) -> list[SinkRoute | ChunkRoute]:
        """The routes that take their bodies while they come, with their whole paths."""
        return [
            SinkRoute(
                method="POST",
                path=PATH,
                access=Access.USER,
                check=self.check,
                handler=self.begin_with_pictures,
                file_fields=PICTURES,
                max_files=2,
                only_multipart=False,
                form=ResumableForm,
            ),
            ChunkRoute(
                method="PUT",
                path=PATH,
                access=Access.USER,
                check=self.check_chunk,
                open=self.open,
                query=UploadAddress,
            ),
        ]

    async def check(self, call: Call, content_length: int | None) -> int:
        """Refuse a file before its description is read; how long that may be."""
        await self._uploads.check(call.known_viewer, _size(call), call.header("X-Upload-Content-Type"))
        return UPDATE_LIMIT

    async def begin(self, call: Call) -> Reply:
        """Take the description of a file whose chunks will come."""
        await self.check(call, None)
        return await self._begin(call, await call.body(ResumableForm), {})

    async def begin_with_pictures(self, call: Call, form: ReceivedForm) -> Reply:
        """The same with the owner's pictures."""
        return await self._begin(call, form.parameters(ResumableForm), sent_pictures(form.files))

    async def cancel(self, call: Call) -> None:
        """Give up an upload."""
        await self.give_up(call, call.parameters(UploadAddress))

    async def give_up(self, call: Call, which: UploadAddress) -> None:
        """Give up the upload that was asked about."""
        await self._uploads.cancel(call.known_viewer, which.upload_id)

    async def check_chunk(self, call: Call) -> str:
        """Which upload a request is about, if it is the caller's."""
        return (await self._uploads.position(call.known_viewer, call.parameters(UploadAddress).upload_id)).id

    async def open(self, call: Call, content_length: int | None, upload_id: str) -> Incoming:
        """Take a chunk, or answer where the upload stands."""
        upload = await self._uploads.position(call.known_viewer, upload_id)
        chunk = _chunk(call, content_length)
        if upload.video is not None:
            return Incoming(
                path=None, length=upload.size, answer=lambda: self._stand(call, upload_id, {_CACHED: "true"})
            )
        if chunk is None:
            return Incoming(path=None, length=0, answer=lambda: self._stand(call, upload_id))
        if content_length not in (None, chunk.length):
            raise Conflict("The body is not as long as its Content-Range says", code="wrong_range")
        self._uploads.require_chunk(chunk.length)
        skip = content_range.skipped(chunk, received=upload.received, size=upload.size)
        if skip < chunk.length:
            upload = await self._uploads.take_over(upload)
            skip = content_range.skipped(chunk, received=upload.received, size=upload.size)

        async def received(count: int) -> None:
            if chunk.first + count > upload.received:
                await self._uploads.received(upload, chunk.first + count)

        return Incoming(
            path=self._uploads.path(upload) if skip < chunk.length else None,
            offset=upload.received,
            skip=skip,
            length=chunk.length,
            checksums=checksums.expected(call.header),
            received=received,
            answer=lambda: self._stand(call, upload_id),
        )

    async def _begin(self, call: Call, form: ResumableForm, pictures: dict[str, Path]) -> Reply:
        upload = await self._uploads.begin(
            call.known_viewer,
            NewUpload(
                filename=form.filename,
                size=_size(call),
                channel_id=form.channel_id,
                fields=form.video_fields(),
                content_type=call.header("X-Upload-Content-Type"),
                modified=form.last_modified,
                thumbnail=pictures.get("thumbnailfile"),
                preview=pictures.get("previewfile"),
                passwords=tuple(form.video_passwords or ()),
            ),
        )
        return self._address(call, PATH, upload)

    async def begin_replacement(self, call: Call, video: Video, filename: str, modified: str | None) -> Reply:
        """Take the description of a file that shall replace the one of `video`, which the caller may replace."""
        upload = await self._uploads.begin(
            call.known_viewer,
            NewUpload(
                filename=filename,
                size=_size(call),
                channel_id=video.channel.id,
                fields=VideoFields(name=video.fields.name),
                content_type=call.header("X-Upload-Content-Type"),
                modified=modified,
                replaces=video.id,
            ),
        )
        return self._address(call, f"/api/v1/videos/{video.uuid}/source/replace-resumable", upload)

    def _address(self, call: Call, path: str, upload: ResumableUpload) -> Reply:
        location = {"Location": f"//{self._host(call)}{path}?upload_id={upload.id}"}
        return Reply(status=200 if upload.received else 201, headers={**location, **_range(upload)})

    async def _stand(self, call: Call, upload_id: str, headers: dict[str, str] | None = None) -> Reply:
        """The video, if the file is whole; otherwise the position."""
        upload = await self._uploads.go_on(call.known_viewer, upload_id)
        video = upload.video
        if video is None:
            return Reply(status=RESUME_INCOMPLETE, headers=_range(upload))
        if upload.replaces is not None:
            return Reply(status=204, headers=headers or {})
        ids: dict[str, Any] = {"id": video.id, "shortUUID": shorten(video.uuid), "uuid": video.uuid}
        return Reply({"video": ids}, headers=headers or {})

    def _host(self, call: Call) -> str:
        """As the client calls us: it may know the pod by another name than the world."""
        host = call.header("Host") or ""
        return host if _HOST.fullmatch(host) else self._web.host


_CACHED = "X-Resumable-Upload-Cached"
"""Says that the file was finished by an earlier request (as PeerTube does)."""


def _range(upload: ResumableUpload) -> dict[str, str]:
    """The bytes that are there; no header when there is none."""
    return {"Range": f"bytes=0-{upload.received - 1}"} if upload.received else {}


def _size(call: Call) -> int:
    """How large the whole file will be."""
    header = (call.header("X-Upload-Content-Length") or "").strip()
    if not header.isascii() or not header.isdigit() or len(header) > 15:
        raise Invalid(
            "Incorrect request parameters: X-Upload-Content-Length",
            fields={"X-Upload-Content-Length": "Should be the size of the file in bytes"},
        )
    return int(header)


def _chunk(call: Call, content_length: int | None) -> Chunk | None:
    """Which part of the file the body is; None when it is none. Without a header it is the whole file."""
    header = call.header("Content-Range")
    if header is not None:
        return content_range.parse(header)
    return Chunk(0, content_length - 1, content_length) if content_length else None
