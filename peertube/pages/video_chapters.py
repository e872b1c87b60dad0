"""The chapters of one's own video, as lines of text."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid
from peertube.http.routing import Access
from peertube.model.chapters import Chapter
from peertube.model.users import Right, Viewer
from peertube.pages.formats import Formats
from peertube.pages.own_video import own_video
from peertube.pages.videos import VideoReader
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.policy.chapters import problem_of_lines, read_lines


class OwnChapters(Protocol):
    """Reads and sets chapters."""

    async def listing(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> tuple[Chapter, ...]:
        """The chapters of a video in their order."""
        ...

    async def replace(self, viewer: Viewer, id_or_uuid: str, wanted: Sequence[Chapter]) -> None:
        """Set the chapters of a video."""
        ...


@frozen
class VideoChaptersPages:
    """`/my-videos/<id>/chapters`."""

    videos: VideoReader
    chapters: OwnChapters

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/my-videos/<identifier>/chapters", Access.USER, self.show),
            PageRoute("POST", "/my-videos/<identifier>/chapters", Access.USER, self.save),
        ]

    async def show(self, visit: Visit, identifier: str) -> Shown:
        """The chapters as text."""
        found = await own_video(self.videos, visit, identifier, Right.UPDATE_ANY_VIDEO)
        formats = Formats(visit.texts, visit.now_ms)
        listed = await self.chapters.listing(visit.viewer, found.video.uuid, opened=True)
        text = "\n".join(f"{formats.clock(chapter.timecode)} {chapter.title}" for chapter in listed)
        return Shown("video_chapters.html", self._context(found.video, text), section="my-videos")

    async def save(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Take the lines."""
        found = await own_video(self.videos, visit, identifier, Right.UPDATE_ANY_VIDEO)
        text = visit.given("chapters")
        wrong = problem_of_lines(text, found.video.duration)
        if wrong is not None:
            message = visit.gettext(
                "Line %(number)s is not understood, or its time is not in the video, or given twice.", number=wrong
            )
            context = self._context(found.video, text, message)
            return Shown("video_chapters.html", context, status=400, section="my-videos")
        try:
            await self.chapters.replace(visit.user(), found.video.uuid, read_lines(text))
        except Invalid:
            message = visit.gettext("These are too many chapters.")
            context = self._context(found.video, text, message)
            return Shown("video_chapters.html", context, status=400, section="my-videos")
        return Redirect(f"/my-videos/{found.video.uuid}/chapters", done="chapters-saved")

    def _context(self, video: object, text: str, message: str = "") -> dict[str, object]:
        return {
            "video": video,
            "text": text,
            "problem_text": message,
            "errors": {"chapters": message} if message else {},
            "part": "chapters",
        }
