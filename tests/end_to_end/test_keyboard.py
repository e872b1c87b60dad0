"""Keyboard only (web-client section 4)."""

from playwright.sync_api import Page
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pages import scene
from tests.end_to_end.pods import eventually

_VIDEO = "() => { const video = document.querySelector('video'); return {%s} }"


def focused(page: Page) -> str:
    """The text or name of what has the focus."""
    found: str = page.evaluate(
        "() => (document.activeElement.innerText || document.activeElement.id || document.activeElement.tagName).trim()"
    )
    return found


class KeyboardTests(SynchronousTestCase):
    """Nothing is touched but keys."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    def setUp(self) -> None:
        self.scene = scene()
        self.origin = self.scene.pod.origin

    def test_skip_link_and_search(self) -> None:
        """The first stop leads to the content; a search is typed and sent; a result is opened."""
        with chromium() as browser:
            page = Visitor(browser).page
            page.goto(self.origin)
            page.keyboard.press("Tab")
            self.assertEqual(focused(page), "Skip to the content")
            self.assertGreater(page.evaluate("() => document.activeElement.getBoundingClientRect().top"), 0)
            page.keyboard.press("Enter")
            self.assertEqual(page.evaluate("() => document.activeElement.id"), "main")
            page.keyboard.press("Shift+Tab")
            page.focus("#site-query")
            page.keyboard.type("hills")
            page.keyboard.press("Enter")
            page.wait_for_url("**/search?search=hills")
            page.focus("main")
            for _ in range(30):
                page.keyboard.press("Tab")
                if focused(page).startswith("A walk in the hills"):
                    break
            page.keyboard.press("Enter")
            page.wait_for_url("**/w/*")

    def test_player_keys(self) -> None:
        """Without the focus on the player; not in fields; they can be switched off."""
        with chromium() as browser:
            page = Visitor(browser).page
            page.goto(f"{self.origin}/w/{self.scene.local}")
            page.wait_for_function("() => document.querySelector('video').readyState >= 2")
            page.evaluate("() => { document.querySelector('video').muted = true }")
            page.keyboard.press("k")
            eventually(lambda: self._video(page, "paused: video.paused") == {"paused": False})
            page.keyboard.press("Space")
            eventually(lambda: self._video(page, "paused: video.paused") == {"paused": True})
            page.keyboard.press("5")
            self.assertEqual(self._video(page, "at: Math.round(video.currentTime)"), {"at": 10})
            page.keyboard.press("l")
            page.keyboard.press("j")
            page.keyboard.press("ArrowLeft")
            self.assertEqual(self._video(page, "at: Math.round(video.currentTime)"), {"at": 5})
            page.keyboard.press("m")
            self.assertEqual(self._video(page, "muted: video.muted"), {"muted": False})
            page.keyboard.press("t")
            self.assertEqual(page.locator("#player.wide").count(), 1)
            page.keyboard.press("Escape")
            self.assertEqual(page.locator("#player.wide").count(), 0)
            page.focus("#site-query")
            page.keyboard.type("m0")
            self.assertEqual(
                self._video(page, "muted: video.muted, at: Math.round(video.currentTime)"), {"muted": False, "at": 5}
            )
            page.evaluate("() => document.activeElement.blur()")
            page.keyboard.press("?")
            self.assertTrue(page.locator("#keys").is_visible())
            page.keyboard.press("Space")
            page.keyboard.press("Escape")
            self.assertFalse(page.locator("#keys").is_visible())
            page.keyboard.press("m")
            self.assertEqual(self._video(page, "muted: video.muted"), {"muted": False})

    def _video(self, page: Page, wanted: str) -> object:
        return page.evaluate(_VIDEO % wanted)

    def test_a_question_is_a_dialog_with_the_focus_on_cancel(self) -> None:
        """Escape and Cancel lead back to where it was asked."""
        with chromium() as browser:
            visitor = Visitor(browser)
            visitor.sign_in(self.origin, self.scene.pod.password)
            page = visitor.page
            page.goto(f"{self.origin}/my-videos")
            link = page.locator("a[data-confirm]").first
            for way in ("Escape", "Enter"):
                link.focus()
                page.keyboard.press("Enter")
                page.wait_for_selector("dialog[open]")
                self.assertEqual(focused(page), "Cancel")
                page.keyboard.press(way)
                page.wait_for_selector("dialog", state="detached")
                self.assertTrue(link.evaluate("element => element === document.activeElement"))
            self.assertTrue(page.url.endswith("/my-videos"))

    def test_the_summary_of_errors_has_the_focus_and_leads_to_the_field(self) -> None:
        """Web-client section 2, all pages."""
        with chromium() as browser:
            visitor = Visitor(browser)
            visitor.sign_in(self.origin, self.scene.pod.password)
            page = visitor.page
            page.goto(f"{self.origin}/my-videos/{self.scene.local}")
            page.fill("#tags", "a,b,c,d,e,f")
            page.press("#tags", "Enter")
            page.wait_for_selector("#problem")
            self.assertEqual(page.evaluate("() => document.activeElement.id"), "problem")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            self.assertEqual(page.evaluate("() => document.activeElement.id"), "tags")
