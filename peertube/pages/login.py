"""Signing in and out."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid, TooManyRequests
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.users import Viewer
from peertube.pages.visits import Answer, Cookie, PageRoute, Redirect, Shown, Visit, local_path
from peertube.pages.words import Words
from peertube.usecases.logins import TwoFactorMissing
from peertube.usecases.ports import InForce


class Logins(Protocol):
    """Begins and ends page sessions."""

    @property
    def page_lifetime_seconds(self) -> int:
        """How long a session's cookie is kept."""
        ...

    async def log_in_page(self, login: str, password: str, *, address: str, user_agent: str) -> str:
        """The cookie of a new session; `Invalid` or `TooManyRequests`."""
        ...

    async def log_in_page_with_code(self, ticket: str, code: str, *, address: str, user_agent: str) -> str:
        """The same after `TwoFactorMissing`, for its ticket and the code."""
        ...

    async def begin_page_again(self, viewer: Viewer, *, address: str, user_agent: str) -> str:
        """The cookie of a new session for somebody who has just proved who they are."""
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
    settings: InForce

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/login", Access.ANYONE, self.form),
            PageRoute("POST", "/login", Access.ANYONE, self.log_in),
            PageRoute("POST", "/login/code", Access.ANYONE, self.log_in_with_code),
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
        except TwoFactorMissing as error:
            return _ask_code(back, error.ticket)
        except TooManyRequests as error:
            return self._form(visit, back, name=name, problem=_too_many(visit, error), status=429)
        except Invalid as error:
            problem = Words(visit.texts).error(error.code, error.detail)
            return self._form(visit, back, name=name, problem=problem, status=status_of(error))
        return self._signed_in(cookie, back)

    async def log_in_with_code(self, visit: Visit) -> Shown | Redirect:
        """Begin a session for the code after the password."""
        back, ticket = local_path(visit.given("next")), visit.given("ticket")
        try:
            cookie = await self.sessions.log_in_page_with_code(
                ticket, visit.given("code"), address=visit.address, user_agent=visit.user_agent
            )
        except TooManyRequests as error:
            return _ask_code(back, ticket, problem=_too_many(visit, error), status=429)
        except Invalid as error:
            problem = Words(visit.texts).error(error.code, error.detail)
            if error.code == "invalid_two_factor":
                return _ask_code(back, ticket, problem=problem, status=400)
            return self._form(
                visit, back, problem=visit.gettext("That took too long. Please sign in again."), status=400
            )
        return self._signed_in(cookie, back)

    def _signed_in(self, cookie: str, back: str) -> Redirect:
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
        signup = self.settings.signup
        context = {
            "next": back,
            "name": name,
            "problem_text": problem,
            "open": signup.enabled,
            "by_request": signup.requires_approval,
        }
        return Shown("login.html", context, status=status, section="login")


def _ask_code(back: str, ticket: str, *, problem: str = "", status: int = 200) -> Shown:
    context = {"next": back, "ticket": ticket, "problem_text": problem}
    return Shown("login_code.html", context, status=status, section="login")


def _too_many(visit: Visit, error: TooManyRequests) -> str:
    return visit.texts.ngettext(
        "Too many attempts. Please wait %(num)s second.",
        "Too many attempts. Please wait %(num)s seconds.",
        error.retry_after_seconds,
    )
