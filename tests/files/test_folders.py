"""Folders as the check of the storage sees them."""

import os
import time
from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from peertube.config.schema import Storage
from peertube.errors import Conflict
from peertube.files.folders import ASIDE, LocalFolders
from peertube.files.local import LocalStorage


class LocalFoldersTests(TestCase):
    """On a real disk."""

    async def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        settings = Storage.model_validate({kind: str(self.folder / kind) for kind in Storage.model_fields})
        self.storage = LocalStorage(reactor, settings)
        self.folders = LocalFolders(reactor, settings)
        await self.storage.start()
        self.previews = self.folder / "previews"

    async def test_listed(self) -> None:
        """Files with size and age, half-made ones too; neither the marker nor folders nor links."""
        (self.previews / "b.jpg").write_bytes(b"12345")
        (self.previews / ".half").write_bytes(b"1")
        (self.previews / ASIDE).mkdir()
        (self.previews / "link").symlink_to("b.jpg")
        found = await self.folders.listed("previews")
        self.assertEqual([(".half", 1), ("b.jpg", 5)], [(file.name, file.size_bytes) for file in found])

    async def test_a_renamed_file_is_young(self) -> None:
        """However old what is in it: an upload of yesterday that is kept under its name today."""
        (self.previews / "old").write_bytes(b"")
        os.utime(self.previews / "old", (1, 1))
        [file] = await self.folders.listed("previews")
        self.assertLess(abs(file.changed_ms / 1000 - time.time()), 60)

    async def test_not_ours(self) -> None:
        """A folder that is not marked is refused; one that is not there is empty."""
        (self.previews / ".peertube-node").unlink()
        self.assertEqual([], list(await self.folders.listed("previews")))
        (self.previews / "theirs").write_bytes(b"")
        with self.assertRaises(Conflict):
            await self.folders.listed("previews")
        (self.previews / "theirs").unlink()
        self.previews.rmdir()
        self.assertEqual([], list(await self.folders.listed("previews")))
        self.assertEqual(["a"], list(await self.folders.absent("previews", ["a"])))

    async def test_set_aside_and_remove(self) -> None:
        """What is gone already is no error; what was set aside is not found again, and can be put back."""
        for name in ("a", "b", "c"):
            (self.previews / name).write_bytes(name.encode())
        self.assertEqual(1, await self.folders.set_aside("previews", ["a", "x"]))
        self.assertEqual(1, await self.folders.remove("previews", ["b", "x"]))
        self.assertEqual(["c"], [file.name for file in await self.folders.listed("previews")])
        self.assertEqual(b"a", (self.previews / ASIDE / "a").read_bytes())
        self.assertEqual(["a", "b"], list(await self.folders.absent("previews", ["a", "b", "c"])))
        await self.storage.start()
