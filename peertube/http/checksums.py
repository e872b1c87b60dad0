"""Checksums that a request brings for its body: ``Content-Digest`` (RFC 9530), ``Digest`` (RFC 3230),
``Content-MD5`` (RFC 1864)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from peertube.errors import Invalid

_ALGORITHMS: Mapping[str, Callable[[], Any]] = {
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha": lambda: hashlib.sha1(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha-1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha-256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "sha-512": hashlib.sha512,
}
_MAXIMUM = 8


class Checksum:
    """One checksum that the body should have."""

    def __init__(self, digest: Any, expected: bytes | None) -> None:
        self._digest = digest
        self._expected = expected

    def update(self, data: bytes, /) -> None:
        """The next bytes of the body."""
        self._digest.update(data)

    def matches(self) -> bool:
        """Whether the bytes so far have it."""
        return self._expected is not None and hmac.compare_digest(self._digest.digest(), self._expected)


def expected(header: Callable[[str], str | None]) -> tuple[Checksum, ...]:
    """The checksums that a request names.

    :param header: gives a header of the request by its name.
    :raises Invalid: when none of those in a header is of a kind that we know.
    """
    found = []
    for name, wrapped in (("Content-Digest", True), ("Digest", False)):
        text = header(name)
        if text is not None:
            found += _named(name, text, wrapped)
    md5 = header("Content-MD5")
    if md5 is not None:
        found.append(_checksum("md5", md5))
    return tuple(found)


def _named(header: str, text: str, wrapped: bool) -> list[Checksum]:
    pairs = [part.strip().partition("=") for part in text.split(",")[:_MAXIMUM]]
    known = [
        _checksum(name.strip().lower(), value.strip().strip(":") if wrapped else value)
        for name, _, value in pairs
        if name.strip().lower() in _ALGORITHMS
    ]
    if not known:
        raise Invalid(f"No checksum in {header} is of a known kind", fields={header: "Should be sha-256=<base64>"})
    return known


def _checksum(algorithm: str, text: str) -> Checksum:
    """One that can match nothing when it is not base64."""
    try:
        value = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return Checksum(_ALGORITHMS[algorithm](), None)
    return Checksum(_ALGORITHMS[algorithm](), value)
