"""``/api/v1/videos/<id>/storyboards``."""

from peertube.api.proofs import proof_of
from peertube.api.representations.videos import Json
from peertube.http.routing import Access, Call, Route
from peertube.usecases.storyboards import Storyboards
from peertube.usecases.video_access import VideoAccess
from peertube.usecases.video_urls import STORYBOARDS


class StoryboardsApi:
    """Storyboards, for players. `origin` is the start of this pod's addresses."""

    def __init__(self, *, storyboards: Storyboards, access: VideoAccess, origin: str) -> None:
        self._access = access
        self._storyboards = storyboards
        self._origin = origin

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [Route("GET", "/videos/<identifier>/storyboards", Access.OPTIONAL, self.listing)]

    async def listing(self, call: Call, identifier: str) -> Json:
        """List the storyboards of a video: none or one."""
        opened = await self._access.opens_named(identifier, proof_of(call))
        found = await self._storyboards.of_video(call.viewer, identifier, opened=opened)
        if found is None:
            return {"storyboards": []}
        path = STORYBOARDS + found.file_name
        return {
            "storyboards": [
                {
                    "storyboardPath": path,
                    "fileUrl": self._origin + path,
                    "totalHeight": found.total_height,
                    "totalWidth": found.total_width,
                    "spriteHeight": found.sprite_height,
                    "spriteWidth": found.sprite_width,
                    "spriteDuration": found.sprite_seconds,
                }
            ]
        }
