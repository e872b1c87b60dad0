"""Likes and dislikes: ``PUT /api/v1/videos/<id>/rate`` and what one rated oneself."""

from peertube.api.proofs import proof_of
from peertube.api.representations.videos import Json
from peertube.api.video_forms import RateForm
from peertube.http.routing import Access, Call, Route
from peertube.model.videos import Rating
from peertube.usecases.ratings import Ratings
from peertube.usecases.video_access import VideoAccess


class RatingsApi:
    """Ratings, for programs."""

    def __init__(self, *, ratings: Ratings, access: VideoAccess) -> None:
        self._ratings = ratings
        self._access = access

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("PUT", "/videos/<identifier>/rate", Access.USER, self.rate, body=RateForm),
            Route("GET", "/users/me/videos/<identifier>/rating", Access.USER, self.mine),
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
