"""A listening port that answers small requests at once, before there is a transport, a channel or a request.

Most clients of a tracker connect, ask one question and go. For them making a transport and parsing for every need of
HTTP is most of the work. So the first bytes of a connection are read right after it is accepted; when they are one
whole request that a `QuickAnswers` knows how to answer, it is answered, and the connection closed or kept for the
next such request. Any other bytes go, as they came, to the ordinary channel, and the connection stays there.

A connection that is kept here counts as one of its address, and holds nothing else: a request that did not come whole
is not waited for here, so the channel's deadlines apply to it.
"""

import os
import select
import socket
from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.interfaces import IDelayedCall, IProtocolFactory, IReactorCore, IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from peertube.http.transport import BACKLOG, OpenPort, SendfilePort

IDLE_SECONDS = 60.0
"""A kept connection on which nothing is asked for ends after this, as at the channel."""

MAXIMUM_KEPT = 1000
"""More connections are not kept here, but by the channel."""

_LOOK_SECONDS = 10.0
_AT_ONCE = 64
"""Connections that are accepted, and kept ones that are answered, before others have their turn."""
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
        self._kept: _Kept | None = None

    @property
    def kept(self) -> int:
        """How many connections are kept here."""
        return 0 if self._kept is None else len(self._kept)

    def createInternetSocket(self) -> socket.socket:
        """Let the kernel tell of a connection when something was said on it, where it can."""
        made: socket.socket = super().createInternetSocket()
        if hasattr(socket, "TCP_DEFER_ACCEPT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
        return made

    def connectionLost(self, reason: Failure) -> None:
        """Accept no more; who only waits for another question to come to mind is let go."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        super().connectionLost(reason)

    def doRead(self) -> None:
        """Accept what has come, but let others have their turn too."""
        # What a socket object costs, and what it asks the system when it is made, is a quarter of a short connection.
        accept, quick = self.socket._accept, self.quick
        for _ in range(_AT_ONCE):
            try:
                descriptor, address = accept()
            except BlockingIOError:
                return
            except OSError:
                super().doRead()  # knows what to do when there are no descriptors left, and more of the kind
                return
            os.set_blocking(descriptor, False)
            try:
                data = os.read(descriptor, _FIRST_BYTES)
            except OSError:
                data = b""
            answered = quick.answer(data, address[0]) if data else None
            if answered is None:
                self.hand_over(descriptor, address, data)
                continue
            response, ends = answered
            if not _send_whole(descriptor, response) or ends:
                os.close(descriptor)
            elif self.kept < MAXIMUM_KEPT and hasattr(select, "epoll"):
                leave = self._enter(address[0])
                if leave is None:
                    os.close(descriptor)
                    continue
                if self._kept is None:
                    self._kept = _Kept(self)
                self._kept.keep(descriptor, address, leave)
            else:
                self.hand_over(descriptor, address, b"")

    def hand_over(self, descriptor: int, address: Any, data: bytes) -> None:
        """Let the ordinary channel have a connection and what came on it, as `twisted.internet.tcp.Port` does."""
        accepted = socket.socket(fileno=descriptor)
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


@implementer(IReadDescriptor)
class _Kept:
    """The connections whose questions so far were all answered at once.

    They are looked after by an epoll of their own, which for the reactor is one descriptor: so many that have
    something to ask cost it one turn.
    """

    def __init__(self, port: FrontPort) -> None:
        self._port = port
        self._poll = select.epoll()
        self._connections: dict[int, tuple[Any, Leave, float]] = {}
        """Addresses, what to call at the end, and when they asked last, by descriptor; who asked last comes last."""
        self._reactor = port.reactor
        self._reactor.addReader(self)
        self._look: IDelayedCall | None = None

    def __len__(self) -> int:
        return len(self._connections)

    def keep(self, descriptor: int, address: Any, leave: Leave) -> None:
        """One more."""
        self._connections[descriptor] = address, leave, self._reactor.seconds()
        self._poll.register(descriptor, select.EPOLLIN)
        if self._look is None:
            self._look = self._reactor.callLater(_LOOK_SECONDS, self._end_the_idle)

    def fileno(self) -> int:
        """For the reactor."""
        return -1 if self._poll.closed else self._poll.fileno()

    def logPrefix(self) -> str:
        """For the reactor."""
        return "http"

    def doRead(self) -> None:
        """Other requests, or something for the channel, or the end."""
        now, connections, answer = self._reactor.seconds(), self._connections, self._port.quick.answer
        for descriptor, _ in self._poll.poll(0, _AT_ONCE):
            try:
                data = os.read(descriptor, _FIRST_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._end(descriptor)
                continue
            address, leave, _ = connections.pop(descriptor)
            answered = answer(data, address[0])
            if answered is None:
                self._poll.unregister(descriptor)
                leave()
                self._port.hand_over(descriptor, address, data)
                continue
            connections[descriptor] = address, leave, now
            response, ends = answered
            if not _send_whole(descriptor, response) or ends:
                self._end(descriptor)

    def connectionLost(self, reason: Failure) -> None:
        """The reactor stops."""
        self.close()

    def close(self) -> None:
        """End all of them."""
        if self._look is not None and self._look.active():
            self._look.cancel()
        self._look = None
        for descriptor in list(self._connections):
            self._end(descriptor)
        if not self._poll.closed:
            self._reactor.removeReader(self)
            self._poll.close()

    def _end(self, descriptor: int) -> None:
        _, leave, _ = self._connections.pop(descriptor)
        leave()
        os.close(descriptor)  # which the poll notices

    def _end_the_idle(self) -> None:
        limit = self._reactor.seconds() - IDLE_SECONDS
        idle = []
        for descriptor, (_, _, used) in self._connections.items():
            if used > limit:
                break
            idle.append(descriptor)
        for descriptor in idle:
            self._end(descriptor)
        self._look = self._reactor.callLater(_LOOK_SECONDS, self._end_the_idle) if self._connections else None


def _send_whole(descriptor: int, response: bytes) -> bool:
    """Whether all of it was taken; a client that leaves so little room reads nothing."""
    try:
        return os.write(descriptor, response) == len(response)
    except OSError:
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
