"""The UDP side of the tracker: a descriptor on the reactor that reads and answers datagrams in batches."""

import socket
from collections.abc import Callable
from contextlib import suppress

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from peertube.tracker.datagrams import Datagrams, datagrams_of
from peertube.tracker.steering import share
from peertube.tracker.udp_batch import BATCH
from peertube.tracker.udp_exchange import UdpExchange

_BATCHES_PER_WAKE_UP = 4
_BUFFER_BYTES = 4 * 2**20
_IP_MTU_DISCOVER, _IP_PMTUDISC_PROBE = 10, 3
"""Linux: never take a datagram to pieces. Ours are short, and the kernel need not number them then."""


def open_socket(interface: str, port: int) -> socket.socket:
    """A UDP socket of the family of `interface`, an IPv4 or IPv6 address. `OSError` when it cannot be bound."""
    udp = unbound_socket(interface)
    try:
        udp.bind((interface, port))
    except BaseException:
        udp.close()
        raise
    return udp


def open_shared_sockets(interface: str, port: int, count: int) -> list[socket.socket]:
    """So many sockets on one port, each of which gets whole swarms (`steering`). `OSError` when that cannot be."""
    shared: list[socket.socket] = []
    try:
        for _ in range(count):
            shared.append(unbound_socket(interface))
        share(shared, (interface, port))
    except BaseException:
        for udp in shared:
            udp.close()
        raise
    return shared


def unbound_socket(interface: str) -> socket.socket:
    """A UDP socket of the family of `interface`, not bound yet."""
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        udp.setblocking(False)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        with suppress(OSError):
            udp.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_PROBE)
        if family == socket.AF_INET6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    except BaseException:
        udp.close()
        raise
    return udp


@implementer(IReadDescriptor)
class UdpListener:
    """Answers what comes in on a socket, at most 256 datagrams at each wake-up.

    :param now: seconds since 1970.
    """

    def __init__(
        self, *, udp: socket.socket, exchange: UdpExchange, reactor: IReactorFDSet, now: Callable[[], float]
    ) -> None:
        self._socket = udp
        self._exchange = exchange
        self._reactor = reactor
        self._now = now
        self._datagrams: Datagrams = datagrams_of(udp)

    @property
    def port(self) -> int:
        """The port where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    def listen(self) -> None:
        """Begin to answer."""
        self._reactor.addReader(self)

    def close(self) -> None:
        """Answer no more."""
        self._reactor.removeReader(self)
        self._socket.close()

    def fileno(self) -> int:
        """For the reactor."""
        return self._socket.fileno()

    @property
    def is_ipv6(self) -> bool:
        """Of which address family it is."""
        return self._socket.family == socket.AF_INET6

    def send(self, datagram: bytes, to: tuple[str, int]) -> None:
        """Send something that is no answer to what has come just now; lost if the system does not take it."""
        with suppress(OSError):
            self._socket.sendto(datagram, to)

    def logPrefix(self) -> str:
        """For the reactor."""
        return "tracker"

    def connectionLost(self, reason: Failure) -> None:
        """The reactor stops, or has found the socket to be broken."""
        self._socket.close()

    def doRead(self) -> None:
        """Answer what has come, and return soon."""
        now = self._now()
        for _ in range(_BATCHES_PER_WAKE_UP):
            if self._datagrams.exchange(self._exchange, now) < BATCH:
                return
