"""The captions of one's own video: a list, and a form with a file."""

from pathlib import Path
from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid, PodError, UnsupportedMedia
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.http.sinks import ReceivedForm
from peertube.model.captions import EXTENSIONS, MAXIMUM_SIZE, Caption
from peertube.model.users import Right, Viewer
from peertube.pages.own_video import own_video
from peertube.pages.videos import VideoReader
from peertube.pages.visits import PageRoute, PageSink, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.policy.video_fields import extension
from peertube.usecases.video_urls import CAPTIONS

_ROOM_FOR_FORM = 2**16


class OwnCaptions(Protocol):
    """Reads and changes captions."""

    async def listing(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> tuple[Caption, ...]:
        """The captions of a video, by language."""
        ...

    async def put(self, viewer: Viewer, id_or_uuid: str, language: str, sent: Path, filename: str) -> None:
        """Take a file of captions."""
        ...

    async def remove(self, viewer: Viewer, id_or_uuid: str, language: str) -> None:
        """Remove the captions of one language."""
        ...


@frozen
class VideoCaptionsPages:
    """`/my-videos/<id>/captions`."""

    videos: VideoReader
    captions: OwnCaptions

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/my-videos/<identifier>/captions", Access.USER, self.show),
            PageRoute("POST", "/my-videos/<identifier>/captions/remove", Access.USER, self.remove),
        ]

    def sinks(self) -> list[PageSink]:
        """The form with the file; its field `video` says of which video."""
        return [
            PageSink(
                path="/my-videos/captions",
                check=self.check,
                handler=self.receive,
                check_filename=check_filename,
                refused=self.refused,
                file_fields=frozenset({"captionfile"}),
            )
        ]

    async def show(self, visit: Visit, identifier: str) -> Shown:
        """The languages that there are, and the form."""
        return await self._page(visit, identifier)

    async def check(self, visit: Visit, content_length: int | None) -> int:
        """How long the form may be."""
        return MAXIMUM_SIZE + _ROOM_FOR_FORM

    async def receive(self, visit: Visit, received: ReceivedForm) -> Shown | Redirect:
        """Take a file."""
        uuid, language = visit.given("video"), visit.given("captionLanguage")
        try:
            file = received.files.get("captionfile")
            if file is None or file.size == 0:
                text = visit.gettext("Choose a file first.")
                raise Invalid(text, fields={"captionfile": text})
            await self.captions.put(visit.user(), uuid, language, file.path, file.filename)
        except PodError as error:
            return await self.refused(visit, error)
        return Redirect(f"/my-videos/{uuid}/captions", done="captions-saved")

    async def refused(self, visit: Visit, error: PodError) -> Shown:
        """The page again, with what is wrong."""
        words = Words(visit.texts)
        errors = words.faults(error.fields) if isinstance(error, Invalid) else {}
        problem = words.error(error.code, error.detail)
        return await self._page(visit, visit.given("video"), problem, errors, status_of(error))

    async def remove(self, visit: Visit, identifier: str) -> Redirect:
        """Remove the captions of a language."""
        found = await own_video(self.videos, visit, identifier, Right.UPDATE_ANY_VIDEO)
        await self.captions.remove(visit.user(), found.video.uuid, visit.given("language"))
        return Redirect(f"/my-videos/{found.video.uuid}/captions", done="captions-removed")

    async def _page(
        self, visit: Visit, identifier: str, problem: str = "", errors: dict[str, str] | None = None, status: int = 200
    ) -> Shown:
        found = await own_video(self.videos, visit, identifier, Right.UPDATE_ANY_VIDEO)
        context = {
            "video": found.video,
            "captions": await self.captions.listing(visit.viewer, found.video.uuid, opened=True),
            "address": CAPTIONS,
            "chosen": visit.given("captionLanguage") or found.video.fields.language or visit.texts.code,
            "extensions": EXTENSIONS,
            "problem_text": problem,
            "errors": errors or {},
            "part": "captions",
        }
        return Shown("video_captions.html", context, status=status, section="my-videos")


def check_filename(filename: str) -> None:
    """Refuse a file by its name."""
    if filename and extension(filename, EXTENSIONS) is None:
        raise UnsupportedMedia("Captions are files of the following type: " + ", ".join(EXTENSIONS))
