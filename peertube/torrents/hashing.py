"""Hashing the pieces of a file in threads of its own: neither the reactor nor its shared threads wait for disks."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from threading import Event

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from peertube.errors import NotFound, Unavailable

BLOCK_BYTES = 2**20
"""How much is read at once; also the memory of one hashing, and how soon it heeds being cancelled."""

PROGRESS_BYTES = 32 * 2**20
"""How often progress is told."""


class PieceHashing:
    """`peertube.usecases.ports.PieceHasher` over a small pool of threads.

    :param threads: how many files are hashed at once.
    :param maximum_waiting: how many more may wait; one more is refused with `Unavailable`.
    """

    def __init__(self, reactor: IReactorFromThreads, *, threads: int = 2, maximum_waiting: int = 100) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(0, threads, "hashing")
        self._maximum = threads + maximum_waiting
        self._running: set[Event] = set()

    async def start(self) -> None:
        """Begin: threads are made when they are needed."""
        self._pool.start()

    async def stop(self) -> None:
        """End what still runs; its callers get `CancelledError`."""
        for cancelled in self._running:
            cancelled.set()
        if self._pool.started:
            self._pool.stop()

    async def pieces(self, path: Path, piece_length: int, progress: Callable[[int], None]) -> bytes:
        """The SHA-1 of each piece, joined (BEP 3).

        :raises NotFound: code ``file_missing``.
        :raises Unavailable: when too many wait already.
        """
        if len(self._running) >= self._maximum:
            raise Unavailable("Too many files wait for their torrent")
        cancelled = Event()
        self._running.add(cancelled)

        def cancel(_: Deferred[bytes]) -> None:
            cancelled.set()
            self._running.discard(cancelled)

        done: Deferred[bytes] = Deferred(cancel)

        def tell(count: int) -> None:
            self._reactor.callFromThread(lambda: None if cancelled.is_set() else progress(count))

        def ended(success: bool, result: bytes | Failure) -> None:
            self._reactor.callFromThread(self._ended, cancelled, done, result)

        self._pool.callInThreadWithCallback(ended, hash_pieces, path, piece_length, tell, cancelled)
        try:
            return await done
        except FileNotFoundError as error:
            raise NotFound("The file is not there any more", code="file_missing") from error

    def _ended(self, cancelled: Event, done: "Deferred[bytes]", result: bytes | Failure) -> None:
        self._running.discard(cancelled)
        if done.called:
            return
        if isinstance(result, Failure):
            done.errback(result)
        else:
            done.callback(result)


def hash_pieces(path: Path, piece_length: int, progress: Callable[[int], None], cancelled: Event) -> bytes:
    """The hashing itself; blocks. Raises `CancelledError` soon after `cancelled` is set."""
    digests: list[bytes] = []
    block = memoryview(bytearray(BLOCK_BYTES))
    sha1 = hashlib.sha1(usedforsecurity=False)
    missing = piece_length
    done = told = 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            if cancelled.is_set():
                raise CancelledError
            start = 0
            while start < count:
                taken = min(missing, count - start)
                sha1.update(block[start : start + taken])
                start += taken
                missing -= taken
                if missing == 0:
                    digests.append(sha1.digest())
                    sha1 = hashlib.sha1(usedforsecurity=False)
                    missing = piece_length
            done += count
            if done - told >= PROGRESS_BYTES:
                progress(done)
                told = done
    if missing < piece_length:
        digests.append(sha1.digest())
    if done > told:
        progress(done)
    return b"".join(digests)
