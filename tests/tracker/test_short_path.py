"""The short path of UDP announces answers exactly as the full one, and leaves the same swarms behind."""

from random import Random
from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.announce import Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.udp_batch import ADDRESS_ROOM, BATCH, SLOT_SIZE, Batch
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
        self.batches = {size: Batch(size) for size in (4, 16)}
        self.exchange = UdpExchange(tracker=self.tracker, connection_ids=ConnectionIds(_SECRETS[0]))

    def in_batch(self, asked: list[tuple[bytes, bytes]], now: float) -> list[bytes | None]:
        """The replies to (datagram, address) of one family, got from a batch that has been used before."""
        batch = self.batches[len(asked[0][1])]
        head = {4: lambda address: b"\2\0\0\0" + address, 16: lambda address: b"\x0a\0" + bytes(6) + address}
        for number, (datagram, address) in enumerate(asked):
            at = number * SLOT_SIZE
            name = head[batch.address_size](address)
            batch.received[at : at + len(name)] = name
            batch.received[at + ADDRESS_ROOM : at + ADDRESS_ROOM + len(datagram)] = datagram
        batch.lengths = [len(datagram) for datagram, _ in asked]
        self.exchange.answer_batch(batch, now, self.failed)
        starts, lengths = batch.reply_starts, batch.reply_lengths
        return [
            bytes(batch.replies[at : at + length]) or None
            for at, length, _ in zip(starts, lengths, asked, strict=False)
        ]

    def failed(self) -> None:
        """Nothing may fail."""
        raise AssertionError


class ShortPathTests(SynchronousTestCase):
    """Two equal trackers get the same datagrams, one through `answer_batch`, the other through `answer`."""

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
            self.assertEqual(short.in_batch([(datagram, address)], now), [expected])
            self.assertEqual(short.tracker.numbers(), full.tracker.numbers())

    def test_neighbours_in_a_batch(self) -> None:
        """Each slot has its own answer, whatever lay there before."""
        rng = Random(11)
        short, full = Side(0), Side(0)
        ids, now = ConnectionIds(_SECRETS[0]), PUBLIC_AT
        for _ in range(60):
            asked = []
            for _ in range(rng.randrange(1, BATCH + 1)):
                address = _ADDRESSES[rng.randrange(4)]
                proof = ids.issue(address, now - 60 * rng.choice([0, 0, 0, 1, 3]))
                whole = proof + b"\0\0\0\1" + rng.randbytes(4) + rng.choice(_HASHES) + bytes(20)
                whole += pack(">QQQI4sIiH", 0, rng.randrange(2), 0, 0, bytes(4), 0, -1, rng.randrange(1, 5))
                scrape = proof + b"\0\0\0\2abcd" + rng.choice(_HASHES)
                connect = pack(">QI4s", 0x41727101980, 0, rng.randbytes(4))
                asked.append((rng.choice([whole, whole, whole[:97], scrape, connect, connect[:15], b""]), address))
            self.assertEqual(
                short.in_batch(asked, now),
                [full.exchange.answer(datagram, address, now) for datagram, address in asked],
            )
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
            self.assertEqual(short.in_batch([(datagram, address)], now), [expected])
        self.assertEqual(short.tracker.numbers(), full.tracker.numbers())
        self.assertGreater(short.tracker.numbers().peers, 600)
