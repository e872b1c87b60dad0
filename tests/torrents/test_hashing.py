"""Hashing files off the reactor."""

import hashlib
import os
from pathlib import Path
from threading import Event

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.errors import NotFound, Unavailable
from peertube.torrents import hashing


def _expected(content: bytes, piece_length: int) -> bytes:
    starts = range(0, len(content), piece_length)
    return b"".join(hashlib.sha1(content[start : start + piece_length]).digest() for start in starts)


class PieceHashingTests(TestCase):
    """The info-hash stands on these bytes."""

    async def setUp(self) -> None:
        self.hashing = hashing.PieceHashing(reactor, threads=1, maximum_waiting=1)
        await self.hashing.start()
        self.addCleanup(lambda: ensureDeferred(self.hashing.stop()))
        self.path = Path(self.mktemp())
        self.told: list[int] = []

    async def test_pieces_and_progress(self) -> None:
        """Pieces longer and shorter than what is read at once, and a short last one."""
        content = os.urandom(3 * hashing.BLOCK_BYTES + 12_345)
        self.path.write_bytes(content)
        for piece_length in (16_384, hashing.BLOCK_BYTES, 2 * hashing.BLOCK_BYTES, 8 * hashing.BLOCK_BYTES):
            self.told.clear()
            pieces = await self.hashing.pieces(self.path, piece_length, self.told.append)
            self.assertEqual(pieces, _expected(content, piece_length))
            self.assertEqual(self.told, [len(content)])

    async def test_missing_file(self) -> None:
        """A video that was removed meanwhile is an answer, not a crash."""
        with self.assertRaises(NotFound):
            await self.hashing.pieces(self.path, 16_384, self.told.append)

    async def test_cancelled(self) -> None:
        """Who cancels is free at once, and the thread ends soon after; one too many is refused meanwhile."""
        with self.path.open("wb") as file:
            file.truncate(2**40)
        first = ensureDeferred(self.hashing.pieces(self.path, 2**30, self.told.append))
        second = ensureDeferred(self.hashing.pieces(self.path, 2**30, self.told.append))
        with self.assertRaises(Unavailable):
            await self.hashing.pieces(self.path, 2**30, self.told.append)
        for running in (first, second):
            running.cancel()
            await self.assertFailure(running, CancelledError)
        self.path.write_bytes(b"a")
        self.assertEqual(await self.hashing.pieces(self.path, 2**30, lambda _: None), _expected(b"a", 1))

    async def test_stopped(self) -> None:
        """A pod that stops does not wait for a terabyte."""
        with self.path.open("wb") as file:
            file.truncate(2**40)
        begun: Deferred[int] = Deferred()
        running = ensureDeferred(
            self.hashing.pieces(self.path, 2**30, lambda count: None if begun.called else begun.callback(count))
        )
        await begun
        await self.hashing.stop()
        await self.assertFailure(running, CancelledError)

    @settings(max_examples=30, deadline=None)
    @given(st.binary(min_size=1, max_size=200_000), st.integers(1, 100_000))
    def test_any_length(self, content: bytes, piece_length: int) -> None:
        """No boundary is special."""
        self.path.write_bytes(content)
        pieces = hashing.hash_pieces(self.path, piece_length, lambda _: None, Event())
        self.assertEqual(pieces, _expected(content, piece_length))
