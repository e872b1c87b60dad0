"""Bytes that arrive faster than a disk may take them: written in threads, in order, with a bound on what waits."""

import fcntl
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from attrs import frozen
from twisted.internet.defer import Deferred

from peertube.errors import NotFound, Unavailable
from peertube.service import Tasks

Result = TypeVar("Result")

HIGH_WATER = 4 * 2**20
"""Bytes that may wait for the disk before the sender is held."""

LOW_WATER = 2**20
"""And at which it may go on."""

SYNC_EVERY = 32 * 2**20
"""Bytes after which a file that goes on is synced, and what is on the disk for good is told."""

_VECTOR = 512


class InThread(Protocol):
    """Runs something that may wait for a disk in a thread."""

    def __call__(self, work: Callable[..., Result], /, *arguments: Any) -> Awaitable[Result]:
        """Run `work(*arguments)`; its result or exception comes back on the reactor."""
        ...


class Digest(Protocol):
    """Is shown all bytes (in a thread)."""

    def update(self, data: bytes, /) -> None:
        """The next bytes."""
        ...


@frozen
class Continuation:
    """How a file goes on that is there already.

    :param offset: what the file has beyond this is cut off.
    :param skip: so many of the bytes that come lie before `offset`; they are shown to the digests only.
    :param synced: told how many of the bytes that came are on the disk for good (or lay there already), from time to
        time and when the file is closed.
    """

    offset: int
    skip: int
    digests: Sequence[Digest]
    synced: Callable[[int], Awaitable[None]] | None = None


class Spool:
    """A file that is being written: a new one, or one that goes on.

    A file that goes on is locked: nobody else writes to it, in whichever process.

    :param drained: told when less than `LOW_WATER` bytes wait.
    :param failed: told once, when the disk refuses.
    """

    def __init__(
        self,
        path: Path,
        *,
        in_thread: InThread,
        tasks: Tasks,
        drained: Callable[[], None],
        failed: Callable[[Exception], None],
        continuation: Continuation | None = None,
    ) -> None:
        self.path = path
        self.size = 0
        self._in_thread = in_thread
        self._tasks = tasks
        self._drained = drained
        self._failed = failed
        self._continuation = continuation
        self._skip = 0 if continuation is None else continuation.skip
        self._written = 0
        self._synced = 0
        self._descriptor: int | None = None
        self._waiting: list[bytes] = []
        self._pending = 0
        self._idle: Deferred[None] | None = None
        self._error: Exception | None = None

    def write(self, data: bytes) -> bool:
        """Take more bytes; whether there is room for yet more."""
        if self._error is not None:
            return True
        self.size += len(data)
        self._pending += len(data)
        self._waiting.append(data)
        if self._idle is None:
            self._idle = Deferred()
            self._tasks.own(self._drain())
        return self._pending < HIGH_WATER

    async def close(self) -> None:
        """Wait until all bytes are on the disk for good. Raises what the disk said."""
        await self._rest()
        if self._error is not None:
            raise self._error
        await self._in_thread(self._sync)
        await self._tell_synced()

    async def leave(self) -> None:
        """Close the file; after a failure, what nobody was told of is cut off: a full disk needs the room."""
        await self._rest()
        await self._in_thread(self._shut if self._error is None else self._cut)

    async def discard(self) -> None:
        """Close and remove the file, if it is still there."""
        await self._rest()
        await self._in_thread(self._remove)

    async def _rest(self) -> None:
        if self._idle is not None:
            resting: Deferred[None] = Deferred()
            self._idle.addCallback(lambda _: resting.callback(None))
            await resting

    async def _drain(self) -> None:
        try:
            while self._waiting:
                chunks, self._waiting = self._waiting, []
                written = await self._in_thread(self._write, chunks)
                self._pending -= written
                self._written += written
                if self._written - self._synced >= SYNC_EVERY and self._continuation is not None:
                    await self._in_thread(self._flush)
                    await self._tell_synced()
                if self._pending <= LOW_WATER:
                    self._drained()
        except Exception as error:
            self._waiting, self._pending, self._error = [], 0, error
            self._failed(error)
        finally:
            idle, self._idle = self._idle, None
            if idle is not None:
                idle.callback(None)

    async def _tell_synced(self) -> None:
        self._synced = self._written
        if self._continuation is not None and self._continuation.synced is not None:
            await self._continuation.synced(self._synced)

    # in a thread, one at a time

    def _open(self) -> int:
        if self._descriptor is None and self._continuation is not None:
            self._descriptor = _go_on(self.path, self._continuation.offset)
        elif self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        return self._descriptor

    def _write(self, chunks: list[bytes]) -> int:
        descriptor = self._open()
        count = sum(map(len, chunks))
        chunks = self._shown(chunks)
        for start in range(0, len(chunks), _VECTOR):
            vector = [memoryview(chunk) for chunk in chunks[start : start + _VECTOR]]
            while vector:
                written = os.writev(descriptor, vector)
                while vector and written >= len(vector[0]):
                    written -= len(vector.pop(0))
                if vector and written:
                    vector[0] = vector[0][written:]
        return count

    def _shown(self, chunks: list[bytes]) -> list[bytes]:
        """Show all bytes to the digests; what of them is to be written."""
        if self._continuation is None:
            return chunks
        wanted = []
        for chunk in chunks:
            for digest in self._continuation.digests:
                digest.update(chunk)
            known = min(self._skip, len(chunk))
            self._skip -= known
            if known < len(chunk):
                wanted.append(chunk[known:])
        return wanted

    def _flush(self) -> None:
        os.fsync(self._open())

    def _sync(self) -> None:
        self._flush()
        self._shut()

    def _shut(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _cut(self) -> None:
        if self._descriptor is not None and self._continuation is not None:
            told = max(0, self._synced - self._continuation.skip)
            os.ftruncate(self._descriptor, self._continuation.offset + told)
        self._shut()

    def _remove(self) -> None:
        self._shut()
        self.path.unlink(missing_ok=True)


def _go_on(path: Path, offset: int) -> int:
    """Open a file behind its first `offset` bytes, for nobody else to write to."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFound("The file is not there any more", code="file_missing") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, offset)
        os.lseek(descriptor, offset, os.SEEK_SET)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Unavailable("This file is being written already") from error
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
