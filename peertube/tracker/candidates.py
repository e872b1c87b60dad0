"""Addresses in WebRTC offers and answers (RFC 8839): for the pod's own seeder only those of the open internet.

Who makes an offer says where it can be reached, and who takes it sends packets there (STUN, RFC 8445) before it knows
who answers. A browser is careful with what it is told; the seeder stands in the pod's network, so it is not told of
addresses of that network, nor of names, which it would have to ask somebody for.
"""

import msgspec
from msgspec import Raw, Struct

from peertube.policy.addresses import is_public

_ADDRESS = 4
"""Which word of a candidate is its address: foundation, component, transport, priority, address, port, type."""


class _Description(Struct):
    """An offer or an answer; what else it says is not passed on."""

    type: str
    sdp: str


_parse = msgspec.json.Decoder(_Description).decode
_encode = msgspec.json.Encoder().encode


def public_only(description: Raw) -> Raw | None:
    """The same offer or answer without candidates elsewhere; None when it cannot be understood."""
    try:
        parsed = _parse(description)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    lines = [line for line in parsed.sdp.splitlines() if not line.startswith("a=candidate:") or _is_public(line)]
    return Raw(_encode(_Description(parsed.type, "".join(f"{line}\r\n" for line in lines))))


def _is_public(candidate: str) -> bool:
    words = candidate.split()
    return len(words) > _ADDRESS and is_public(words[_ADDRESS])
