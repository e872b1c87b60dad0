"""A TLS front on loopback: every https address leads to one pod, for programs that speak https only.

It is used as an https proxy: after ``CONNECT`` it does the TLS of the server that was asked for itself, with a
certificate made for the test, and passes the bytes on to the pod.
"""

import datetime
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PATIENCE_SECONDS = 30


def _certificate(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pod of a test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


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
        _certificate(path)
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
