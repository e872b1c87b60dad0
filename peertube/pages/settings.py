"""What a visitor chose: language and colours (anyone, by cookie), password (with a login)."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.users import Viewer
from peertube.pages.login import Logins
from peertube.pages.visits import THEMES, Cookie, PageRoute, Redirect, Shown, Visit, local_path
from peertube.pages.words import Words
from peertube.usecases.my_account import MyChanges

_YEAR_SECONDS = 365 * 24 * 3600


class OwnAccount(Protocol):
    """Changes the viewer's own things."""

    async def update(self, viewer: Viewer, changes: MyChanges) -> None:
        """Change; a new password ends every session."""
        ...


@frozen
class SettingsPages:
    """`/settings`."""

    account: OwnAccount
    sessions: Logins

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/settings", Access.ANYONE, self.form),
            PageRoute("POST", "/settings", Access.ANYONE, self.save),
            PageRoute("POST", "/settings/password", Access.USER, self.change_password),
        ]

    async def form(self, visit: Visit) -> Shown:
        """Show the choices."""
        return self._form(visit, local_path(visit.asked("next"), ""))

    async def save(self, visit: Visit) -> Redirect:
        """Remember language, colours and sharing in cookies."""
        theme, language = visit.given("theme"), visit.given("language")
        cookies = []
        if theme in THEMES:
            cookies.append(Cookie("theme", theme, _YEAR_SECONDS))
        cookies.append(Cookie("language", language[:20], _YEAR_SECONDS))
        cookies.append(Cookie("sharing", "on" if visit.given("sharing") == "on" else "off", _YEAR_SECONDS))
        return Redirect(local_path(visit.given("next"), "/settings"), done="settings-saved", cookies=tuple(cookies))

    async def change_password(self, visit: Visit) -> Shown | Redirect:
        """Take another password; every other sign-in ends, this one goes on."""
        typed = dict(visit.form)
        current, new = typed.get("current", ""), typed.get("new", "")
        if new != typed.get("again", ""):
            errors = {"again": visit.gettext("This is not the same as the new password.")}
            return self._form(visit, "", errors=errors, status=400)
        viewer = visit.user()
        try:
            await self.account.update(viewer, MyChanges(password=new, current_password=current))
        except Invalid as error:
            errors = {"new": next(iter(Words(visit.texts).faults(error.fields).values()), error.detail)}
            return self._form(visit, "", errors=errors, status=400)
        except PodError as error:
            errors = {"current": Words(visit.texts).error(error.code, error.detail)}
            return self._form(visit, "", errors=errors, status=status_of(error))
        cookie = await self.sessions.log_in_page(
            viewer.user.username, new, address=visit.address, user_agent=visit.user_agent
        )
        kept = Cookie("session", cookie, self.sessions.page_lifetime_seconds)
        return Redirect("/settings", done="password-changed", cookies=(kept,))

    def _form(self, visit: Visit, back: str, *, errors: dict[str, str] | None = None, status: int = 200) -> Shown:
        context = {"next": back, "errors": errors or {}, "remembered": visit.remembered}
        return Shown("settings.html", context, status=status, section="settings")
