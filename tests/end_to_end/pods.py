"""Pods as real processes on free loopback ports, as ``bin/play`` runs them, and a small client of their REST API."""

import atexit
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from peertube.cli.play import DemoPod, stop, wait_until_ready
from peertube.failpoints import VARIABLE

Result = TypeVar("Result")
PATIENCE_SECONDS = 30


def free_ports(count: int) -> int:
    """The first of `count` ports in a row that are free for TCP and UDP; another process looks elsewhere first."""
    ports = range(19_000, 29_000, count)
    own = os.getpid() * 7 % len(ports)
    for first in (*ports[own:], *ports[:own]):
        try:
            for port in range(first, first + count):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(socket.AF_INET, kind) as probe:
                        probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise RuntimeError("no free ports")


def make_clip(path: Path, *, seconds: int = 10, size: str = "640x360", bitrate: str = "600k") -> Path:
    """An H.264 and AAC clip with moving pictures and a tone, fit for streaming."""
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25"]
    command += [
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440",
        "-t",
        str(seconds),
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    ]
    command += ["-b:v", bitrate, "-minrate", bitrate, "-maxrate", bitrate, "-bufsize", bitrate, "-g", "50"]
    command += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(path)]
    subprocess.run(command, check=True)
    return path


def eventually(question: Callable[[], Result], *, seconds: float = PATIENCE_SECONDS) -> Result:
    """The first true answer to `question`; an AssertionError when there is none within `seconds`."""
    until = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > until:
            assert answer, f"no answer within {seconds} s"
            return answer
        time.sleep(0.1)


class ApiError(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body[:300]!r}")
        self.status = status
        self.body = body

    @property
    def problem(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Api:
    """The REST API of one pod, as root."""

    def __init__(self, pod: DemoPod) -> None:
        self.pod = pod
        self.token: str | None = None

    def call(
        self,
        method: str,
        path: str,
        *,
        json_body: object = None,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One request below ``/api/v1``; the decoded answer, or `ApiError`."""
        body: bytes | None = None
        sent = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent["Content-Type"] = "application/json"
        elif form is not None:
            body = urllib.parse.urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        request = urllib.request.Request(f"{self.pod.origin}/api/v1{path}", body, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, error.read()) from error
        return json.loads(content) if content.startswith((b"{", b"[")) else content

    def log_in(self, password: str | None = None) -> None:
        """Become root."""
        client = self.call("GET", "/oauth-clients/local")
        answer = self.call(
            "POST",
            "/users/token",
            form={
                **client,
                "grant_type": "password",
                "username": "root",
                "password": password or self.pod.password,
            },
        )
        self.token = answer["access_token"]

    def upload(self, clip: Path, name: str, **fields: str) -> Any:
        """Upload with curl, as a client of PeerTube does; the ``video`` of the answer."""
        channel = self.call("GET", "/users/me")["videoChannels"][0]["id"]
        command = ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code}"]
        command += ["--header", f"Authorization: Bearer {self.token}"]
        for key, value in {"channelId": str(channel), "name": name, "privacy": "1", **fields}.items():
            command += ["--form", f"{key}={value}"]
        command += ["--form", f"videofile=@{clip}", f"{self.pod.origin}/api/v1/videos/upload"]
        outcome = subprocess.run(command, check=True, capture_output=True)
        body, _, status = outcome.stdout.rpartition(b"\n")
        if int(status) != 200:
            raise ApiError(int(status), body)
        return json.loads(body)["video"]

    def videos(self) -> list[Any]:
        """The public list."""
        data: list[Any] = self.call("GET", "/videos?count=100")["data"]
        return data

    def published(self, uuid: str) -> Any:
        """The video once it is published here."""
        return eventually(lambda: next((video for video in self.videos() if video["uuid"] == uuid), None))


class Network:
    """Some pods in a folder of their own."""

    def __init__(self, count: int) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="pods-"))
        first = free_ports(count)
        self.pods = [DemoPod(number, count, first, self.directory) for number in range(1, count + 1)]
        self.apis = [Api(pod) for pod in self.pods]
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start all pods and log in on each."""
        for pod in self.pods:
            pod.prepare(keep=False)
            self._processes.append(pod.start())
        problem = wait_until_ready(self.pods, self._processes)
        if problem is not None:
            logs = "\n".join(pod.log.read_text()[-3000:] for pod in self.pods if pod.log.exists())
            self.stop()
            raise AssertionError(f"{problem}\n{logs}")
        for api in self.apis:
            api.log_in()

    def kill(self, number: int) -> None:
        """End a pod (numbers from 1) as a power cut would: at once, without a word."""
        process = self._processes[number - 1]
        process.kill()
        process.wait()

    def has_died(self, number: int) -> bool:
        """Whether the process of a pod has ended."""
        return self._processes[number - 1].poll() is not None

    def start_again(self, number: int, failpoints: str = "") -> None:
        """Start a pod on what it left behind; with places armed at which it fails or dies."""
        with patch.dict(os.environ, {VARIABLE: failpoints}):
            self._processes[number - 1] = self.pods[number - 1].start()
        problem = wait_until_ready([self.pods[number - 1]], [self._processes[number - 1]])
        assert problem is None, problem

    def make_friends(self) -> None:
        """Each pod but the last makes friends with those after it, the last but one first."""
        for number in range(len(self.pods) - 2, -1, -1):
            hosts = [pod.origin.removeprefix("http://") for pod in self.pods[number + 1 :]]
            api = self.apis[number]
            api.call("POST", "/pods/make-friends", json_body={"hosts": hosts})
            eventually(lambda api=api, hosts=hosts: api.call("GET", "/pods")["total"] == len(hosts))

    def stop(self) -> None:
        """Stop all pods and remove their folder."""
        stop(self._processes)
        shutil.rmtree(self.directory, ignore_errors=True)


_SHARED: dict[tuple[str, int], Network] = {}
"""Networks that run, by name and size; they end with the process of the tests."""


def shared_network(name: str, count: int, *, friends: bool = False) -> Network:
    """The network of this name: started at the first call, stopped when the tests are over."""
    network = _SHARED.get((name, count))
    if network is None:
        network = Network(count)
        network.start()
        atexit.register(network.stop)
        if friends:
            network.make_friends()
        _SHARED[name, count] = network
    return network
