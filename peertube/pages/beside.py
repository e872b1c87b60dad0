"""What belongs to a video beside its file, for the watch page: captions, chapters, previews, where one stopped."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.model.captions import Caption
from peertube.model.chapters import Chapter
from peertube.model.storyboards import Storyboard
from peertube.model.users import Viewer
from peertube.model.videos import Video, VideoDetails
from peertube.pages.visits import Visit
from peertube.pages.words import Words
from peertube.usecases.video_urls import CAPTIONS, STORYBOARDS

LEFT_AT_ONCE = 5
"""Who left a video so many seconds after its start has hardly begun."""

NEARLY_OVER = 0.95


class ReadsCaptions(Protocol):
    """Knows captions."""

    async def listing(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> tuple[Caption, ...]:
        """The captions of a video, by language."""
        ...


class ReadsChapters(Protocol):
    """Knows chapters."""

    async def listing(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> tuple[Chapter, ...]:
        """The chapters of a video in their order."""
        ...


class ReadsStoryboards(Protocol):
    """Knows storyboards."""

    async def of_video(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> Storyboard | None:
        """The storyboard of a video."""
        ...


class ReadsPositions(Protocol):
    """Knows where people stopped watching."""

    async def positions(self, viewer: Viewer | None, listed: Sequence[Video]) -> dict[int, int]:
        """Seconds, by the numbers of videos."""
        ...


@frozen
class Track:
    """Captions as a player takes them."""

    language: str
    label: str
    src: str


@frozen
class Beside:
    """All that the page shows around the player. `start`: the second at which it begins; `resume`: where one was."""

    tracks: Sequence[Track]
    chapters: Sequence[Chapter]
    storyboard: dict[str, object] | None
    start: int
    resume: int


@frozen
class BesideVideos:
    """Gathers what is beside a video."""

    captions: ReadsCaptions
    chapters: ReadsChapters
    storyboards: ReadsStoryboards
    history: ReadsPositions

    async def of(self, visit: Visit, details: VideoDetails) -> Beside:
        """For a video that the visitor was found to may see."""
        video, words = details.video, Words(visit.texts)
        start = min(visit.asked_number("start", 0) or 0, video.duration)
        left = (await self.history.positions(visit.viewer, [video])).get(video.id, 0)
        resume = left if LEFT_AT_ONCE <= left < video.duration * NEARLY_OVER and not start else 0
        return Beside(
            tracks=[
                Track(
                    caption.language, words.language(caption.language) or caption.language, CAPTIONS + caption.file_name
                )
                for caption in await self.captions.listing(visit.viewer, video.uuid, opened=True)
            ],
            chapters=await self.chapters.listing(visit.viewer, video.uuid, opened=True),
            storyboard=_storyboard(await self.storyboards.of_video(visit.viewer, video.uuid, opened=True)),
            start=start,
            resume=resume,
        )


def _storyboard(found: Storyboard | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "url": STORYBOARDS + found.file_name,
        "width": found.sprite_width,
        "height": found.sprite_height,
        "columns": found.total_width // found.sprite_width,
        "seconds": found.sprite_seconds,
    }
