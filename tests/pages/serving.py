"""The pages over use cases that are made up, and a browser of sorts that keeps cookies."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from klein import Klein
from twisted.web.resource import IResource

from peertube.config.schema import Settings
from peertube.errors import Invalid
from peertube.http.authentication import Gate
from peertube.http.problems import Problems
from peertube.http.routing import answer_errors, mount
from peertube.model.users import Viewer
from peertube.pages import assets, languages, rendering
from peertube.pages.links import Links
from peertube.pages.site import PageGroup, PageSite
from peertube.usecases.video_urls import VideoUrls
from tests.http.serving import Answer, Client, FixedClock, gate

ORIGIN = "http://pod.example"
SETTINGS = Settings.model_validate({"webserver": {"https": False, "hostname": "pod.example", "port": 80}})
LINKS = Links(VideoUrls(SETTINGS))


class CountingRandomness:
    """Things anybody can guess."""

    def __init__(self) -> None:
        self.count = 0

    def token(self) -> str:
        self.count += 1
        return f"{self.count:064x}"

    def uuid(self) -> str:
        self.count += 1
        return f"00000000-0000-4000-8000-{self.count:012x}"

    def fraction(self) -> float:
        return 0.5


class FakeSessions:
    """Logins with one password: right."""

    page_lifetime_seconds = 1000

    def __init__(self) -> None:
        self.living: dict[str, Viewer] = {}
        self.users: dict[str, Viewer] = {}
        self.error: Exception | None = None

    async def viewer_for_page(self, cookie: str) -> Viewer | None:
        return self.living.get(cookie)

    def csrf_token(self, cookie: str) -> str:
        return f"csrf-{cookie}"

    def is_csrf_token(self, cookie: str, shown: str) -> bool:
        return shown == self.csrf_token(cookie)

    async def log_in_page(self, login: str, password: str, *, address: str, user_agent: str) -> str:
        if self.error is not None:
            raise self.error
        if password != "right" or login not in self.users:
            raise Invalid("Invalid grant: user credentials are invalid", code="invalid_grant")
        self.living[f"session-{login}"] = self.users[login]
        return f"session-{login}"

    async def log_in_page_with_code(self, ticket: str, code: str, *, address: str, user_agent: str) -> str:
        if code != "123456":
            raise Invalid("Invalid two factor header", code="invalid_two_factor")
        return await self.log_in_page(ticket, "right", address=address, user_agent=user_agent)

    async def begin_page_again(self, viewer: Viewer, *, address: str, user_agent: str) -> str:
        return await self.log_in_page(viewer.user.username, "right", address=address, user_agent=user_agent)

    async def log_out_page(self, cookie: str) -> None:
        self.living.pop(cookie, None)

    def access_token_for_page(self, viewer: Viewer) -> str:
        return f"token-of-{viewer.user.username}"


def page_rendering(settings: Settings = SETTINGS, bundle: assets.Assets | None = None) -> rendering.Rendering:
    """As the pages are rendered in a pod."""
    return rendering.Rendering(
        templates=rendering.environment(),
        assets=assets.load() if bundle is None else bundle,
        languages=languages.Languages(languages.load()),
        links=Links(VideoUrls(settings)),
        settings=settings,
    )


def page_site(
    groups: Sequence[PageGroup], sessions: FakeSessions, settings: Settings = SETTINGS, clock: object = None
) -> PageSite:
    """A site of these pages."""
    return PageSite(
        groups=groups,
        rendering=page_rendering(settings),
        sessions=sessions,
        problems=Problems(),
        clock=clock or FixedClock(),
        randomness=CountingRandomness(),
        webserver=settings.webserver,
        secure_media=False,
    )


def page_resource(site: PageSite, at: Gate | None = None) -> IResource:
    """The pages as a resource."""
    known = at or gate()
    app = Klein()
    mount(app, "", site.routes(), known)
    answer_errors(app, known, site.error)
    return app.resource()


class Browser:
    """Visits pages in memory, and keeps cookies."""

    def __init__(self, root: IResource) -> None:
        self._client = Client(root)
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._kept(await self._client.ask("GET", path, headers=self._headers(headers)))

    async def post(
        self, path: str, fields: Mapping[str, object], headers: Mapping[str, str | None] | None = None
    ) -> Answer:
        """Send a form, from a page of the pod unless `headers` say otherwise (None leaves a header out)."""
        given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": ORIGIN, **(headers or {})}
        body = urlencode(fields, doseq=True).encode()
        kept = {name: value for name, value in given.items() if value is not None}
        return self._kept(await self._client.ask("POST", path, headers=self._headers(kept), body=body))

    async def send(self, path: str, fields: Mapping[str, object]) -> Answer:
        """Send a form with the CSRF token that the pod expects of these cookies."""
        holder = self.cookies.get("session_80") or self.cookies.get("visitor_80", "")
        return await self.post(path, {"csrf": f"csrf-{holder}", **fields})

    def _headers(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**({"Cookie": cookies} if cookies else {}), **(headers or {})}

    def _kept(self, answer: Answer) -> Answer:
        for cookie in answer.headers.getRawHeaders("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer
