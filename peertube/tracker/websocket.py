"""The WebSocket side of the tracker: Autobahn speaks the protocol, `webtorrent` decides what goes to whom.

Nearly everything that comes is one whole text frame for one message, and everything that goes is. Those frames are
read and written here; whatever is not such a frame, or not a proper one, Autobahn gets as it came. What is said to a
socket in one turn of the reactor is sent together at its end.

A message that makes no sense ends its own socket and no other. Who does not read what was sent gets no offers of
others, and is cut off when even the tracker's own answers pile up.
"""

from collections.abc import Callable
from typing import Any

from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.xormasker import create_xor_masker  # type: ignore[attr-defined]  # imported there
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPushProducer, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import BAD_REQUEST, SERVICE_UNAVAILABLE
from twisted.web.resource import Resource
from twisted.web.server import Request
from zope.interface import implementer

from peertube.tracker.announce import packed
from peertube.tracker.websocket_codec import Malformed
from peertube.tracker.webtorrent import Connection, Flood, Signalling, TooManySockets

MESSAGE_BYTES = 64 * 1024
UNSENT_BYTES = 256 * 1024
"""Above this, offers and answers of others to a socket are dropped; at twice this the socket is cut off."""
PING_SECONDS = 90
IDLE_SECONDS = 180
_FRAGMENTS = 64
_TEXT_FRAME, _MASKED, _LENGTH_FOLLOWS = 0x81, 0x80, 126
"""The first byte of a whole text message, the bit beside its length, the length that stands for two more bytes."""
_MALFORMED, _FLOOD = 4000, 4008
"""Close codes of ours (RFC 6455 section 7.4.2)."""
_GOING_AWAY = 1001


@implementer(IPushProducer)
class _Unsent:
    """How many bytes wait in the transport: the transport says when it is full and when it is empty again."""

    __slots__ = ("size", "waiting")

    def __init__(self) -> None:
        self.waiting = False
        self.size = 0

    def written(self, size: int) -> None:
        """So many bytes were given to the transport."""
        if self.waiting:
            self.size += size

    def pauseProducing(self) -> None:
        """More waits than the transport likes."""
        self.waiting = True

    def resumeProducing(self) -> None:
        """All was sent."""
        self.waiting = False
        self.size = 0

    def stopProducing(self) -> None:
        """The connection is gone."""


class TrackerSocket(WebSocketServerProtocol):
    """One client."""

    factory: "TrackerSockets"
    transport: Any

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection
        self.heard = 0.0
        self._unsent = _Unsent()
        self._gathered: list[bytes] = []
        self._fragments = 0

    def connectionMade(self) -> None:
        """Taken over from the HTTP server, which was the producer until now."""
        super().connectionMade()
        self.heard = self.factory.now()
        self.transport.unregisterProducer()
        self.transport.registerProducer(self._unsent, True)
        self._write = getattr(self.transport, "write_now", self.transport.write)

    def dataReceived(self, data: bytes) -> None:
        """Bytes of frames: the client lives."""
        self.heard = self.factory.now()
        self.data += data
        self.consumeData()

    def consumeData(self) -> None:
        """Take whole messages from what has come; Autobahn looks at anything else."""
        if self.state == self.STATE_OPEN and self.current_frame is None and not self.inside_message:
            self.data = self._take_messages(self.data)
            if not self.data or _is_begun(self.data):
                return
        super().consumeData()

    def _take_messages(self, data: bytes) -> bytes:
        """Act on the text messages of one frame that stand first in `data`; what follows them."""
        at, size = 0, len(data)
        while size - at >= 6 and data[at] == _TEXT_FRAME:
            length, start = data[at + 1] - _MASKED, at + 6
            if length == _LENGTH_FOLLOWS:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 8
                if length < _LENGTH_FOLLOWS:
                    break
            elif not 0 < length < _LENGTH_FOLLOWS:
                break
            end = start + length
            if end > size:
                break
            message = create_xor_masker(data[start - 4 : start], length).process(data[start:end])
            if not (message.isascii() or _is_utf8(message)):
                break
            at = end
            self.onMessage(message, False)
            if self.state != self.STATE_OPEN:
                break
        return data[at:]

    def onMessageBegin(self, isBinary: bool) -> None:
        """The first frame of a message begins."""
        self._fragments = 0
        super().onMessageBegin(isBinary)

    def onMessageFrameBegin(self, length: int) -> None:
        """A frame begins; a message in very many small ones is refused."""
        self._fragments += 1
        super().onMessageFrameBegin(length)
        if self._fragments > _FRAGMENTS:
            self.dropConnection(abort=True)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """A whole message."""
        if isBinary:
            self._end(_MALFORMED, "malformed message")
            return
        try:
            self.factory.receive(self.connection, payload)
        except Malformed:
            self._end(_MALFORMED, "malformed message")
        except Flood:
            self._end(_FLOOD, "too many messages")

    def onPing(self, payload: bytes) -> None:
        """Answered unless the client does not read."""
        if not self._unsent.size:
            self._unsent.written(len(payload) + 2)
            super().onPing(payload)

    def say(self, message: bytes) -> None:
        """Send a text message, shorter than 64 KiB, at the end of this turn of the reactor."""
        if self.state != self.STATE_OPEN:
            return
        size = len(message)
        length = bytes((size,)) if size < _LENGTH_FOLLOWS else b"\x7e" + size.to_bytes(2, "big")
        if not self._gathered:
            self.factory.has_to_say(self)
        self._gathered.append(b"\x81%b%b" % (length, message))
        unsent = self._unsent
        if unsent.waiting:
            unsent.size += size + 4
            self.connection.takes_relays = unsent.size < UNSENT_BYTES
            if unsent.size > 2 * UNSENT_BYTES:
                self.dropConnection(abort=True)

    def send_gathered(self) -> None:
        """Send what was said in this turn."""
        frames = self._gathered
        self._gathered = []
        if frames and self.state == self.STATE_OPEN:
            self._write(frames[0] if len(frames) == 1 else b"".join(frames))

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """Autobahn's own frames come behind what was said before."""
        self.send_gathered()
        super().sendData(data, sync, chopsize)

    def look_after(self, now: float) -> None:
        """Ping a silent client, give up a dead one."""
        self.connection.takes_relays = self._unsent.size < UNSENT_BYTES
        if now - self.heard > IDLE_SECONDS:
            self.dropConnection(abort=True)
        elif now - self.heard > PING_SECONDS:
            self.sendPing()

    def go_away(self) -> None:
        """The pod stops."""
        self.sendCloseFrame(code=_GOING_AWAY)
        self.dropConnection(abort=False)

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008 (Autobahn's signature)
        """The client is gone."""
        super().connectionLost(reason)
        self.factory.gone(self.connection)

    def _end(self, code: int, reason: str) -> None:
        self.sendClose(code, reason)
        self.dropConnection(abort=False)


class TrackerSockets(WebSocketServerFactory):
    """All open sockets.

    :param now: seconds since 1970.
    """

    _log = Logger()

    def __init__(self, *, signalling: Signalling, reactor: IReactorTime, now: Callable[[], float]) -> None:
        super().__init__(server="PeerTube", reactor=reactor)
        self.setProtocolOptions(
            webStatus=False,
            maxFramePayloadSize=MESSAGE_BYTES,
            maxMessagePayloadSize=MESSAGE_BYTES,
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
        )
        self.now = now
        self._reactor = reactor
        self._talking: list[TrackerSocket] = []
        self._signalling = signalling
        self._sockets: dict[Connection, TrackerSocket] = {}

    def open(self, address: bytes) -> TrackerSocket:
        """The protocol for a new socket of the client at `address`. `TooManySockets` when it may not have one."""
        connection = self._signalling.connect(address, self.now())
        socket = TrackerSocket(connection)
        socket.factory = self
        self._sockets[connection] = socket
        return socket

    def receive(self, connection: Connection, message: bytes) -> None:
        """Act on a message and send what follows from it."""
        for receiver, answer in self._signalling.receive(connection, message, self.now()):
            socket = self._sockets.get(receiver)
            if socket is not None:
                socket.say(answer)

    def has_to_say(self, socket: TrackerSocket) -> None:
        """Something is to be sent to a socket at the end of this turn of the reactor."""
        if not self._talking:
            self._reactor.callLater(0, self._send_gathered)
        self._talking.append(socket)

    def _send_gathered(self) -> None:
        talking, self._talking = self._talking, []
        for socket in talking:
            socket.send_gathered()

    def gone(self, connection: Connection) -> None:
        """A socket was closed."""
        if self._sockets.pop(connection, None) is not None:
            self._signalling.disconnect(connection)

    def look_after(self) -> None:
        """Call twice a minute or so: finds sockets without a client at the other end."""
        now = self.now()
        for socket in list(self._sockets.values()):
            socket.look_after(now)

    def close(self) -> None:
        """End all sockets."""
        for socket in list(self._sockets.values()):
            socket.go_away()


class _OneSocket:
    """A factory, as `WebSocketResource` wants it, of one protocol."""

    def __init__(self, socket: TrackerSocket) -> None:
        self._socket = socket

    def buildProtocol(self, peer: object) -> TrackerSocket:
        """The protocol."""
        return self._socket


class SocketResource(Resource):
    """``/tracker/socket``: turns a request into a WebSocket.

    :param client_address: the address from which a request comes, proxies seen through.
    """

    isLeaf = True

    def __init__(self, *, sockets: TrackerSockets, client_address: Callable[[Request], str]) -> None:
        super().__init__()
        self._sockets = sockets
        self._client_address = client_address

    def render_GET(self, request: Request) -> bytes | int:
        """The opening handshake."""
        if (request.getHeader(b"upgrade") or b"").lower() != b"websocket":
            request.setResponseCode(426)
            request.setHeader(b"upgrade", b"websocket")
            return b"This is a WebSocket.\n"
        try:
            socket = self._sockets.open(packed(self._client_address(request)))
        except ValueError:
            request.setResponseCode(BAD_REQUEST)
            return b"No address.\n"
        except TooManySockets:
            request.setResponseCode(SERVICE_UNAVAILABLE)
            request.setHeader(b"retry-after", b"60")
            return b"Too many sockets.\n"
        answer: bytes | int = WebSocketResource(_OneSocket(socket)).render(request)
        return answer


def _is_begun(data: bytes) -> bool:
    """Whether this may be the beginning of a whole text message of less than 64 KiB, the rest of which will come."""
    if data[0] != _TEXT_FRAME or (len(data) > 1 and not _MASKED < data[1] <= _MASKED + _LENGTH_FOLLOWS):
        return False
    return not _is_whole(data)


def _is_whole(data: bytes) -> bool:
    if len(data) < 8:
        return len(data) >= 6 and len(data) >= 6 + data[1] - _MASKED
    length = data[1] - _MASKED
    return len(data) >= (8 + int.from_bytes(data[2:4], "big") if length == _LENGTH_FOLLOWS else 6 + length)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
