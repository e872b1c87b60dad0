"""The JSON messages of WebTorrent signalling, as browsers and their trackers speak it.

    announce  client: action, info_hash, peer_id, left, event, offers [{offer, offer_id}]    server: counts, interval
    offer     server to others: action "announce", offer, offer_id, peer_id, info_hash
    answer    client: action "announce", answer, offer_id, to_peer_id                        server to one: the same
    scrape    client: action "scrape", info_hash (one or several)                           server: files {hash: counts}

Bytes (info_hash, peer_id, offer_id) are text of characters U+0000 to U+00FF. Offers and answers are passed on as they
came, undecoded.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Raw, Struct

MAX_SCRAPED = 74
MAX_DESCRIPTION = 16 * 1024
"""Bytes of one offer or answer (its SDP in JSON)."""
_MAX_OFFER_ID = 64


class Malformed(Exception):
    """Not a message of this protocol."""


class Offer(Struct, gc=False, frozen=True):
    """A WebRTC offer to whoever takes it."""

    offer: Raw
    offer_id: str


class Request(Struct, gc=False, frozen=True):
    """What a client sends; which fields matter depends on `action` and on whether there is an `answer`."""

    action: str
    info_hash: str | list[str] | None = None
    peer_id: str = ""
    left: int | float | None = None
    event: str | None = None
    numwant: int | float | None = None
    offers: list[Offer] | None = None
    answer: Raw = Raw(b"")
    offer_id: str | None = None
    to_peer_id: str | None = None


class _Announced(Struct, gc=False):
    complete: int
    incomplete: int
    action: str
    interval: int
    info_hash: str


class _Offered(Struct, gc=False):
    action: str
    offer: Raw
    offer_id: str
    peer_id: str
    info_hash: str


class _Answered(Struct, gc=False):
    action: str
    answer: Raw
    offer_id: str
    peer_id: str
    info_hash: str


_parse = msgspec.json.Decoder(Request).decode
_encode = msgspec.json.Encoder().encode


def parse(message: bytes) -> Request:
    """The request in a text message. `Malformed` when there is none."""
    try:
        return _parse(message)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed("not a request") from error


def is_20_bytes(text: str) -> bool:
    """Whether the text stands for 20 bytes."""
    return len(text) == 20 and (text.isascii() or max(text) <= "\xff")


def bytes_of(text: str) -> bytes:
    """The 20 bytes that a text stands for. `Malformed` when it does not."""
    if not is_20_bytes(text):
        raise Malformed("not 20 bytes")
    return text.encode("latin-1")


def has_answer(request: Request) -> bool:
    """Whether an announce is the answer to an offer."""
    return bool(request.answer) and bytes(request.answer) != b"null"


def may_pass(description: Raw, offer_id: str) -> bool:
    """Whether an offer or answer is an object and small enough to be passed on."""
    small = 0 < len(offer_id) <= _MAX_OFFER_ID and len(description) <= MAX_DESCRIPTION
    return small and bytes(description).startswith(b"{")


def encode_announced(info_hash: str, complete: int, incomplete: int, interval: int) -> bytes:
    """The answer to an announce."""
    return _encode(_Announced(complete, incomplete, "announce", interval, info_hash))


def encode_offer(info_hash: str, peer_id: str, offer: Offer) -> bytes:
    """An offer of the peer `peer_id`, for another peer."""
    return _encode(_Offered("announce", offer.offer, offer.offer_id, peer_id, info_hash))


def encode_answer(info_hash: str, peer_id: str, offer_id: str, answer: Raw) -> bytes:
    """The answer of the peer `peer_id` to an offer, for the peer who made it."""
    return _encode(_Answered("announce", answer, offer_id, peer_id, info_hash))


def encode_scraped(files: Mapping[str, tuple[int, int, int]], interval: int) -> bytes:
    """The answer to a scrape: (seeds, downloaded, leechers) of each torrent."""
    return _encode(
        {
            "action": "scrape",
            "files": {
                info_hash: {"complete": complete, "incomplete": incomplete, "downloaded": downloaded}
                for info_hash, (complete, downloaded, incomplete) in files.items()
            },
            "flags": {"min_request_interval": interval},
        }
    )


def encode_failure(action: str, reason: str, info_hash: str | None) -> bytes:
    """The answer to a request that is refused."""
    failure = {"action": action, "failure reason": reason}
    return _encode(failure if info_hash is None else failure | {"info_hash": info_hash})
