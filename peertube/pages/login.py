"""Signing in and out."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid, TooManyRequests
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.users import Viewer
from peertube.pages.visits import Answer, Cookie, PageRoute, Redirect, Shown, Visit, local_path
from peertube.pages.words import Words


class Logins(Protocol):
    """Begins and ends page sessions."""

    @property
    def page_lifetime_seconds(self) -> int:
        """How long a session's cookie is kept."""
        ...

    async def log_in_page(self, login: str, password: str, *, address: str, user_agent: str) -> str:
        """The cookie of a new session; `Invalid` or `TooManyRequests`."""
        ...

    async def log_out_page(self, cookie: str) -> None:
        """End a session."""
        ...

    def access_token_for_page(self, viewer: Viewer) -> str:
        """A short-lived token for the scripts of a page."""
        ...


@frozen
class LoginPages:
    """`/login`, `/logout`, and the token that scripts of a page call the REST API with."""

    sessions: Logins

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/login", Access.ANYONE, self.form),
            PageRoute("POST", "/login", Access.ANYONE, self.log_in),
            PageRoute("POST", "/logout", Access.ANYONE, self.log_out),
            PageRoute("POST", "/session/token", Access.USER, self.token),
        ]

    async def form(self, visit: Visit) -> Shown | Redirect:
        """Ask for name and password."""
        back = local_path(visit.asked("next"))
        if visit.viewer is not None:
            return Redirect(back)
        return self._form(visit, back)

    async def log_in(self, visit: Visit) -> Shown | Redirect:
        """Begin a session, or say that name and password do not fit (never which of them)."""
        back = local_path(visit.given("next"))
        name = visit.given("username")
        password = next((value for key, value in visit.form if key == "password"), "")
        try:
            cookie = await self.sessions.log_in_page(name, password, address=visit.address, user_agent=visit.user_agent)
        except TooManyRequests as error:
            seconds = error.retry_after_seconds
            problem = visit.texts.ngettext(
                "Too many attempts. Please wait %(num)s second.",
                "Too many attempts. Please wait %(num)s seconds.",
                seconds,
            )
            return self._form(visit, back, name=name, problem=problem, status=429)
        except Invalid as error:
            problem = Words(visit.texts).error(error.code, error.detail)
            return self._form(visit, back, name=name, problem=problem, status=status_of(error))
        kept = Cookie("session", cookie, self.sessions.page_lifetime_seconds)
        return Redirect(back, done="signed-in", cookies=(kept, Cookie("visitor", "")))

    async def log_out(self, visit: Visit) -> Redirect:
        """End the session."""
        if visit.session:
            await self.sessions.log_out_page(visit.session)
        return Redirect("/", done="signed-out", cookies=(Cookie("session", ""),))

    async def token(self, visit: Visit) -> Answer:
        """A token for the page's own script, good for minutes."""
        token = self.sessions.access_token_for_page(visit.user())
        return Answer(
            b'{"accessToken":"%s"}' % token.encode(), "application/json", {"Cache-Control": "private, no-store"}
        )

    def _form(self, visit: Visit, back: str, *, name: str = "", problem: str = "", status: int = 200) -> Shown:
        context = {"next": back, "name": name, "problem_text": problem}
        return Shown("login.html", context, status=status, section="login")
