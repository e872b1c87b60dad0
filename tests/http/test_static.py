"""Files over memory transports and real sockets."""

import contextlib
import os
from pathlib import Path

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock, deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from peertube.errors import Forbidden, NotFound
from peertube.http.routing import Call
from peertube.http.static import FileServing, disposition
from peertube.http.transport import STALL_SECONDS, SendfileServer, listen
from tests.http.connections import Connection, at_once, site
from tests.http.serving import gate, viewer


@frozen
class FoundHere:
    """A file of the test."""

    path: Path
    is_open: bool = True
    download_name: str | None = None


class StaticCase(TestCase):
    """A folder of files, of which `secret.mp4` is the user's own."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.content = bytes(range(256)) * 4
        for name in ("clip.mp4", "secret.mp4", "page.html"):
            (self.folder / name).write_bytes(self.content)
        self.clock = Clock()
        self.gate = gate({"t": viewer()})
        self.site = self.make_site(at_once)

    def make_site(self, in_thread, **options):
        serving = FileServing(gate=self.gate, resolve=self.resolve, in_thread=in_thread, **options)
        saving = FileServing(gate=self.gate, resolve=self.resolve, in_thread=in_thread, download=True)
        return site(self.gate, self.clock, children={b"files": serving, b"download": saving})

    async def resolve(self, call: Call, name: str) -> FoundHere:
        if name == "secret.mp4":
            if call.viewer is None:
                raise Forbidden("Not yours")
            return FoundHere(self.folder / name, is_open=False)
        if name == "gone":
            raise NotFound("There is no such file")
        return FoundHere(self.folder / name, download_name='Été "1".mp4')

    def ask(self, name: str, *headers: str, method: str = "GET") -> Connection:
        client = Connection(self.site)
        lines = [f"{method} /{name} HTTP/1.1", "Host: pod", *headers]
        client.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        return client


class AnswerTests(StaticCase):
    """Status, headers and bytes."""

    def test_a_whole_file(self) -> None:
        client = self.ask("files/clip.mp4")
        self.assertEqual((client.status, client.body), (200, self.content))
        for line in (
            "Content-Type: video/mp4",
            "Content-Length: 1024",
            "Accept-Ranges: bytes",
            "Access-Control-Allow-Origin: *",
            "X-Content-Type-Options: nosniff",
        ):
            self.assertIn(line, client.head)

    def test_a_range(self) -> None:
        client = self.ask("files/clip.mp4", "Range: bytes=10-19")
        self.assertEqual((client.status, client.body), (206, self.content[10:20]))
        self.assertIn("Content-Range: bytes 10-19/1024", client.head)
        self.assertIn("Content-Length: 10", client.head)

    def test_a_range_beyond_the_end(self) -> None:
        client = self.ask("files/clip.mp4", "Range: bytes=1024-")
        self.assertEqual((client.status, client.body), (416, b""))
        self.assertIn("Content-Range: bytes */1024", client.head)

    def test_head_and_conditions(self) -> None:
        head = self.ask("files/clip.mp4", method="HEAD")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertIn("Content-Length: 1024", head.head)
        (etag,) = [line[6:] for line in head.head.split("\r\n") if line.startswith("ETag: ")]
        self.assertEqual(self.ask("files/clip.mp4", f"If-None-Match: {etag}").status, 304)
        os.utime(self.folder / "clip.mp4", (1, 1))
        self.assertEqual(self.ask("files/clip.mp4", f"If-None-Match: {etag}").status, 200)

    def test_preflight_for_ranges(self) -> None:
        """WebTorrent in a page of another pod asks for parts."""
        client = self.ask("files/clip.mp4", "Origin: https://else.example", method="OPTIONS")
        self.assertEqual(client.status, 204)
        for header in ("Range", "Cache-Control", "User-Agent"):
            self.assertIn(header, client.head.partition("Access-Control-Allow-Headers: ")[2])

    def test_other_methods(self) -> None:
        for method in ("POST", "BREW"):
            self.assertEqual(self.ask("files/clip.mp4", "Content-Length: 0", method=method).status, 405)

    def test_a_type_that_a_browser_would_execute_is_not_said(self) -> None:
        self.assertIn("Content-Type: application/octet-stream", self.ask("files/page.html").head)

    def test_only_its_owner_gets_a_private_file(self) -> None:
        self.assertEqual(self.ask("files/secret.mp4").status, 403)
        self.assertEqual(self.ask("files/secret.mp4", "Authorization: Bearer wrong").status, 401)
        owner = self.ask("files/secret.mp4", "Authorization: Bearer t")
        self.assertEqual((owner.status, owner.body), (200, self.content))
        self.assertIn("Cache-Control: private, no-cache", owner.head)

    def test_the_cookie_of_the_pages_counts_for_players(self) -> None:
        async def page_viewer(request):
            return viewer() if request.getCookie(b"session") == b"s" else None

        self.site = self.make_site(at_once, page_viewer=page_viewer, immutable=True)
        self.assertEqual(self.ask("files/secret.mp4", "Cookie: session=x").status, 403)
        self.assertEqual(self.ask("files/secret.mp4", "Cookie: session=s").status, 200)
        self.assertIn("immutable", self.ask("files/clip.mp4").head)

    def test_names_that_are_no_names(self) -> None:
        (self.folder / "sub").mkdir()
        (self.folder / "link.mp4").symlink_to("/etc/passwd")
        for name in (
            "gone",
            "missing.mp4",
            "",
            "..",
            "../x",
            "%2e%2e%2fx",
            "a%5cb",
            ".hidden",
            "a/b",
            "sub",
            "link.mp4",
        ):
            client = self.ask(f"files/{name}")
            self.assertEqual(client.status, 404, name)
            self.assertIn(b'"code":"not_found"', client.body)

    def test_downloads_are_saved_under_their_name(self) -> None:
        client = self.ask("download/clip.mp4")
        self.assertIn(
            "Content-Disposition: attachment; filename=\"_t_ _1_.mp4\"; filename*=UTF-8''%C3%89t%C3%A9%20%221%22.mp4",
            client.head,
        )

    def test_a_name_cannot_add_headers(self) -> None:
        self.assertEqual(
            disposition("a\r\nX: y/../b"), "attachment; filename=\"aX: y..b\"; filename*=UTF-8''aX%3A%20y..b"
        )


class PumpTests(StaticCase):
    """Transports that cannot send files."""

    def test_nothing_is_read_ahead_of_a_client_that_does_not_read(self) -> None:
        (self.folder / "clip.mp4").write_bytes(b"x" * 3 * 2**20)
        reads: list[Deferred] = []

        def in_thread(work, /, *arguments) -> Deferred:
            reads.append(Deferred())
            return reads[-1]

        self.site = self.make_site(in_thread)
        client = self.ask("files/clip.mp4")
        producer = client.transport.producer
        producer.pauseProducing()
        reads[0].callback(b"x" * 1000)
        self.assertEqual((len(reads), len(client.body)), (1, 1000))
        producer.resumeProducing()
        self.assertEqual(len(reads), 2)
        client.hang_up()
        reads[1].callback(b"x" * 1000)
        self.assertEqual(len(reads), 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_client_that_takes_nothing_is_cut_off(self) -> None:
        """Slow readers would hold files and buffers for ever."""
        (self.folder / "clip.mp4").write_bytes(b"x" * 3 * 2**20)
        client = Connection(self.make_site(lambda work, /, *arguments: Deferred()))
        client.send(b"GET /files/clip.mp4 HTTP/1.1\r\nHost: pod\r\n\r\n")
        producer = client.transport.producer
        for _ in range(3):
            producer.pauseProducing()
            self.clock.advance(STALL_SECONDS - 1)
            self.assertFalse(client.transport.aborted)
            producer.resumeProducing()
        producer.pauseProducing()
        self.clock.advance(STALL_SECONDS)
        self.assertTrue(client.transport.aborted)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Reader(Protocol):
    """A client that collects what comes."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.ended: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason=None) -> None:
        self.ended.callback(None)


def is_open(path: Path) -> bool:
    """Whether this process has the file open."""
    names = []
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            names.append(os.readlink(f"/proc/self/fd/{number}"))
    return str(path.resolve()) in names


class SendfileTests(StaticCase):
    """Real sockets."""

    def setUp(self) -> None:
        super().setUp()
        self.big = os.urandom(2**20) * 8
        (self.folder / "clip.mp4").write_bytes(self.big)
        self.site = self.make_site(deferToThread)
        self.port = listen(reactor, 0, self.site, "127.0.0.1")
        self.addCleanup(self.port.stopListening)

    async def connect(self, request: bytes) -> Reader:
        endpoint = HostnameEndpoint(reactor, "127.0.0.1", self.port.getHost().port)
        reader = await connectProtocol(endpoint, Reader())
        reader.transport.write(request)
        return reader

    async def test_files_and_ranges_in_one_connection(self) -> None:
        reader = await self.connect(
            b"GET /files/clip.mp4 HTTP/1.1\r\nHost: pod\r\n\r\n"
            b"GET /files/clip.mp4 HTTP/1.1\r\nHost: pod\r\nRange: bytes=5-9\r\n\r\n"
            b"GET /files/clip.mp4 HTTP/1.1\r\nHost: pod\r\nRange: bytes=-3000000\r\nConnection: close\r\n\r\n"
        )
        await reader.ended
        whole, part, end = bytes(reader.received).split(b"HTTP/1.1 20")[1:]
        self.assertTrue(whole.endswith(b"\r\n\r\n" + self.big))
        self.assertTrue(part.endswith(b"\r\n\r\n" + self.big[5:10]))
        self.assertTrue(end.endswith(b"\r\n\r\n" + self.big[-3000000:]))

    async def test_a_client_that_reads_nothing_is_cut_off(self) -> None:
        """The kernel's buffers are full, nothing moves: the connection and the file are given up."""

        class Impatient(SendfileServer):
            stall_seconds = 0.3

        self.port.transport = Impatient
        os.truncate(self.folder / "clip.mp4", 2**30)
        reader = await self.connect(b"GET /files/clip.mp4 HTTP/1.1\r\nHost: pod\r\n\r\n")
        reader.transport.pauseProducing()
        while not is_open(self.folder / "clip.mp4"):
            await deferLater(reactor, 0.01)
        while is_open(self.folder / "clip.mp4"):
            await deferLater(reactor, 0.05)
        reader.transport.resumeProducing()
        await reader.ended
        self.assertLess(len(reader.received), 2**29)

    async def test_a_client_that_goes_away_frees_the_file(self) -> None:
        os.truncate(self.folder / "clip.mp4", 2**30)
        reader = await self.connect(b"GET /files/clip.mp4 HTTP/1.1\r\nHost: pod\r\n\r\n")
        reader.transport.pauseProducing()
        while not is_open(self.folder / "clip.mp4"):
            await deferLater(reactor, 0.01)
        reader.transport.abortConnection()
        await reader.ended
        while is_open(self.folder / "clip.mp4"):
            await deferLater(reactor, 0.01)
        self.assertEqual(self.flushLoggedErrors(), [])
