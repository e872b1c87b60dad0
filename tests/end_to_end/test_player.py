"""What is around the player: captions, chapters, the place where one stopped."""

import shutil
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pages import scene

_SUBRIP = "1\n00:00:00,000 --> 00:00:10,000\nHills & sheep\n"
_SHOWN = "() => [...document.querySelector('video').textTracks].some(track => track.mode === 'showing')"


class PlayerTests(SynchronousTestCase):
    """In a real browser."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    def setUp(self) -> None:
        self.scene = scene()
        self.origin = self.scene.pod.origin
        self.folder = Path(tempfile.mkdtemp(prefix="captions-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_captions_chapters_and_going_on(self) -> None:
        """Captions are sent with a form, switched by keys; links lead to places without loading the page."""
        file = self.folder / "captions.srt"
        file.write_text(_SUBRIP)
        with chromium() as browser:
            visitor = Visitor(browser)
            page = visitor.page
            visitor.sign_in(self.origin, self.scene.pod.password)
            page.goto(f"{self.origin}/my-videos/{self.scene.local}/captions")
            page.select_option("select[name=captionLanguage]", "en")
            page.set_input_files("input[name=captionfile]", file)
            page.click("main form[enctype] button[type=submit]")
            page.get_by_text("The captions are there.").wait_for()
            page.goto(f"{self.origin}/w/{self.scene.local}")
            page.wait_for_function("() => document.querySelector('video').readyState >= 1")
            page.evaluate("() => { document.querySelector('video').muted = true }")
            page.get_by_role("button", name="Captions").press("Enter")
            page.wait_for_function("() => document.activeElement.name === 'captions'")
            page.keyboard.press("ArrowDown")
            page.wait_for_function(_SHOWN)
            page.wait_for_function("() => document.querySelector('video').textTracks[0].cues?.length === 1")
            page.keyboard.press("Escape")
            page.wait_for_function("() => document.activeElement.innerText.trim() === 'Captions'")
            page.keyboard.press("c")
            page.wait_for_function(f"() => !({_SHOWN})()")
            page.get_by_role("link", name="Continue at 0:10").click()
            page.wait_for_function("() => document.querySelector('video').currentTime >= 10")
            page.get_by_role("link", name="And down again").click()
            page.wait_for_function("() => document.querySelector('video').currentTime >= 12")
            page.wait_for_function("() => document.querySelector('.chapters a[aria-current]')?.dataset.seek === '12'")
            self.assertEqual(visitor.complaints, [])
            page.goto(f"{self.origin}/my-videos/{self.scene.local}/captions")
            page.get_by_role("button", name="Remove English").click()
            page.get_by_text("The captions are removed.").wait_for()

    def test_without_script(self) -> None:
        """Chapters are links to a page that begins there; a chart has its table."""
        with chromium() as browser:
            visitor = Visitor(browser, java_script_enabled=False)
            page = visitor.page
            visitor.sign_in(self.origin, self.scene.pod.password)
            page.goto(f"{self.origin}/w/{self.scene.local}")
            page.get_by_role("link", name="And down again").click()
            page.wait_for_url("**start=12")
            self.assertTrue((page.get_attribute("video", "src") or "").endswith("#t=12"))
            page.goto(f"{self.origin}/my-videos/{self.scene.local}/statistics?days=2")
            page.get_by_text("As a table").first.click()
            page.locator(".chart table").first.wait_for()
