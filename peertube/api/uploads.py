"""``POST /api/v1/videos/upload`` and the multipart form of ``PUT /api/v1/videos/<id>``."""

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve

from peertube.api.representations.videos import Json
from peertube.api.video_forms import UpdateForm, UploadForm
from peertube.errors import Invalid, TooLarge, UnsupportedMedia
from peertube.http.routing import Access, Call
from peertube.http.sinks import ReceivedFile, ReceivedForm, SinkRoute
from peertube.policy.short_uuid import shorten
from peertube.policy.video_fields import IMAGE_EXTENSIONS, MAXIMUM_IMAGE_SIZE, extension
from peertube.usecases.uploads import UploadRequest, Uploads
from peertube.usecases.videos import Videos

PICTURES = frozenset({"thumbnailfile", "previewfile"})
UPDATE_LIMIT = 2 * MAXIMUM_IMAGE_SIZE + 2**20
"""Bytes of a form that changes a video: two pictures and the fields."""


class UploadsApi:
    """Uploads, for programs."""

    def __init__(self, *, uploads: Uploads, videos: Videos) -> None:
        self._uploads = uploads
        self._videos = videos

    def sinks(self) -> list[SinkRoute]:
        """The routes that take multipart bodies, with their whole paths."""
        return [
            SinkRoute(
                method="POST",
                path=r"/api/v1/videos/upload",
                access=Access.USER,
                check=self.check,
                handler=self.upload,
                file_fields=PICTURES | {"videofile"},
                max_files=3,
                form=UploadForm,
            ),
            SinkRoute(
                method="PUT",
                path=r"/api/v1/videos/(?!upload-resumable$)(?P<identifier>[A-Za-z0-9-]{1,36})",
                access=Access.USER,
                check=self.check_update,
                handler=self.update,
                file_fields=PICTURES,
                max_files=2,
                only_multipart=False,
                form=UpdateForm,
            ),
        ]

    async def check(self, call: Call, content_length: int | None) -> int:
        """Refuse an upload before its body; how long the body may be."""
        return await self._uploads.check(call.known_viewer, content_length)

    async def check_update(self, call: Call, content_length: int | None, identifier: str) -> int:
        """How long the form may be."""
        return UPDATE_LIMIT

    async def upload(self, call: Call, form: ReceivedForm) -> Json:
        """Take a video."""
        file = form.files.get("videofile")
        if file is None:
            raise Invalid("Incorrect request parameters: videofile", fields={"videofile": "Should be a file"})
        self._uploads.check_filename(file.filename)
        described = form.parameters(UploadForm)
        pictures = sent_pictures(form.files)
        video = await self._uploads.publish(
            call.known_viewer,
            UploadRequest(
                path=file.path,
                filename=file.filename,
                channel_id=described.channel_id,
                fields=described.video_fields(),
                thumbnail=pictures.get("thumbnailfile"),
                preview=pictures.get("previewfile"),
                passwords=tuple(described.video_passwords or ()),
            ),
        )
        return {"video": {"id": video.id, "shortUUID": shorten(video.uuid), "uuid": video.uuid}}

    async def update(self, call: Call, form: ReceivedForm, identifier: str) -> None:
        """Change a video, its pictures too."""
        pictures = sent_pictures(form.files)
        changes = evolve(
            form.parameters(UpdateForm).changes(),
            thumbnail=pictures.get("thumbnailfile"),
            preview=pictures.get("previewfile"),
        )
        await self._videos.update(call.known_viewer, identifier, changes)


def sent_pictures(files: Mapping[str, ReceivedFile]) -> dict[str, Path]:
    """The pictures of a form; refuses what is too large or, by its name, none."""
    found = {}
    for name in sorted(PICTURES & files.keys()):
        picture = files[name]
        if extension(picture.filename, IMAGE_EXTENSIONS) is None:
            raise UnsupportedMedia(
                "This picture is not supported. Its type must be one of " + ", ".join(IMAGE_EXTENSIONS)
            )
        if picture.size > MAXIMUM_IMAGE_SIZE:
            raise TooLarge("This picture is too large", code="max_file_size_reached")
        found[name] = picture.path
    return found
