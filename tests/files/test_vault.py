"""The key that is not in the database."""

from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from peertube.errors import Invalid
from peertube.files.vault import KEY_NAME, Vault


class VaultTests(TestCase):
    """What is sealed can be read again by the same pod, and by nobody else."""

    async def vault(self, folder: Path) -> Vault:
        vault = Vault(reactor, folder)
        await vault.start()
        return vault

    async def test_again_after_a_restart(self) -> None:
        """The key is made once, for our eyes only."""
        folder = Path(self.mktemp())
        before, after = await self.vault(folder), await self.vault(folder)
        sealed = before.seal("open sesame ü")
        self.assertNotIn("sesame", sealed)
        self.assertEqual(after.unseal(sealed), "open sesame ü")
        self.assertEqual(before.digest("x"), after.digest("x"))
        self.assertEqual(before.secret("one"), after.secret("one"))
        self.assertNotEqual(before.secret("one"), before.secret("two"))
        self.assertEqual((folder / KEY_NAME).stat().st_mode & 0o777, 0o600)

    async def test_another_key(self) -> None:
        """Reads nothing; a damaged one is told."""
        one, other = await self.vault(Path(self.mktemp())), await self.vault(Path(self.mktemp()))
        self.assertIsNone(other.unseal(one.seal("text")))
        self.assertIsNone(one.unseal("nonsense"))
        self.assertNotEqual(one.digest("x"), other.digest("x"))
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / KEY_NAME).write_text("no key")
        with self.assertRaises(Invalid):
            await self.vault(folder)
