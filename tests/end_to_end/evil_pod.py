"""A scripted hostile pod: it answers as it is told to, and signs whatever it likes in anybody's name."""

import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from peertube.pods import envelope
from peertube.signatures import keys

REMOTE = "/api/v1/remote"
ELSEWHERE = "elsewhere"


class EvilPod:
    """Listens on a free port of localhost.

    `manner` says how it answers: ``well``, ``endless`` (a list of friends without end), ``silent`` (accepts and never
    answers), ``html`` (200, and a page that says what is wrong) or ``elsewhere`` (the way to another server).
    `waiting` counts those that it does not answer.
    """

    def __init__(self) -> None:
        self.private = keys.generate()
        self.pem = keys.public_pem(self.private.public_key())
        self.manner = "well"
        self.sent = 0
        self.waiting = 0
        self.asked: list[str] = []
        self._nonces = 0
        self._done = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.host = f"localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._done.set()
        self._server.shutdown()
        self._server.server_close()

    def sealed(self, path: str, body: object, *, receiver: str, **changes: Any) -> bytes:
        """A signed body; `changes` are `sender`, `key`, `date_ms`, `nonce`."""
        self._nonces += 1
        return envelope.seal(
            changes.get("key", self.private),
            json.dumps(body, separators=(",", ":")).encode(),
            method="POST",
            path=REMOTE + path,
            sender=changes.get("sender", self.host),
            receiver=receiver,
            date_ms=changes.get("date_ms", int(time.time() * 1000)),
            nonce=changes.get("nonce", f"{self._nonces:032x}"),
            version=4,
        )

    def offer(self, **changes: object) -> dict[str, object]:
        """What it says to become a friend."""
        return {"host": self.host, "email": "e@vil.example", "publicKey": self.pem, "versions": [3, 4], **changes}

    def post(self, origin: str, path: str, body: bytes) -> tuple[int, bytes, float]:
        """Send to a pod: status, body, and the seconds of ``Retry-After``."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(origin + REMOTE + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read(), 0
        except urllib.error.HTTPError as error:
            return error.code, error.read(), float(error.headers.get("Retry-After") or 0)

    def _handler(evil) -> type[BaseHTTPRequestHandler]:  # `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                evil.asked.append(self.path)
                self._answer({"host": evil.host, "publicKey": evil.pem, "versions": [3, 4]})

            def do_POST(self) -> None:
                evil.asked.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if evil.manner == "silent" and not self.path.endswith("/add"):
                    evil.waiting += 1
                    evil._done.wait(120)
                elif evil.manner == "html" and not self.path.endswith("/add"):
                    self._answer("<h1>It works!</h1>", kind="text/html")
                elif evil.manner == "elsewhere" and not self.path.endswith("/add"):
                    self._answer({}, status=301)
                elif self.path.endswith("/list"):
                    self._endless() if evil.manner == "endless" else self._answer({"total": 0, "data": []})
                elif self.path.endswith("/add"):
                    self._answer({"cert": evil.pem, "email": "e@vil.example", "versions": [3, 4]})
                else:
                    self._answer({"refused": []})

            def _answer(self, members: object, *, status: int = 200, kind: str = "application/json") -> None:
                body = json.dumps(members).encode()
                self.send_response(status)
                self.send_header("Location", f"http://{evil.host}/{ELSEWHERE}")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _endless(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                try:
                    self.wfile.write(b'{"data":[')
                    while not evil._done.is_set():
                        piece = b'{"host":"many.example"},' * 4096
                        self.wfile.write(piece)
                        evil.sent += len(piece)
                except OSError:
                    pass

            def log_message(self, *arguments: object) -> None:
                """Quietly."""

        return Handler
