"""Whole nodes joined in memory: everything of a pod is real except its sockets.

Requests travel as bytes through the real site of the other node, over transports in memory. Media programs, threads,
the database and the files (in a temporary folder) are the real ones.
"""

import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

import msgspec
from attrs import frozen
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.task import deferLater

from peertube.config.schema import Settings, Storage
from peertube.errors import Refused, Unreachable
from peertube.node import Node
from tests.http.connections import Connection

Result = TypeVar("Result")
PATIENCE_SECONDS = 20.0
_TURN_SECONDS = 0.01


@frozen
class Answer:
    """What a pod answered."""

    status: int
    body: bytes
    head: str = ""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)


async def eventually(question: Callable[[], Awaitable[Result]], what: str = "the answer") -> Result:
    """The first true answer to `question`."""
    until = reactor.seconds() + PATIENCE_SECONDS
    while True:
        result = await question()
        if result:
            return result
        if reactor.seconds() > until:
            raise AssertionError(f"{what} did not come within {PATIENCE_SECONDS} s")
        await deferLater(reactor, _TURN_SECONDS * 5)


async def request(node: Node, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
    """One request over a connection of its own to the site of a node."""
    connection = Connection(node.site)
    connection.transport.peerAddr = IPv4Address("TCP", "192.0.2.1", 4000)
    lines = [f"{method} {path} HTTP/1.1", "Host: pod", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.send("\r\n".join([*lines, "", ""]).encode() + body)
    until = reactor.seconds() + PATIENCE_SECONDS
    while not connection.closed:
        if reactor.seconds() > until:
            raise AssertionError(f"{method} {path} was not answered within {PATIENCE_SECONDS} s")
        await deferLater(reactor, _TURN_SECONDS)
    connection.transport.abortConnection()
    return Answer(connection.status, _body(connection.head, connection.body), connection.head)


def _body(head: str, rest: bytes) -> bytes:
    if "transfer-encoding: chunked" not in head.lower():
        return rest
    whole = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        whole += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return whole


class Wire:
    """How one node reaches the others."""

    def __init__(self, network: "Network") -> None:
        self._network = network

    async def fetch(self, method: str, url: str, *, body: bytes | None = None, **limits: object) -> bytes:
        """As the guarded client does."""
        parts = urlsplit(url)
        pod = self._network.by_host(parts.netloc)
        if pod is None or pod.is_cut_off:
            raise Unreachable(f"{parts.netloc} does not answer")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = await request(pod.node, method, path, {"Content-Type": "application/json"}, body or b"")
        if answer.status >= 400:
            raise Refused(f"{parts.netloc} answered {answer.status}", status=answer.status)
        return answer.body


class PodInMemory:
    """One node of the network, and root's client of its REST API."""

    def __init__(self, network: "Network", number: int, more: Mapping[str, Any]) -> None:
        self.host = f"pod{number}.example"
        self.is_cut_off = False
        self._folder = network.folder / f"pod{number}"
        settings = {
            "webserver": {"https": False, "hostname": self.host, "port": 80},
            "database": {"path": self._folder / "database.sqlite3"},
            "storage": {kind: self._folder / kind for kind in Storage.model_fields},
            "storyboards": {"enabled": False},
            "friends": {"require_https": False, "retry_seconds": 0.2},
            "jobs": {"poll_seconds": 0.2},
            "rates_limit": {"api": {"window": 10, "max": 10_000}},
            "tracker": {"udp": {"enabled": False}},
            **more,
        }
        self._folder.mkdir()
        self._settings = Settings.model_validate(settings)
        self._wire = Wire(network)
        self.node = self._new_node()
        self.token = ""

    def _new_node(self) -> Node:
        return Node(self._settings, reactor, web=self._wire, listening=False)

    async def restart(self) -> None:
        """Stop, and start a new node on what the old one left behind."""
        await self.node.stop()
        self.node = self._new_node()
        self.token = ""
        await self.start()

    async def start(self) -> None:
        """Start the node and log in."""
        with patch.dict("os.environ", {"PT_INITIAL_ROOT_PASSWORD": "secret"}):
            await self.node.start()
        self.token = await self.log_in("root", "secret")

    async def log_in(self, username: str, password: str) -> str:
        """A token of a user."""
        client = (await self.get("/oauth-clients/local", {"Host": self.host})).json
        grant = {**client, "grant_type": "password", "username": username, "password": password}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await request(self.node, "POST", "/api/v1/users/token", kind, urlencode(grant).encode())
        token: str = answer.json["access_token"]
        return token

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """GET below ``/api/v1``."""
        return await self.call("GET", path, headers=headers)

    async def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """A request below ``/api/v1`` as root, with a JSON body."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return await request(
            self.node, method, f"/api/v1{path}", sent, b"" if body is None else msgspec.json.encode(body)
        )

    async def upload(self, clip: bytes, name: str, **fields: str) -> str:
        """Upload a clip in a multipart body; the UUID of the video."""
        channel = (await self.get("/users/me")).json["videoChannels"][0]["id"]
        parts = []
        for key, value in {"name": name, "channelId": str(channel), "privacy": "1", **fields}.items():
            parts.append(f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode())
        parts.append(b'--b\r\nContent-Disposition: form-data; name="videofile"; filename="clip.mp4"\r\n')
        parts.append(b"Content-Type: video/mp4\r\n\r\n" + clip + b"\r\n--b--\r\n")
        kind = {"Content-Type": "multipart/form-data; boundary=b", "Authorization": f"Bearer {self.token}"}
        answer = await request(self.node, "POST", "/api/v1/videos/upload", kind, b"".join(parts))
        if answer.status != 200:
            raise AssertionError(f"upload: {answer.status} {answer.body!r}")
        uuid: str = answer.json["video"]["uuid"]
        return uuid

    async def videos(self) -> dict[str, Any]:
        """The public list by UUID."""
        return {video["uuid"]: video for video in (await self.get("/videos?count=100")).json["data"]}

    async def friends(self) -> set[str]:
        """The hosts of the friends."""
        return {pod["host"] for pod in (await self.get("/pods")).json["data"]}

    async def make_friends(self, *others: "PodInMemory") -> None:
        """Ask for friendship and wait until all of `others` are friends."""
        hosts = [other.host for other in others]
        answer = await self.call("POST", "/pods/make-friends", {"hosts": hosts})
        if answer.status != 204:
            raise AssertionError(f"make-friends: {answer.status} {answer.body!r}")

        async def made() -> bool:
            return set(hosts) <= await self.friends()

        await eventually(made, f"the friendship of {self.host}")


class Network:
    """Some nodes that reach each other in memory.

    :param settings: called for each pod; what differs from the settings above.
    """

    def __init__(self, count: int, settings: Callable[[], Mapping[str, Any]] = dict) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="network-"))
        self.pods = [PodInMemory(self, number, settings()) for number in range(1, count + 1)]

    def by_host(self, host: str) -> PodInMemory | None:
        """The pod of a host."""
        return next((pod for pod in self.pods if pod.host == host), None)

    async def start(self) -> None:
        """Start every pod."""
        for pod in self.pods:
            await pod.start()

    async def stop(self) -> None:
        """Stop every pod and remove their files."""
        for pod in self.pods:
            await pod.node.stop()
        self.discard()

    def discard(self) -> None:
        """Remove the files of pods that do not run."""
        shutil.rmtree(self.folder)

    async def everywhere(self, holds: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Wait until `holds` is true of the list of each pod."""

        async def asked() -> bool:
            return all([holds(await pod.videos()) for pod in self.pods])

        await eventually(asked, what)
