"""Torrent files (BEP 3, BEP 12 announce-list, BEP 19 url-list): one file each, version 1.

The piece length and the name of the file follow PeerTube's rules, so that a pod which re-makes a torrent from the same
file under the same name gets the same info-hash.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import bencodepy

from peertube.errors import Invalid

MINIMUM_PIECE_LENGTH = 16_384
SHA1_SIZE = 20

_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys('/\\?%*:|"<>', "-") | {chr(code): "-" for code in (*range(32), 127)})


def piece_length(size: int) -> int:
    """Bytes of a piece for a file of `size` bytes: size/1024 rounded to a power of two, 16 KiB at least.

    That is ``max(16384, 2**floor(log2(KiB) + 0.5))`` in whole numbers: about 1,024 pieces, whatever the size.
    """
    length = MINIMUM_PIECE_LENGTH
    # The next power 2n is nearer in log2 when size/1024 >= n * sqrt(2).
    while size * size >= 2 * (length * 1024) ** 2:
        length *= 2
    return length


def torrent_name(video_name: str, resolution: int, extname: str) -> str:
    """The name a client gives the file: ``<video name> <resolution>p<extension>`` without what file systems refuse."""
    return f"{video_name.translate(_FORBIDDEN_IN_NAMES)} {resolution}p{extname}"


def build(
    *,
    name: str,
    length: int,
    piece_length: int,
    pieces: bytes,
    announce_tiers: Sequence[Sequence[str]],
    web_seeds: Sequence[str],
) -> tuple[bytes, str]:
    """The bytes of a torrent file and its info-hash (40 hex digits).

    :param pieces: the SHA-1 of each piece, joined.
    :param announce_tiers: announce URLs in tiers (BEP 12); the first is also the only ``announce`` of BEP 3.
    :param web_seeds: URLs of the whole file (BEP 19).
    :raises Invalid: code ``invalid_torrent``, when the pieces do not fit the length.
    """
    count = -(-length // piece_length) if piece_length > 0 else -1
    if length <= 0 or len(pieces) != count * SHA1_SIZE:
        raise Invalid("The pieces do not fit the length of the file", code="invalid_torrent")
    tiers = [list(tier) for tier in announce_tiers if tier]
    torrent: dict[str, Any] = {
        "encoding": "UTF-8",
        "info": {"length": length, "name": name, "piece length": piece_length, "pieces": bytes(pieces)},
        "url-list": list(web_seeds),
    }
    if tiers:
        torrent["announce"] = tiers[0][0]
        torrent["announce-list"] = tiers
    return bencodepy.encode(torrent), _info_hash(torrent["info"])


def rename(
    torrent: bytes,
    new_name: str,
    *,
    web_seeds: Sequence[str] | None = None,
    announce: Sequence[Sequence[str]] = (),
) -> tuple[bytes, str]:
    """The same torrent (one of ours) with another name of the file, and its new info-hash.

    :param web_seeds: URLs of the whole file, when they change too.
    :param announce: tiers of announce URLs, when they change too.
    :raises Invalid: code ``invalid_torrent``, when `torrent` is no torrent of one file.
    """
    decoded = _decode(torrent)
    info = {**decoded[b"info"], b"name": new_name.encode()}
    renamed = {**decoded, b"info": info}
    if web_seeds is not None:
        renamed[b"url-list"] = [url.encode() for url in web_seeds]
    tiers = [[url.encode() for url in tier] for tier in announce if tier]
    if tiers:
        renamed |= {b"announce": tiers[0][0], b"announce-list": tiers}
    return bencodepy.encode(renamed), _info_hash(info)


def _decode(torrent: bytes) -> Mapping[bytes, Any]:
    try:
        decoded = bencodepy.decode(torrent)
    except (bencodepy.BencodeDecodeError, ValueError, IndexError, KeyError, TypeError, RecursionError) as error:
        raise _not_a_torrent() from error
    if not isinstance(decoded, dict):
        raise _not_a_torrent()
    info = decoded.get(b"info")
    if not (isinstance(info, dict) and {b"length", b"name", b"piece length", b"pieces"} <= info.keys()):
        raise _not_a_torrent()
    return decoded


def _info_hash(info: Mapping[Any, Any]) -> str:
    return hashlib.sha1(bencodepy.encode(info), usedforsecurity=False).hexdigest()


def _not_a_torrent() -> Invalid:
    return Invalid("Not a torrent of one file", code="invalid_torrent")
