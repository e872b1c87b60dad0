"""libtorrent finds peers through our tracker, over UDP and HTTP, and fetches a file from them."""

import hashlib
import time
from pathlib import Path
from typing import Any

import libtorrent
from twisted.internet import defer, reactor
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from peertube.config.schema import TrackerSettings
from peertube.tracker.part import TrackerPart, tracker_of

_CONTENT = b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(8192))
_PIECE = 32_768


def make_torrent(tracker_url: str, name: str = "film.mp4") -> Any:
    """A torrent of one file of 256 KiB."""
    pieces = [_CONTENT[start : start + _PIECE] for start in range(0, len(_CONTENT), _PIECE)]
    description = {
        b"announce": tracker_url.encode(),
        b"info": {
            b"name": name.encode(),
            b"length": len(_CONTENT),
            b"piece length": _PIECE,
            b"pieces": b"".join(hashlib.sha1(piece).digest() for piece in pieces),
        },
    }
    return libtorrent.torrent_info(libtorrent.bencode(description))


class Client:
    """A libtorrent session that knows nobody but our tracker. Its calls block: use it in a thread."""

    def __init__(self, torrent: Any, folder: Path) -> None:
        self.session = libtorrent.session(
            {
                "listen_interfaces": "127.0.0.1:0",
                "allow_multiple_connections_per_ip": True,
                "enable_dht": False,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "announce_to_all_trackers": True,
                "min_reconnect_time": 1,
                "stop_tracker_timeout": 1,
                "ssrf_mitigation": False,
            }
        )
        parameters = libtorrent.add_torrent_params()
        parameters.ti = torrent
        parameters.save_path = str(folder)
        self.handle = self.session.add_torrent(parameters)

    def wait(self, done: Any, seconds: float = 15) -> bool:
        """Whether `done(status)` became true in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if done(self.handle.status()):
                return True
            time.sleep(0.05)
        return False

    def close(self) -> None:
        """Say `stopped` and end; waits for the session's threads."""
        self.session.remove_torrent(self.handle)
        del self.handle, self.session


class LibtorrentTests(TestCase):
    """Two sessions and one tracker."""

    timeout = 60

    async def setUp(self) -> None:
        self.part = TrackerPart(
            tracker=tracker_of(TrackerSettings()),
            interface="127.0.0.1",
            udp_port=0,
            reactor=reactor,
            secret=b"s" * 32,
        )
        await self.part.start()
        self.addCleanup(lambda: defer.Deferred.fromCoroutine(self.part.stop()))
        root = Resource()
        root.putChild(b"tracker", self.part.resource(lambda request: request.getClientAddress().host))
        self.site = Site(root)
        self.port = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)

    async def transfer(self, url: str) -> None:
        folder = Path(self.mktemp())
        (folder / "seed").mkdir(parents=True)
        (folder / "leech").mkdir()
        (folder / "seed" / "film.mp4").write_bytes(_CONTENT)
        torrent = make_torrent(url)
        self.part.set_known([bytes.fromhex(str(torrent.info_hash()))])
        clients = []
        try:
            seed = await deferToThread(Client, torrent, folder / "seed")
            clients.append(seed)
            self.assertTrue(await deferToThread(seed.wait, lambda status: status.is_seeding))
            self.assertTrue(await deferToThread(seed.wait, lambda _: self.part.tracker.numbers().seeds == 1))
            leech = await deferToThread(Client, torrent, folder / "leech")
            clients.append(leech)
            self.assertTrue(await deferToThread(leech.wait, lambda status: status.is_seeding))
            self.assertEqual((folder / "leech" / "film.mp4").read_bytes(), _CONTENT)
        finally:
            for client in clients:
                await deferToThread(client.close)

    async def test_tr11_udp(self) -> None:
        """BEP 15: connect, announce, and a peer that can be dialled."""
        await self.transfer(f"udp://127.0.0.1:{self.part.udp_port}/announce")
        self.assertGreaterEqual(self.part.tracker.numbers().announces, 2)

    async def test_tr11_http(self) -> None:
        """BEP 3 and 23: an announce, and a peer that can be dialled."""
        await self.transfer(f"http://127.0.0.1:{self.port.getHost().port}/tracker/announce")
        self.assertGreaterEqual(self.part.tracker.numbers().announces, 2)
