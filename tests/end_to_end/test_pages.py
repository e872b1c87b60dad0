"""Every page in a real browser: phone and desktop, light and dark, checked by axe-core and by measuring."""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Browser, Page, Response
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end import axe
from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pages import Scene, Stop, scene, tour

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
NARROWEST, ZOOMED = 320, 720
"""The narrowest phone, and 1440 pixels at 200 %."""

_BROWSERS = 2
"""Each looks at its share of the pages: much of a visit is waiting until a page asks for nothing more."""

HTML_BUDGET = 30_000
SHIFT_BUDGET = 0.02
_OBSERVE = """
window.observed = {shift: 0, paint: 0, broken: []}
new PerformanceObserver(list => list.getEntries().forEach(one => {
  if (!one.hadRecentInput) observed.shift += one.value
})).observe({type: 'layout-shift', buffered: true})
new PerformanceObserver(list => list.getEntries().forEach(one => { observed.paint = one.startTime }))
  .observe({type: 'largest-contentful-paint', buffered: true})
document.addEventListener('securitypolicyviolation', event => observed.broken.push(
  `${event.violatedDirective}: ${event.blockedURI}`))
"""
_WIDTH = "() => document.scrollingElement.scrollWidth"
_PICTURES = os.environ.get("PICTURES")
"""A folder that gets a picture of every page in every form, to be looked at by people."""


class PagesTests(SynchronousTestCase):
    """What web-client section 4 asks of every page."""

    if CHROMIUM is None:
        skip = "there is no chromium"
    elif not axe.SCRIPT.exists():
        skip = "axe-core is not installed"

    def test_every_page(self) -> None:
        """No violation, no sideways scrolling, no complaint, nothing from elsewhere, small and steady."""
        known = scene()
        with ThreadPoolExecutor(_BROWSERS) as threads:
            shares = threads.map(lambda share: self._share(known, share), range(_BROWSERS))
            wrong = [problem for share in shares for problem in share]
        self.assertEqual(wrong, [], "\n".join(wrong))

    def _share(self, known: Scene, share: int) -> list[str]:
        """Look at every second page, say, in a browser of its own."""
        wrong: list[str] = []
        with chromium() as browser:
            for lonely in (False, True):
                for signed_in in (False, True):
                    stops = [stop for stop in tour(known) if (stop.lonely, stop.signed_in) == (lonely, signed_in)]
                    wrong += self._visit(browser, known, stops[share::_BROWSERS], lonely=lonely, signed_in=signed_in)
        return wrong

    def _visit(self, browser: Browser, known: Scene, stops: list[Stop], *, lonely: bool, signed_in: bool) -> list[str]:
        """Look at the stops of one visitor."""
        pod = known.lonely if lonely else known.pod
        visitor = Visitor(browser, viewport=DESKTOP, reduced_motion="reduce")
        visitor.page.add_init_script(_OBSERVE)
        outside: list[str] = []
        own = tuple(f"{one.origin}/" for one in known.network.pods)  # a video plays from the pod it is on
        visitor.page.on("request", lambda request: _note_foreign(request.url, own, outside))
        if signed_in:
            visitor.sign_in(pod.origin, pod.password)
        wrong: list[str] = []
        for stop in stops:
            wrong += [f"{stop.name}: {problem}" for problem in self._look(visitor, pod.origin, stop)]
        visitor.context.close()
        return wrong + [f"asked another server: {url}" for url in outside]

    def _look(self, visitor: Visitor, origin: str, stop: Stop) -> list[str]:
        page = visitor.page
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light")
        visitor.complaints.clear()
        response = open_stop(page, origin, stop)
        wrong = []
        if response.status != stop.status:
            wrong.append(f"status {response.status}")
        size = len(gzip.compress(response.body()))
        if size > HTML_BUDGET:
            wrong.append(f"{size} bytes of HTML, gzipped")
        page.wait_for_load_state("networkidle")
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => { document.documentElement.dir = direction }", direction)
            wrong += self._forms(page, f"{stop.name}-{direction}", full=direction == "ltr")
        observed = page.evaluate("() => observed")
        if observed["shift"] > SHIFT_BUDGET:
            wrong.append(f"the layout shifts by {observed['shift']:.3f}")
        wrong += [f"breaks the policy: {one}" for one in observed["broken"]]
        expected = f"the server responded with a status of {stop.status} "
        return wrong + [text for text in visitor.complaints if stop.status == 200 or expected not in text]

    def _forms(self, page: Page, name: str, *, full: bool) -> list[str]:
        """Look at one page in its sizes and themes; the narrow widths are only measured."""
        wrong = []
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # the two names it knows
                if _PICTURES:
                    picture = Path(_PICTURES) / f"{name}-{size['width']}-{theme}.png"
                    page.screenshot(path=picture, full_page=True, animations="disabled")
                if full:
                    found = axe.violations(page, only_colours=theme == "dark")
                    wrong += [f"{size['width']} {theme} {violation}" for violation in found]
        for width in (NARROWEST, PHONE["width"], ZOOMED, DESKTOP["width"]):
            page.set_viewport_size({"width": width, "height": 800})
            needed = page.evaluate(_WIDTH)
            if needed > width:
                wrong.append(f"needs {needed} of {width} pixels in width")
        return wrong


def open_stop(page: Page, origin: str, stop: Stop) -> Response:
    """Go there, and send its form if it is one that is sent; the answer."""
    response = page.goto(origin + stop.path)
    if stop.typed is not None:
        form = page.locator(stop.form).first
        for field, text in stop.typed.items():
            form.locator(f"[name={field}]").fill(text)
        with page.expect_navigation() as navigation:
            form.evaluate("form => form.submit()")
        response = navigation.value
    assert response is not None
    return response


def _note_foreign(url: str, own: tuple[str, ...], found: list[str]) -> None:
    if not url.startswith((*own, "blob:", "data:")):
        found.append(url)
