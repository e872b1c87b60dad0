"""The pod about itself: ``/config``, ``/config/about``, ``/server/stats``, ``/ping``."""

from collections.abc import Callable
from hashlib import sha256

import msgspec

from peertube.api.representations import config as representation
from peertube.api.representations.config import Pictures
from peertube.api.representations.stats import stats
from peertube.config.current import Current
from peertube.config.schema import Settings
from peertube.http.routing import Access, Call, Reply, Route
from peertube.usecases.home_page import HomePage
from peertube.usecases.instance import Instance
from peertube.usecases.instance_pictures import InstancePictures
from peertube.usecases.signup import SignupRules


class InstanceApi:
    """What everybody may know about the pod."""

    def __init__(
        self,
        *,
        instance: Instance,
        signup: SignupRules,
        current: Current,
        pictures: InstancePictures,
        home_page: HomePage,
    ) -> None:
        self._instance = instance
        self._current = current
        self._pictures = pictures
        self._home_page = home_page
        self._signup = signup
        self._built: dict[object, tuple[Settings, Pictures, bool, Reply]] = {}

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("GET", "/config", Access.ANYONE, self.config),
            Route("GET", "/config/about", Access.ANYONE, self.about),
            Route("GET", "/server/stats", Access.ANYONE, self.stats),
            Route("GET", "/ping", Access.ANYONE, self.ping),
        ]

    async def config(self, call: Call) -> Reply:
        """What this pod can do."""
        signup = await self._signup.state(call.address)
        return self._ready_made(
            signup, lambda settings, pictures, own_page: representation.config(settings, pictures, own_page, signup)
        )

    async def about(self, call: Call) -> Reply:
        """What this pod says about itself."""
        return self._ready_made("about", representation.about)

    async def stats(self, call: Call) -> object:
        """How much there is on this pod."""
        return stats(await self._instance.stats())

    async def ping(self, call: Call) -> Reply:
        """A sign of life."""
        return Reply(b"pong", content_type="text/plain")

    def _ready_made(self, name: object, build: Callable[[Settings, Pictures, bool], dict[str, object]]) -> Reply:
        """An answer that changes with the settings and the pictures only: kept as bytes."""
        settings, pictures, own_page = self._current.settings, self._pictures.present, bool(self._home_page.content)
        built = self._built.get(name)
        if built is None or built[0] is not settings or built[1] is not pictures or built[2] is not own_page:
            body = msgspec.json.encode(build(settings, pictures, own_page))
            etag = f'"{sha256(body).hexdigest()[:27]}"'
            reply = Reply(body, headers={"ETag": etag, "Cache-Control": "no-cache"})
            built = self._built[name] = settings, pictures, own_page, reply
        return built[3]
