"""What a visitor chose: language and colours (by cookie, with and without a login)."""

from attrs import frozen

from peertube.http.routing import Access
from peertube.pages.visits import THEMES, Cookie, PageRoute, Redirect, Shown, Visit, local_path

_YEAR_SECONDS = 365 * 24 * 3600


@frozen
class SettingsPages:
    """`/settings`."""

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/settings", Access.ANYONE, self.form),
            PageRoute("POST", "/settings", Access.ANYONE, self.save),
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

    def _form(self, visit: Visit, back: str) -> Shown:
        return Shown("settings.html", {"next": back, "remembered": visit.remembered}, section="settings")
