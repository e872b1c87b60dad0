"""Likes and dislikes."""

from peertube.errors import Forbidden, NotFound
from peertube.model.videos import Privacy, Rating
from peertube.usecases.handles import Handles
from peertube.usecases.ratings import Ratings
from tests.storage.publishers import add_video, uuid_of
from tests.usecases.video_world import VideoCase


class RatingTests(VideoCase):
    """A counter is the number of those who think so."""

    async def more(self) -> None:
        self.bob = (await self.person("bob")).viewer
        self.ratings = Ratings(database=self.database, clock=self.clock, handles=Handles(self.settings.webserver))
        await self.database.write(add_video, 1, self.alice.channel_id)

    async def counters(self) -> tuple[int, int]:
        video = (await self.details(uuid_of(1))).video
        return video.likes, video.dislikes

    async def test_every_change_of_mind(self) -> None:
        """Also to the same again."""
        for rating, expected in (
            (Rating.LIKE, (1, 0)),
            (Rating.LIKE, (1, 0)),
            (Rating.DISLIKE, (0, 1)),
            (Rating.NONE, (0, 0)),
            (Rating.NONE, (0, 0)),
            (Rating.DISLIKE, (0, 1)),
            (Rating.LIKE, (1, 0)),
        ):
            await self.ratings.rate(self.bob, uuid_of(1), rating)
            self.assertEqual(await self.counters(), expected)
            self.assertEqual((await self.ratings.of(self.bob, uuid_of(1)))[1], rating)

    async def test_each_has_one(self) -> None:
        """Two who like it are two likes."""
        await self.ratings.rate(self.bob, uuid_of(1), Rating.LIKE)
        await self.ratings.rate(self.alice.viewer, uuid_of(1), Rating.LIKE)
        self.assertEqual(await self.counters(), (2, 0))

    async def test_only_what_one_sees(self) -> None:
        """Private videos of others, and videos that are not there."""
        await self.database.write(add_video, 2, self.alice.channel_id, privacy=Privacy.PRIVATE)
        for ask in (
            lambda uuid: self.ratings.rate(self.bob, uuid, Rating.LIKE),
            lambda uuid: self.ratings.of(self.bob, uuid),
        ):
            with self.assertRaises(Forbidden):
                await ask(uuid_of(2))
            with self.assertRaises(NotFound):
                await ask(uuid_of(3))
