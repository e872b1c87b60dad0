"""The built bundle of scripts, styles and icons: where each file is, and its bytes.

Vite writes ``assets/manifest.json``: source name to file, with the hash of its content in the name, so that a browser
may keep it for ever. Without a bundle the pages still work, plainly.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from attrs import frozen

from peertube.errors import NotFound
from peertube.pages.visits import Answer

FOLDER = Path(__file__).with_name("assets")
URL = "/assets/"

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_WORKER = "sw.min.js"


@frozen
class Assets:
    """The files of the bundle by name, in memory: together they are small."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]

    @property
    def built(self) -> bool:
        """Whether there is a bundle."""
        return bool(self.manifest)

    def url(self, source: str) -> str | None:
        """Where the file built from `source` is; None when it was not built."""
        entry = self.manifest.get(source)
        return None if entry is None else URL + entry["file"]

    def file(self, name: str) -> Answer:
        """A file of the bundle, for ever the same."""
        content = self.files.get(name)
        kind = _TYPES.get(Path(name).suffix)
        if content is None or kind is None or name == _WORKER:
            raise NotFound("There is no such file")
        return Answer(content, kind, {"Cache-Control": "public, max-age=31536000, immutable"})

    def worker(self) -> Answer:
        """The service worker, allowed to serve the whole site, and asked for anew each time."""
        content = self.files.get(_WORKER)
        if content is None:
            raise NotFound("There is no such file")
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
        return Answer(content, _TYPES[".js"], headers)


def load(folder: Path = FOLDER) -> Assets:
    """Read the bundle; empty when there is none."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return Assets({}, {})
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    return Assets(files, msgspec.json.decode(files["manifest.json"]))
