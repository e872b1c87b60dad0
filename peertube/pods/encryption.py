"""Bodies that only the receiver can read (`friends.encrypt`, version 4 of the pods' protocol).

The unsigned body becomes ``{"encrypted":{"key":…,"iv":…,"data":…}}``: a key of 256 bits, encrypted for the receiver
with RSA-OAEP (SHA-256, RFC 8017 section 7.1), in hex; an IV of 96 bits in hex; the body, encrypted with AES-256-GCM
and with its tag at the end, in base64. The additional authenticated data are the lines ``peertube-pods-4``, path,
sender and receiver. The signature is made over the result.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta

from peertube.errors import Invalid
from peertube.signatures.keys import PrivateKey, PublicKey

KEY_BYTES = 32
IV_BYTES = 12
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)

Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]*\Z", max_length=2048)]


class _Wrapped(msgspec.Struct, forbid_unknown_fields=True):
    key: Hex
    iv: Annotated[str, Meta(pattern=r"^[0-9a-f]{24}\Z")]
    data: str


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    encrypted: _Wrapped


def encrypt(
    receiver_key: PublicKey, body: bytes, *, path: str, sender: str, receiver: str, key: bytes, iv: bytes
) -> bytes:
    """The unsigned body to send instead of `body`.

    :param key: 32 random bytes, used once.
    :param iv: 12 random bytes, used once.
    """
    sealed = AESGCM(key).encrypt(iv, body, _context(path, sender, receiver))
    wrapped = {
        "key": receiver_key.encrypt(key, _OAEP).hex(),
        "iv": iv.hex(),
        "data": base64.b64encode(sealed).decode("ascii"),
    }
    return msgspec.json.encode({"encrypted": wrapped})


def is_encrypted(members: Mapping[str, Any]) -> bool:
    """Whether a verified body has another one inside."""
    return "encrypted" in members


def decrypt(
    own_keys: Sequence[PrivateKey], members: Mapping[str, Any], *, path: str, sender: str, receiver: str
) -> Mapping[str, Any]:
    """The members of the body inside.

    :param own_keys: that it may be encrypted for.
    :raises Invalid: code ``not_readable``, when it is not for us, damaged, or holds what it must not.
    """
    try:
        wrapped = msgspec.convert(members, _Body).encrypted
        sealed = base64.b64decode(wrapped.data, validate=True)
        opened = AESGCM(_key(own_keys, bytes.fromhex(wrapped.key))).decrypt(
            bytes.fromhex(wrapped.iv), sealed, _context(path, sender, receiver)
        )
        inside = msgspec.json.decode(opened, type=dict[str, Any])
    except (msgspec.MsgspecError, InvalidTag, ValueError, RecursionError) as error:
        raise _not_readable() from error
    if "encrypted" in inside or "signature" in inside:
        raise _not_readable()
    return inside


def _key(own_keys: Sequence[PrivateKey], sent: bytes) -> bytes:
    for own in own_keys:
        try:
            key = own.decrypt(sent, _OAEP)
        except ValueError:
            continue
        if len(key) == KEY_BYTES:
            return key
    raise _not_readable()


def _context(path: str, sender: str, receiver: str) -> bytes:
    return "\n".join(("peertube-pods-4", path, sender, receiver)).encode("utf-8")


def _not_readable() -> Invalid:
    return Invalid("The body cannot be decrypted", code="not_readable")
