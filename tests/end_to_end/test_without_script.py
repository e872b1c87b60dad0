"""The pages without script (web-client section 4): everything but sharing and live updates."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pages import READER, scene
from tests.end_to_end.pods import eventually, make_clip


class WithoutScriptTests(SynchronousTestCase):
    """A browser that runs no script of ours."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    def setUp(self) -> None:
        self.scene = scene()
        self.origin = self.scene.pod.origin
        self.folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def _visitor(self, browser: Browser, *, signed_in: bool = True) -> Visitor:
        visitor = Visitor(browser, java_script_enabled=False)
        if signed_in:
            visitor.sign_in(self.origin, self.scene.pod.password)
        return visitor

    def test_browse_search_and_play(self) -> None:
        """The browser's own player plays the file of the web seed."""
        with chromium() as browser:
            visitor = self._visitor(browser, signed_in=False)
            page = visitor.page
            page.goto(self.origin)
            page.get_by_role("link", name="See all").first.click()
            page.select_option("select[name=scope]", "local")
            page.get_by_role("button", name="Show").click()
            self.assertIn("scope=local", page.url)
            page.fill("#site-query", "hills")
            page.press("#site-query", "Enter")
            with page.expect_response(lambda response: "/static/web-videos/" in response.url) as answer:
                page.get_by_role("link", name="A walk in the hills").first.click()
            self.assertIn(answer.value.status, (200, 206))
            before = page.evaluate("() => document.querySelector('video').currentTime")
            page.evaluate("() => { const video = document.querySelector('video'); video.muted = true; video.play() }")
            eventually(lambda: page.evaluate("() => document.querySelector('video').currentTime") > before)
            self.assertFalse(page.locator("[data-sharing-numbers]").is_visible())
            page.locator("summary", has_text="Download").click()
            self.assertTrue(page.get_by_role("link", name="Magnet link").is_visible())
            self.assertEqual(visitor.complaints, [])

    def test_upload_edit_rate_and_remove(self) -> None:
        """One file by a plain form, then everything an owner does."""
        clip = make_clip(self.folder / "plain_clip.mp4", seconds=2)
        with chromium() as browser:
            page = self._visitor(browser).page
            page.goto(f"{self.origin}/upload")
            page.set_input_files("#videofile", str(clip))
            page.fill("#tags", "plain, form")
            page.locator("#upload-form").get_by_role("button", name="Upload").click()
            page.wait_for_url("**/w/*")
            self.assertIn("Your video is here", page.inner_text("[role=status]"))
            self.assertEqual(page.inner_text("h1"), "plain clip")
            page.get_by_role("button", name="Like", exact=False).first.click()
            self.assertEqual(page.locator("button[aria-pressed=true]").first.inner_text().split()[-1], "1")
            page.get_by_role("link", name="Edit").click()
            page.fill("#name", "By a plain form")
            page.get_by_role("button", name="Save").click()
            row = page.locator("tr", has_text="By a plain form")
            row.get_by_role("link", name="Remove").click()
            page.get_by_role("button", name="Remove the video").click()
            self.assertEqual(page.locator("tr", has_text="By a plain form").count(), 0)

    def test_refused_uploads_keep_what_was_typed(self) -> None:
        """A wrong type, a file over the quota, and a login that has ended: pages, not problems in JSON."""
        text = self.folder / "notes.txt"
        text.write_text("These are only words.\n" * 1000)
        small = make_clip(self.folder / "small.mp4", seconds=2)
        large = self.folder / "large.mp4"
        with large.open("ab") as file:
            file.truncate(40_000_000)
        with chromium() as browser:
            visitor = Visitor(browser, java_script_enabled=False)
            page = visitor.page
            self._sign_in_as_reader(page)
            self._send(page, text)
            self._still_there(page, 415, "This kind of file is not taken here.")
            self._send(page, large)
            self._still_there(page, 413, "There is not enough room left in your quota.")
            page.goto(f"{self.origin}/upload")
            visitor.context.clear_cookies()
            self._send(page, small, go=False)
            self._still_there(page, 401, "You are signed out.")
            other = visitor.context.new_page()
            self._sign_in_as_reader(other)
            self._send(page, small, go=False)
            self._still_there(page, 403, "This form was open for too long.")
            self._send(page, small, go=False)
            page.wait_for_url("**/w/*")
            self.assertEqual(page.inner_text("h1"), "Typed with care")

    def _sign_in_as_reader(self, page: Page) -> None:
        page.goto(f"{self.origin}/login")
        page.fill("#username", READER["username"])
        page.fill("#password", READER["password"])
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.origin}/")

    def _send(self, page: Page, file: Path, *, go: bool = True) -> None:
        if go:
            page.goto(f"{self.origin}/upload")
        page.fill("#name", "Typed with care")
        page.fill("#description", "Two\nlines")
        page.set_input_files("#videofile", str(file))
        with page.expect_response(lambda response: response.request.method == "POST", timeout=60_000) as answer:
            page.locator("#upload-form").get_by_role("button", name="Upload").click()
        page.wait_for_load_state()
        self.status = answer.value.status

    def _still_there(self, page: Page, status: int, problem: str) -> None:
        self.assertEqual(self.status, status)
        self.assertIn(problem, page.inner_text("#problem"))
        self.assertEqual(page.input_value("#name"), "Typed with care")
        self.assertEqual(page.input_value("#description").replace("\r", ""), "Two\nlines")

    def test_staff(self) -> None:
        """Friends, users and settings are plain forms."""
        with chromium() as browser:
            page = self._visitor(browser).page
            page.goto(f"{self.origin}/admin/friends")
            page.fill("#hosts", "not a host!")
            page.get_by_role("button", name="Make friends").click()
            self.assertIn("is not the name of a server", page.inner_text("#problem"))
            self.assertEqual(page.input_value("#hosts"), "not a host!")
            page.get_by_role("link", name="Leave the network").click()
            page.get_by_role("link", name="Cancel").click()
            page.wait_for_url(f"{self.origin}/admin/friends")
            page.get_by_role("link", name="Users").first.click()
            page.get_by_role("link", name="New user").click()
            for field, typed in {"username": "temporary", "email": "t@example.com", "password": "secret1"}.items():
                page.fill(f"#{field}", typed)
            page.get_by_role("button", name="Create the user").click()
            page.get_by_role("link", name="temporary", exact=True).click()
            page.get_by_role("link", name="Block").click()
            page.get_by_role("button", name="Block").click()
            self.assertIn("Blocked", page.locator("tr", has_text="temporary").inner_text())
            page.get_by_role("link", name="temporary", exact=True).click()
            page.get_by_role("link", name="Remove the user").click()
            page.get_by_role("button", name="Remove the user").click()
            self.assertEqual(page.locator("tr", has_text="temporary").count(), 0)

    def test_settings(self) -> None:
        """Language and colours, kept by cookies."""
        with chromium() as browser:
            page = self._visitor(browser, signed_in=False).page
            page.goto(f"{self.origin}/settings?next=/about")
            page.select_option("#language", "de")
            page.check("input[name=theme][value=dark]")
            page.get_by_role("button", name="Save").click()
            page.wait_for_url(f"{self.origin}/about")
            html = page.locator("html")
            self.assertEqual((html.get_attribute("lang"), html.get_attribute("data-theme")), ("de", "dark"))
            self.assertIn("Wer diesen Server betreibt", page.inner_text("main"))
