"""Pages in a made-up language whose words are much longer than the English ones: nothing runs over (section 5)."""

import gettext
import re

from babel import Locale
from playwright.sync_api import Route
from twisted.trial.unittest import TestCase

from peertube.model.users import Role
from peertube.pages import assets, languages
from tests.end_to_end.browser import CHROMIUM, chromium
from tests.http.serving import viewer
from tests.pages.people import all_groups
from tests.pages.serving import ORIGIN, SETTINGS, Browser, FakeSessions, page_resource, page_site
from tests.pages.test_all_pages import OPEN_PAGES, OWN_PAGES
from tests.pages.videos import FakeVideos, video

_WORD = re.compile(r"%\(\w+\)s|\{\w+\}|\w+")
_OVER = """() => [document.scrollingElement.scrollWidth - innerWidth, [...document.querySelectorAll(
  'button, .button, h1, h2, label, .site-nav span, .state, .chip, th')].filter(
  one => one.checkVisibility() && !one.matches('.spoken, .spoken *') && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).display !== 'inline').map(one => one.outerHTML.slice(0, 150))]"""


class Longer(gettext.NullTranslations):
    """Each word is two fifths longer."""

    def gettext(self, message: str) -> str:
        return _WORD.sub(_longer, message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)


def _longer(found: "re.Match[str]") -> str:
    word = found[0]
    return word if word.startswith(("%", "{")) else word + "ë" * max(1, len(word) * 2 // 5)


class PseudoLocaleTests(TestCase):
    """With the style of the bundle, in phone and desktop widths."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    async def test_nothing_runs_over(self) -> None:
        """Neither the page nor what people press and read."""
        texts = {"en": languages.Texts("en", Locale.parse("en"), Longer())}
        self.patch(languages, "load", lambda: texts)
        sessions = FakeSessions()
        sessions.living["root"] = viewer(username="root", role=Role.ADMINISTRATOR)
        videos = FakeVideos([video(1, "A title"), video(2, "Another", host="other.example")])
        resource = page_resource(page_site(all_groups(videos, sessions, SETTINGS), sessions))
        pages: dict[str, bytes] = {}
        for session, paths in (("", OPEN_PAGES), ("root", OWN_PAGES)):
            visitor = Browser(resource)
            if session:
                visitor.cookies["session_80"] = session
            for path in paths:
                pages[f"{path}{'&' if '?' in path else '?'}as={session}"] = (await visitor.get(path)).body
        wrong = self._look(pages)
        self.assertEqual(wrong, [], "\n".join(wrong))

    def _look(self, pages: dict[str, bytes]) -> list[str]:
        bundle, wrong = assets.load(), []

        def serve(route: Route) -> None:
            path = route.request.url.removeprefix(ORIGIN)
            if path in pages:
                route.fulfill(body=pages[path], content_type="text/html; charset=utf-8")
            elif path.startswith(assets.URL) and path.endswith(".css"):
                route.fulfill(body=bundle.files[path.removeprefix(assets.URL)], content_type="text/css")
            else:
                route.fulfill(status=404)

        with chromium() as browser:
            page = browser.new_context(java_script_enabled=False).new_page()
            page.route("**/*", serve)
            for path in pages:
                page.goto(ORIGIN + path)
                for width in (320, 390, 1024, 1440):
                    page.set_viewport_size({"width": width, "height": 800})
                    over, parts = page.evaluate(_OVER)
                    if over > 0:
                        wrong.append(f"{path} is {over} pixels too wide for {width}")
                    wrong += [f"{path} at {width}: {part}" for part in parts]
        return wrong
