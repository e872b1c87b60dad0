"""The short path of UDP announces answers exactly as the full one, and leaves the same swarms behind."""

from random import Random
from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.announce import Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.udp_exchange import UdpExchange
from tests.tracker.trackers import OURS, PUBLIC_AT

_HASHES = [OURS, b"T" * 20, b"?" * 20]
_ADDRESSES = [
    *(bytes([192, 0, 2, last]) for last in (1, 2, 3)),
    bytes([6, 6, 6, 6]),
    *(b"\x20\x01\x0d\xb8" + bytes([0, 0, 0, net]) + bytes(7) + bytes([last]) for net in (0, 1) for last in (1, 2)),
]
_SECRETS = [b"s" * 32, b"t" * 32]

_numbers = st.sampled_from([0, 1, 2, 3, 30, 49, 50, 51, 2**31 - 1, -1, -(2**31)])
_announces = st.builds(
    lambda action, info_hash, left, event, wanted, port, tail: (
        lambda proof: (
            pack(">8sI4s20s20s", proof, action, b"abcd", info_hash, b"-XX0001-0123456789ab")
            + pack(">QQQI4sIiH", 7, left, 9, event, b"ipip", 1, wanted, port)
            + tail
        )
    ),
    st.sampled_from([1] * 9 + [0, 2, 3, 2**32 - 1]),
    st.sampled_from(_HASHES),
    st.sampled_from([0, 0, 1, 2**64 - 1]),
    st.sampled_from([0, 0, 0, 2, 1, 3, 4, 2**32 - 1]),
    _numbers,
    st.sampled_from([*range(1541, 1551), 0x0606, 0, 65535]),
    st.sampled_from([b"", b"", b"\2\1/", bytes(300)]),
)
_scrapes = st.builds(
    lambda hashes, tail: lambda proof: pack(">8sI4s", proof, 2, b"efgh") + b"".join(hashes) + tail,
    st.lists(st.sampled_from(_HASHES), max_size=76),
    st.sampled_from([b"", b"", b"", b"x"]),
)
_connects = st.builds(
    lambda magic, tail: lambda _: pack(">QI4s", magic, 0, b"ijkl") + tail,
    st.sampled_from([0x41727101980] * 4 + [0]),
    st.sampled_from([b"", b"", b"x", bytes(200)]),
)
_rubbish = st.binary(max_size=120).map(lambda rubbish: lambda _: rubbish)
_datagrams = st.tuples(
    st.one_of(_announces, _announces, _announces, _scrapes, _connects, _rubbish),
    st.sampled_from(_ADDRESSES),
    st.sampled_from([0] * 6 + [30, 61, 200, -90]),
    st.sampled_from([0] * 9 + [1, 2]),
)


class Side:
    """A tracker with its exchange. Both sides draw the same random numbers."""

    def __init__(self, requests_per_minute: int) -> None:
        self.tracker = Tracker(
            private=True,
            interval=900,
            websocket_interval=120,
            max_swarms=2,
            max_peers_per_swarm=40,
            requests_per_minute=requests_per_minute,
            max_sockets=1,
            rng=Random(5).random,
        )
        self.tracker.set_known(_HASHES[:2])
        self.exchange = UdpExchange(tracker=self.tracker, connection_ids=ConnectionIds(_SECRETS[0]))


class ShortPathTests(SynchronousTestCase):
    """Two equal trackers get the same datagrams, one through `answering`, the other through `answer`."""

    @settings(max_examples=300, deadline=None)
    @given(st.lists(_datagrams, max_size=120), st.sampled_from([0, 5, 60]))
    def test_same_answers(self, datagrams: list, requests_per_minute: int) -> None:
        """Whatever comes, in whatever order, across minutes, limits and epochs."""
        short, full = Side(requests_per_minute), Side(requests_per_minute)
        now = PUBLIC_AT
        for build, address, passed, proven in datagrams:
            now += passed
            for side in (short, full) if passed else ():
                side.tracker.expire(now)
            proof = ConnectionIds(_SECRETS[proven == 1]).issue(address, now - 60 * (proven == 2))
            datagram = build(proof)
            expected = full.exchange.answer(datagram, address, now)
            self.assertEqual(short.exchange.answering(now)(datagram, address), expected)
            self.assertEqual(short.tracker.numbers(), full.tracker.numbers())

    def test_large_swarms(self) -> None:
        """The same in swarms of many buckets, of both families, while they grow and shrink."""
        rng = Random(7)
        short, full = Side(0), Side(0)
        for side in (short, full):
            side.tracker._ipv4._max_peers = side.tracker._ipv6._max_peers = 10_000
        now = PUBLIC_AT
        ids = ConnectionIds(_SECRETS[0])
        for turn in range(12_000):
            if turn % 100 == 0:
                now += 1
                for side in (short, full):
                    side.tracker.expire(now)
            number = rng.randrange(700)
            address = bytes([10, 0]) + number.to_bytes(2, "big")
            if number % 3 == 0:
                address = b"\x20\x01\x0d\xb8" + number.to_bytes(4, "big") + bytes(8)
            event = rng.choice([0] * 9 + [2, 3 if turn > 8000 else 0])
            left, wanted = rng.choice([0, 1, 1]), rng.choice([30, 50, 50, -1])
            datagram = pack(">8sI4s20s20s", ids.issue(address, now), 1, b"abcd", OURS, bytes(20))
            datagram += pack(">QQQI4sIiH", 0, left, 0, event, bytes(4), 0, wanted, 1000 + number % 4)
            expected = full.exchange.answer(datagram, address, now)
            self.assertEqual(short.exchange.answering(now)(datagram, address), expected)
        self.assertEqual(short.tracker.numbers(), full.tracker.numbers())
        self.assertGreater(short.tracker.numbers().peers, 600)
