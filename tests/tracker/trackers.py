"""Trackers for tests, and the requests of clients, written without the codecs under test."""

from random import Random
from struct import pack

from peertube.tracker.announce import Tracker

OURS = b"our own video's hash"
PUBLIC_AT = 1_700_000_040.0


def tracker(
    *, private: bool = True, requests_per_minute: int = 0, max_sockets: int = 1000, known: tuple[bytes, ...] = (OURS,)
) -> Tracker:
    made = Tracker(
        private=private,
        interval=900,
        websocket_interval=120,
        max_swarms=10_000,
        max_peers_per_swarm=10_000,
        requests_per_minute=requests_per_minute,
        max_sockets=max_sockets,
        rng=Random(11).random,
    )
    made.set_known(known)
    return made


def connect(transaction: bytes = b"test") -> bytes:
    return pack(">QI4s", 0x41727101980, 0, transaction)


def udp_announce(
    proof: bytes,
    *,
    info_hash: bytes = OURS,
    left: int = 1,
    event: int = 0,
    address: bytes = bytes(4),
    wanted: int = -1,
    port: int = 6881,
    transaction: bytes = b"test",
) -> bytes:
    peer_id = b"-XX0001-0123456789ab"
    head = pack(">8sI4s20s20s", proof, 1, transaction, info_hash, peer_id)
    return head + pack(">QQQI4sIiH", 0, left, 0, event, address, 7, wanted, port)


def udp_scrape(proof: bytes, info_hashes: list[bytes], transaction: bytes = b"test") -> bytes:
    return pack(">8sI4s", proof, 2, transaction) + b"".join(info_hashes)
