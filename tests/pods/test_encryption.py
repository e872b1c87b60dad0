"""Bodies that only the receiver can read."""

import msgspec
from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Invalid
from peertube.pods import encryption
from tests.pods.surroundings import key

BODY = b'{"data":[{"type":"remove-video","data":{}}]}'
WAY = {"path": "/api/v1/remote/videos", "sender": "a.example", "receiver": "b.example"}


class EncryptionTests(SynchronousTestCase):
    """RSA-OAEP-SHA256 around AES-256-GCM."""

    def encrypted(self, body: bytes = BODY) -> dict:
        made = encryption.encrypt(key(1).public_key(), body, **WAY, key=b"\x01" * 32, iv=b"\x02" * 12)
        self.assertNotIn(b"remove-video", made)
        return msgspec.json.decode(made)

    def refused(self, members: dict, **changes: str) -> None:
        with self.assertRaises(Invalid) as raised:
            encryption.decrypt([key(1)], members, **{**WAY, **changes})
        self.assertEqual(raised.exception.code, "not_readable")

    def test_there_and_back(self) -> None:
        """Also with an earlier key of the receiver."""
        members = self.encrypted()
        self.assertTrue(encryption.is_encrypted(members))
        for own in ([key(1)], [key(2), key(1)]):
            self.assertEqual(encryption.decrypt(own, members, **WAY), msgspec.json.decode(BODY))

    def test_for_nobody_else_and_on_no_other_way(self) -> None:
        """Another receiver, sender, path or key."""
        members = self.encrypted()
        for name in WAY:
            self.refused(members, **{name: "other"})
        with self.assertRaises(Invalid):
            encryption.decrypt([key(2)], members, **WAY)

    def test_every_damage_is_found(self) -> None:
        """One changed character anywhere, missing and additional members, rubbish inside."""
        good = self.encrypted()
        for name, text in good["encrypted"].items():
            for place in (0, len(text) // 2, len(text) - 5):
                other = "A" if text[place] != "A" else "B"
                damaged = text[:place] + other + text[place + 1 :]
                self.refused({"encrypted": {**good["encrypted"], name: damaged}})
            self.refused({"encrypted": {**good["encrypted"], name: ""}})
            self.refused({"encrypted": {k: v for k, v in good["encrypted"].items() if k != name}})
        self.refused({**good, "data": []})
        self.refused({"encrypted": []})
        for inside in (b"[]", b"rubbish", b'{"signature":{}}', b'{"encrypted":{}}'):
            self.refused(self.encrypted(inside))
