"""A TLS front on loopback: every https address leads to one pod, for programs that speak https only.

It is used as an https proxy: after ``CONNECT`` it does the TLS of the server that was asked for itself, with a
certificate made for the test, and passes the bytes on to the pod.
"""

import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.certificates import self_signed

_PATIENCE_SECONDS = 30


class _Front(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext, pod: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.context = context
        self.pod = pod


class _Tunnel(socketserver.StreamRequestHandler):
    server: _Front

    def handle(self) -> None:
        """One ``CONNECT``."""
        while self.rfile.readline(10_000).strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with suppress(OSError), self.server.context.wrap_socket(self.request, server_side=True) as client:
            client.settimeout(_PATIENCE_SECONDS)
            with socket.create_connection(self.server.pod, _PATIENCE_SECONDS) as pod:
                answering = threading.Thread(target=_pass_on, args=(pod, client), daemon=True)
                answering.start()
                _pass_on(client, pod)
                answering.join(_PATIENCE_SECONDS)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tls_front(origin: str) -> Iterator[str]:
    """The address of an https proxy behind which every host is the pod of `origin` (``http://host:port``)."""
    host, _, port = origin.removeprefix("http://").partition(":")
    with tempfile.TemporaryDirectory(prefix="tls-") as folder:
        path = Path(folder) / "pod.pem"
        path.write_bytes(b"".join(self_signed()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        with _Front(context, (host, int(port))) as front:
            serving = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.05})
            serving.start()
            try:
                yield f"http://127.0.0.1:{front.server_address[1]}"
            finally:
                front.shutdown()
                serving.join()
