"""Bodies that go on with a file: what is told to be there is there, whatever happens to the connection."""

import base64
import errno
import fcntl
import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from peertube.errors import Forbidden, NotFound, Unavailable
from peertube.http import spool
from peertube.http.checksums import expected
from peertube.http.chunks import ChunkRoute, Incoming
from peertube.http.replies import Reply
from peertube.http.routing import Access, Call
from peertube.http.spool import HIGH_WATER
from tests.http.connections import Connection, at_once, site
from tests.http.serving import gate, viewer

CONTENT = bytes(range(256)) * 40


class ChunkCase(TestCase):
    """A pod with one file of 10,240 bytes that comes in chunks; each request says where its chunk begins (X-First)."""

    def setUp(self) -> None:
        self.clock = Clock()
        folder = Path(self.mktemp())
        folder.mkdir()
        self.file = folder / "file"
        self.file.write_bytes(b"")
        self.told: list[int] = []
        self.position = 0
        self.refusal: Exception | None = None
        self.checking: Deferred[str] | None = None
        self.answering: Callable[[], Awaitable[Reply]] | None = None
        self.waiting_threads: list[tuple[Deferred, object, tuple]] | None = None
        route = ChunkRoute("PUT", "/api/v1/chunks", Access.USER, self.check, self.open)
        self.site = site(gate({"t": viewer()}), self.clock, sink_routes=[route], in_thread=self.in_thread)
        self.client = Connection(self.site)

    def in_thread(self, work, /, *arguments) -> Deferred:
        if self.waiting_threads is None:
            return at_once(work, *arguments)
        done: Deferred = Deferred()
        self.waiting_threads.append((done, work, arguments))
        return done

    async def check(self, call: Call) -> str:
        if self.refusal is not None:
            raise self.refusal
        return await self.checking if self.checking is not None else "file"

    async def open(self, call: Call, length: int | None, file: str) -> Incoming:
        first = int(call.header("X-First") or 0)

        async def received(count: int) -> None:
            if self.refusal is not None:
                raise self.refusal
            self.position = max(self.position, first + count)
            self.told.append(self.position)

        return Incoming(
            path=self.file if call.header("X-Drop") is None else None,
            offset=self.position,
            skip=self.position - first,
            length=int(call.header("X-Length") or length or 0),
            checksums=expected(call.header),
            received=received,
            answer=self.answering or self.answer,
        )

    async def answer(self) -> Reply:
        return Reply({"position": self.position})

    def head(self, length: int | None, *more: str, first: int = 0, token: str = "t") -> bytes:
        lines = ["PUT /api/v1/chunks?x=1 HTTP/1.1", "Host: pod", f"X-First: {first}", f"Authorization: Bearer {token}"]
        lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
        return ("\r\n".join([*lines, *more]) + "\r\n\r\n").encode()

    def put(self, first: int, last: int, *more: str) -> Connection:
        """A whole chunk on a connection of its own."""
        client = Connection(self.site)
        client.send(self.head(last - first, *more, first=first) + CONTENT[first:last])
        return client


class ReceiveTests(ChunkCase):
    """Chunks that arrive."""

    def test_chunks_one_after_the_other(self) -> None:
        """Told of when they are synced, and answered then."""
        synced: list[int] = []
        self.patch(os, "fsync", lambda descriptor: synced.append(len(self.told)))
        for first, last in ((0, 4000), (4000, 4001), (4001, 10_240)):
            client = self.put(first, last)
            self.assertEqual((client.status, client.body), (200, b'{"position":%d}' % last))
        self.assertEqual((self.told, synced), ([4000, 4001, 10_240], [0, 1, 2]))
        self.assertEqual(self.file.read_bytes(), CONTENT)

    def test_bytes_that_are_there_are_not_written_again(self) -> None:
        """However the body is cut."""
        self.put(0, 4000)
        for size in (1, 999, 4000, 9000):
            self.position, self.told = 4000, []
            client = Connection(self.site)
            whole = self.head(9000, first=0) + b"x" * 4000 + CONTENT[4000:9000]
            for start in range(0, len(whole), size):
                client.send(whole[start : start + size])
            self.assertEqual((client.status, self.told), (200, [9000]))
            self.assertEqual(self.file.read_bytes(), CONTENT[:9000])

    def test_what_lies_behind_the_position_is_cut_off(self) -> None:
        """Bytes that were written and not synced before a crash are worth nothing."""
        self.file.write_bytes(b"?" * 9000)
        self.put(0, 10)
        self.assertEqual(self.file.read_bytes(), CONTENT[:10])

    def test_a_chunked_body(self) -> None:
        self.client.send(self.head(None, "X-Length: 100") + b"3\r\n" + CONTENT[:3] + b"\r\n0\r\n\r\n")
        self.assertEqual((self.client.status, self.told, self.file.read_bytes()), (200, [3], CONTENT[:3]))

    def test_a_body_nobody_needs_is_dropped(self) -> None:
        """The connection serves the next request."""
        client = self.put(0, 4000, "X-Drop: 1")
        client.send(self.head(0, "X-Drop: 1"))
        self.assertEqual(client.received.count(b"HTTP/1.1 200 OK"), 2)
        self.assertEqual((self.file.read_bytes(), self.told), (b"", []))

    def test_long_chunks_are_told_of_on_their_way(self) -> None:
        """A crash in the middle of a large chunk costs some megabytes, not all of it."""
        self.patch(spool, "SYNC_EVERY", 1000)
        self.client.send(self.head(10_240))
        for start in range(0, 10_240, 600):
            self.client.send(CONTENT[start : start + 600])
        self.assertEqual(self.told, [1200, 2400, 3600, 4800, 6000, 7200, 8400, 9600, 10_240])

    def test_the_client_is_held_while_much_waits_for_the_disk(self) -> None:
        self.waiting_threads = []
        self.client.send(self.head(2 * HIGH_WATER))
        self.client.send(b"x" * (HIGH_WATER + 1))
        self.assertFalse(self.client.reading)
        while self.waiting_threads:
            done, work, arguments = self.waiting_threads.pop(0)
            done.callback(work(*arguments))
        self.assertTrue(self.client.reading)


class BrokenTests(ChunkCase):
    """What goes wrong on the way."""

    def test_the_client_goes_away(self) -> None:
        """What came of the chunk counts."""
        self.client.send(self.head(10_240) + CONTENT[:5000])
        self.client.hang_up()
        self.assertEqual((self.told, self.file.read_bytes()), ([5000], CONTENT[:5000]))
        self.assertEqual((self.put(5000, 10_240).status, self.file.read_bytes()), (200, CONTENT))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_another_request_goes_on(self) -> None:
        """The first connection may be dead without a word; the second hears the true position."""
        self.client.send(self.head(10_240) + CONTENT[:5000])
        second = Connection(self.site)
        second.send(self.head(0, "X-Drop: 1"))
        self.assertEqual((second.body, self.client.status), (b'{"position":5000}', 409))
        self.assertEqual(self.put(5000, 10_240).status, 200)
        self.assertEqual(self.file.read_bytes(), CONTENT)

    def test_another_request_while_the_first_is_being_stored(self) -> None:
        """It waits for what the first one has."""
        self.waiting_threads = []
        self.client.send(self.head(5000) + CONTENT[:5000])
        second = Connection(self.site)
        second.send(self.head(0, "X-Drop: 1"))
        self.assertEqual((second.received, self.client.received), (b"", b""))
        while self.waiting_threads:
            done, work, arguments = self.waiting_threads.pop(0)
            done.callback(work(*arguments))
        self.assertEqual((second.body, self.client.status), (b'{"position":5000}', 200))

    def test_the_client_goes_away_during_the_check(self) -> None:
        self.checking = answer = Deferred()
        self.client.send(self.head(10_240) + CONTENT[:5000])
        self.client.hang_up()
        answer.callback("file")
        self.checking = None
        self.assertEqual(self.told, [])
        self.assertEqual(self.put(0, 10_240).status, 200)

    def test_refused_before_a_byte_is_read(self) -> None:
        for error, token, status in (
            (None, "wrong", 401),
            (Forbidden("Not yours"), "t", 403),
            (NotFound("No upload"), "t", 404),
            (Unavailable("A finish runs"), "t", 503),
        ):
            self.refusal = error
            client = Connection(self.site)
            client.send(self.head(10**12, "Expect: 100-continue", token=token))
            self.assertEqual((client.status, client.closed), (status, True))
            self.assertNotIn(b"100 Continue", client.received)
        self.assertEqual(self.file.read_bytes(), b"")

    def test_longer_than_said(self) -> None:
        self.client.send(self.head(20, "X-Length: 10"))
        self.assertEqual(self.client.status, 409)
        client = Connection(self.site)
        client.send(self.head(None, "X-Length: 10") + b"14\r\n" + b"x" * 20 + b"\r\n")
        self.assertEqual((client.status, self.told), (409, []))

    def test_given_up_meanwhile(self) -> None:
        """The row is gone, or another process has the turn."""
        self.client.send(self.head(10) + CONTENT[:5])
        self.refusal = NotFound("No upload")
        self.client.send(CONTENT[5:10])
        self.assertEqual((self.client.status, self.told), (404, []))

    def test_the_file_is_gone(self) -> None:
        self.file.unlink()
        self.assertEqual(self.put(0, 10).status, 404)
        self.assertFalse(self.file.exists())

    def test_one_writer_in_all_processes(self) -> None:
        """A second one would change a file behind the back of those who looked into it."""
        with self.file.open("ab") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            client = self.put(0, 10)
            self.assertEqual(client.status, 503)
            self.assertIn("Retry-After", client.head)
        self.assertEqual(self.put(0, 10).status, 200)

    def test_a_full_disk(self) -> None:
        """507; what was told before still holds, and the upload goes on when there is room."""
        self.put(0, 4000)
        real = os.writev

        def full(descriptor: int, vector: list) -> int:
            real(descriptor, [vector[0][:100]])
            raise OSError(errno.ENOSPC, "No space left on device")

        patch = self.patch(os, "writev", full)
        self.assertEqual((self.put(4000, 10_240).status, self.told), (507, [4000]))
        self.assertEqual(self.file.read_bytes(), CONTENT[:4000])
        patch.restore()
        self.assertEqual((self.put(4000, 10_240).status, self.file.read_bytes()), (200, CONTENT))


class ChecksumTests(ChunkCase):
    """Only what was checked counts."""

    def digest(self, algorithm: str, content: bytes = CONTENT[:5000]) -> str:
        return base64.b64encode(hashlib.new(algorithm, content).digest()).decode()

    def test_right_ones(self) -> None:
        """As RFC 9530, RFC 3230, RFC 1864 and PeerTube's programs spell them."""
        for header in (
            f"Content-Digest: sha-256=:{self.digest('sha256')}:",
            f"Digest: sha-256={self.digest('sha256')}",
            f"Digest: unixsum=30637, SHA-512={self.digest('sha512')}",
            f"digest: sha1={self.digest('sha1')}",
            f"Content-MD5: {self.digest('md5')}",
        ):
            self.position, self.told = 0, []
            self.assertEqual((self.put(0, 5000, header).status, self.told), (200, [5000]), header)
            self.assertEqual(self.file.read_bytes(), CONTENT[:5000])

    def test_bytes_that_are_there_are_checked_too(self) -> None:
        self.put(0, 4000)
        self.assertEqual(self.put(0, 5000, f"Digest: sha-256={self.digest('sha256')}").status, 200)
        self.assertEqual(self.file.read_bytes(), CONTENT[:5000])

    def test_wrong_ones(self) -> None:
        """460, and the chunk may come again."""
        for header in (
            f"Digest: sha-256={self.digest('sha256', b'other')}",
            f"Digest: sha1={'a' * 40}",
            "Digest: sha-256=nonsense!",
            f"Digest: sha-256={self.digest('sha256')}, md5={self.digest('md5', b'')}",
            f"Content-MD5: {self.digest('md5', b'')}",
        ):
            client = self.put(0, 5000, header)
            self.assertEqual((client.status, self.told, self.position), (460, [], 0), header)
            self.assertIn(b'"code":"checksum_mismatch"', client.body)
        self.assertEqual(self.put(0, 5000).status, 200)

    def test_unknown_ones(self) -> None:
        self.assertEqual(self.put(0, 5000, "Digest: crc=5").status, 400)

    def test_a_part_of_a_checked_chunk_does_not_count(self) -> None:
        self.client.send(self.head(5000, f"Digest: sha-256={self.digest('sha256')}") + CONTENT[:4000])
        self.client.hang_up()
        self.assertEqual(self.told, [])
        self.assertEqual(self.put(0, 5000).status, 200)
