"""Whatever goes wrong with sharing, the viewer gets a picture (DESIGN section 7)."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Route
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pages import scene
from tests.end_to_end.pods import eventually, make_clip

_PLAY = "element => { element.muted = true; element.play().catch(() => {}) }"


class FallbackTests(SynchronousTestCase):
    """A viewer who agreed to sharing, where sharing does not work."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    def setUp(self) -> None:
        self.pod = scene().pod
        self.uuid = scene().local

    def _viewer(self, browser: Browser) -> Visitor:
        visitor = Visitor(browser)
        name = f"sharing_{self.pod.port}"
        visitor.context.add_cookies([{"name": name, "value": "on", "url": self.pod.origin}])
        return visitor

    def _moves_on(self, visitor: Visitor) -> None:
        before = visitor.playing_time()
        eventually(lambda: visitor.playing_time() > before)

    def test_without_the_torrent(self) -> None:
        """Its file cannot be had: the plain file plays on and the page says so."""
        with chromium() as browser:
            visitor = self._viewer(browser)
            visitor.context.route("**/lazy-static/torrents/**", lambda route: route.abort())
            visitor.page.goto(f"{self.pod.origin}/w/{self.uuid}")
            visitor.page.eval_on_selector("#player video", _PLAY)
            state = visitor.page.locator("[data-sharing-state]")
            eventually(lambda: "Sharing did not work here" in state.inner_text())
            self.assertEqual(visitor.player()["mode"], "native")
            self._moves_on(visitor)

    def test_without_webrtc_or_service_workers(self) -> None:
        """The page says that this browser cannot share."""
        with chromium() as browser:
            visitor = self._viewer(browser)
            visitor.page.add_init_script("delete window.RTCPeerConnection")
            visitor.page.goto(f"{self.pod.origin}/w/{self.uuid}")
            visitor.page.eval_on_selector("#player video", _PLAY)
            self.assertIn("cannot share", visitor.page.inner_text("[data-sharing-state]"))
            self._moves_on(visitor)
            self.assertEqual(visitor.complaints, [])

    def test_the_web_seed_goes_away_in_the_middle_and_nobody_else_has_it(self) -> None:
        """WebTorrent stands still; as soon as the plain file can be had again, it goes on where it was."""
        folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, folder)
        clip = make_clip(folder / "long.mp4", seconds=60, bitrate="3M")
        uuid = scene().network.apis[0].upload(clip, "Long enough")["uuid"]
        scene().network.apis[0].published(uuid)
        size = clip.stat().st_size

        def serve(route: Route) -> None:
            # WebTorrent asks by fetch, for ranges; the player itself for media, which always works.
            # WebTorrent begins with the last piece.
            first = int(route.request.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
            if route.request.resource_type == "media" or not size // 3 < first < size * 0.9:
                route.continue_()
            else:
                route.abort()

        with chromium() as browser:
            visitor = self._viewer(browser)
            visitor.context.route("**/static/web-videos/**", serve)
            visitor.page.goto(f"{self.pod.origin}/w/{uuid}")
            visitor.page.eval_on_selector("#player video", _PLAY)
            eventually(lambda: visitor.player()["mode"] == "webtorrent")
            self.assertLess(float(visitor.player()["progress"]), 0.9)
            visitor.page.eval_on_selector("#player video", "element => { element.currentTime = 40 }")
            eventually(lambda: visitor.player()["mode"] == "native", seconds=60)
            eventually(lambda: visitor.playing_time() > 40.5)
            self.assertLess(visitor.playing_time(), 59)
