"""Frames that the tracker reads itself mean what they mean to Autobahn, wherever TCP cuts them."""

import json
from unittest.mock import patch

from autobahn.twisted.websocket import WebSocketServerProtocol
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from peertube.http.transport import SendfileServer
from peertube.tracker.websocket import SocketResource, TrackerSocket, TrackerSockets
from tests.tracker.browsers import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Browser, frame
from tests.tracker.trackers import tracker, ws_announce, ws_offer

_TEXT = json.dumps(ws_announce("a", offers=[ws_offer("1")])).encode()
_LONG = json.dumps({"action": "scrape", "info_hash": "x", "more": "ü" * 20_000}, ensure_ascii=False).encode()


def masked(data: bytes) -> bytes:
    """A frame whose mask is not zero."""
    whole = frame(data)
    start = len(whole) - len(data)
    mask = b"\x01\xfe\x7f\x80"
    return whole[: start - 4] + mask + bytes(byte ^ mask[k % 4] for k, byte in enumerate(data))


_frames = st.sampled_from(
    [
        *[frame(_TEXT), masked(_TEXT), masked(_LONG), masked(json.dumps(ws_announce("a")).encode())] * 4,
        masked(b'{"action":"scrape"}'),
        frame(_TEXT[:40], final=False) + frame(_TEXT[40:], CONTINUATION),
        frame(_TEXT[:40], final=False) + masked(_TEXT),
        frame(_TEXT[:9], final=False) + frame(b"?", PING) + frame(_TEXT[9:], CONTINUATION),
        frame(b"ping", PING),
        frame(b"", PING),
        frame(b"", PONG),
        frame(b""),
        frame(b"{"),
        frame(b'{"action": "scrape", "x": "\xff"}'),
        frame(_TEXT, masked=False),
        frame(_TEXT, BINARY),
        frame(b"\x03\xe8", CLOSE),
        b"\x81\xfe\x00\x05" + bytes(4) + b"short",
        b"\x81\xff" + (70_000).to_bytes(8, "big") + bytes(4),
        b"\xc1" + frame(_TEXT)[1:],
        b"\x83\x80" + bytes(4),
    ]
)


def spoken(chunks: list[bytes]) -> tuple[list[tuple[int, bytes]], bool, object]:
    """What a browser hears after writing these, whether its socket is open then, and what the tracker counts."""
    clock = Clock()
    counting = tracker()
    sockets = TrackerSockets(signalling=counting.webtorrent, reactor=clock, now=clock.seconds)
    root = Resource()
    root.putChild(b"socket", SocketResource(sockets=sockets, client_address=lambda _: "192.0.2.1"))
    browser = Browser(root, clock)
    for chunk in chunks:
        if browser.is_open:
            browser.write(chunk)
    return browser.frames(), browser.is_open, counting.numbers()


class FrameTests(SynchronousTestCase):
    """Against Autobahn's own reading."""

    @settings(max_examples=250, deadline=None)
    @given(st.lists(_frames, max_size=6), st.lists(st.integers(0, 3000), max_size=8))
    def test_as_autobahn_reads_them(self, frames: list[bytes], sizes: list[int]) -> None:
        """Good and bad frames, in pieces of any size."""
        data, chunks = b"".join(frames), []
        for size in sizes:
            chunks.append(data[:size])
            data = data[size:]
        chunks = [chunk for chunk in [*chunks, data] if chunk]
        with patch.object(TrackerSocket, "consumeData", WebSocketServerProtocol.consumeData):
            expected = spoken(chunks)
        self.assertEqual(spoken(chunks), expected)

    def test_one_byte_at_a_time(self) -> None:
        """A message is acted on with its last byte."""
        heard, is_open, _ = spoken([bytes([byte]) for byte in masked(_TEXT) + frame(b"x", PING)])
        self.assertEqual([opcode for opcode, _ in heard], [TEXT, PONG])
        self.assertTrue(is_open)

    def test_nothing_is_said_to_who_is_gone(self) -> None:
        """Offers in the turn in which a socket is closed, by its own fault, cost nobody else theirs."""
        clock = Clock()
        sockets = TrackerSockets(signalling=tracker().webtorrent, reactor=clock, now=clock.seconds)
        root = Resource()
        root.putChild(b"socket", SocketResource(sockets=sockets, client_address=lambda _: "192.0.2.1"))
        leaving, staying, good = (Browser(root, clock) for _ in range(3))
        for browser, name in ((leaving, "leaving"), (staying, "staying"), (good, "good")):
            browser.say(ws_announce(name))
            browser.frames()
        offers = [ws_offer("1"), ws_offer("2")]
        good.say(ws_announce("good", offers=offers))
        leaving.write(frame(b"{"))
        good.say(ws_announce("good", offers=offers))
        self.assertEqual((leaving.is_open, staying.is_open, good.is_open), (False, True, True))
        self.assertGreaterEqual(len([one for one in staying.heard() if "offer" in one]), 2)


class WriteNowTests(SynchronousTestCase):
    """What our TCP transport sends at once, and what it keeps."""

    def test_order_is_kept(self) -> None:
        """Nothing overtakes what waits; what the socket does not take waits."""

        class Socket:
            sent = b""
            room = 5

            def send(self, data: bytes) -> int:
                if not self.room:
                    raise BlockingIOError
                taken = data[: self.room]
                self.room -= len(taken)
                self.sent += taken
                return len(taken)

        written = StringTransport()
        server = SendfileServer.__new__(SendfileServer)
        server.socket, server.connected, server.dataBuffer, server._tempDataBuffer = Socket(), True, b"", []
        server.write = lambda data: (written.write(data), server._tempDataBuffer.append(data))
        server.write_now(b"abc")
        server.write_now(b"defg")
        server.write_now(b"h")
        server.socket.room = 9
        server.write_now(b"i")
        self.assertEqual((server.socket.sent, written.value()), (b"abcde", b"fghi"))
        server._tempDataBuffer.clear()
        server.socket.room = 0
        server.write_now(b"j")
        self.assertEqual(written.value(), b"fghij")
