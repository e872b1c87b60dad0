"""Uploading: by script with a row for each file (the script sends to the REST API), or as a plain form, one file."""

from collections.abc import Sequence
from typing import Protocol

from attrs import evolve, frozen

from peertube.errors import Forbidden, Invalid, PodError, Unauthorized
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.http.sinks import ReceivedForm
from peertube.model.channels import Channel
from peertube.model.users import UNLIMITED, UserProfile, Viewer
from peertube.model.videos import VideoFields
from peertube.pages.errors import error_page
from peertube.pages.video_form import VideoForm, values_of, values_typed
from peertube.pages.visits import PageRoute, PageSink, Redirect, Shown, Visit
from peertube.pages.words import ERRORS, Words
from peertube.policy.short_uuid import shorten
from peertube.policy.video_fields import VIDEO_EXTENSIONS
from peertube.usecases.ports import InForce
from peertube.usecases.uploads import UploadedVideo, UploadRequest

_CODES = (
    "invalid_parameters",
    "not_a_video",
    "too_large",
    "unsupported_media_type",
    "insufficient_storage",
    "unavailable",
    "quota_reached",
    "max_file_size_reached",
    "too_many_uploads",
    "upload_not_allowed",
)
"""What can come in the way of a script's upload."""


class TakesUploads(Protocol):
    """Makes videos of files."""

    async def check(self, viewer: Viewer, content_length: int | None) -> int:
        """Refuse an upload before its body; how long the body may be."""
        ...

    def check_filename(self, filename: str) -> str:
        """Refuse kinds of files that are not taken."""
        ...

    async def publish(self, viewer: Viewer, request: UploadRequest) -> UploadedVideo:
        """Make a video of a file."""
        ...


class OwnProfile(Protocol):
    """Knows the viewer's channels and quota."""

    async def profile(self, viewer: Viewer) -> UserProfile:
        """The viewer with account, channels and use of the quota."""
        ...


@frozen
class UploadPages:
    """`/upload`."""

    uploads: TakesUploads
    account: OwnProfile
    settings: InForce

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [PageRoute("GET", "/upload", Access.USER, self.form)]

    def sinks(self) -> list[PageSink]:
        """The form that is sent without script."""
        return [
            PageSink(
                path="/upload",
                check=self.check,
                handler=self.receive,
                check_filename=self.uploads.check_filename,
                refused=self.refused,
                file_fields=frozenset({"videofile"}),
            )
        ]

    async def form(self, visit: Visit) -> Shown:
        """Ask for a file and what it is."""
        self._require_right(visit)
        values = {**values_of(VideoFields(name="")), "name": ""}
        return await self._form(visit, values)

    async def check(self, visit: Visit, content_length: int | None) -> int:
        """How long the body may be."""
        self._require_right(visit)
        return await self.uploads.check(visit.user(), content_length)

    async def receive(self, visit: Visit, received: ReceivedForm) -> Shown | Redirect:
        """Take a file that came with the form."""
        viewer = visit.user()
        try:
            file = received.files.get("videofile")
            if file is None or file.size == 0:
                text = visit.gettext("Choose a file first.")
                raise Invalid(text, fields={"videofile": text})
            self.uploads.check_filename(file.filename)
            filled = visit.filled(VideoForm)
            fields = VideoFields(**filled.fields())
            if not fields.name:
                fields = evolve(fields, name=title_of(file.filename))
            channel = filled.channel_id or (await self.account.profile(viewer)).channels[0].id
            request = UploadRequest(
                path=file.path,
                filename=file.filename,
                channel_id=channel,
                fields=fields,
                passwords=filled.passwords() or (),
            )
            video = await self.uploads.publish(viewer, request)
        except PodError as error:
            return await self.refused(visit, error)
        return Redirect(f"/w/{shorten(video.uuid)}", done="uploaded")

    async def refused(self, visit: Visit, error: PodError) -> Shown:
        """The form again, with what was typed and what is wrong."""
        if visit.viewer is None:
            error = Unauthorized("Authentication required", code="signed_out")
        elif not visit.viewer.user.may_upload:
            return error_page(visit, error, status_of(error))
        words = Words(visit.texts)
        errors = words.faults(error.fields) if isinstance(error, Invalid) else {}
        problem = words.error(error.code, error.detail)
        return await self._form(visit, values_typed(visit), problem, errors, status_of(error))

    def _require_right(self, visit: Visit) -> None:
        if not visit.user().user.may_upload:
            raise Forbidden(visit.gettext("Your account may not upload videos here."), code="upload_not_allowed")

    async def _form(
        self,
        visit: Visit,
        values: dict[str, object],
        problem: str = "",
        errors: dict[str, str] | None = None,
        status: int = 200,
    ) -> Shown:
        profile = await self.account.profile(visit.viewer) if visit.viewer is not None else None
        left = room_left(profile) if profile is not None else None
        context = {
            "values": values,
            "errors": errors or {},
            "problem_text": problem,
            "channels": channel_names(profile.channels) if profile is not None else {},
            "name_required": False,
            "passwords_hint": visit.gettext("Only for a video behind passwords: one in each line"),
            "extensions": VIDEO_EXTENSIONS,
            "largest": self.settings.upload.max_file_size,
            "room_left": left,
            "script_data": self._script_data(visit, left),
        }
        return Shown("upload.html", context, status=status, section="upload")

    def _script_data(self, visit: Visit, left: int | None) -> dict[str, object]:
        text = visit.gettext
        words = Words(visit.texts)
        return {
            "uploadUrl": "/api/v1/videos/upload-resumable",
            "largestChunk": self.settings.client.videos.resumable_upload.max_chunk_size,
            "user": visit.viewer.user.username if visit.viewer is not None else "",
            "tokenUrl": "/session/token",
            "csrf": visit.csrf(),
            "largest": self.settings.upload.max_file_size,
            "quotaLeft": left,
            "texts": {
                "waiting": text("Waiting"),
                "sending": text("Sending"),
                "paused": text("Paused"),
                "interrupted": text("Interrupted. Choose the same file to continue."),
                "checking": text("Checking"),
                "preparing": text("Being prepared"),
                "ready": text("Ready"),
                "cancelled": text("Cancelled"),
                "failed": text("Failed"),
                "left": text("{time} left"),
                "tooLarge": text("this file is larger than the server takes"),
                "overQuota": text("there is not enough room left in your quota"),
                "noConnection": text("the connection was lost"),
                "signInAgain": text("please sign in again"),
                "notPrepared": text("the file could not be prepared"),
                "byCode": {code: text(ERRORS[code]) for code in _CODES},
                "fields": {
                    name: label
                    for key, field in VideoForm.model_fields.items()
                    if (label := words.field(name := field.alias or key)) is not None
                },
            },
        }


def channel_names(channels: Sequence[Channel]) -> dict[str, str]:
    """Channels to choose from."""
    return {str(channel.id): channel.display_name for channel in channels}


def room_left(profile: UserProfile) -> int | None:
    """Bytes that the user may still upload now; None for any number."""
    user = profile.user
    limits = [(user.video_quota, profile.bytes_used), (user.video_quota_daily, profile.bytes_used_daily)]
    rooms = [max(0, quota - used) for quota, used in limits if quota != UNLIMITED]
    return min(rooms) if rooms else None


def title_of(filename: str) -> str:
    """A title made of a file's name."""
    stem = filename.rpartition(".")[0] or filename
    title = stem.replace("_", " ").replace("-", " ").strip()[:120]
    return title if len(title) >= 3 else title.ljust(3, ".")
