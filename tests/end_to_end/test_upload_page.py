"""The upload page with script: chunks that pause, go on, and go on after the page was left."""

import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, Request
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pages import scene
from tests.end_to_end.pods import eventually, make_clip

_BYTES_PER_SECOND = 2_500_000


class UploadPageTests(SynchronousTestCase):
    """A slow connection and a large file."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    def setUp(self) -> None:
        self.pod = scene().pod
        self.folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.ranges: list[str] = []

    def _open(self, page: Page) -> None:
        page.goto(f"{self.pod.origin}/upload")

    def _note(self, request: Request) -> None:
        if request.method == "PUT":
            self.ranges.append(request.headers.get("content-range", ""))

    def _sent(self, page: Page) -> float:
        return float(page.locator("#uploads progress").evaluate("element => element.value"))

    def test_pause_leave_and_continue(self) -> None:
        """Nothing that was sent is sent again."""
        clip = make_clip(self.folder / "large_clip.mp4", seconds=30, bitrate="6M")
        with chromium() as browser:
            visitor = Visitor(browser)
            visitor.sign_in(self.pod.origin, self.pod.password)
            page = visitor.page
            page.on("request", self._note)
            slow = visitor.context.new_cdp_session(page)
            slow.send("Network.enable")
            limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": _BYTES_PER_SECOND}
            slow.send("Network.emulateNetworkConditions", limits)
            self._open(page)
            page.set_input_files("#videofile", str(clip))
            page.fill("#upload-form [name=name]", "Sent in pieces")
            page.fill("#tags", "pieces")
            page.click("#upload-form button[type=submit]")
            row = page.locator("#uploads li")
            eventually(lambda: self._sent(page) > 3_000_000)
            row.get_by_role("button", name="Pause").click()
            self.assertEqual(row.get_attribute("data-state"), "paused")
            self.assertEqual(page.evaluate("() => document.activeElement.innerText").strip(), "Go on")
            row.get_by_role("button", name="Go on").click()
            eventually(lambda: self._sent(page) > 0 and self._continued() > 0)  # asking the page lets events in
            eventually(lambda: self._sent(page) > 6_000_000)
            page.on("dialog", lambda dialog: dialog.accept())
            page.goto("about:blank")

            self.ranges.clear()
            self._open(page)
            self.assertIn("Choose the same file to continue", row.inner_text())
            self.assertIn("Sent in pieces", row.inner_text())
            slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
            page.set_input_files("#videofile", str(clip))
            page.click("#upload-form button[type=submit]")
            page.wait_for_selector("#uploads li[data-state=ready]")
            self.assertEqual(row.count(), 1)
            self.assertGreater(self._continued(), 1_000_000)
            self._open(page)
            self.assertEqual(row.count(), 0)
            page.get_by_role("searchbox", name="Search for videos").fill("pieces")
            page.keyboard.press("Enter")
            page.wait_for_url("**/search?search=pieces")
            self.assertEqual(page.get_by_role("link", name="Sent in pieces").count(), 1)

    def _continued(self) -> int:
        """The first byte of the last chunk that went out; 0 while there is none."""
        starts = [int(found[1]) for text in self.ranges if (found := re.match(r"bytes (\d+)-", text))]
        return starts[-1] if starts else 0
