"""What is passed on between browsers."""

import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.websocket_codec import Malformed
from peertube.tracker.webtorrent import Connection, Flood, Signalling, TooManySockets
from tests.tracker.trackers import HASH, OTHER_HASH, OURS, peer_id, ws_announce, ws_answer, ws_offer

NOW = 1000.0
SECOND = b"another public video"


class SignallingTests(SynchronousTestCase):
    """Clients and attackers of the WebSocket tracker."""

    def setUp(self) -> None:
        self.signalling = Signalling(
            tracks=lambda info_hash: info_hash in (OURS, SECOND),
            interval=120,
            max_sockets=50,
            max_swarms=100,
            max_peers_per_swarm=1000,
            rng=Random(1).random,
        )
        self.a, self.b, self.c = (self.connect(number) for number in (1, 2, 3))

    def connect(self, number: int = 1) -> Connection:
        return self.signalling.connect(bytes([192, 0, 2, number]), NOW)

    def send(self, connection: Connection, message: Any, now: float = NOW) -> list[tuple[Connection, Any]]:
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        return [(to, json.loads(answer)) for to, answer in self.signalling.receive(connection, payload, now)]

    def counts(self, connection: Connection, info_hash: str = HASH) -> tuple[int, int]:
        [(_, answer)] = self.send(connection, {"action": "scrape", "info_hash": info_hash})
        return answer["files"][info_hash]["complete"], answer["files"][info_hash]["incomplete"]

    def test_the_exchange_of_the_sample(self) -> None:
        """As samples of a PeerTube tracker show it: announce, offer, answer, scrape, stop."""
        [(to, welcome)] = self.send(self.a, ws_announce("a"))
        self.assertIs(to, self.a)
        self.assertEqual(
            welcome, {"complete": 0, "incomplete": 1, "action": "announce", "interval": 120, "info_hash": HASH}
        )
        (_, answer), (receiver, offer) = self.send(self.b, ws_announce("b", offers=[ws_offer("1")]))
        self.assertEqual(answer["incomplete"], 2)
        self.assertIs(receiver, self.a)
        self.assertEqual(
            offer,
            {
                "action": "announce",
                "offer": {"type": "offer", "sdp": "v=0 1"},
                "offer_id": "1" * 20,
                "peer_id": peer_id("b"),
                "info_hash": HASH,
            },
        )
        [(receiver, relayed)] = self.send(self.a, ws_answer("a", to="b", offer="1"))
        self.assertIs(receiver, self.b)
        self.assertEqual(
            relayed,
            {
                "action": "announce",
                "answer": {"type": "answer", "sdp": "v=0"},
                "offer_id": "1" * 20,
                "peer_id": peer_id("a"),
                "info_hash": HASH,
            },
        )
        [(_, scraped)] = self.send(self.a, {"action": "scrape", "info_hash": [HASH, OTHER_HASH]})
        self.assertEqual(scraped["files"], {HASH: {"complete": 0, "incomplete": 2, "downloaded": 0}})
        [(_, stopped)] = self.send(self.b, ws_announce("b", event="stopped"))
        self.assertEqual(stopped["incomplete"], 1)

    def test_seeds_and_downloads_are_counted(self) -> None:
        """`left` 0 seeds; null, which is how Infinity is written, does not."""
        self.send(self.a, ws_announce("a", left=None))
        self.assertEqual(self.counts(self.a), (0, 1))
        self.send(self.a, ws_announce("a", left=0, event="completed"))
        [(_, scraped)] = self.send(self.a, {"action": "scrape", "info_hash": HASH})
        self.assertEqual(scraped["files"][HASH], {"complete": 1, "incomplete": 0, "downloaded": 1})
        self.signalling.disconnect(self.a)
        self.assertEqual((self.signalling.peers, self.signalling.seeds, self.signalling.swarms), (0, 0, 0))

    def test_a_torrent_that_is_not_ours(self) -> None:
        """TR-04: a failure, and nothing is kept."""
        [(_, answer)] = self.send(self.a, ws_announce("a", info_hash=OTHER_HASH))
        self.assertEqual(answer["failure reason"], "unknown torrent")
        self.assertEqual(self.signalling.swarms, 0)

    def test_tr07_offers_are_bounded(self) -> None:
        """TR-07: 10 of an announce are passed on, each to another peer; large ones and non-objects are not."""
        for number in range(30):
            self.send(self.connect(10 + number), ws_announce(f"p{number}"))
        many = [ws_offer(str(number)) for number in range(200)]
        relayed = self.send(self.a, ws_announce("a", offers=many))[1:]
        self.assertEqual(len({to for to, _ in relayed}), 10)
        self.assertEqual(len(relayed), 10)
        large = ws_offer("L") | {"offer": {"type": "offer", "sdp": "x" * 17_000}}
        odd = [
            ws_offer("T") | {"offer": "text"},
            ws_offer("E") | {"offer_id": ""},
            ws_offer("I") | {"offer_id": "i" * 65},
        ]
        self.assertEqual(len(self.send(self.a, ws_announce("a", offers=[large, *odd, ws_offer("G")]))), 2)
        self.assertEqual(len(self.send(self.a, ws_announce("a", offers=many) | {"numwant": 3})), 4)
        self.assertEqual(len(self.send(self.a, ws_announce("a", offers=many) | {"numwant": -1})), 1)

    def test_tr07_offers_of_a_socket_are_slowed(self) -> None:
        """TR-07: a hundred at once, then two a second."""
        for number in range(20):
            self.send(self.connect(10 + number), ws_announce(f"p{number}"))
        flood = ws_announce("a", offers=[ws_offer(str(number)) for number in range(10)])
        self.assertEqual(sum(len(self.send(self.a, flood)) - 1 for _ in range(40)), 100)
        self.assertEqual(len(self.send(self.a, flood, NOW + 2)) - 1, 4)

    def test_tr07_only_asked_for_answers_are_passed_on(self) -> None:
        """TR-07: not to strangers, oneself, other swarms, by those who got no offer, twice, or late."""
        self.send(self.a, ws_announce("a"))
        self.send(self.c, ws_announce("c", info_hash=SECOND.decode()))
        self.send(self.b, ws_announce("b", offers=[ws_offer("1")]))
        for connection, answer in (
            (self.a, ws_answer("a", to="b", offer="2")),
            (self.a, ws_answer("a", to="c", offer="1")),
            (self.a, ws_answer("a", to="a", offer="1")),
            (self.a, ws_answer("a", to="nobody", offer="1")),
            (self.a, ws_answer("x", to="b", offer="1")),
            (self.b, ws_answer("b", to="b", offer="1")),
            (self.c, ws_answer("c", to="b", offer="1")),
            (self.c, ws_answer("c", to="b", offer="1") | {"info_hash": SECOND.decode()}),
            (self.a, ws_answer("a", to="b", offer="1") | {"answer": "text"}),
        ):
            self.assertEqual(self.send(connection, answer), [], answer)
        self.send(self.b, ws_announce("b", offers=[ws_offer("1")]))
        self.assertEqual(len(self.send(self.a, ws_answer("a", to="b", offer="1"), NOW + 119)), 1)
        self.assertEqual(self.send(self.a, ws_answer("a", to="b", offer="1"), NOW + 119), [])
        self.send(self.b, ws_announce("b", offers=[ws_offer("3")]))
        self.assertEqual(self.send(self.a, ws_answer("a", to="b", offer="3"), NOW + 121), [])

    def test_tr07_outstanding_offers_are_bounded(self) -> None:
        """TR-07: the oldest are forgotten."""
        for number in range(20):
            self.send(self.connect(10 + number), ws_announce(f"p{number}"))
        for turn in range(300):
            offers = [ws_offer(f"{turn}-{number}") for number in range(10)]
            self.send(self.a, ws_announce("a", offers=offers), NOW + turn / 3)
            self.assertLessEqual(len(self.a.outstanding), 400)

    def test_tr08_a_peer_id_is_not_taken_over(self) -> None:
        """TR-08: while its owner lives, nobody else gets it, its offers or its answers."""
        self.send(self.a, ws_announce("a"))
        [(to, refusal)] = self.send(self.c, ws_announce("a"))
        self.assertIs(to, self.c)
        self.assertEqual(refusal["failure reason"], "peer id in use")
        self.send(self.c, ws_announce("a", event="stopped"))
        (_, _), (receiver, _) = self.send(self.b, ws_announce("b", offers=[ws_offer("1")]))
        self.assertIs(receiver, self.a)
        self.assertEqual(self.send(self.c, ws_answer("a", to="b", offer="1")), [])
        self.signalling.disconnect(self.a)
        self.assertNotIn("failure reason", self.send(self.c, ws_announce("a"))[0][1])

    def test_tr08_a_socket_is_one_peer_of_a_swarm(self) -> None:
        """TR-08: it cannot fill a swarm with peers of its own."""
        self.send(self.a, ws_announce("a"))
        self.assertIn("another peer id", self.send(self.a, ws_announce("x"))[0][1]["failure reason"])
        self.assertEqual(self.signalling.peers, 1)

    def test_stopped_is_final(self) -> None:
        """Nothing but an announce brings a peer back."""
        self.send(self.a, ws_announce("a"))
        self.send(self.b, ws_announce("b", offers=[ws_offer("1")]))
        self.send(self.a, ws_announce("a", event="stopped"))
        self.assertEqual(self.send(self.a, ws_answer("a", to="b", offer="1")), [])
        self.assertEqual(self.signalling.peers, 1)

    def test_offers_go_to_sockets_that_can_take_them(self) -> None:
        """A client that does not read is passed over."""
        self.send(self.a, ws_announce("a"))
        self.send(self.c, ws_announce("c"))
        self.a.takes_relays = False
        for _ in range(5):
            (_, _), (receiver, _) = self.send(self.b, ws_announce("b", offers=[ws_offer("1")]))
            self.assertIs(receiver, self.c)

    def test_sockets_are_bounded(self) -> None:
        """In all, and per address."""
        for number in range(47):
            self.connect(number)
        self.assertRaises(TooManySockets, self.connect, 99)
        self.signalling.disconnect(self.a)
        self.connect(99)
        wide = Signalling(
            tracks=bool, interval=1, max_sockets=9999, max_swarms=1, max_peers_per_swarm=1, rng=Random(1).random
        )
        for number in range(200):
            wide.connect(b"\x20\x01" + bytes(6) + number.to_bytes(8, "big"), NOW)
        self.assertRaises(TooManySockets, wide.connect, b"\x20\x01" + bytes(13) + b"\x99", NOW)

    def test_memberships_of_a_socket_are_bounded(self) -> None:
        """A socket may be in 100 swarms."""
        signalling = Signalling(
            tracks=lambda _: True,
            interval=120,
            max_sockets=10,
            max_swarms=1000,
            max_peers_per_swarm=10,
            rng=Random(1).random,
        )
        connection = signalling.connect(bytes(4), NOW)
        for number in range(150):
            message = ws_announce("a", info_hash=f"{number:020}")
            signalling.receive(connection, json.dumps(message).encode(), NOW)
        self.assertEqual(signalling.peers, 100)

    def test_silent_peers_expire(self) -> None:
        """TR-10: within two intervals, though the socket lives."""
        self.send(self.a, ws_announce("a"))
        self.send(self.b, ws_announce("b"))
        self.send(self.b, ws_announce("b"), NOW + 120)
        self.signalling.expire(NOW + 200)
        self.assertEqual(self.signalling.peers, 2)
        self.signalling.expire(NOW + 240)
        self.assertEqual(self.counts(self.b), (0, 1))
        self.send(self.a, ws_announce("a"), NOW + 250)
        self.assertEqual(self.signalling.peers, 2)

    def test_tr09_a_dropped_swarm(self) -> None:
        """TR-09: a video that is no longer public has no peers; their sockets stay."""
        self.send(self.a, ws_announce("a"))
        self.signalling.drop(OURS)
        self.signalling.drop(SECOND)
        self.assertEqual((self.signalling.peers, self.signalling.swarms, self.signalling.sockets), (0, 0, 3))

    def test_malformed_messages(self) -> None:
        """TR-06: each is told from a good one; the caller closes that socket."""
        good = ws_announce("a")
        for bad in (
            b"",
            b"null",
            b"[]",
            b"7",
            b"{",
            b"\xff",
            b'{"action":"scrape","info_hash":7}',
            b'{"action":"fly"}',
            b'{"info_hash":"x"}',
            b'{"action":"announce","offer":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
            good | {"info_hash": "short"},
            good | {"info_hash": "\u0100" * 20},
            good | {"info_hash": None},
            good | {"peer_id": "short"},
            good | {"event": "exploded"},
            good | {"left": "NaN"},
            good | {"offers": [7]},
            good | {"offers": {"0": 1}},
            good | {"offers": [{"offer": {}}]},
            ws_answer("a", to="b", offer="1") | {"offer_id": None},
            ws_answer("a", to="b", offer="1") | {"to_peer_id": 7},
            {"action": "scrape", "info_hash": ["short"]},
        ):
            self.assertRaises(Malformed, self.send, self.a, bad)
        self.assertEqual(self.signalling.peers, 0)

    def test_a_scrape_of_nothing_or_too_much(self) -> None:
        """Nobody gets a list of all torrents."""
        for asked in (None, [], [HASH] * 75):
            [(_, answer)] = self.send(self.a, {"action": "scrape", "info_hash": asked})
            self.assertIn("failure reason", answer)

    def test_a_flood_of_messages(self) -> None:
        """More than any client needs ends the socket."""
        with self.assertRaises(Flood):
            for _ in range(1000):
                self.send(self.a, ws_announce("a"))

    @settings(max_examples=200, deadline=None, database=None)
    @given(
        st.dictionaries(
            st.sampled_from(
                ["action", "info_hash", "peer_id", "left", "event", "numwant", "offers", "answer", "offer_id"]
            ),
            st.one_of(
                st.none(),
                st.sampled_from(["announce", "scrape", HASH, "started", "stopped", 0, -1, 1e300, [], {}, [HASH]]),
                st.text(max_size=25),
                st.integers(),
                st.lists(st.dictionaries(st.sampled_from(["offer", "offer_id"]), st.text(max_size=5), max_size=2)),
            ),
        )
    )
    def test_any_message(self, changes: dict[str, Any]) -> None:
        """A message is answered, malformed, or a flood; nothing else happens."""
        connection = self.connect(77)
        try:
            self.send(connection, ws_announce("f") | changes)
        except (Malformed, Flood):
            pass
        finally:
            self.signalling.disconnect(connection)
