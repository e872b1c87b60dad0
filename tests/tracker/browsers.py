"""A browser's end of a WebSocket in memory, writing and reading frames itself."""

import json
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.web.resource import IResource
from twisted.web.server import Site

HANDSHAKE = (
    b"GET /socket HTTP/1.1\r\nHost: pod.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)
TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(payload: bytes, opcode: int = TEXT, *, final: bool = True, masked: bool = True) -> bytes:
    """One frame of a client (RFC 6455 section 5.2), masked with zeros."""
    size = len(payload)
    if size < 126:
        length = bytes([size | 128 * masked])
    elif size < 65536:
        length = bytes([126 | 128 * masked]) + size.to_bytes(2, "big")
    else:
        length = bytes([127 | 128 * masked]) + size.to_bytes(8, "big")
    return bytes([opcode | 128 * final]) + length + bytes(4 * masked) + payload


class _Transport(StringTransportWithDisconnection):
    """Ends at once, and counts what ends it."""

    aborted = False

    def abortConnection(self) -> None:
        self.aborted = True
        self.loseConnection()

    def setTcpNoDelay(self, enabled: bool) -> None:
        """As TCP has it."""


class Browser:
    """Asks a site for a WebSocket as soon as it is made."""

    def __init__(self, root: IResource, clock: Clock, handshake: bytes = HANDSHAKE) -> None:
        site = Site(root, reactor=clock)
        channel = site.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1000))
        self.transport = _Transport(peerAddress=IPv4Address("TCP", "192.0.2.1", 1000))
        self.transport.protocol = channel
        channel.makeConnection(self.transport)
        channel.dataReceived(handshake)
        head, _, rest = self.transport.value().partition(b"\r\n\r\n")
        self.head = head.decode()
        self.body = rest
        self.transport.clear()
        self.transport.write(rest if b" 101 " in head else b"")
        self._clock = clock

    @property
    def is_open(self) -> bool:
        return bool(self.transport.connected)

    def write(self, data: bytes) -> None:
        self.transport.protocol.dataReceived(data)

    def say(self, message: Any) -> None:
        self.write(frame(json.dumps(message).encode()))

    def frames(self) -> list[tuple[int, bytes]]:
        """(opcode, payload) of everything received since the last call."""
        self._clock.advance(0)
        data, found = self.transport.value(), []
        self.transport.clear()
        while data:
            opcode, size, start = data[0] & 15, data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(data[2:10], "big"), 10
            found.append((opcode, data[start : start + size]))
            data = data[start + size :]
        return found

    def heard(self) -> list[Any]:
        """The messages received since the last call."""
        return [json.loads(payload) for opcode, payload in self.frames() if opcode == TEXT]
