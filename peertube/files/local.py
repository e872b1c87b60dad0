"""`peertube.usecases.ports.Storage` on folders of this machine, laid out as PeerTube's: one folder per kind.

Each folder carries a marker file. A folder that holds files but no marker is somebody else's (PeerTube's live data,
perhaps) and is refused at start. Files appear under their names only when they are whole: written under another name,
synced, renamed, and the folder synced.
"""

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from peertube.config.schema import Storage
from peertube.errors import InsufficientStorage, Invalid, NotFound, TooLarge
from peertube.failpoints import reach

_P = ParamSpec("_P")
_T = TypeVar("_T")

MARKER = ".peertube-node"
"""The file that says that a folder is ours."""

_MARKER_TEXT = b"This folder belongs to a pod. Its files are named in the database of that pod.\n"
_NAME_BYTES = 200
_FULL = (errno.ENOSPC, errno.EDQUOT)


class NotOurs(Exception):
    """A storage folder holds files that are not ours, or cannot be used. The text is for the operator."""


class LocalStorage:
    """The folders of `storage.*`.

    :param abandoned_seconds: `sweep` removes temporary files that nobody has written to for so long.
    """

    _log = Logger()

    def __init__(self, reactor: Any, settings: Storage, *, abandoned_seconds: float = 86_400) -> None:
        self._reactor = reactor
        self._folders: dict[str, Path] = {
            kind: Path(folder).absolute() for kind, folder in settings if isinstance(folder, Path)
        }
        self._abandoned_seconds = abandoned_seconds

    async def start(self) -> None:
        """Make the folders and check that they are ours; remove what a crash left in `tmp`.

        :raises NotOurs: before anything is written, when a folder holds what is not ours.
        """
        await self._in_thread(self._claim)
        removed = await self._in_thread(self._remove_abandoned, float("inf"))
        if removed:
            self._log.info("removed {count} unfinished files of an earlier run", count=removed)

    async def stop(self) -> None:
        """There is nothing to end."""

    async def sweep(self, now_seconds: float) -> int:
        """Remove temporary files that were last written to `abandoned_seconds` before now; how many."""
        return await self._in_thread(self._remove_abandoned, now_seconds - self._abandoned_seconds)

    def path(self, kind: str, name: str) -> Path:
        """Where the file `name` of a kind lies (or would lie).

        :raises NotFound: when `name` is not the plain name of a file that could be ours.
        """
        _check(name)
        return self._folders[kind] / name

    def new_temporary(self, suffix: str = "") -> Path:
        """The path of a new file in `tmp` that nobody else uses; not created yet."""
        return self.path("tmp", f"{uuid.uuid4()}{suffix}")

    async def keep(self, temporary: Path, kind: str, name: str) -> None:
        """Move a finished temporary file to its place. Safe to repeat: nothing happens when it is there already.

        :raises InsufficientStorage: when the disk is full; the temporary file stays.
        :raises NotFound: code ``file_missing``, when neither is there.
        """
        await self._in_thread(_keep, temporary, self.path(kind, name))

    async def write(self, kind: str, name: str, content: bytes) -> None:
        """Write a small file whole, in place of one that may be there.

        :raises InsufficientStorage: when the disk is full; an older file stays as it was.
        """
        await self._in_thread(_write, content, self.new_temporary(), self.path(kind, name))

    async def read(self, kind: str, name: str, limit: int) -> bytes:
        """The content of a small file.

        :raises NotFound: when it is not there.
        :raises TooLarge: when it is over `limit` bytes.
        """
        return await self._in_thread(_read, self.path(kind, name), limit)

    async def discard(self, kind: str, names: Sequence[str]) -> None:
        """Remove files; those that are not there are no error."""
        await self._in_thread(_discard, [self.path(kind, name) for name in names])

    async def names(self, kind: str) -> list[str]:
        """As the port says."""
        return await self._in_thread(_names, self._folders[kind])

    async def discard_temporary(self, path: Path) -> None:
        """Remove a temporary file if it is still there."""
        if path.parent != self._folders["tmp"]:
            raise Invalid("Not a temporary file", code="invalid_name")
        await self._in_thread(_discard, [path])

    async def sizes(self) -> dict[str, int]:
        """Bytes by kind of file."""
        return await self._in_thread(lambda: {kind: _size(folder) for kind, folder in self._folders.items()})

    async def free_bytes(self) -> int:
        """How much more fits on the disk of the videos."""
        usage = await self._in_thread(shutil.disk_usage, self._folders["web_videos"])
        return int(usage.free)

    async def _in_thread(self, work: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        result: _T = await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), work, *arguments, **named)
        return result

    def _claim(self) -> None:
        for kind, folder in self._folders.items():
            if not _is_free_or_ours(folder):
                raise NotOurs(
                    f"storage.{kind}: {folder} holds files but no {MARKER}: it is not this pod's folder. "
                    "Name an empty folder, or put the files elsewhere."
                )
        for kind, folder in self._folders.items():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                if not (folder / MARKER).exists():
                    (folder / MARKER).write_bytes(_MARKER_TEXT)
                    _sync_folder(folder)
            except OSError as error:
                raise NotOurs(f"storage.{kind}: cannot use {folder}: {error.strerror}") from error

    def _remove_abandoned(self, before_seconds: float) -> int:
        removed = 0
        with os.scandir(self._folders["tmp"]) as entries:
            for entry in entries:
                if entry.name == MARKER or not entry.is_file(follow_symlinks=False):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_mtime < before_seconds:
                        os.unlink(entry.path)
                        removed += 1
        return removed


def _check(name: str) -> None:
    """Names come from URLs too: nothing but the plain name of a visible file reaches the disk."""
    plain = name and "/" not in name and "\\" not in name and not name.startswith(".") and name.isprintable()
    if not plain or len(name.encode("utf-8", "surrogatepass")) > _NAME_BYTES or not _is_encodable(name):
        raise NotFound("There is no such file")


def _is_encodable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_free_or_ours(folder: Path) -> bool:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise NotOurs(f"cannot use {folder}: {error.strerror}") from error
    return MARKER in names or not set(names) - {"lost+found"}


@contextlib.contextmanager
def _full_disk_is_said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise InsufficientStorage("The disk of this pod is full") from error
        raise


def _keep(temporary: Path, place: Path) -> None:
    with _full_disk_is_said():
        try:
            _sync(temporary)
            reach("files.synced")
        except FileNotFoundError:
            if place.exists():
                return
            raise NotFound("The file is not there any more", code="file_missing") from None
        try:
            os.replace(temporary, place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy(temporary, place)
        reach("files.renamed")
        _sync_folder(place.parent)
        reach("files.folder-synced")


def _copy(temporary: Path, place: Path) -> None:
    """`tmp` lies on another disk: copy beside the place, then rename."""
    near = place.with_name(f".{uuid.uuid4()}")
    try:
        shutil.copyfile(temporary, near)
        reach("files.copied")
        _sync(near)
        os.replace(near, place)
    finally:
        near.unlink(missing_ok=True)
    temporary.unlink()


def _write(content: bytes, temporary: Path, place: Path) -> None:
    try:
        with _full_disk_is_said():
            temporary.write_bytes(content)
            reach("files.written")
        _keep(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except (FileNotFoundError, IsADirectoryError):
        raise NotFound("There is no such file") from None
    if len(content) > limit:
        raise TooLarge(f"The file has more than {limit} bytes")
    return content


def _names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        files = [(entry.stat().st_mtime_ns, entry.name) for entry in entries if not entry.name.startswith(".")]
    return [name for _, name in sorted(files)]


def _size(folder: Path) -> int:
    """Bytes of the files in a folder; our marker is none, and what is removed meanwhile does not count."""
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == MARKER:
                continue
            with contextlib.suppress(FileNotFoundError):
                total += entry.stat(follow_symlinks=False).st_size
    return total


def _discard(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
        reach("files.removed")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
