"""The bridge between swarms: what only browsers have reaches ordinary clients, and the other way round."""

import os
import shutil
import tempfile
import urllib.request
from pathlib import Path
from unittest.mock import patch

import libtorrent
from playwright.sync_api import Browser, Route
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.browser import CHROMIUM, Visitor, chromium
from tests.end_to_end.pods import Api, eventually, make_clip, shared_network

_SWITCHED_ON = {"PEERTUBE_SEEDING_HYBRID_ENABLED": "true", "PEERTUBE_SEEDING_HYBRID_PORT": "0"}


class TcpClient:
    """A client that speaks TCP alone, knows the HTTP tracker alone, and uses no web seeds."""

    def __init__(self, torrent: bytes, folder: Path) -> None:
        self.folder = folder
        self._session = libtorrent.session(
            {
                "listen_interfaces": "127.0.0.1:0",
                "enable_outgoing_utp": False,
                "enable_incoming_utp": False,
                "enable_dht": False,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "allow_multiple_connections_per_ip": True,
                "ssrf_mitigation": False,
                "min_reconnect_time": 1,
            }
        )
        wanted = libtorrent.load_torrent_buffer(torrent)
        wanted.trackers = [url for url in wanted.trackers if url.startswith("http")]
        wanted.tracker_tiers = [0]
        wanted.url_seeds = []
        wanted.flags |= libtorrent.torrent_flags.override_trackers | libtorrent.torrent_flags.override_web_seeds
        wanted.save_path = str(folder)
        self.handle = self._session.add_torrent(wanted)

    @property
    def is_seeding(self) -> bool:
        """Whether it has everything."""
        return bool(self.handle.status().is_seeding)

    @property
    def sent(self) -> int:
        """Bytes of the file that it gave away."""
        return int(self.handle.status().total_payload_upload)


class HybridTests(SynchronousTestCase):
    """One pod with the seeder switched on, Chromium, and a client without WebRTC."""

    if CHROMIUM is None:
        skip = "there is no chromium"

    def setUp(self) -> None:
        with patch.dict(os.environ, _SWITCHED_ON):
            self.api: Api = shared_network("hybrid", 1).apis[0]
        self.folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def _published(self, name: str) -> tuple[Path, bytes, Path]:
        """A new video: the clip, its torrent, and the file that the pod serves."""
        clip = make_clip(self.folder / "clip.mp4", seconds=10, bitrate="2M")
        uuid = self.api.upload(clip, name)["uuid"]
        self.api.published(uuid)
        file = self.api.call("GET", f"/videos/{uuid}")["files"][0]
        with urllib.request.urlopen(file["torrentUrl"], timeout=10) as answer:
            torrent = answer.read()
        return clip, torrent, self.api.pod.folder / "web-videos" / file["fileUrl"].rpartition("/")[2]

    def _watch(self, browser: Browser, name: str, *, instead: Path | None = None) -> Visitor:
        """A visitor who agreed to share, and who gets the file `instead` when asking for one of the pod's."""
        visitor = Visitor(browser)
        if instead is not None:
            visitor.context.route("**/static/web-videos/**", lambda route: _answer(route, instead))
        visitor.page.goto(f"{self.api.pod.origin}/videos")
        visitor.page.get_by_role("link", name=name).first.click()
        visitor.page.wait_for_selector("#player video")
        visitor.page.click("[data-sharing-switch]")
        visitor.page.wait_for_selector("[data-sharing-switch][aria-pressed=true]")
        visitor.page.eval_on_selector(
            "#player video", "element => { element.muted = true; element.play().catch(() => {}) }"
        )
        return visitor

    def _client(self, torrent: bytes, clip: Path | None = None) -> TcpClient:
        """A client, with the file if it is given one."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        if clip is not None:
            shutil.copy(clip, folder / libtorrent.load_torrent_buffer(torrent).ti.name())
        client = TcpClient(torrent, folder)
        if clip is not None:
            eventually(lambda: client.is_seeding)
        return client

    def _fetched(self, client: TcpClient) -> bytes:
        eventually(lambda: client.is_seeding)
        (file,) = client.folder.iterdir()
        return file.read_bytes()

    def test_what_the_pod_has_reaches_a_client_without_web_seeds(self) -> None:
        """And the pod's own file stays as it is."""
        clip, torrent, served = self._published("From the pod")
        before = served.stat()
        self.assertEqual(self._fetched(self._client(torrent)), clip.read_bytes())
        after = served.stat()
        self.assertEqual((after.st_mtime_ns, after.st_size), (before.st_mtime_ns, before.st_size))

    def test_what_only_a_browser_has_reaches_a_client(self) -> None:
        """From WebRTC to TCP, when the pod has lost the file."""
        clip, torrent, served = self._published("Only in a browser")
        with chromium() as browser:
            served.unlink()
            visitor = self._watch(browser, "Only in a browser", instead=clip)
            eventually(lambda: float(visitor.player().get("progress", 0)) == 1)
            self.assertEqual(self._fetched(self._client(torrent)), clip.read_bytes())
            eventually(lambda: self._counted(visitor, "bytesToPeers") >= clip.stat().st_size)

    def test_what_only_a_client_has_reaches_a_browser(self) -> None:
        """From TCP to WebRTC, when the pod has lost the file."""
        clip, torrent, served = self._published("Only in a client")
        client = self._client(torrent, clip)
        served.unlink()
        with chromium() as browser:
            visitor = self._watch(browser, "Only in a client")
            eventually(lambda: float(visitor.player().get("progress", 0)) == 1)
            eventually(lambda: self._counted(visitor, "bytesFromPeers") >= clip.stat().st_size)
            self.assertEqual(self._counted(visitor, "bytesFromWebSeed"), 0)
            eventually(lambda: client.sent >= clip.stat().st_size)

    def _counted(self, visitor: Visitor, what: str) -> int:
        """What the page counts; it looks once a second, so the last bytes show a moment after they went."""
        return int(visitor.player()[what])


def _answer(route: Route, file: Path) -> None:
    """With the range that is asked for."""
    content = file.read_bytes()
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*", "Content-Type": "video/mp4"}
    asked = route.request.headers.get("range", "").removeprefix("bytes=")
    if not asked:
        route.fulfill(status=200, headers=headers, body=content)
        return
    first, _, last = asked.partition("-")
    start, end = int(first), min(int(last or len(content)), len(content) - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    route.fulfill(status=206, headers=headers, body=content[start : end + 1])
