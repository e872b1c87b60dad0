"""Keys: what is taken, and a literal signature."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Invalid
from peertube.signatures import keys
from tests.signatures.fixed import PRIVATE_PEM, PUBLIC_PEM, SIGNATURE_OF_TEXT


def pem(key) -> str:
    """The public half as text."""
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


class SignTests(SynchronousTestCase):
    """RSA-SHA256, PKCS#1 v1.5, hex."""

    def test_the_literal_signature(self) -> None:
        """The scheme is deterministic: another result is another scheme."""
        self.assertEqual(keys.sign(keys.load_private(PRIVATE_PEM), b"text"), SIGNATURE_OF_TEXT)

    def test_only_the_signed_text_verifies(self) -> None:
        """Changed text, cut and damaged signatures, and what is no hex are refused without an error."""
        key = keys.load_public(PUBLIC_PEM)
        self.assertTrue(keys.verify(key, b"text", SIGNATURE_OF_TEXT))
        self.assertFalse(keys.verify(key, b"Text", SIGNATURE_OF_TEXT))
        for wrong in ("", "zz" * 256, SIGNATURE_OF_TEXT[:-2], SIGNATURE_OF_TEXT + "00", "00" * 256):
            self.assertFalse(keys.verify(key, b"text", wrong), wrong[:8])


class LoadTests(SynchronousTestCase):
    """Which keys are taken."""

    def test_one_spelling_for_one_key(self) -> None:
        """Line breaks and the older header do not make another key."""
        key = keys.load_public(PUBLIC_PEM)
        old = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode()
        self.assertNotEqual(old, PUBLIC_PEM)
        for spelling in (old, PUBLIC_PEM.replace("\n", "\r\n"), PUBLIC_PEM + "\n"):
            self.assertEqual(keys.public_pem(keys.load_public(spelling)), PUBLIC_PEM)

    def test_other_keys_are_refused(self) -> None:
        """Too small, too large a text, not RSA, a private key, an exponent of 3, rubbish."""
        wrong = {
            "1024 bits": pem(rsa.generate_private_key(65537, 1024)),
            "exponent 3": pem(rsa.generate_private_key(3, 2048)),
            "elliptic": pem(ec.generate_private_key(ec.SECP256R1())),
            "private": PRIVATE_PEM.decode(),
            "long": PUBLIC_PEM + "\n" * keys.LONGEST_PEM,
            "rubbish": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "empty": "",
            "not ASCII": "é" + PUBLIC_PEM,
        }
        for name, text in wrong.items():
            with self.subTest(name), self.assertRaises(Invalid):
                keys.load_public(text)
