"""Likes and dislikes: ``PUT /api/v1/videos/<id>/rate`` and what one rated oneself."""

from typing import Literal

from peertube.api.paging import PageParameters, page
from peertube.api.proofs import proof_of
from peertube.api.representations.videos import Json, VideoRepresentations
from peertube.api.video_forms import RateForm
from peertube.http.routing import Access, Call, Route
from peertube.model.videos import Rating
from peertube.usecases.ratings import Ratings
from peertube.usecases.video_access import VideoAccess


class RatedParameters(PageParameters):
    """Which ratings are listed."""

    rating: Literal["like", "dislike"] | None = None


class RatingsApi:
    """Ratings, for programs."""

    def __init__(self, *, ratings: Ratings, access: VideoAccess, representations: VideoRepresentations) -> None:
        self._ratings = ratings
        self._access = access
        self._representations = representations

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("PUT", "/videos/<identifier>/rate", Access.USER, self.rate, body=RateForm),
            Route("GET", "/users/me/videos/<identifier>/rating", Access.USER, self.mine),
            Route("GET", "/accounts/<handle>/ratings", Access.USER, self.of_account, query=RatedParameters),
        ]

    async def rate(self, call: Call, identifier: str) -> None:
        """Like or dislike a video, or neither."""
        form = await call.body(RateForm)
        opened = await self._access.opens_named(identifier, proof_of(call))
        await self._ratings.rate(call.known_viewer, identifier, Rating[form.rating.upper()], opened=opened)

    async def mine(self, call: Call, identifier: str) -> Json:
        """Show what one thinks of a video."""
        opened = await self._access.opens_named(identifier, proof_of(call))
        video_id, rating = await self._ratings.of(call.known_viewer, identifier, opened=opened)
        return {"videoId": video_id, "rating": rating.name.lower()}

    async def of_account(self, call: Call, handle: str) -> Json:
        """List what one's account rated."""
        asked = call.parameters(RatedParameters)
        only = None if asked.rating is None else Rating[asked.rating.upper()]
        found = await self._ratings.of_account(call.known_viewer, handle, only, asked.window())
        shown = self._representations.summary
        return page(found, [{"video": shown(video), "rating": rating.name.lower()} for video, rating in found.items])
