"""The signed envelope of requests between pods (docs/pods-protocol.rst).

A request is ``POST <path>`` with a JSON object as its body, whose last member is the signature::

    {"data":[…],"signature":{"host":"a.example","version":3,"date":1790000000000,"nonce":"<32 hex>","signature":"…"}}

What is signed (RSA-SHA256): ``peertube-pods-<version>``, ``<method> <path>``, sender, receiver, date (ms since
1970 UTC), nonce and the SHA-256 of the *unsigned body*, joined by line feeds. The unsigned body is the bytes before
``,"signature":{`` (the comma is absent when there is nothing else), closed with ``}``. The signature member is written
in exactly this form, without spaces or escapes; anything else is refused. Only the unsigned body is ever parsed, so
that what was verified is what is read.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from attrs import frozen

from peertube.errors import Forbidden, Invalid, UpgradeRequired
from peertube.signatures import keys

VERSION = 3
"""What a pod speaks that does not say which versions it speaks."""

ACKNOWLEDGING = 4
"""From this version on batches are acknowledged item by item, and bodies may be encrypted."""

VERSIONS = (VERSION, ACKNOWLEDGING)
"""The protocol versions this node can speak."""

WINDOW_MS = 15 * 60 * 1000
"""How far the date of a request may be from our clock."""

NONCE_LIFE_MS = 2 * WINDOW_MS
"""How long a nonce must be remembered: a date may lie a window ahead."""

STALE = "stale_request"
"""The code of a refusal because of the date: one of two clocks is wrong, or an old request was repeated."""

LARGEST_BODY = 500_000
"""Bytes of a whole body."""

_SIGNATURE = re.compile(
    rb'(?P<before>[,{])"signature":\{"host":"(?P<host>[a-z0-9.:\[\]_-]{1,300})","version":(?P<version>[0-9]{1,4}),'
    rb'"date":(?P<date>[0-9]{1,15}),"nonce":"(?P<nonce>[0-9a-f]{32})","signature":"(?P<signature>[0-9a-f]{2,2048})"\}\}'
)
_LONGEST_SIGNATURE = 2600


@frozen
class Sealed:
    """A request as it came, not verified yet: who claims to have sent it, and the unsigned body."""

    host: str
    version: int
    date_ms: int
    nonce: str
    signature: str
    unsigned: bytes

    def members(self) -> Mapping[str, Any]:
        """The members of the unsigned body. `Invalid` when it is no JSON object."""
        try:
            return msgspec.json.decode(self.unsigned, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError) as error:
            raise Invalid("The body is not a JSON object", code="invalid_body") from error


def signed_text(
    method: str,
    path: str,
    sender: str,
    receiver: str,
    date_ms: int,
    nonce: str,
    unsigned: bytes,
    version: int = VERSION,
) -> bytes:
    """The bytes under the signature. Hosts are normalised (`policy.hosts`)."""
    digest = hashlib.sha256(unsigned).hexdigest()
    lines = (f"peertube-pods-{version}", f"{method} {path}", sender, receiver, str(date_ms), nonce, digest)
    return "\n".join(lines).encode("utf-8")


def key_change_text(host: str, receiver: str, public_key: str) -> bytes:
    """What the new key of `host` signs to prove that it is known there too."""
    return "\n".join(("peertube-pods-4 key", host, receiver, keys.fingerprint(public_key))).encode("utf-8")


def seal(
    key: keys.PrivateKey,
    unsigned: bytes,
    *,
    method: str,
    path: str,
    sender: str,
    receiver: str,
    date_ms: int,
    nonce: str,
    version: int = VERSION,
) -> bytes:
    """The body to send: the compact JSON object `unsigned`, with the signature as its last member."""
    text = signed_text(method, path, sender, receiver, date_ms, nonce, unsigned, version)
    member = (
        f'"signature":{{"host":"{sender}","version":{version},"date":{date_ms},"nonce":"{nonce}",'
        f'"signature":"{keys.sign(key, text)}"}}}}'
    )
    comma = b"" if unsigned == b"{}" else b","
    return unsigned[:-1] + comma + member.encode("ascii")


def parse(body: bytes) -> Sealed:
    """Take a body apart.

    :raises Invalid: code ``unsigned``, when it does not end in a signature member of the one form.
    """
    tail = max(0, len(body) - _LONGEST_SIGNATURE)
    found = next((m for m in _SIGNATURE.finditer(body, tail) if m.end() == len(body)), None)
    if found is None:
        raise Invalid("The body does not end in a signature", code="unsigned", fields={"signature": "is required"})
    bare = found["before"] == b"{"
    if bare and found.start() != 0:
        raise Invalid("The signature is not a member of the body", code="unsigned")
    return Sealed(
        host=found["host"].decode("ascii"),
        version=int(found["version"]),
        date_ms=int(found["date"]),
        nonce=found["nonce"].decode("ascii"),
        signature=found["signature"].decode("ascii"),
        unsigned=b"{}" if bare else body[: found.start()] + b"}",
    )


def check(
    sealed: Sealed,
    key: keys.PublicKey,
    *,
    method: str,
    path: str,
    receiver: str,
    now_ms: int,
    versions: tuple[int, ...] = VERSIONS,
) -> None:
    """Whether `sealed` is meant for `receiver` (us), fresh, and signed with `key`. The nonce is the caller's to use up.

    :raises UpgradeRequired: another version of the protocol.
    :raises Forbidden: codes ``invalid_signature`` and, for what is signed rightly, `STALE`.
    """
    if sealed.version not in versions:
        raise UpgradeRequired(f"This pod speaks the pods' protocol in version {_shown(versions)}, not {sealed.version}")
    text = signed_text(
        method, path, sealed.host, receiver, sealed.date_ms, sealed.nonce, sealed.unsigned, sealed.version
    )  # fmt: skip
    if not keys.verify(key, text, sealed.signature):
        raise Forbidden("The signature does not belong to this request", code="invalid_signature")
    ahead_ms = sealed.date_ms - now_ms
    if abs(ahead_ms) > WINDOW_MS:
        raise Forbidden(f"The date of the request is {_off(ahead_ms)} our clock, 15 are allowed", code=STALE)
    if "signature" in sealed.members():
        raise Invalid("The body has two signatures", code="unsigned")


def common_version(theirs: tuple[int, ...], ours: tuple[int, ...] = VERSIONS) -> int:
    """The highest version that both sides speak. `UpgradeRequired` when there is none."""
    common = set(theirs) & set(ours)
    if not common:
        raise UpgradeRequired(f"No protocol version in common: we speak {_shown(ours)}, they speak {_shown(theirs)}")
    return max(common)


def _off(ahead_ms: int) -> str:
    """In words for people; a date is 15 digits at most, so that this stays short."""
    return f"{abs(ahead_ms) // 60_000} minutes {'ahead of' if ahead_ms > 0 else 'behind'}"


def _shown(versions: tuple[int, ...]) -> str:
    return ", ".join(str(version) for version in versions[:8]) or "none"
