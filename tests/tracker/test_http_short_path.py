"""The short path of HTTP announces says what the long one says, or nothing."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from peertube.http.addresses import ClientAddresses
from peertube.tracker.http_exchange import HttpExchange
from peertube.tracker.http_short_path import ShortPath
from peertube.tracker.resource import announce_resource, scrape_resource
from tests.tracker.trackers import PUBLIC_AT, nobody, tracker

HASH = "our%20own%20video%27s%20hash"
QUERY = f"info_hash={HASH}&peer_id=-XX0001-0123456789ab&port=6881&left=5"
PROXIES = ClientAddresses(["loopback", "10.0.0.0/8"])


def get(target: str = f"/announce?{QUERY}", *fields: str, version: str = "1.1") -> bytes:
    return "\r\n".join([f"GET {target} HTTP/{version}", *fields, "", ""]).encode("latin-1")


class Short:
    """The short path with a tracker of its own."""

    def __init__(self) -> None:
        self.tracker = tracker()
        self.path = ShortPath(
            exchange=HttpExchange(tracker=self.tracker), forwarded_address=PROXIES.client, now=lambda: PUBLIC_AT
        )

    def ask(self, request: bytes, peer: str = "127.0.0.1") -> tuple[bytes, bool] | None:
        return self.path.answer(request, peer)


class Long:
    """twisted.web with an equal tracker."""

    def __init__(self) -> None:
        self.tracker = tracker()
        clock = Clock()
        clock.advance(PUBLIC_AT)
        announces = announce_resource(HttpExchange(tracker=self.tracker), nobody, self.address_of, clock.seconds)
        scrapes = scrape_resource(HttpExchange(tracker=self.tracker), nobody, self.address_of, clock.seconds)
        root, folder = Resource(), Resource()
        for parent in (root, folder):
            parent.putChild(b"announce", announces)
            parent.putChild(b"scrape", scrapes)
        root.putChild(b"tracker", folder)
        self.site = Site(root, reactor=clock)

    @staticmethod
    def address_of(request: Any) -> str:
        forwarded = request.requestHeaders.getRawHeaders(b"x-forwarded-for")
        hops = b",".join(forwarded).decode("latin-1") if forwarded else None
        return PROXIES.client(request.getClientAddress().host, hops)

    def ask(self, request: bytes, peer: str = "127.0.0.1") -> tuple[bytes, bool]:
        """The body, and whether the connection ended."""
        channel = self.site.buildProtocol(None)
        transport = StringTransport(peerAddress=IPv4Address("TCP", peer, 1))
        channel.makeConnection(transport)
        channel.dataReceived(request)
        return transport.value().partition(b"\r\n\r\n")[2], transport.disconnecting


_hashes = st.sampled_from([HASH, "our own video's hash".replace(" ", "+"), "%FF" * 20, "%zz", "T" * 20, ""])
_names = ["info_hash", "peer_id", "port", "left", "event", "numwant", "compact", "ip", "key", "p%6Frt", ""]
_values = st.sampled_from(
    ["-XX0001-0123456789ab", "6881", "0", "1", "5", "65536", "-1", "stopped", "started", "completed", "%31", "x", ""]
)
_fields_of_query = st.lists(st.tuples(st.sampled_from(_names), _values), max_size=3).map(
    lambda fields: "".join(f"&{name}={value}" for name, value in fields)
)
_targets = st.builds(
    lambda path, info_hash, usual, more: f"{path}?info_hash={info_hash}{usual}{more}",
    st.sampled_from(["/announce", "/scrape", "/tracker/announce", "/tracker/scrape"]),
    _hashes,
    st.sampled_from(["&peer_id=-XX0001-0123456789ab&port=6881&left=0", "&peer_id=-XX0001-0123456789ab&port=7&left=5"]),
    _fields_of_query,
)
_addresses = st.sampled_from(["192.0.2.1", "192.0.2.2", "10.1.2.3", "2001:db8::1", "::ffff:192.0.2.1", "nobody", ""])
_forwarded = st.lists(_addresses, max_size=3).map(lambda hops: "X-Forwarded-For: " + " , ".join(hops))
_headers = st.lists(
    st.one_of(_forwarded, st.sampled_from(["Host: pod.test", "Connection: close", "Connection: keep-alive"])),
    max_size=3,
    unique_by=lambda field: field[:10],
)


class SameAnswersTests(SynchronousTestCase):
    """Two equal trackers, one behind each path."""

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.tuples(_targets, _headers, st.sampled_from(["127.0.0.1", "192.0.2.9"])), max_size=8))
    def test_same_answers(self, requests: list[tuple[str, list[str], str]]) -> None:
        """Queries good and bad, behind proxies and before them."""
        short, long = Short(), Long()
        for target, fields, peer in requests:
            request = get(target, *fields)
            answered = short.ask(request, peer)
            assert answered is not None
            self.assertEqual((answered[0].partition(b"\r\n\r\n")[2], answered[1]), long.ask(request, peer))
        self.assertEqual(short.tracker.numbers(), long.tracker.numbers())


class ShortPathTests(SynchronousTestCase):
    """What is answered, and what is left to others."""

    def setUp(self) -> None:
        self.short = Short()

    def test_the_response(self) -> None:
        """A whole HTTP message, that nobody stores or takes for a page."""
        answered = self.short.ask(get(f"/tracker/announce?{QUERY}", "Host: pod.test", "User-Agent: x"))
        assert answered is not None
        head, _, body = answered[0].partition(b"\r\n\r\n")
        self.assertEqual(
            head.decode().split("\r\n"),
            [
                "HTTP/1.1 200 OK",
                "Server: PeerTube",
                "Date: Tue, 14 Nov 2023 22:14:00 GMT",
                "Content-Type: text/plain",
                "Cache-Control: no-store",
                "X-Content-Type-Options: nosniff",
                f"Content-Length: {len(body)}",
            ],
        )
        self.assertTrue(body.startswith(b"d8:completei0e"))
        self.assertFalse(answered[1])

    def test_when_the_connection_ends(self) -> None:
        """HTTP/1.0, or the client says so; then the answer says so too."""
        for request, ends in (
            (get(), False),
            (get(version="1.0"), True),
            (get(f"/announce?{QUERY}", "connection: Close"), True),
            (get(f"/announce?{QUERY}", "Connection: keep-alive"), False),
        ):
            for _ in range(2):
                answered = self.short.ask(request)
                assert answered is not None
                self.assertEqual((b"\r\nConnection: close\r\n" in answered[0], answered[1]), (ends, ends))

    def test_left_to_the_channel(self) -> None:
        """Anything that is not one plain, whole GET, whatever comes after it; nothing is announced."""
        plain = get(f"/announce?{QUERY}", "Host: pod.test")
        for request in (
            *(plain[:size] for size in range(len(plain))),
            plain + plain,
            plain + b"x",
            plain.replace(b"GET", b"HEAD"),
            plain.replace(b"GET", b"get"),
            plain.replace(b"GET ", b"POST "),
            plain.replace(b"/announce?", b"/announce/?"),
            plain.replace(b"/announce?", b"/tracker//announce?"),
            plain.replace(b"/announce?", b"/%61nnounce?"),
            plain.replace(b"/announce?", b"http://pod.test/announce?"),
            plain.replace(b"HTTP/1.1", b"HTTP/2.0"),
            plain.replace(b"&port", b" &port"),
            plain.replace(b"&port", b"&\xff&port"),
            plain.replace(b"\r\n", b"\n"),
            get(f"/announce?{QUERY}", "Content-Length: 3"),
            get(f"/announce?{QUERY}", "Transfer-Encoding: chunked"),
            get(f"/announce?{QUERY}", "Host: a", "Content-length : 3"),
            get(f"/announce?{QUERY}", "Expect: 100-continue"),
            get(f"/announce?{QUERY}", "Connection: Upgrade", "Upgrade: websocket"),
            get(f"/announce?{QUERY}", "Connection: close, upgrade"),
            get(f"/announce?{QUERY}", "Host: a", " b: c"),
            get(f"/announce?{QUERY}", "Host: a\nContent-Length: 3"),
            get(f"/announce?{QUERY}", "Host: a\rContent-Length: 3"),
            get(f"/announce?{QUERY}", "Range: bytes=0-1"),
            get(f"/announce?{QUERY}&x={'x' * 9000}"),
        ):
            self.assertIsNone(self.short.ask(request), request)
        self.assertEqual(self.short.tracker.numbers().announces, 0)

    def test_what_is_remembered_of_clients_is_bounded(self) -> None:
        """Strangers choose their header fields."""
        rng = Random(3)
        for number in range(5000):
            self.short.ask(get("/scrape", f"User-Agent: {number}", f"X-Forwarded-For: 10.0.0.{rng.randrange(255)}"))
            self.short.ask(get("/scrape", f"User-Agent: {number}"))
            self.short.ask(get("/scrape", f"User-Agent: {'x' * 600}{number}"))
        remembered = self.short.path._without_proxy
        self.assertLessEqual(len(remembered), 1000)
        self.assertLess(max(map(len, remembered)), 600)
        self.assertFalse([fields for fields in remembered if b"Forwarded" in fields])

    def test_a_fault_is_left_to_the_long_way(self) -> None:
        """Which answers 500."""
        self.short.path._forwarded_address = lambda peer, hops: 1 // 0  # type: ignore[assignment, return-value]
        self.assertIsNone(self.short.ask(get(f"/announce?{QUERY}", "X-Forwarded-For: 192.0.2.1")))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
