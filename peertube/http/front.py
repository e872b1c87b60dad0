"""A listening port that answers small requests at once, before there is a transport, a channel or a request.

Most clients of a tracker connect, ask one question and go. For them making a transport and parsing for every need of
HTTP is most of the work. So the first bytes of a connection are read right after it is accepted; when they are one
whole request that a `QuickAnswers` knows how to answer, it is answered, and the connection closed or kept for the
next such request. Any other bytes go, as they came, to the ordinary channel, and the connection stays there.

A connection that is kept here counts as one of its address, and holds nothing else: a request that did not come whole
is not waited for here, so the channel's deadlines apply to it.
"""

import contextlib
import socket
from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.interfaces import IDelayedCall, IProtocolFactory, IReactorCore, IReadDescriptor
from twisted.internet.main import CONNECTION_DONE
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from peertube.http.transport import BACKLOG, OpenPort, SendfilePort

IDLE_SECONDS = 60.0
"""A kept connection on which nothing is asked for ends after this, as at the channel."""

MAXIMUM_KEPT = 1000
"""More connections are not kept here, but by the channel."""

_LOOK_SECONDS = 10.0
_ACCEPTED_AT_ONCE = 64
_FIRST_BYTES = 8192


Leave = Callable[[], None]
Enter = Callable[[str], Leave | None]
"""Counts one more connection of an address, and gives what to call when it is over; None when it is one too many."""


class QuickAnswers(Protocol):
    """Knows the answers to some requests without looking anything up that takes time."""

    def answer(self, request: bytes, peer: str) -> tuple[bytes, bool] | None:
        """The whole response, and whether the connection ends with it; None when it is not to be answered here.

        :param request: what came on the connection, perhaps not all of a request, perhaps more than one.
        :param peer: the address at the other end of the socket.
        """
        ...


class FrontPort(SendfilePort):
    """Accepts connections, and answers what it can without a transport."""

    _log = Logger()
    reactor: Any
    factory: Any
    socket: Any
    sessionno: int

    def __init__(
        self, port: int, factory: IProtocolFactory, interface: str, reactor: Any, quick: QuickAnswers, enter: Enter
    ) -> None:
        super().__init__(port, factory, BACKLOG, interface, reactor)
        self.quick = quick
        self._enter = enter
        self._kept: dict[_Kept, float] = {}
        self._look: IDelayedCall | None = None

    def createInternetSocket(self) -> socket.socket:
        """Let the kernel tell of a connection when something was said on it, where it can."""
        made: socket.socket = super().createInternetSocket()
        if hasattr(socket, "TCP_DEFER_ACCEPT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
        return made

    def connectionLost(self, reason: Failure) -> None:
        """Accept no more; who only waits for another question to come to mind is let go."""
        for kept in list(self._kept):
            kept.close()
        if self._look is not None and self._look.active():
            self._look.cancel()
        super().connectionLost(reason)

    def doRead(self) -> None:
        """Accept what has come, but let others have their turn too."""
        accept, quick = self.socket.accept, self.quick
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                accepted, address = accept()
            except BlockingIOError:
                return
            except OSError:
                super().doRead()  # knows what to do when there are no descriptors left, and more of the kind
                return
            try:
                data = accepted.recv(_FIRST_BYTES, socket.MSG_DONTWAIT)
            except OSError:
                data = b""
            answered = quick.answer(data, address[0]) if data else None
            if answered is None:
                self.hand_over(accepted, address, data)
                continue
            response, ends = answered
            if not _send_whole(accepted, response) or ends:
                accepted.close()
            elif len(self._kept) < MAXIMUM_KEPT:
                leave = self._enter(address[0])
                if leave is None:
                    accepted.close()
                else:
                    self._keep(accepted, address, leave)
            else:
                self.hand_over(accepted, address, b"")

    def hand_over(self, accepted: socket.socket, address: Any, data: bytes) -> None:
        """Let the ordinary channel have a connection and what came on it, as `twisted.internet.tcp.Port` does."""
        if len(address) == 4:
            host, _ = socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
            address = (host, *address[1:])
        protocol = self.factory.buildProtocol(self._buildAddr(address))
        if protocol is None:
            accepted.close()
            return
        self.sessionno += 1
        transport = self.transport(accepted, protocol, address, self, self.sessionno, self.reactor)
        protocol.makeConnection(transport)
        if data and transport.connected:
            try:
                transport.protocol.dataReceived(data)
            except Exception:
                self._log.failure("a new connection failed")
                transport.abortConnection()

    # kept connections

    def _keep(self, accepted: socket.socket, address: Any, leave: Leave) -> None:
        accepted.setblocking(False)
        kept = _Kept(self, accepted, address, leave)
        self._kept[kept] = self.reactor.seconds()
        self.reactor.addReader(kept)
        if self._look is None:
            self._look = self.reactor.callLater(_LOOK_SECONDS, self._end_the_idle)

    def used(self, kept: "_Kept") -> None:
        """A kept connection was asked something: it is the last now to be idle for long."""
        del self._kept[kept]
        self._kept[kept] = self.reactor.seconds()

    def forget(self, kept: "_Kept") -> None:
        """A kept connection is none any more."""
        self._kept.pop(kept, None)

    def _end_the_idle(self) -> None:
        limit = self.reactor.seconds() - IDLE_SECONDS
        idle = []
        for kept, used in self._kept.items():
            if used > limit:
                break
            idle.append(kept)
        for kept in idle:
            kept.close()
        self._look = self.reactor.callLater(_LOOK_SECONDS, self._end_the_idle) if self._kept else None


@implementer(IReadDescriptor)
class _Kept:
    """A connection whose questions so far were all answered at once."""

    __slots__ = ("_address", "_descriptor", "_is_kept", "_leave", "_port", "_socket")

    def __init__(self, port: FrontPort, accepted: socket.socket, address: Any, leave: Leave) -> None:
        self._port = port
        self._socket = accepted
        self._address = address
        self._leave = leave
        self._descriptor = accepted.fileno()
        self._is_kept = True

    def fileno(self) -> int:
        """For the reactor."""
        return self._descriptor

    def logPrefix(self) -> str:
        """For the reactor."""
        return "http"

    def doRead(self) -> Any:
        """Another request, or something for the channel, or the end."""
        try:
            data = self._socket.recv(_FIRST_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            return CONNECTION_DONE
        answered = self._port.quick.answer(data, self._address[0])
        if answered is None:
            self._release()
            self._port.hand_over(self._socket, self._address, data)
            return None
        response, ends = answered
        if not _send_whole(self._socket, response) or ends:
            return CONNECTION_DONE
        self._port.used(self)
        return None

    def connectionLost(self, reason: Failure) -> None:
        """The reactor stops, or has found the socket to be broken."""
        self.close()

    def close(self) -> None:
        """End the connection."""
        if self._is_kept:
            self._release()
            self._socket.close()

    def _release(self) -> None:
        self._port.reactor.removeReader(self)
        self._port.forget(self)
        self._is_kept = False
        self._leave()


def _send_whole(to: socket.socket, response: bytes) -> bool:
    """Whether all of it was taken; a client that leaves so little room reads nothing."""
    with contextlib.suppress(OSError):
        return to.send(response, socket.MSG_DONTWAIT) == len(response)
    return False


def listening_with(quick: QuickAnswers, enter: Enter) -> OpenPort:
    """How a `peertube.http.transport.Listener` listens with such a port.

    :param enter: asked for every connection that is kept here; the factory asks for those that it gets.
    """

    def listen(reactor: IReactorCore, port: int, factory: IProtocolFactory, interface: str) -> FrontPort:
        listening = FrontPort(port, factory, interface, reactor, quick, enter)
        listening.startListening()
        return listening

    return listen
