"""The key pair of the pod on disk."""

from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from peertube.errors import Invalid
from peertube.files.certs import EARLIER_NAME, PRIVATE_NAME, PUBLIC_NAME, Certs, rotate
from peertube.signatures import keys


class CertsTests(TestCase):
    """Made once, kept for ever."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()) / "certs"

    async def started(self) -> Certs:
        certs = Certs(reactor, self.folder)
        await certs.start()
        return certs

    async def test_made_at_first_start_and_read_at_later_ones(self) -> None:
        """Another key would be another pod to our friends. Nobody else may read the private half."""
        first = await self.started()
        self.assertEqual((self.folder / PRIVATE_NAME).stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.folder / PUBLIC_NAME).read_text(), first.public_pem)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), [PRIVATE_NAME, PUBLIC_NAME])
        second = await self.started()
        self.assertEqual(second.public_pem, first.public_pem)
        text = keys.sign(second.private, b"text")
        self.assertTrue(keys.verify(keys.load_public(first.public_pem), b"text", text))

    async def test_a_lost_public_half_is_made_again(self) -> None:
        """It follows from the private one."""
        first = await self.started()
        (self.folder / PUBLIC_NAME).unlink()
        await self.started()
        self.assertEqual((self.folder / PUBLIC_NAME).read_text(), first.public_pem)

    async def test_a_damaged_key_is_not_replaced(self) -> None:
        """The admin must decide: a new key ends every friendship."""
        await self.started()
        (self.folder / PRIVATE_NAME).write_text("rubbish")
        with self.assertRaises(Invalid):
            await self.started()
        self.assertEqual((self.folder / PRIVATE_NAME).read_text(), "rubbish")

    async def test_rotation_keeps_the_earlier_keys(self) -> None:
        """Friends that have not heard of the new key are spoken to with theirs; a crash in between loses none."""
        first = await self.started()
        old = first.fingerprint
        new = rotate(self.folder)
        second = await self.started()
        self.assertEqual(second.fingerprint, new)
        self.assertIs(second.private_for(new), second.private)
        for told in (old, None):
            known = keys.public_pem(second.private_for(told).public_key())
            self.assertEqual(keys.fingerprint(known), old)
        self.assertEqual(len(second.all_private), 2)
        (self.folder / EARLIER_NAME.format(2)).write_bytes((self.folder / PRIVATE_NAME).read_bytes())
        self.assertEqual(len((await self.started()).all_private), 2)

    async def test_nothing_to_rotate(self) -> None:
        """Before the first start."""
        with self.assertRaises(Invalid):
            rotate(self.folder)
