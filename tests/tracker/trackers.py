"""Trackers for tests, and the requests of clients, written without the codecs under test."""

from random import Random
from struct import pack
from typing import Any

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


def nobody(_: object) -> None:
    """Sees to no coroutine, since none should come."""
    raise AssertionError("something is left to be done")


HASH = OURS.decode()
OTHER_HASH = "\xc9\x1d\xe0\x1d" + "o" * 16


def peer_id(name: str) -> str:
    return f"-WW0102-{name:x<12}"


def ws_announce(
    name: str,
    *,
    info_hash: str = HASH,
    left: int | None = 1000,
    event: str | None = "started",
    offers: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What a browser sends every two minutes."""
    return {
        "action": "announce",
        "event": event,
        "info_hash": info_hash,
        "peer_id": peer_id(name),
        "numwant": len(offers or ()),
        "uploaded": 0,
        "downloaded": 0,
        "left": left,
        "offers": offers or [],
    }


def ws_offer(name: str) -> dict[str, Any]:
    return {"offer": {"type": "offer", "sdp": f"v=0 {name}"}, "offer_id": name.ljust(20, name[:1])}


def ws_answer(name: str, *, to: str, offer: str) -> dict[str, Any]:
    return {
        "action": "announce",
        "info_hash": HASH,
        "peer_id": peer_id(name),
        "to_peer_id": peer_id(to),
        "answer": {"type": "answer", "sdp": "v=0"},
        "offer_id": offer.ljust(20, offer[:1]),
    }
