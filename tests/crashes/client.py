"""A client that expects the pod to die at any moment."""

import http.client
import json
import urllib.parse
import uuid
from typing import Any

from attrs import frozen

from peertube.cli.play import DemoPod
from tests.crashes.oracle import Shown

TIMEOUT_SECONDS = 20


@frozen
class Answer:
    """What came back; status None when the connection broke first."""

    status: int | None
    body: bytes = b""
    headers: Any = None

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """The REST API of one pod, as root."""

    def __init__(self, pod: DemoPod) -> None:
        self.pod = pod
        self.token: str | None = None
        self.channel: int | None = None

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("localhost", self.pod.port, timeout=TIMEOUT_SECONDS)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers)
        except (OSError, http.client.HTTPException):
            return Answer(None)
        finally:
            connection.close()

    def send_json(self, method: str, path: str, content: object, **headers: str) -> Answer:
        """A request with a JSON body."""
        return self.ask(method, path, json.dumps(content).encode(), Content_Type="application/json", **headers)

    def log_in(self) -> None:
        """Become root, and learn the channel."""
        client = self.ask("GET", "/api/v1/oauth-clients/local").json
        form = {**client, "grant_type": "password", "username": "root", "password": self.pod.password}
        body, kind = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        self.token = self.ask("POST", "/api/v1/users/token", body, Content_Type=kind).json["access_token"]
        self.channel = self.ask("GET", "/api/v1/users/me").json["videoChannels"][0]["id"]

    def upload(self, name: str, clip: bytes, *, picture: bytes | None = None) -> Answer:
        """A whole video in one request."""
        fields = {"channelId": str(self.channel), "name": name, "privacy": "1"}
        files = [("videofile", "clip.mp4", clip), *([("thumbnailfile", "picture.jpg", picture)] if picture else [])]
        return self._form("POST", "/api/v1/videos/upload", fields, files)

    def send_picture(self, video: str, picture: bytes) -> Answer:
        """Another thumbnail for a video."""
        return self._form("PUT", f"/api/v1/videos/{video}", {}, [("thumbnailfile", "picture.jpg", picture)])

    def _form(self, method: str, path: str, fields: dict[str, str], files: list[tuple[str, str, bytes]]) -> Answer:
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        for key, filename, content in files:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"; filename="{filename}"\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self.ask(method, path, body, Content_Type=f"multipart/form-data; boundary={boundary}")

    def mine(self) -> list[Shown]:
        """Everything that root has, in whatever state."""
        return self._all("/api/v1/users/me/videos")

    def public(self) -> list[Shown]:
        """What everybody sees."""
        return self._all("/api/v1/videos")

    def channels(self) -> list[str]:
        """The names of root's channels."""
        return [one["name"] for one in self.ask("GET", "/api/v1/users/me").json["videoChannels"]]

    def _all(self, path: str) -> list[Shown]:
        found: list[Shown] = []
        while True:
            page = self.ask("GET", f"{path}?count=100&start={len(found)}&sort=createdAt").json["data"]
            found += [
                Shown(one["uuid"], one["name"], one["privacy"]["id"], (one.get("state") or {"id": 1})["id"] == 1)
                for one in page
            ]
            if len(page) < 100:
                return found
