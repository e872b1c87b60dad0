"""Do the folders hold what the rows name, and nothing else? Safe while the pod runs.

A file is written (under its name) before the row that names it is stored, and removed after the row is gone. So a file
that no row names is only wrong when it has lain there for longer than that can take; and what looks wrong is looked at
once more before it is told or touched.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from peertube.storage import file_names
from peertube.storage.database import Database
from peertube.storage.file_names import NamedFile
from peertube.usecases.ports import Clock

AT_ONCE = 500


@frozen
class FoundFile:
    """A file in a folder: its size, and when it was last written or renamed (ms)."""

    name: str
    size_bytes: int
    changed_ms: int


class Folders(Protocol):
    """The folders of `storage.*` as they are."""

    async def listed(self, kind: str) -> Sequence[FoundFile]:
        """Every file of a kind. `Conflict` (code ``not_ours``) when the folder is not this pod's."""
        ...

    async def absent(self, kind: str, names: Sequence[str]) -> Sequence[str]:
        """Those of the names under which there is no file."""
        ...

    async def set_aside(self, kind: str, names: Sequence[str]) -> int:
        """Move files to a place beside, where nothing finds them by itself; how many."""
        ...

    async def remove(self, kind: str, names: Sequence[str]) -> int:
        """Remove files for good; how many."""
        ...


@frozen
class Orphan:
    """A file that no row names."""

    kind: str
    file: FoundFile


@frozen
class Missing:
    """A file that a video names and that is not there."""

    kind: str
    file: NamedFile


@frozen
class Report:
    """What was found among `files` files."""

    files: int
    orphans: Sequence[Orphan]
    missing: Sequence[Missing]


Act = Callable[[str, Sequence[str]], Awaitable[int]]
Told = Callable[[int, int], None]
"""Told how much of all is done."""


class StorageCheck:
    """Compares folders with rows.

    :param minimum_age_seconds: files that were changed later are left alone: their rows may be about to come.
    """

    def __init__(self, *, database: Database, folders: Folders, clock: Clock, minimum_age_seconds: float) -> None:
        self._database = database
        self._folders = folders
        self._clock = clock
        self._minimum_age_ms = int(minimum_age_seconds * 1000)

    async def check(self, progress: Told) -> Report:
        """Look, and change nothing. `progress` is told how many kinds of all are done."""
        files = 0
        orphans: list[Orphan] = []
        missing: list[Missing] = []
        for number, kind in enumerate(file_names.KINDS):
            progress(number, len(file_names.KINDS))
            found = await self._folders.listed(kind)
            files += len(found)
            orphans += [Orphan(kind, file) for file in await self._orphans(kind, found)]
            missing += [Missing(kind, file) for file in await self._missing(kind, found)]
        progress(len(file_names.KINDS), len(file_names.KINDS))
        return Report(files, orphans, missing)

    async def set_aside(self, orphans: Sequence[Orphan], progress: Told) -> int:
        """Move orphans aside, those left out that something names after all; how many were moved."""
        return await self._each(orphans, self._folders.set_aside, progress)

    async def remove(self, orphans: Sequence[Orphan], progress: Told) -> int:
        """Remove orphans for good, as `set_aside`."""
        return await self._each(orphans, self._folders.remove, progress)

    async def _orphans(self, kind: str, found: Sequence[FoundFile]) -> list[FoundFile]:
        before_ms = self._clock.now_ms() - self._minimum_age_ms
        named = await self._named(kind)
        return [file for file in found if file.name not in named and file.changed_ms < before_ms]

    async def _missing(self, kind: str, found: Sequence[FoundFile]) -> list[NamedFile]:
        there = {file.name for file in found}
        rows = {row.name: row for row in await self._database.read(file_names.of_videos, kind)}
        absent = await self._folders.absent(kind, [name for name in rows if name not in there])
        gone: list[NamedFile] = []
        for some in _parts(absent):
            still_named = await self._database.read(file_names.named, kind, some)
            gone += [rows[name] for name in some if name in still_named]
        return gone

    async def _each(self, orphans: Sequence[Orphan], act: Act, progress: Told) -> int:
        by_kind: Mapping[str, list[str]] = {kind: [] for kind in file_names.KINDS}
        for orphan in orphans:
            by_kind[orphan.kind].append(orphan.file.name)
        done = 0
        for kind, names in by_kind.items():
            for some in _parts(names):
                named = await self._named(kind)
                done += await act(kind, [name for name in some if name not in named])
                progress(done, len(orphans))
        return done

    async def _named(self, kind: str) -> set[str]:
        of_work = await self._database.read(file_names.of_work, kind)
        # Videos are read last: work that ends in between leaves its names to them.
        return of_work | {file.name for file in await self._database.read(file_names.of_videos, kind)}


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
