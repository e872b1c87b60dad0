"""What is answered to datagrams, and to whom."""

import tracemalloc
from random import Random

from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.announce import Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.udp_exchange import UdpExchange
from tests.tracker.trackers import OURS, connect, tracker, udp_announce, udp_scrape

NOW = 1_700_000_040.0
HERE, THERE = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
HERE6 = b"\x20\x01\x0d\xb8" + bytes(11) + b"\1"


class UdpExchangeTests(SynchronousTestCase):
    """Clients and attackers of the UDP tracker."""

    def setUp(self) -> None:
        self.tracker: Tracker = tracker()
        self.exchange = UdpExchange(tracker=self.tracker, connection_ids=ConnectionIds(b"s" * 32))

    def ask(self, datagram: bytes, address: bytes = HERE, now: float = NOW) -> bytes | None:
        return self.exchange.answer(datagram, address, now)

    def connected(self, address: bytes = HERE, now: float = NOW) -> bytes:
        answer = self.ask(connect(), address, now)
        assert answer is not None
        return answer[8:]

    def test_connect_announce_scrape(self) -> None:
        """The exchange of BEP 15 between two peers."""
        answer = self.ask(connect(b"abcd"))
        assert answer is not None
        self.assertEqual((len(answer), answer[:8]), (16, bytes(4) + b"abcd"))
        first = self.ask(udp_announce(self.connected(), port=1000, left=5))
        self.assertEqual(first, bytes.fromhex("00000001 74657374 00000384 00000001 00000000"))
        second = self.ask(udp_announce(self.connected(THERE), port=2000, left=0), THERE)
        self.assertEqual(second, bytes.fromhex("00000001 74657374 00000384 00000001 00000001 c0000201 03e8"))
        scraped = self.ask(udp_scrape(self.connected(), [OURS, b"?" * 20]))
        self.assertEqual(scraped, bytes.fromhex("00000002 74657374 00000001 00000000 00000001" + "00" * 12))

    def test_tr01_ids_that_are_not_ours_get_silence(self) -> None:
        """TR-01: magic, guessed, expired and somebody else's ids."""
        good = self.connected()
        later = self.connected(now=NOW + 120)
        magic = bytes.fromhex("0000041727101980")
        for wrong in (magic, bytes(8), b"\xff" * 8, self.connected(THERE)):
            self.assertIsNone(self.ask(udp_announce(wrong)))
            self.assertIsNone(self.ask(udp_scrape(wrong, [OURS])))
        self.assertIsNone(self.ask(udp_announce(good), now=NOW + 120))
        self.assertIsNotNone(self.ask(udp_announce(later), now=NOW + 120))
        self.assertEqual(self.tracker.numbers().announces, 1)

    def test_tr02_nothing_unproven_is_amplified(self) -> None:
        """TR-02: for any datagram without a good id the answer is no longer than the datagram."""
        rng = Random(3)
        for number in range(1000):
            self.ask(udp_announce(self.connected(number.to_bytes(4, "big"))), number.to_bytes(4, "big"))
        datagrams = [connect(), connect() + b"x", udp_announce(bytes(8)), udp_scrape(bytes(8), [OURS] * 74)]
        datagrams += [rng.randbytes(rng.randrange(2049)) for _ in range(2000)]
        datagrams += [bytes(8) + bytes(3) + bytes([action]) + b"test" * 30 for action in range(256)]
        for datagram in datagrams:
            for size in (len(datagram), 16, 20, 98):
                answer = self.ask(datagram[:size])
                self.assertLessEqual(len(answer or b""), len(datagram[:size]))

    def test_tr03_the_announced_address_is_ignored(self) -> None:
        """TR-03: the address is that of the datagram, so nobody can point the swarm at a victim."""
        self.ask(udp_announce(self.connected(), address=bytes([10, 9, 8, 7]), port=1000))
        answer = self.ask(udp_announce(self.connected(THERE)), THERE)
        assert answer is not None
        self.assertEqual(answer[20:], HERE + (1000).to_bytes(2, "big"))

    def test_tr04_unknown_torrents_get_a_short_error(self) -> None:
        """TR-04: shorter than the request."""
        answer = self.ask(udp_announce(self.connected(), info_hash=b"?" * 20))
        self.assertEqual(answer, bytes.fromhex("0000000374657374") + b"unknown torrent")

    def test_tr04_a_flood_of_unknown_torrents_takes_no_memory(self) -> None:
        """TR-04: nothing is kept for them."""
        proof = self.connected()
        rng = Random(5)
        for _ in range(100):
            self.ask(udp_announce(proof, info_hash=rng.randbytes(20)))
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(20_000):
                self.ask(udp_announce(proof, info_hash=rng.randbytes(20)))
            self.assertLess(tracemalloc.get_traced_memory()[0] - before, 20_000)
        finally:
            tracemalloc.stop()
        self.assertEqual(self.tracker.numbers().swarms, 0)

    def test_tr06_odd_announces(self) -> None:
        """TR-06: port 0 and unknown events are refused; strange numbers of peers are cut to what is usual."""
        proof = self.connected()
        for number in range(100):
            self.ask(udp_announce(self.connected(number.to_bytes(4, "big"))), number.to_bytes(4, "big"))
        self.assertEqual(self.ask(udp_announce(proof, port=0)), bytes.fromhex("0000000374657374") + b"invalid port")
        self.assertEqual(self.ask(udp_announce(proof, event=9)), bytes.fromhex("0000000374657374") + b"invalid event")
        for wanted, count in ((-1, 50), (0, 0), (10**9, 50), (-(2**31), 50), (7, 7)):
            answer = self.ask(udp_announce(proof, wanted=wanted))
            assert answer is not None
            self.assertEqual(len(answer), 20 + 6 * count)

    def test_tr06_odd_scrapes(self) -> None:
        """TR-06: 1 to 74 hashes are answered, more are refused, and none is no request."""
        proof = self.connected()
        self.assertEqual(len(self.ask(udp_scrape(proof, [OURS] * 74)) or b""), 8 + 12 * 74)
        self.assertIn(b"too many", self.ask(udp_scrape(proof, [OURS] * 75)) or b"")
        self.assertIsNone(self.ask(udp_scrape(proof, [])))

    def test_tr11_ipv6_peers_have_records_of_18_bytes(self) -> None:
        """TR-11: each family gets its own; the answer to a usual announce fits into 512 bytes."""
        self.ask(udp_announce(self.connected(), port=1000))
        for number in range(100):
            address = HERE6[:4] + number.to_bytes(4, "big") + HERE6[8:]
            self.ask(udp_announce(self.connected(address), port=2000), address)
        answer = self.ask(udp_announce(self.connected(HERE6)), HERE6)
        assert answer is not None
        self.assertEqual((len(answer) - 20) % 18, 0)
        self.assertLessEqual(len(answer), 512)
        self.assertTrue(answer[20:].startswith(HERE6[:4]))

    def test_tr11_two_clients_behind_one_address(self) -> None:
        """TR-11: they differ by their ports and get each other."""
        self.ask(udp_announce(self.connected(), port=1000))
        answer = self.ask(udp_announce(self.connected(), port=1001))
        assert answer is not None
        self.assertEqual(answer[20:], HERE + (1000).to_bytes(2, "big"))

    def test_tr12_an_address_that_asks_too_often_gets_silence(self) -> None:
        """TR-12: until the next minute, and only that address."""
        exchange = UdpExchange(tracker=tracker(requests_per_minute=5), connection_ids=ConnectionIds(b"s" * 32))
        proof = (exchange.answer(connect(), HERE, NOW) or b"")[8:]
        answers = [exchange.answer(udp_announce(proof), HERE, NOW) for _ in range(7)]
        self.assertEqual([answer is None for answer in answers], [False] * 5 + [True] * 2)
        other = (exchange.answer(connect(), THERE, NOW) or b"")[8:]
        self.assertIsNotNone(exchange.answer(udp_announce(other), THERE, NOW))
        self.assertIsNotNone(exchange.answer(udp_announce(proof), HERE, NOW + 60))

    def test_tr09_a_video_that_is_no_longer_public(self) -> None:
        """TR-09: no peers, no counts."""
        self.ask(udp_announce(self.connected(THERE)), THERE)
        self.tracker.known_changed([], [OURS])
        self.assertIn(b"unknown torrent", self.ask(udp_announce(self.connected())) or b"")
        self.assertEqual((self.ask(udp_scrape(self.connected(), [OURS])) or b"")[8:], bytes(12))
