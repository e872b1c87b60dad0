"""The story of the read-me in a real browser: friends, an upload, and two viewers who share."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pods import DemoPod, eventually, make_clip, shared_network


class BrowserTests(SynchronousTestCase):
    """What people see and do."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    def setUp(self) -> None:
        self.network = shared_network("pages", 3)
        self.folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_upload_on_one_pod_and_watch_on_another(self) -> None:
        """The main job, through the pages alone."""
        clip = make_clip(self.folder / "clip.mp4", seconds=20, bitrate="3M")
        with chromium() as browser:
            for pod in (self.network.pods[1], self.network.pods[0]):
                self._make_friends(browser, pod)
            self._upload(browser, self.network.pods[2], clip, "Seen everywhere")
            for pod in self.network.pods[:2]:
                self._find(browser, pod, "Seen everywhere")
            self._watch_together(browser, self.network.pods[0], clip.stat().st_size)

    def _make_friends(self, browser: Browser, pod: DemoPod) -> None:
        """With the hosts that the page offers."""
        visitor = Visitor(browser)
        visitor.sign_in(pod.origin, pod.password)
        visitor.page.goto(f"{pod.origin}/admin/friends")
        visitor.page.get_by_role("button", name="Make friends").click()
        expected = pod.count - pod.number

        def made() -> bool:
            visitor.page.goto(f"{pod.origin}/admin/friends")
            return visitor.page.locator("tbody tr").count() >= expected

        eventually(made)
        self.assertEqual(visitor.complaints, [])
        visitor.context.close()

    def _upload(self, browser: Browser, pod: DemoPod, clip: Path, name: str) -> None:
        visitor = Visitor(browser)
        visitor.sign_in(pod.origin, pod.password)
        visitor.page.goto(f"{pod.origin}/upload")
        visitor.page.set_input_files("#videofile", str(clip))
        visitor.page.fill("#upload-form input[name=name]", name)
        visitor.page.click("#upload-form button[type=submit]")
        visitor.page.wait_for_selector("#uploads li[data-state=ready]")
        self.assertEqual(visitor.complaints, [])
        visitor.context.close()

    def _find(self, browser: Browser, pod: DemoPod, name: str) -> None:
        visitor = Visitor(browser)

        def listed() -> bool:
            visitor.page.goto(f"{pod.origin}/videos")
            return visitor.page.get_by_role("link", name=name).count() > 0

        eventually(listed)
        visitor.context.close()

    def _watch_together(self, browser: Browser, pod: DemoPod, size: int) -> None:
        first = Visitor(browser)
        self._open(first, pod)
        self.assertEqual(first.player()["mode"], "native")
        eventually(lambda: first.playing_time() > 0.5)
        self._share(first)
        eventually(lambda: first.player()["mode"] == "webtorrent")
        eventually(lambda: int(first.player()["bytesFromWebSeed"]) >= size and float(first.player()["progress"]) == 1)
        before = first.playing_time()
        eventually(lambda: first.playing_time() > before)

        second = Visitor(browser)
        # Without the web seed, every byte that the second viewer gets comes from the first.
        second.context.route("**/static/web-videos/**", lambda route: route.abort())
        self._open(second, pod, play=False)
        self._share(second)
        eventually(lambda: int(second.player().get("bytesFromPeers", 0)) >= size)
        eventually(lambda: second.player()["mode"] == "webtorrent")
        second.page.eval_on_selector("#player video", "element => { element.muted = true; return element.play() }")
        eventually(lambda: second.playing_time() > 1)
        eventually(lambda: int(first.player()["bytesToPeers"]) >= size)
        self.assertEqual(first.complaints, [])

    def _open(self, visitor: Visitor, pod: DemoPod, *, play: bool = True) -> None:
        visitor.page.goto(f"{pod.origin}/videos")
        visitor.page.get_by_role("link", name="Seen everywhere").first.click()
        visitor.page.wait_for_selector("#player video")
        if play:
            visitor.page.eval_on_selector("#player video", "element => { element.muted = true; return element.play() }")

    def _share(self, visitor: Visitor) -> None:
        """Agree to sharing, which the page asks before it exposes an address."""
        visitor.page.click("[data-sharing-switch]")
        visitor.page.wait_for_selector("[data-sharing-switch][aria-pressed=true]")
        visitor.page.eval_on_selector(
            "#player video", "element => { element.muted = true; element.play().catch(() => {}) }"
        )
