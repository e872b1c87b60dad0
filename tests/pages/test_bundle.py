"""The built bundle: small enough, and all that pages ask of it. Skipped where it was not built."""

import gzip
import json
import re
from pathlib import Path

from twisted.trial.unittest import SkipTest, TestCase

import peertube.pages
from peertube.errors import NotFound
from peertube.pages import assets

PAGES = Path(peertube.pages.__file__).parent
KILOBYTE = 1000


class BundleTests(TestCase):
    """Budgets of web-client section 4, in gzipped bytes."""

    def setUp(self) -> None:
        self.bundle = assets.load()
        if not self.bundle.built:
            raise SkipTest("the browser bundle was not built")

    def _size(self, source: str) -> int:
        """Bytes of an entry with what it always loads."""
        entry = self.bundle.manifest[source]
        names = [entry["file"], *(self.bundle.manifest[one]["file"] for one in entry.get("imports", []))]
        return sum(len(gzip.compress(self.bundle.files[name])) for name in names)

    def test_budgets(self) -> None:
        """Style 15, home 10, watch 25, WebTorrent (only after consent) 75."""
        self.assertLessEqual(self._size("src/style.css"), 15 * KILOBYTE)
        self.assertLessEqual(self._size("src/main.js"), 10 * KILOBYTE)
        self.assertLessEqual(self._size("src/watch.js") + self._size("src/main.js"), 25 * KILOBYTE)
        self.assertLessEqual(self._size("src/torrent.js"), 75 * KILOBYTE)
        self.assertEqual(self.bundle.manifest["src/watch.js"]["dynamicImports"], ["src/torrent.js"])

    def test_nothing_that_the_policy_forbids(self) -> None:
        """No code made of text."""
        for name, content in self.bundle.files.items():
            if name.endswith(".js"):
                self.assertNotIn(b"new Function(", content, name)
                self.assertIsNone(re.search(rb"\beval\(", content), name)

    def test_every_icon_of_a_page_is_in_the_sprite(self) -> None:
        """And the sprite holds its licence."""
        sprite = self.bundle.files[self.bundle.manifest["icons.svg"]["file"]].decode()
        used = set()
        for template in (PAGES / "templates").glob("*.html"):
            used |= set(re.findall(r'icon\("([a-z0-9-]+)"', template.read_text()))
        for module in PAGES.glob("*.py"):
            used |= set(re.findall(r'"(?:ok|warn|danger|plain)", "([a-z0-9-]+)"', module.read_text()))
        for name in used:
            self.assertIn(f'id="{name}"', sprite)
        self.assertIn("ISC License", sprite)

    def test_the_worker_may_serve_the_whole_site(self) -> None:
        """And is asked for anew each time; other files never are."""
        worker = self.bundle.worker()
        self.assertEqual(worker.headers["Service-Worker-Allowed"], "/")
        self.assertEqual(worker.headers["Cache-Control"], "no-cache")
        style = self.bundle.file(self.bundle.manifest["src/style.css"]["file"])
        self.assertIn("immutable", style.headers["Cache-Control"])
        self.assertEqual(style.content_type, "text/css; charset=utf-8")

    def test_only_files_of_the_bundle_are_served(self) -> None:
        """No way out of it."""
        for name in ("../site.py", "nothing.js", "", "sw.min.js"):
            with self.assertRaises(NotFound):
                self.bundle.file(name)

    def test_versions_are_pinned(self) -> None:
        """A build tomorrow is the build of today."""
        package = json.loads((PAGES / "browser" / "package.json").read_text())
        for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
            self.assertRegex(version, r"^\d+\.\d+\.\d+$", name)
        lock = json.loads((PAGES / "browser" / "package-lock.json").read_text())
        self.assertEqual(lock["packages"]["node_modules/uint8-util"]["version"], "2.2.5")


class NoBundleTests(TestCase):
    """Pages without a bundle."""

    def test_a_missing_bundle_is_empty(self) -> None:
        """The pages then work, plainly."""
        empty = assets.load(Path(self.mktemp()))
        self.assertFalse(empty.built)
        self.assertIsNone(empty.url("src/style.css"))
        with self.assertRaises(NotFound):
            empty.worker()
