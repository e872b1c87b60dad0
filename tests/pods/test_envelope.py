"""The signed envelope: a literal one, and everything that must not pass for one."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Forbidden, Invalid, UpgradeRequired
from peertube.pods import envelope
from peertube.signatures import keys
from tests.signatures.fixed import DATE_MS, NONCE, PRIVATE_PEM, PUBLIC_PEM, SIGNATURE_OF_ENVELOPE, UNSIGNED

PATH = "/api/v1/remote/videos"
BODY = (
    UNSIGNED[:-1] + b',"signature":{"host":"a.example","version":3,"date":1790000000000,'
    b'"nonce":"00112233445566778899aabbccddeeff","signature":"' + SIGNATURE_OF_ENVELOPE.encode() + b'"}}'
)


def check(body: bytes, *, path: str = PATH, receiver: str = "b.example", now_ms: int = DATE_MS) -> envelope.Sealed:
    """Parse and check as the receiver does."""
    sealed = envelope.parse(body)
    key = keys.load_public(PUBLIC_PEM)
    envelope.check(sealed, key, method="POST", path=path, receiver=receiver, now_ms=now_ms)
    return sealed


class EnvelopeTests(SynchronousTestCase):
    """The exchange of docs/pods-protocol.rst."""

    def sealed(self, unsigned: bytes) -> bytes:
        return envelope.seal(
            keys.load_private(PRIVATE_PEM),
            unsigned,
            method="POST",
            path=PATH,
            sender="a.example",
            receiver="b.example",
            date_ms=DATE_MS,
            nonce=NONCE,
        )

    def test_the_literal_envelope(self) -> None:
        """These bytes are the protocol."""
        self.assertEqual(self.sealed(UNSIGNED), BODY)
        sealed = check(BODY)
        self.assertEqual((sealed.host, sealed.version, sealed.unsigned), ("a.example", 3, UNSIGNED))

    def test_the_signed_text(self) -> None:
        """DESIGN section 10, line by line."""
        text = envelope.signed_text("POST", "/p", "a.example", "b.example", 5, NONCE, b"{}")
        empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        lines = ["peertube-pods-3", "POST /p", "a.example", "b.example", "5", NONCE, empty]
        self.assertEqual(text.decode(), "\n".join(lines))

    def test_a_body_with_nothing_but_the_signature(self) -> None:
        """Its unsigned body is the empty object."""
        body = self.sealed(b"{}")
        self.assertTrue(body.startswith(b'{"signature":{"host"'))
        self.assertEqual(check(body).unsigned, b"{}")

    def test_other_receiver_path_or_time(self) -> None:
        """Neither re-targeted, nor used elsewhere, nor kept for later."""
        check(BODY, now_ms=DATE_MS + envelope.WINDOW_MS)
        check(BODY, now_ms=DATE_MS - envelope.WINDOW_MS)
        for changed in (
            {"receiver": "c.example"},
            {"path": "/api/v1/remote/pods/remove"},
            {"now_ms": DATE_MS + envelope.WINDOW_MS + 1},
            {"now_ms": DATE_MS - envelope.WINDOW_MS - 1},
        ):
            with self.subTest(changed=changed), self.assertRaises(Forbidden):
                check(BODY, **changed)

    def test_every_changed_byte_is_noticed(self) -> None:
        """Of the whole body: no byte of it is outside of what is checked."""
        for position in range(len(BODY)):
            changed = bytearray(BODY)
            changed[position] ^= 1
            with self.assertRaises((Forbidden, Invalid, UpgradeRequired), msg=str(position)):
                check(bytes(changed))

    def test_every_truncation_is_refused(self) -> None:
        """Cleanly."""
        for length in range(len(BODY)):
            with self.assertRaises(Invalid, msg=str(length)):
                envelope.parse(BODY[:length])

    def test_other_forms_are_refused(self) -> None:
        """One form, no choice for the one who attacks."""
        for wrong in (
            b"",
            b"{}",
            b"[]",
            b'{"signature":{}}',
            BODY + b" ",
            BODY + b"\n",
            BODY.replace(b'"version":3', b'"version": 3'),
            BODY.replace(b"a.example", b"A.EXAMPLE"),
            BODY.replace(b"a.example", b"\\u0061.example"),
        ):
            with self.subTest(wrong=wrong[:40]), self.assertRaises(Invalid):
                envelope.parse(wrong)

    def test_two_signatures_are_refused(self) -> None:
        """Even when the outer one is good."""
        with self.assertRaises(Invalid):
            check(self.sealed(b'{"signature":{},"data":[]}'))

    def test_what_is_no_object_is_refused(self) -> None:
        """A signature inside of a text is no member."""
        for unsigned in (b'{"data":"x}', b'{"data":{"a":1}'):
            with self.subTest(unsigned=unsigned), self.assertRaises(Invalid):
                check(self.sealed(unsigned))

    def test_another_version_is_refused_politely(self) -> None:
        """So that the other side knows what to do."""
        with self.assertRaises(UpgradeRequired):
            check(BODY.replace(b'"version":3', b'"version":5'))

    def test_common_version(self) -> None:
        """The highest that both speak."""
        self.assertEqual(envelope.common_version((1, 3, 9)), 3)
        with self.assertRaises(UpgradeRequired):
            envelope.common_version((1, 2))
