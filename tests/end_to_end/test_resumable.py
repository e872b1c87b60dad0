"""An upload in chunks to a real pod that is killed on the way: nothing acknowledged is lost, nothing comes twice."""

import hashlib
import http.client
import json
import socket
import tempfile
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.pods import eventually, make_clip, shared_network

PATH = "/api/v1/videos/upload-resumable"
CHUNK = 200_000


@cache
def clip() -> bytes:
    """Ten seconds."""
    with tempfile.TemporaryDirectory(prefix="clips-") as folder:
        return make_clip(Path(folder) / "clip.mp4", seconds=10).read_bytes()


class ResumableTests(SynchronousTestCase):
    """One pod and its kills."""

    def setUp(self) -> None:
        self.clip = clip()
        self.network = shared_network("killed", 1)
        self.api = self.network.apis[0]
        self.pod = self.network.pods[0]
        self.channel = self.api.call("GET", "/users/me")["videoChannels"][0]["id"]
        self.before = self.files()

    # the client

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPConnection("localhost", self.pod.port, timeout=30)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.api.token}", **names})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def begin(self, name: str) -> str:
        """The address of a new upload."""
        described = {"name": name, "channelId": self.channel, "privacy": 1, "filename": "clip.mp4"}
        status, headers, body = self.ask(
            "POST",
            PATH,
            json.dumps(described).encode(),
            Content_Type="application/json",
            X_Upload_Content_Length=str(len(self.clip)),
            X_Upload_Content_Type="video/mp4",
        )
        self.assertEqual(status, 201, body)
        host, slash, path = headers["Location"].removeprefix("//").partition("/")
        self.assertEqual(host, f"localhost:{self.pod.port}")
        return slash + path

    def put(self, address: str, first: int, count: int = CHUNK) -> tuple[int, Any, bytes]:
        body = self.clip[first : first + count]
        end = first + len(body) - 1
        return self.ask("PUT", address, body, Content_Range=f"bytes {first}-{end}/{len(self.clip)}")

    def position(self, address: str) -> int:
        """How many bytes the pod says it has."""
        status, headers, body = self.ask("PUT", address, Content_Range=f"bytes */{len(self.clip)}")
        self.assertEqual(status, 308, body)
        told = headers["Range"]
        return 0 if told is None else int(told.removeprefix("bytes=0-")) + 1

    def half_a_chunk(self, address: str, first: int) -> socket.socket:
        """A connection on which half of what was announced has been sent, and written by the pod."""
        end = len(self.clip) - 1
        head = f"PUT {address} HTTP/1.1\r\nHost: pod\r\nAuthorization: Bearer {self.api.token}\r\n"
        head += f"Content-Range: bytes {first}-{end}/{end + 1}\r\nContent-Length: {end + 1 - first}\r\n\r\n"
        connection = socket.create_connection(("localhost", self.pod.port))
        connection.sendall(head.encode() + self.clip[first : first + CHUNK // 2])
        eventually(lambda: self.partial().stat().st_size == first + CHUNK // 2)
        return connection

    def rest(self, address: str, first: int) -> Any:
        """Send what is missing, chunk by chunk; the video."""
        while True:
            status, headers, body = self.put(address, first)
            if status == 200:
                return json.loads(body)["video"]
            self.assertEqual(status, 308, body)
            first += CHUNK
            self.assertEqual(headers["Range"], f"bytes=0-{first - 1}")

    # what is there

    def partial(self) -> Path:
        (path,) = (path for path in (self.pod.folder / "tmp-persistent").iterdir() if path.suffix == ".part")
        return path

    def files(self) -> dict[str, int]:
        """How many files of each kind."""
        kinds = ("tmp", "tmp-persistent", "web-videos", "thumbnails", "previews", "torrents")
        return {kind: sum(1 for _ in (self.pod.folder / kind).iterdir()) for kind in kinds}

    def once_and_identical(self, video: Any, name: str) -> None:
        """One video of this name, the same bytes, and no file that nobody needs."""
        self.api.published(video["uuid"])
        self.assertEqual([each["uuid"] for each in self.api.videos() if each["name"] == name], [video["uuid"]])
        url = self.api.call("GET", f"/videos/{video['uuid']}")["files"][0]["fileUrl"]
        with urllib.request.urlopen(url, timeout=30) as answer:
            self.assertEqual(hashlib.sha256(answer.read()).digest(), hashlib.sha256(self.clip).digest())
        grown = {kind: count + (not kind.startswith("tmp")) for kind, count in self.before.items()}
        eventually(lambda: self.files() == grown)

    # the stories

    def test_the_pod_is_killed_in_the_middle_of_a_chunk(self) -> None:
        """It tells the bytes that it acknowledged, and the rest makes the same video."""
        address = self.begin("Killed in a chunk")
        self.assertEqual(self.put(address, 0)[0], 308)
        connection = self.half_a_chunk(address, CHUNK)
        self.network.kill(1)
        connection.close()
        self.network.start_again(1)
        self.assertEqual(self.position(address), CHUNK)
        self.once_and_identical(self.rest(address, CHUNK), "Killed in a chunk")

    def test_the_client_is_killed_in_the_middle_of_a_chunk(self) -> None:
        """What came of the chunk counts, also when the pod dies after that."""
        address = self.begin("Client killed")
        self.half_a_chunk(address, 0).close()
        eventually(lambda: self.position(address) == CHUNK // 2)
        self.network.kill(1)
        self.network.start_again(1)
        self.assertEqual(self.position(address), CHUNK // 2)
        self.once_and_identical(self.rest(address, CHUNK // 2), "Client killed")

    def test_a_connection_that_died_without_a_word(self) -> None:
        """The client comes back by another one while the pod still waits on the first."""
        address = self.begin("Two connections")
        with self.half_a_chunk(address, 0) as connection:
            self.assertEqual(self.position(address), CHUNK // 2)
            self.assertIn(b"409 Conflict", connection.recv(1000))
        self.once_and_identical(self.rest(address, CHUNK // 2), "Two connections")

    def test_killed_while_it_finishes(self) -> None:
        """Wherever the finish was: before the transaction, in it, after it and before the answer."""
        for place in ("upload.announced", "upload.file-kept", "upload.noted", "upload.committed"):
            self.before = self.files()
            name = f"Killed at {place}"
            address = self.begin(name)
            self.network.kill(1)
            self.network.start_again(1, f"{place}:kill")
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                self.rest(address, 0)
            eventually(lambda: self.network.has_died(1))
            self.network.start_again(1)
            status, _, body = self.ask("PUT", address, Content_Range=f"bytes */{len(self.clip)}")
            self.assertEqual(status, 200, body)
            again = self.put(address, (len(self.clip) - 1) // CHUNK * CHUNK)
            self.assertEqual((again[0], again[2]), (200, body))
            self.once_and_identical(json.loads(body)["video"], name)

    def test_killed_around_the_acknowledgement_of_a_chunk(self) -> None:
        """Before the row says so, the bytes do not count; after it they do, though the client has not heard."""
        for place, kept in (("chunk.synced", CHUNK), ("chunk.told", 2 * CHUNK)):
            self.before = self.files()
            name = f"Killed at {place}"
            address = self.begin(name)
            self.assertEqual(self.put(address, 0)[0], 308)
            self.network.kill(1)
            self.network.start_again(1, f"{place}:kill")
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                self.put(address, CHUNK)
            eventually(lambda: self.network.has_died(1))
            self.network.start_again(1)
            self.assertEqual(self.position(address), kept)
            self.once_and_identical(self.rest(address, CHUNK), name)

    def test_given_up(self) -> None:
        """Nothing stays."""
        address = self.begin("Given up")
        self.put(address, 0)
        self.assertEqual([self.ask("DELETE", address)[0], self.put(address, CHUNK)[0]], [204, 404])
        eventually(lambda: self.files() == self.before)
