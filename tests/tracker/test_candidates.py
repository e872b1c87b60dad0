"""What the pod's own seeder hears of the addresses of browsers."""

import json

from msgspec import Raw
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.announce import Tracker
from peertube.tracker.candidates import public_only
from tests.tracker.trackers import HASH, OURS, PUBLIC_AT, peer_id, ws_announce

SEEDER, BROWSER = bytes([127, 0, 0, 1]), bytes([8, 8, 4, 4])
PUBLIC = "a=candidate:1 1 udp 2113937151 8.8.4.4 54321 typ srflx raddr 10.0.0.7 rport 9"
PUBLIC6 = "a=candidate:2 1 UDP 2113937151 2606:4700::1 54321 typ host"
ELSEWHERE = [
    f"a=candidate:3 1 udp 2113937151 {address} 54321 typ host"
    for address in ("10.0.0.7", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.7", "2002:a00:1::1")
]
NAMES = ["a=candidate:4 1 udp 1 6a1b.local 9 typ host", "a=candidate:5 1 tcp 1 pod.example 9 typ host", "a=candidate:6"]
HEAD = ["v=0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=ice-ufrag:abcd"]


def description(*lines: str) -> dict[str, str]:
    return {"type": "offer", "sdp": "".join(f"{line}\r\n" for line in lines)}


def offer(*lines: str) -> list[dict[str, object]]:
    return [{"offer": description(*lines), "offer_id": "o" * 20}]


class PublicOnlyTests(SynchronousTestCase):
    """One offer or answer."""

    def filtered(self, *lines: str) -> list[str]:
        found = public_only(Raw(json.dumps(description(*lines)).encode()))
        assert found is not None
        return list(json.loads(bytes(found))["sdp"].splitlines())

    def test_candidates_elsewhere_are_left_out(self) -> None:
        """Those of the open internet stay, as does what is no candidate, in its order."""
        self.assertEqual(self.filtered(*HEAD, PUBLIC, *ELSEWHERE, PUBLIC6, *NAMES), [*HEAD, PUBLIC, PUBLIC6])

    def test_line_ends(self) -> None:
        """Whatever they are, no candidate hides behind one."""
        for end in ("\n", "\r", "\r\n", "\v", "\x85", "\u2028"):
            self.assertEqual(self.filtered(f"v=0{end}{ELSEWHERE[0]}"), ["v=0"])

    def test_what_is_not_understood(self) -> None:
        """Is not passed on."""
        for text in (b"{}", b'{"type":"offer"}', b'{"type":"offer","sdp":7}', b"[]", b'{"type":"offer","sdp":"\xff"}'):
            self.assertIsNone(public_only(Raw(text)))


class GuardedTests(SynchronousTestCase):
    """A seeder and a browser at one tracker."""

    def setUp(self) -> None:
        self.tracker = Tracker(
            private=True,
            interval=900,
            websocket_interval=120,
            max_swarms=10,
            max_peers_per_swarm=10,
            requests_per_minute=0,
            max_sockets=10,
            rng=lambda: 0.0,
            guarded=frozenset([SEEDER]),
        )
        self.tracker.set_known([OURS])
        self.signalling = self.tracker.webtorrent
        self.seeder = self.signalling.connect(SEEDER, PUBLIC_AT)
        self.browser = self.signalling.connect(BROWSER, PUBLIC_AT)

    def say(self, connection: object, message: dict[str, object]) -> list[tuple[object, dict[str, object]]]:
        text = json.dumps(message).encode()
        return [(to, json.loads(said)) for to, said in self.signalling.receive(connection, text, PUBLIC_AT)]

    def test_offers_and_answers(self) -> None:
        """The seeder hears of public addresses alone; what goes to browsers goes as it came."""
        self.say(self.seeder, ws_announce("seeder", left=0))
        _, (to, said) = self.say(self.browser, ws_announce("browser", offers=offer(*HEAD, PUBLIC, *ELSEWHERE)))
        self.assertEqual((to, said["offer"]), (self.seeder, description(*HEAD, PUBLIC)))
        _, (to, said) = self.say(self.seeder, ws_announce("seeder", left=0, offers=offer(*HEAD, *ELSEWHERE)))
        self.assertEqual((to, said["offer"]), (self.browser, description(*HEAD, *ELSEWHERE)))
        answer = {
            "action": "announce",
            "info_hash": HASH,
            "peer_id": peer_id("browser"),
            "to_peer_id": peer_id("seeder"),
            "answer": description(*HEAD, ELSEWHERE[0], PUBLIC6),
            "offer_id": "o" * 20,
        }
        [(to, said)] = self.say(self.browser, answer)
        self.assertEqual((to, said["answer"]), (self.seeder, description(*HEAD, PUBLIC6)))
