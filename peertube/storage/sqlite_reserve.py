"""Room that is kept for the moment when the disk is full, so that an admin can still delete what fills it.

Beside the database lies a file of zeros. When SQLite finds no room for a commit, the file is removed and the commit
tried again. As soon as there is room in plenty, the file is made anew.
"""

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic

SIZE = 8 * 2**20
"""Bytes of the file: some thousand changes of rows."""

PLENTY = 8
"""The file is made when the disk has so many times its size."""

LOOK_SECONDS = 30.0
"""How often to look whether there is room again."""


class Reserve:
    """The file beside a database at `path`. Used by one thread."""

    def __init__(self, path: Path, size: int = SIZE) -> None:
        self._path = path.with_name(path.name + ".reserve")
        self._size = size
        self._next_look = 0.0

    def keep(self) -> None:
        """Make the file, if it is not there and there is room in plenty. Cheap when called often; never fails."""
        now = monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        with suppress(OSError):
            if self._path.exists():
                return
            room = os.statvfs(self._path.parent)
            if room.f_bavail * room.f_frsize < PLENTY * self._size:
                return
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            except OSError:
                self._path.unlink(missing_ok=True)
            finally:
                os.close(descriptor)

    def give(self) -> bool:
        """Remove the file; whether that made room."""
        try:
            self._path.unlink()
        except OSError:
            return False
        self._next_look = monotonic() + LOOK_SECONDS
        return True
