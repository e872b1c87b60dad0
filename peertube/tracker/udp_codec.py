"""The messages of the UDP tracker protocol (BEP 15), all integers big-endian.

    connect   client: magic, action 0, transaction         server: action 0, transaction, connection id
    announce  client: id, action 1, transaction, …         server: action 1, transaction, interval, counts, peers
    scrape    client: id, action 2, transaction, hashes    server: action 2, transaction, (seeds, downloaded, leechers)…
    error                                                  server: action 3, transaction, text

What follows byte 98 of an announce (BEP 41) is not read; the address in an announce is not looked at.
"""

from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple

PROTOCOL_MAGIC = 0x41727101980.to_bytes(8, "big")
CONNECT, ANNOUNCE, SCRAPE, ERROR = 0, 1, 2, 3
CONNECT_SIZE, ANNOUNCE_SIZE, SCRAPE_OF_ONE_SIZE = 16, 98, 36

_HEAD = Struct(">8si4s")
_ANNOUNCE = Struct(">8s4x4s20s28xQ8xi8xiH")
_ANNOUNCED = Struct(">i4siii")
ANNOUNCE_FIELDS = "8si4s20s28xQ8xi8xi2s"
"""An announce at a glance: connection id, action, transaction, info-hash, left, event, wanted, port (2 bytes)."""
pack_announced_into = {4: Struct(">i4siii300s").pack_into, 16: Struct(">i4siii900s").pack_into}
"""Its answer, by the bytes of an address: action, transaction, interval, leechers, seeds, and the peers, up to 50, with
zeros where there are less."""
ANNOUNCED_SIZE = 20
"""Of the answer without peers."""
pack_scraped_into = Struct(">i4siii").pack_into
"""The answer to a scrape of one torrent: action, transaction, seeds, downloaded, leechers."""
SCRAPED_SIZE = 20
pack_connected_into = Struct(">i4s8s").pack_into
"""The answer to a connect: action, transaction, connection id."""
_COUNTS = Struct(">iii")
MAX_COUNT = 2**31 - 1
_CONNECTED, _SCRAPED = CONNECT.to_bytes(4, "big"), SCRAPE.to_bytes(4, "big")


class Malformed(Exception):
    """Not a message of this protocol."""


class ConnectRequest(NamedTuple):
    """A client asks for a connection id. Requests are tuples, since one is made for every datagram."""

    transaction_id: bytes


class AnnounceRequest(NamedTuple):
    """A client tells of itself and asks for others."""

    connection_id: bytes
    transaction_id: bytes
    info_hash: bytes
    left: int
    event: int
    wanted: int
    port: int


class ScrapeRequest(NamedTuple):
    """A client asks for counts."""

    connection_id: bytes
    transaction_id: bytes
    info_hashes: tuple[bytes, ...]


def parse(datagram: bytes) -> ConnectRequest | AnnounceRequest | ScrapeRequest:
    """The request in a datagram. `Malformed` when there is none."""
    if len(datagram) < 16:
        raise Malformed("too short")
    connection_id, action, transaction_id = _HEAD.unpack_from(datagram)
    if action == ANNOUNCE:
        if len(datagram) < ANNOUNCE_SIZE:
            raise Malformed("a cut announce")
        return AnnounceRequest._make(_ANNOUNCE.unpack_from(datagram))
    if action == CONNECT:
        if connection_id != PROTOCOL_MAGIC:
            raise Malformed("a connect without the magic number")
        return ConnectRequest(transaction_id)
    if action == SCRAPE:
        hashes, rest = divmod(len(datagram) - 16, 20)
        if rest or not hashes:
            raise Malformed("a scrape of parts of hashes")
        return ScrapeRequest(
            connection_id, transaction_id, tuple(datagram[16 + 20 * k : 36 + 20 * k] for k in range(hashes))
        )
    raise Malformed("an unknown action")


def encode_connected(transaction_id: bytes, connection_id: bytes) -> bytes:
    """16 bytes, exactly as many as the shortest request."""
    return _CONNECTED + transaction_id + connection_id


def encode_announced(transaction_id: bytes, interval: int, incomplete: int, complete: int, peers: bytes) -> bytes:
    """The answer to an announce; `peers` are joined records of 6 or 18 bytes."""
    return _ANNOUNCED.pack(ANNOUNCE, transaction_id, interval, incomplete, complete) + peers


def encode_scraped(transaction_id: bytes, counts: Iterable[tuple[int, int, int]]) -> bytes:
    """The answer to a scrape: (seeds, downloaded, leechers) of each torrent in the order asked for."""
    answer = _SCRAPED + transaction_id
    for complete, downloaded, incomplete in counts:
        answer += _COUNTS.pack(min(complete, MAX_COUNT), min(downloaded, MAX_COUNT), min(incomplete, MAX_COUNT))
    return answer


def encode_error(transaction_id: bytes, reason: str) -> bytes:
    """The answer to a request that is refused."""
    return ERROR.to_bytes(4, "big") + transaction_id + reason.encode()
