"""Frames, limits and lives of the tracker's WebSockets."""

import json

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource

from peertube.tracker.websocket import SocketResource, TrackerSockets
from tests.tracker.browsers import BINARY, CLOSE, CONTINUATION, HANDSHAKE, PING, PONG, TEXT, Browser, frame
from tests.tracker.trackers import PUBLIC_AT, tracker, ws_announce, ws_answer, ws_offer


class WebSocketTests(SynchronousTestCase):
    """Whole connections through the HTTP server, in memory."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(PUBLIC_AT)
        self.tracker = tracker(max_sockets=40)
        self.address = "192.0.2.1"
        self.sockets = TrackerSockets(signalling=self.tracker.webtorrent, reactor=self.clock, now=self.clock.seconds)
        self.root = Resource()
        self.root.putChild(b"socket", SocketResource(sockets=self.sockets, client_address=lambda _: self.address))

    def browser(self, handshake: bytes = HANDSHAKE) -> Browser:
        return Browser(self.root, self.clock, handshake)

    def test_offer_and_answer(self) -> None:
        """Two browsers find each other through the tracker."""
        a, b = self.browser(), self.browser()
        self.assertIn("101", a.head)
        a.say(ws_announce("a"))
        b.say(ws_announce("b", offers=[ws_offer("1")]))
        welcome, offer = a.heard()
        self.assertEqual((welcome["interval"], offer["offer"]), (120, {"type": "offer", "sdp": "v=0 1"}))
        a.say(ws_answer("a", to="b", offer="1"))
        _, answer = b.heard()
        self.assertEqual(answer["answer"], {"type": "answer", "sdp": "v=0"})

    def test_ws01_compression_is_declined(self) -> None:
        """WS-01: a compressed socket costs 100 kB."""
        self.assertNotIn("sec-websocket-extensions", self.browser().head.lower())

    def test_no_websocket(self) -> None:
        """A plain request is told what to do, and keeps no place."""
        plain = self.browser(b"GET /socket HTTP/1.1\r\nHost: pod.test\r\n\r\n")
        self.assertIn("426", plain.head)
        broken = self.browser(HANDSHAKE.replace(b"Version: 13", b"Version: 99"))
        self.assertNotIn("101", broken.head)
        self.assertEqual(self.tracker.numbers().sockets, 0)

    def test_no_address(self) -> None:
        """Who comes from nowhere is refused."""
        self.address = "unknown"
        self.assertIn("400", self.browser().head)

    def test_sockets_are_bounded(self) -> None:
        """One too many is told to come back."""
        browsers = [self.browser() for _ in range(40)]
        late = self.browser()
        self.assertIn("503", late.head)
        self.assertIn("retry-after: 60", late.head.lower())
        browsers[0].transport.loseConnection()
        self.assertIn("101", self.browser().head)

    def test_tr06_malformed_messages_end_their_own_socket(self) -> None:
        """TR-06: and no other; what else was sent in the swarm goes on."""
        witness = self.browser()
        witness.say(ws_announce("w"))
        for message in (b"{", b'{"action":"scrape","info_hash":7}', b"[" * 60_000, b"null"):
            culprit = self.browser()
            culprit.write(frame(message))
            self.assertEqual([opcode for opcode, _ in culprit.frames()], [CLOSE])
            self.assertFalse(culprit.is_open)
        self.assertTrue(witness.is_open)
        self.assertEqual(self.tracker.numbers().sockets, 1)

    def test_ws02_broken_frames_end_the_socket(self) -> None:
        """WS-02: too long, reserved bits, unmasked, bad UTF-8, long control frames, binary, endless fragments."""
        text = json.dumps(ws_announce("a")).encode()
        for data in (
            b"\x81\xff" + (2**62).to_bytes(8, "big") + bytes(4),
            frame(bytes(65_537)),
            frame(bytes(40_000), final=False) + frame(bytes(40_000), CONTINUATION),
            b"\xf1" + frame(text)[1:],
            frame(text, masked=False),
            frame(b'"\xff\xfe"'),
            frame(bytes(126), PING),
            frame(text, BINARY),
            frame(b"", final=False) + frame(b"", CONTINUATION, final=False) * 100,
        ):
            culprit = self.browser()
            culprit.write(data)
            self.assertFalse(culprit.is_open, data[:20])
        self.assertEqual(self.tracker.numbers().sockets, 0)

    def test_fragments_and_pings(self) -> None:
        """A message in pieces is one message, with a ping in between."""
        text = json.dumps(ws_announce("a")).encode()
        browser = self.browser()
        browser.write(frame(text[:9], final=False) + frame(b"here?", PING) + frame(text[9:], CONTINUATION))
        (pong, echo), (opcode, _) = browser.frames()
        self.assertEqual((pong, echo, opcode), (PONG, b"here?", TEXT))

    def test_ws03_who_does_not_read_gets_no_offers_and_is_cut_off(self) -> None:
        """WS-03: 256 KiB of what others say, twice that of the tracker's own answers and pongs."""
        slow, good = self.browser(), self.browser()
        slow.say(ws_announce("slow"))
        good.say(ws_announce("good"))
        assert slow.transport.producer is not None
        slow.transport.producer.pauseProducing()
        slow.frames()
        big = ws_offer("1")
        big["offer"]["sdp"] = "x" * 15_000
        for _ in range(40):
            good.say(ws_announce("good", offers=[big]))
        received = sum(len(payload) for _, payload in slow.frames())
        self.assertTrue(256 * 1024 <= received < 300 * 1024, received)
        slow.write(frame(b"x" * 100, PING) * 1000)
        self.assertEqual(slow.frames(), [])
        slow.transport.producer.resumeProducing()
        self.sockets.look_after()
        good.say(ws_announce("good", offers=[big]))
        self.assertEqual(len(slow.heard()), 1)
        slow.transport.producer.pauseProducing()
        for _ in range(6000):
            if slow.is_open:
                slow.say(ws_announce("slow"))
                self.clock.advance(0.02)
        self.assertFalse(slow.is_open)
        self.assertTrue(good.is_open)

    def test_a_flood_ends_the_socket(self) -> None:
        """More messages than any client sends."""
        browser = self.browser()
        for _ in range(600):
            if browser.is_open:
                browser.say(ws_announce("a"))
        self.assertFalse(browser.is_open)
        self.assertEqual(self.tracker.numbers().socket_peers, 0)

    def test_silent_sockets_are_pinged_and_given_up(self) -> None:
        """After 90 s a ping; after 180 s without any byte the end. Whoever answers stays."""
        dead, alive = self.browser(), self.browser()
        for _ in range(4):
            self.clock.advance(91)
            self.sockets.look_after()
            for opcode, payload in alive.frames():
                self.assertEqual(opcode, PING)
                alive.write(frame(payload, PONG))
        self.assertFalse(dead.is_open)
        self.assertTrue(dead.transport.aborted)
        self.assertTrue(alive.is_open)

    def test_close(self) -> None:
        """When the pod stops it says so."""
        browser = self.browser()
        self.sockets.close()
        self.assertEqual(browser.frames(), [(CLOSE, (1001).to_bytes(2, "big"))])
        self.assertFalse(browser.is_open)
        self.assertEqual(self.tracker.numbers().sockets, 0)
