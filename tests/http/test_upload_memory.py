"""A large upload over a real socket: the server's memory stays flat."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

MEGABYTES = 300
GROWTH_KIB = 20 * 1024

HEAD = b'--B\r\nContent-Disposition: form-data; name="videofile"; filename="big.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
END = b"\r\n--B--\r\n"


class UploadMemoryTests(TestCase):
    """Flat memory is what lets a small machine take large videos."""

    timeout = 120

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.http.upload_child", str(self.folder)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
        )
        self.addCleanup(self.child.wait)
        self.addCleanup(self.child.kill)
        self.addCleanup(self.child.stdout.close)

    async def test_a_large_upload_adds_little_memory(self) -> None:
        await self.flat(self.upload)

    async def test_a_large_chunk_adds_little_memory(self) -> None:
        await self.flat(self.chunk)

    async def flat(self, send) -> None:
        port = int(await deferToThread(self.child.stdout.readline))
        await deferToThread(send, port, 1)
        before = await deferToThread(self.peak, port)
        self.assertEqual(await deferToThread(send, port, MEGABYTES), MEGABYTES * 2**20)
        after = await deferToThread(self.peak, port)
        self.assertLess(after - before, GROWTH_KIB)
        self.assertEqual(list(self.folder.iterdir()), [])

    def upload(self, port: int, megabytes: int) -> int:
        length = len(HEAD) + megabytes * 2**20 + len(END)
        block = bytes(range(256)) * 4096
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(
                b"POST /api/v1/upload HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n"
                b"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %d\r\n\r\n" % length
            )
            connection.sendall(HEAD)
            for _ in range(megabytes):
                connection.sendall(block)
            connection.sendall(END)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return json.loads(answer.partition(b"\r\n\r\n")[2])["videofile"]

    def chunk(self, port: int, megabytes: int) -> int:
        block = bytes(range(256)) * 4096
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(
                b"PUT /api/v1/chunk HTTP/1.1\r\nHost: pod\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                % (megabytes * 2**20)
            )
            for _ in range(megabytes):
                connection.sendall(block)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return json.loads(answer.partition(b"\r\n\r\n")[2])["chunk"]

    def peak(self, port: int) -> int:
        with urlopen(f"http://127.0.0.1:{port}/api/v1/peak") as answer:
            return json.load(answer)["peak"]
