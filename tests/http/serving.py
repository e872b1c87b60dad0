"""What tests of routes share: a gate with known tokens, and a client that walks the resources in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from klein import Klein
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.python.failure import Failure
from twisted.web.client import readBody
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer
from twisted.web.resource import IResource
from zope.interface import implementer

from peertube.config.schema import Limit
from peertube.errors import Unauthorized
from peertube.http.addresses import ClientAddresses
from peertube.http.authentication import Gate
from peertube.http.problems import Problems, Translations
from peertube.http.routing import Route, answer_errors, mount
from peertube.model.users import Preferences, Role, User, Viewer
from peertube.service import Tasks

NOW_MS = 1_700_000_000_000


class FixedClock:
    """A clock that stands still."""

    def now_ms(self) -> int:
        return NOW_MS


class CountingCounters:
    """Counts for ever."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()

    def hit(self, key: str, window_seconds: float, by: int = 1) -> int:
        self.hits[key] += by
        return self.hits[key]

    def remaining_seconds(self, key: str) -> float:
        return 7.0


class KnownTokens:
    """Access tokens of the viewers that a test made."""

    def __init__(self, viewers: Mapping[str, Viewer]) -> None:
        self.viewers = dict(viewers)

    async def viewer_for_access_token(self, token: str) -> Viewer:
        if token not in self.viewers:
            raise Unauthorized("Token is invalid", code="invalid_token")
        return self.viewers[token]


def viewer(user_id: int = 1, role: Role = Role.USER, *, blocked: bool = False, username: str = "someone") -> Viewer:
    """A logged-in user for tests that need no database."""
    user = User(
        id=user_id,
        username=username,
        email=f"{username}@pod.example",
        email_verified=True,
        password_hash="",
        role=role,
        may_upload=True,
        video_quota=-1,
        video_quota_daily=-1,
        blocked=blocked,
        blocked_reason=None,
        preferences=Preferences(),
        account_id=user_id,
        created_ms=NOW_MS,
        updated_ms=NOW_MS,
        last_login_ms=None,
    )
    return Viewer(user=user, session_id=user_id)


def gate(
    viewers: Mapping[str, Viewer] | None = None,
    *,
    limit: int = 10_000,
    trust_proxy: Sequence[str] = (),
    translations: Translations | None = None,
    max_requests: int = 500,
) -> Gate:
    """A gate for which the keys of `viewers` are the good tokens."""
    return Gate(
        tokens=KnownTokens(viewers or {}),
        counters=CountingCounters(),
        clock=FixedClock(),
        limit=Limit(window=10, max=limit),
        problems=Problems(translations),
        addresses=ClientAddresses(trust_proxy),
        tasks=Tasks(Clock()),
        max_requests=max_requests,
    )


def resource(routes: Sequence[Route], at: Gate, prefix: str = "/api/v1") -> IResource:
    """The routes as a resource."""
    app = Klein()
    mount(app, prefix, routes, at)
    answer_errors(app, at)
    return app.resource()


class Answer:
    """A whole answer."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name: str) -> str | None:
        values = self.headers.getRawHeaders(name)
        return None if values is None else values[-1]

    @property
    def json(self):
        return msgspec.json.decode(self.body)


@implementer(IBodyProducer)
class _Body:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.length = len(content)

    def startProducing(self, consumer):
        consumer.write(self.content)
        done = Deferred()
        done.callback(None)
        return done

    def pauseProducing(self) -> None: ...

    def resumeProducing(self) -> None: ...

    def stopProducing(self) -> None: ...


class Client:
    """Asks a resource in memory."""

    def __init__(self, root: IResource) -> None:
        self._agent = RequestTraversalAgent(root)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | None = None,
    ) -> Answer:
        given = Headers({name: [value] for name, value in (headers or {}).items()})
        if token is not None:
            given.setRawHeaders("Authorization", [f"Bearer {token}"])
        if json is not None:
            body = msgspec.json.encode(json)
            given.setRawHeaders("Content-Type", ["application/json"])
        asking = self._agent.request(
            method.encode(), b"http://pod.example" + path.encode(), given, None if body is None else _Body(body)
        )
        response = await self._pumped(asking)
        body = await self._pumped(readBody(response))
        return Answer(response.code, response.headers, body)

    async def _pumped(self, waiting: Deferred):
        """Carry bytes between the two ends until `waiting` has a result; databases answer from threads."""
        from twisted.internet import reactor

        done: list[object] = []
        waiting.addBoth(done.append)
        self._agent.flush()
        while not done:
            await deferLater(reactor, 0.001)
            self._agent.flush()
        if isinstance(done[0], Failure):
            done[0].raiseException()
        return done[0]
