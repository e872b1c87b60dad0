"""Bytes that arrive faster than a disk may take them: written in threads, in order, with a bound on what waits."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred

from peertube.service import Tasks

Result = TypeVar("Result")

HIGH_WATER = 4 * 2**20
"""Bytes that may wait for the disk before the sender is held."""

LOW_WATER = 2**20
"""And at which it may go on."""

_VECTOR = 512


class InThread(Protocol):
    """Runs something that may wait for a disk in a thread."""

    def __call__(self, work: Callable[..., Result], /, *arguments: Any) -> Awaitable[Result]:
        """Run `work(*arguments)`; its result or exception comes back on the reactor."""
        ...


class Spool:
    """A new file that is being written.

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
    ) -> None:
        self.path = path
        self.size = 0
        self._in_thread = in_thread
        self._tasks = tasks
        self._drained = drained
        self._failed = failed
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
                if self._pending <= LOW_WATER:
                    self._drained()
        except Exception as error:
            self._waiting, self._pending, self._error = [], 0, error
            self._failed(error)
        finally:
            idle, self._idle = self._idle, None
            if idle is not None:
                idle.callback(None)

    # in a thread, one at a time

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        return self._descriptor

    def _write(self, chunks: list[bytes]) -> int:
        descriptor = self._open()
        for start in range(0, len(chunks), _VECTOR):
            vector = [memoryview(chunk) for chunk in chunks[start : start + _VECTOR]]
            while vector:
                written = os.writev(descriptor, vector)
                while vector and written >= len(vector[0]):
                    written -= len(vector.pop(0))
                if vector and written:
                    vector[0] = vector[0][written:]
        return sum(map(len, chunks))

    def _sync(self) -> None:
        descriptor = self._open()
        os.fsync(descriptor)
        os.close(descriptor)
        self._descriptor = None

    def _remove(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self.path.unlink(missing_ok=True)
