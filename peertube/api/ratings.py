"""Likes and dislikes: ``PUT /api/v1/videos/<id>/rate`` and what one rated oneself."""

from peertube.api.representations.videos import Json
from peertube.api.video_forms import RateForm
from peertube.http.routing import Access, Call, Route
from peertube.model.videos import Rating
from peertube.usecases.ratings import Ratings


class RatingsApi:
    """Ratings, for programs."""

    def __init__(self, *, ratings: Ratings) -> None:
        self._ratings = ratings

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("PUT", "/videos/<identifier>/rate", Access.USER, self.rate, body=RateForm),
            Route("GET", "/users/me/videos/<identifier>/rating", Access.USER, self.mine),
        ]

    async def rate(self, call: Call, identifier: str) -> None:
        """Like or dislike a video, or neither."""
        form = await call.body(RateForm)
        await self._ratings.rate(call.known_viewer, identifier, Rating[form.rating.upper()])

    async def mine(self, call: Call, identifier: str) -> Json:
        """Show what one thinks of a video."""
        video_id, rating = await self._ratings.of(call.known_viewer, identifier)
        return {"videoId": video_id, "rating": rating.name.lower()}
