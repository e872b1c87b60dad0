"""The REST API of videos in memory, asked as programs ask it."""

from collections.abc import Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from peertube.api.chapters import ChaptersApi
from peertube.api.history import HistoryApi
from peertube.api.overviews import OverviewsApi
from peertube.api.ratings import RatingsApi
from peertube.api.representations.videos import VideoRepresentations
from peertube.api.search import SearchApi
from peertube.api.uploads import UploadsApi
from peertube.api.video_passwords import VideoPasswordsApi
from peertube.api.videos import VideoLists, VideosApi
from peertube.api.views import ViewsApi
from peertube.api.watch_stats import WatchStatsApi
from peertube.http.sinks import ReceivedFile, ReceivedForm
from peertube.model.users import Role
from peertube.usecases.chapters import Chapters
from peertube.usecases.handles import Handles
from peertube.usecases.history import History
from peertube.usecases.overview import Overviews
from peertube.usecases.ratings import Ratings
from peertube.usecases.search import Search
from peertube.usecases.video_passwords import VideoPasswords
from peertube.usecases.video_urls import VideoUrls
from peertube.usecases.views import Views
from peertube.usecases.watch_stats import WatchStats
from tests.http.serving import Answer, Client, gate, resource
from tests.usecases.video_fakes import FakeCounters
from tests.usecases.video_world import VideoCase


class VideoApiCase(VideoCase):
    """Tokens are the names of users: alice, bob, and the moderator maud."""

    async def more(self) -> None:
        self.bob = await self.person("bob")
        self.maud = await self.person("maud", role=Role.MODERATOR)
        viewers = {"alice": self.alice.viewer, "bob": self.bob.viewer, "maud": self.maud.viewer}
        history = History(database=self.database, clock=self.clock)
        stats = WatchStats(database=self.database, clock=self.clock)
        views = Views(
            database=self.database,
            clock=self.clock,
            counters=FakeCounters(),
            listeners=(history.take, stats.take),
        )
        representations = VideoRepresentations(urls=VideoUrls(self.settings), viewers_of=views.viewers_of)
        self.uploads_api = UploadsApi(uploads=self.uploads, videos=self.videos)
        apis = (
            SearchApi(
                search=Search(database=self.database, settings=self.settings, videos=self.videos),
                videos=self.videos,
                representations=representations,
                web=self.settings.webserver,
                history=history,
            ),
            RatingsApi(
                ratings=Ratings(database=self.database, clock=self.clock, handles=Handles(self.settings.webserver)),
                access=self.access,
                representations=representations,
            ),
            ViewsApi(views=views, access=self.access),
            OverviewsApi(
                overviews=Overviews(database=self.database, clock=self.clock, videos=self.videos),
                representations=representations,
            ),
            VideoPasswordsApi(
                passwords=VideoPasswords(database=self.database, clock=self.clock, vault=self.vault), access=self.access
            ),
            VideosApi(videos=self.videos, representations=representations, history=history),
            HistoryApi(
                history=history,
                lists=VideoLists(videos=self.videos, representations=representations, history=history),
                representations=representations,
            ),
            WatchStatsApi(stats=stats),
            ChaptersApi(chapters=Chapters(database=self.database), access=self.access),
        )
        self.routes = [route for api in apis for route in api.routes()]
        self.client = Client(resource(self.routes, gate(viewers)))

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        """The answer to a request below ``/api/v1``; `more` as of `tests.http.serving.Client.ask`."""
        from twisted.internet import reactor

        asking = Deferred.fromCoroutine(self.client.ask(method, f"/api/v1{path}", **more))
        while not asking.called:
            await deferLater(reactor, 0.001)
            self.client._agent.flush()
        return await asking

    async def get(self, path: str, token: str | None = None, status: int = 200) -> Any:
        """The JSON of an answer with this status."""
        answer = await self.ask("GET", path, token=token)
        self.assertEqual(answer.status, status, answer.body)
        return answer.json

    def form(self, *, files: Mapping[str, tuple[str, bytes]], **fields: str | list[str]) -> ReceivedForm:
        """A multipart body that arrived: files by field as (name, content)."""
        received = {}
        for field, (name, content) in files.items():
            path = self.temporary(content)
            self.addCleanup(path.unlink, missing_ok=True)
            received[field] = ReceivedFile(
                path=path, filename=name, content_type="application/octet-stream", size=len(content)
            )
        texts = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
        return ReceivedForm(fields=texts, files=received)
