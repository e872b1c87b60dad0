"""Fetches a file as a magnet link says: the torrent (``xs``), then the file from its web seed (``ws``)."""

import hashlib
import urllib.request
from urllib.parse import parse_qs, urlsplit

import bencodepy

_LARGEST = 64 * 2**20


def fetch(magnet: str) -> bytes:
    """The whole file; an AssertionError when anything is not what the link or the torrent says."""
    said = parse_qs(urlsplit(magnet).query)
    torrent = bencodepy.decode(_get(said["xs"][0]))
    info = torrent[b"info"]
    found = hashlib.sha1(bencodepy.encode(info), usedforsecurity=False).hexdigest()
    assert said["xt"] == [f"urn:btih:{found}"], (said["xt"], found)
    content = _get(said["ws"][0])
    assert len(content) == info[b"length"], magnet
    size = info[b"piece length"]
    pieces = [
        hashlib.sha1(content[start : start + size], usedforsecurity=False).digest()
        for start in range(0, len(content), size)
    ]
    assert b"".join(pieces) == info[b"pieces"], magnet
    return content


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read(_LARGEST)
    return content
