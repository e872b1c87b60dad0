"""The messages of the HTTP tracker protocol: queries (BEP 3, 7, 23, 48) and bencoded answers.

`ip`, `ipv4`, `ipv6`, `key`, `trackerid` and all else in a query is not read and may be repeated; what is read must be
there once at most.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from peertube.tracker.announce import MAX_SCRAPED, MAX_WANTED, Announced, Scraped
from peertube.tracker.swarm import Event

_MAX_QUERY = 8192
_EVENTS = {
    b"": int(Event.NONE),
    b"empty": int(Event.NONE),
    b"paused": int(Event.NONE),
    b"started": int(Event.STARTED),
    b"stopped": int(Event.STOPPED),
    b"completed": int(Event.COMPLETED),
}
_READ = frozenset((b"info_hash", b"peer_id", b"port", b"left", b"event", b"numwant", b"compact"))
_MAX_DIGITS = 20
_PERCENT = ord("%")
"""Looked for as a number: for bytes of one byte Python first makes an error, and then looks."""
_HASHES_REMEMBERED = 4096
"""Info-hashes as clients write them: the same few over and over, and taking their escapes apart costs the most."""


class Malformed(Exception):
    """The query makes no sense.

    :param reason: what is wrong with it, for the client.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnnounceQuery(NamedTuple):
    """A client tells of itself and asks for others; `compact` says in which form."""

    info_hash: bytes
    peer_id: bytes
    port: int
    left: int
    event: int
    wanted: int
    compact: bool


def parse_announce(query: bytes) -> AnnounceQuery:
    """The announce in a query string. `Malformed` when something is missing, wrong or there twice."""
    if len(query) > _MAX_QUERY:
        raise Malformed("query too long")
    try:
        pairs = [field.split(b"=", 1) for field in query.split(b"&")]
        fields: dict[bytes, bytes] = dict(pairs)
    except ValueError:  # a name without a value
        fields = _one_by_one(query)
    else:
        if len(fields) != len(pairs) or _PERCENT in b"".join(fields):
            fields = _one_by_one(query)
    event = fields.get(b"event")
    known_event = 0 if event is None else _EVENTS.get(_unquoted(event))
    if known_event is None:
        raise Malformed("invalid event")
    port = _number(fields, b"port", None)
    if not 0 < port < 65536:
        raise Malformed("invalid port")
    wanted = _number(fields, b"numwant", MAX_WANTED)
    if not 0 <= wanted <= MAX_WANTED:
        wanted = MAX_WANTED
    info_hash, peer_id = _exactly_20(fields, b"info_hash"), _exactly_20(fields, b"peer_id")
    compact = fields.get(b"compact", b"1")
    is_compact = compact == b"1" or _unquoted(compact) != b"0"
    return AnnounceQuery(info_hash, peer_id, port, _number(fields, b"left", 1), known_event, wanted, is_compact)


def _one_by_one(query: bytes) -> dict[bytes, bytes]:
    """The fields that are read, in a query where names may be escaped, repeated, or without a value."""
    fields: dict[bytes, bytes] = {}
    for field in query.split(b"&"):
        name, _, value = field.partition(b"=")
        name = _unquoted(name)
        if name in _READ:
            if name in fields:
                raise Malformed(f"{name.decode()} given twice")
            fields[name] = value
    return fields


def parse_scrape(query: bytes) -> tuple[bytes, ...]:
    """The info-hashes in a query string, 1 to 74. `Malformed` otherwise: nobody gets a list of all torrents."""
    hashes = tuple(value for name, value in _fields(query) if name == b"info_hash")
    if not hashes:
        raise Malformed("missing info_hash")
    if len(hashes) > MAX_SCRAPED:
        raise Malformed("too many info_hash")
    if any(len(info_hash) != 20 for info_hash in hashes):
        raise Malformed("invalid info_hash")
    return hashes


def encode_announced(announced: Announced, peers6: bytes, interval: int) -> bytes:
    """The compact answer; `announced.peers` are IPv4 records of 6 bytes, `peers6` IPv6 records of 18."""
    answer = b"d%b5:peers%d:%b" % (_counts(announced, interval), len(announced.peers), announced.peers)
    return answer + (b"6:peers6%d:%be" % (len(peers6), peers6) if peers6 else b"e")


def encode_announced_in_full(announced: Announced, peers6: bytes, interval: int) -> bytes:
    """The answer of BEP 3, a dictionary for each peer; without peer ids, which are not kept."""
    peers = b"".join(_peer(record) for record in [*_records(announced.peers, 6), *_records(peers6, 18)])
    return b"d%b5:peersl%bee" % (_counts(announced, interval), peers)


def encode_scraped(files: Mapping[bytes, Scraped]) -> bytes:
    """The answer to a scrape: the counts of each torrent."""
    entries = b"".join(
        b"20:%bd8:completei%de10:downloadedi%de10:incompletei%dee" % (info_hash, *files[info_hash])
        for info_hash in sorted(files)
    )
    return b"d5:filesd%bee" % entries


def encode_failure(reason: str) -> bytes:
    """The answer to a request that is refused."""
    text = reason.encode()
    return b"d14:failure reason%d:%be" % (len(text), text)


def _fields(query: bytes) -> Iterable[tuple[bytes, bytes]]:
    if len(query) > _MAX_QUERY:
        raise Malformed("query too long")
    for field in query.split(b"&"):
        name, _, value = field.partition(b"=")
        yield unquote_to_bytes(name), unquote_to_bytes(value)


def _unquoted(value: bytes) -> bytes:
    return unquote_to_bytes(value) if _PERCENT in value else value


_unquoted_hash = lru_cache(_HASHES_REMEMBERED)(unquote_to_bytes)


def _exactly_20(fields: Mapping[bytes, bytes], name: bytes) -> bytes:
    value = fields.get(name)
    if value is None:
        raise Malformed(f"missing {name.decode()}")
    if _PERCENT in value:
        value = _unquoted_hash(value) if name == b"info_hash" and len(value) <= 60 else unquote_to_bytes(value)
    if len(value) != 20:
        raise Malformed(f"invalid {name.decode()}")
    return value


def _number(fields: Mapping[bytes, bytes], name: bytes, default: int | None) -> int:
    """A decimal number of few digits."""
    value = fields.get(name)
    if value is None:
        if default is None:
            raise Malformed(f"missing {name.decode()}")
        return default
    if value.isdigit() and len(value) <= _MAX_DIGITS:
        return int(value)
    value = _unquoted(value)
    digits = value.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > _MAX_DIGITS:
        raise Malformed(f"invalid {name.decode()}")
    return int(value)


def _counts(announced: Announced, interval: int) -> bytes:
    return b"8:completei%de10:downloadedi%de10:incompletei%de8:intervali%de" % (
        announced.complete,
        announced.downloaded,
        announced.incomplete,
        interval,
    )


def _records(joined: bytes, size: int) -> list[bytes]:
    return [joined[start : start + size] for start in range(0, len(joined), size)]


def _peer(record: bytes) -> bytes:
    address = str(ip_address(record[:-2])).encode()
    return b"d2:ip%d:%b4:porti%dee" % (len(address), address, int.from_bytes(record[-2:], "big"))
