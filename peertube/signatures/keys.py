"""RSA keys of pods: made, written, read, and used to sign (RSA-SHA256, PKCS#1 v1.5, RFC 8017 section 8.2).

Making a key takes a good part of a second: callers do it in a thread.
"""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from peertube.errors import Invalid

BITS = 2048
LARGEST_BITS = 8192
LONGEST_PEM = 4096
_SMALLEST_EXPONENT = 65537
_LARGEST_EXPONENT = 2**32

PrivateKey = rsa.RSAPrivateKey
PublicKey = rsa.RSAPublicKey


def generate() -> PrivateKey:
    """A new key of 2048 bits. Slow: call it in a thread."""
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


def private_pem(key: PrivateKey) -> bytes:
    """The key as unencrypted PKCS#8."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key: PublicKey) -> str:
    """The one spelling of a public key (SubjectPublicKeyInfo): equal texts are equal keys."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")  # fmt: skip


def fingerprint(pem: str) -> str:
    """SHA-256 of a public key in its one spelling, in hex."""
    return hashlib.sha256(pem.encode("ascii")).hexdigest()


def load_private(pem: bytes) -> PrivateKey:
    """Read our own key. `Invalid` when it is no RSA key of a size we use."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise _invalid("Not a private key in PEM form") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _invalid("Not an RSA key")
    _check(key.public_key())
    return key


def load_public(pem: str) -> PublicKey:
    """Read a key that another pod shows.

    :raises Invalid: code ``invalid_key``: too long, no RSA key, under 2048 or over 8192 bits, a weak or costly
        exponent, or a private key that somebody sent by mistake.
    """
    if len(pem) > LONGEST_PEM or not pem.isascii() or "PRIVATE" in pem:
        raise _invalid("Not a public key in PEM form")
    try:
        key = serialization.load_pem_public_key(pem.encode("ascii"))
    except Exception as error:  # the library raises its own and OpenSSL's classes, all meaning the same
        raise _invalid("Not a public key in PEM form") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise _invalid("Not an RSA key")
    _check(key)
    return key


def sign(key: PrivateKey, text: bytes) -> str:
    """The signature as lower case hex."""
    return key.sign(text, padding.PKCS1v15(), hashes.SHA256()).hex()


def verify(key: PublicKey, text: bytes, signature: str) -> bool:
    """Whether the hex `signature` of `text` was made with the private half of `key`."""
    if len(signature) != 2 * ((key.key_size + 7) // 8):
        return False
    try:
        key.verify(bytes.fromhex(signature), text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _check(key: PublicKey) -> None:
    exponent = key.public_numbers().e
    if not BITS <= key.key_size <= LARGEST_BITS:
        raise _invalid(f"An RSA key must have {BITS} to {LARGEST_BITS} bits")
    if not _SMALLEST_EXPONENT <= exponent <= _LARGEST_EXPONENT or exponent % 2 == 0:
        raise _invalid("The exponent of this RSA key is not accepted")


def _invalid(detail: str) -> Invalid:
    return Invalid(detail, code="invalid_key", fields={"publicKey": detail})
