"""Programs that people use find peers through our tracker: aria2, Transmission, webtorrent in node.

Each fetches a file from libtorrent, over UDP and over HTTP; webtorrent from another webtorrent, by WebRTC. Those that
are not installed are skipped. The HTTP tracker stands behind the port that a pod listens on, with its short path.
"""

import os
import shutil
import signal
import socket
from pathlib import Path
from typing import Any

import libtorrent
from twisted.internet import defer, reactor
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SkipTest, TestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from peertube.config.schema import TrackerSettings
from peertube.http.front import listening_with
from peertube.tracker.part import TrackerPart, tracker_of
from tests.servers import free_port
from tests.tracker.test_real_clients import _CONTENT, Client, make_torrent

_CLIENTS = Path(__file__).parent.parent / "clients"


def own_address() -> str:
    """An address of this machine that is not loopback: Transmission dials no peer there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError as error:
            raise SkipTest("no network interface but loopback") from error
        address: str = probe.getsockname()[0]
    return address


class Program(ProcessProtocol):
    """A client as a child process; remembers what it says."""

    def __init__(self) -> None:
        self.said = ""
        self.ended: defer.Deferred[None] = defer.Deferred()

    def outReceived(self, data: bytes) -> None:
        self.said = (self.said + data.decode(errors="replace"))[-20_000:]

    errReceived = outReceived

    def processEnded(self, reason: Any) -> None:
        self.ended.callback(None)

    async def end(self) -> None:
        try:
            self.transport.signalProcess(signal.SIGKILL)
        except ProcessExitedAlready:
            return
        await self.ended


class OtherClientsTests(TestCase):
    """One tracker, a seed, and a program that wants the file."""

    timeout = 90

    async def serve(self, address: str) -> None:
        self.folder = Path(self.mktemp()).absolute()
        for name in ("seed", "leech", "home"):
            (self.folder / name).mkdir(parents=True)
        self.file = self.folder / "leech" / "film.mp4"
        (self.folder / "seed" / "film.mp4").write_bytes(_CONTENT)
        self.part = TrackerPart(
            tracker=tracker_of(TrackerSettings()), interface=address, udp_port=0, reactor=reactor, secret=b"s" * 32
        )
        await self.part.start()
        self.addCleanup(lambda: defer.Deferred.fromCoroutine(self.part.stop()))
        root = Resource()
        root.putChild(b"tracker", self.part.resource(lambda request: request.getClientAddress().host))
        front = listening_with(self.part.short_path(lambda peer, _: peer), lambda _: lambda: None)
        self.port: Any = front(reactor, 0, Site(root), address)
        self.addCleanup(self.port.stopListening)
        self.urls = {
            "udp": f"udp://{address}:{self.part.udp_port}/announce",
            "http": f"http://{address}:{self.port.getHost().port}/tracker/announce",
            "ws": f"ws://{address}:{self.port.getHost().port}/tracker/socket",
        }

    def torrent(self, transport: str) -> Path:
        made = make_torrent(self.urls[transport])
        self.part.set_known([bytes.fromhex(str(made.info_hash()))])
        self.made = made
        path = self.folder / f"{transport}.torrent"
        path.write_bytes(libtorrent.bencode(libtorrent.create_torrent(made).generate()))
        return path

    async def seed(self, address: str) -> None:
        seed = await deferToThread(Client, self.made, self.folder / "seed")
        self.addCleanup(deferToThread, seed.close)
        seed.session.apply_settings({"listen_interfaces": f"{address}:0"})
        self.assertTrue(await deferToThread(seed.wait, lambda status: status.is_seeding))
        seed.handle.force_reannounce()
        await self.until(lambda: self.part.tracker.numbers().seeds == 1, "the seed has not announced")

    def run_program(self, *command: str, cwd: Path | None = None) -> Program:
        program, path = Program(), shutil.which(command[0])
        if path is None:
            raise SkipTest(f"{command[0]} is not installed")
        home = str(self.folder / "home")
        environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
        reactor.spawnProcess(program, path, command, environment, str(cwd or self.folder))
        self.addCleanup(lambda: defer.Deferred.fromCoroutine(program.end()))
        return program

    async def until(self, done: Any, complaint: str, *programs: Program, seconds: float = 45) -> None:
        for _ in range(int(seconds / 0.1)):
            if done():
                return
            await deferLater(reactor, 0.1)
        self.fail("\n".join([complaint, *(program.said[-2000:] for program in programs)]))

    def is_there(self) -> bool:
        return self.file.is_file() and self.file.read_bytes() == _CONTENT

    async def aria2(self, transport: str) -> None:
        if shutil.which("aria2c") is None:
            raise SkipTest("aria2c is not installed")
        address = own_address()
        await self.serve(address)
        path = self.torrent(transport)
        await self.seed(address)
        options = [
            "--no-conf",
            "--seed-time=0",
            "--enable-dht6=false",
            "--bt-enable-lpd=false",
            "--file-allocation=none",
        ]
        options += [f"--enable-dht={'true' if transport == 'udp' else 'false'}", "--dht-entry-point=127.0.0.1:9"]
        options += ["--listen-port=20000-29999", "--dht-listen-port=20000-29999", "--no-proxy=*"]
        program = self.run_program("aria2c", *options, f"--dir={self.folder / 'leech'}", str(path))
        await self.until(self.is_there, "aria2 has not got the file", program)
        self.assertGreaterEqual(self.part.tracker.numbers().announces, 2)

    async def test_tr11_aria2_udp(self) -> None:
        """BEP 15."""
        await self.aria2("udp")

    async def test_tr11_aria2_http(self) -> None:
        """BEP 3 and 23."""
        await self.aria2("http")

    async def transmission(self, transport: str) -> None:
        if shutil.which("transmission-cli") is None:
            raise SkipTest("transmission-cli is not installed")
        address = own_address()
        await self.serve(address)
        path = self.torrent(transport)
        await self.seed(address)
        options = [
            "-w",
            str(self.folder / "leech"),
            "-g",
            str(self.folder / "home"),
            "-p",
            str(free_port()),
            "-M",
            "-er",
        ]
        program = self.run_program("transmission-cli", *options, str(path))
        await self.until(self.is_there, "Transmission has not got the file", program)
        self.assertGreaterEqual(self.part.tracker.numbers().announces, 2)

    async def test_tr11_transmission_udp(self) -> None:
        """BEP 15."""
        await self.transmission("udp")

    async def test_tr11_transmission_http(self) -> None:
        """BEP 3 and 23."""
        await self.transmission("http")

    async def test_tr11_webtorrent_in_node(self) -> None:
        """Offers and answers through our WebSocket, the file over WebRTC, and nobody left behind."""
        if not (_CLIENTS / "node_modules" / "webtorrent").is_dir():
            raise SkipTest("webtorrent is not installed (bin/setup test)")
        await self.serve("127.0.0.1")
        path = str(self.torrent("ws"))
        seed = self.run_program("node", "webtorrent.mjs", path, str(self.folder / "seed"), cwd=_CLIENTS)
        await self.until(lambda: "done" in seed.said, "the seed does not see its file", seed)
        await self.until(lambda: self.part.tracker.numbers().socket_seeds == 1, "the seed has not announced", seed)
        leech = self.run_program("node", "webtorrent.mjs", path, str(self.folder / "leech"), cwd=_CLIENTS)
        await self.until(lambda: "done" in leech.said, "webtorrent has not got the file", leech, seed)
        self.assertTrue(self.is_there())
        self.assertIn("wire webrtc", leech.said)
        await leech.end()
        await seed.end()
        await self.until(lambda: self.part.tracker.numbers().socket_peers == 0, "who left is still there")
