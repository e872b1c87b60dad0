"""The folders of `storage.*` as they are, for the check of the storage (`usecases.storage_check.Folders`)."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.threads import deferToThreadPool

from peertube.config.schema import Storage
from peertube.errors import Conflict
from peertube.files.local import MARKER
from peertube.usecases.storage_check import FoundFile

ASIDE = ".orphans"
"""The folder, in each folder, into which files are moved that nothing names. Nothing is served from it."""

_Result = TypeVar("_Result")


class LocalFolders:
    """Looks at names and ages; opens no file. `reactor` is one with threads."""

    def __init__(self, reactor: Any, settings: Storage) -> None:
        self._reactor = reactor
        self._folders = {kind: Path(folder).absolute() for kind, folder in settings if isinstance(folder, Path)}

    async def listed(self, kind: str) -> Sequence[FoundFile]:
        """As the port says. The age is that of the last write or rename, whichever was later."""
        return await self._in_thread(lambda: _listed(self._folders[kind]))

    async def absent(self, kind: str, names: Sequence[str]) -> Sequence[str]:
        """As the port says."""
        folder = self._folders[kind]
        return await self._in_thread(lambda: [name for name in names if not (folder / name).exists()])

    async def set_aside(self, kind: str, names: Sequence[str]) -> int:
        """As the port says: into the folder `ASIDE` of the same disk."""
        return await self._in_thread(lambda: _set_aside(self._folders[kind], names))

    async def remove(self, kind: str, names: Sequence[str]) -> int:
        """As the port says."""
        return await self._in_thread(lambda: _remove(self._folders[kind], names))

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        result: _Result = await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), work)
        return result


def _listed(folder: Path) -> list[FoundFile]:
    if not folder.exists():
        return []
    if not (folder / MARKER).exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} holds files but no {MARKER}: it is not this pod's folder", code="not_ours")
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == MARKER or not entry.is_file(follow_symlinks=False):
                continue
            try:
                known = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            changed_ns = max(known.st_mtime_ns, known.st_ctime_ns)
            found.append(FoundFile(entry.name, known.st_size, changed_ns // 1_000_000))
    return sorted(found, key=lambda file: file.name)


def _set_aside(folder: Path, names: Sequence[str]) -> int:
    aside = folder / ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    moved = 0
    for name in names:
        try:
            os.replace(folder / name, aside / name)
        except FileNotFoundError:
            continue
        moved += 1
    return moved


def _remove(folder: Path, names: Sequence[str]) -> int:
    removed = 0
    for name in names:
        try:
            (folder / name).unlink()
        except FileNotFoundError:
            continue
        removed += 1
    return removed
