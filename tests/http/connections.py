"""Connections to a `PodSite` in memory."""

from collections.abc import Sequence
from pathlib import Path

from klein import Klein
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, execute
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import IResource

from peertube.http.admission import Connections
from peertube.http.authentication import Gate
from peertube.http.routing import Route, answer_errors, mount
from peertube.http.sinks import SinkRoute, Sinks
from peertube.http.site import PodSite, Root


def at_once(work, /, *arguments) -> Deferred:
    """A thread that is done before anybody looks."""
    return execute(work, *arguments)


def site(
    at: Gate,
    clock: Clock,
    *,
    routes: Sequence[Route] = (),
    children: dict[bytes, IResource] | None = None,
    sink_routes: Sequence[SinkRoute] = (),
    folder: Path | None = None,
    in_thread=at_once,
    body_limits=(),
    connections: Connections | None = None,
) -> PodSite:
    """A site whose API has the given routes."""
    app = Klein()
    mount(app, "/api/v1", routes, at)
    answer_errors(app, at)
    names = iter(range(10_000))
    sinks = Sinks(
        sink_routes,
        gate=at,
        new_temporary=lambda: (folder or Path()) / f"part{next(names)}",
        in_thread=in_thread,
    )
    return PodSite(
        Root(children or {}, app.resource()),
        reactor=clock,
        gate=at,
        sinks=sinks,
        body_limits=body_limits,
        connections=connections,
    )


class Transport(StringTransport):
    """A transport that tells its protocol when it is closed, and can be closed half."""

    half_closed = False
    aborted = False
    protocol = None

    def loseWriteConnection(self) -> None:
        self.half_closed = True

    def loseConnection(self) -> None:
        super().loseConnection()
        self._lost()

    def abortConnection(self) -> None:
        self.aborted = True
        super().abortConnection()
        self._lost()

    def _lost(self) -> None:
        protocol, self.protocol = self.protocol, None
        if protocol is not None:
            protocol.connectionLost(Failure(ConnectionLost()))


class Connection:
    """One connection of a client."""

    def __init__(self, to: PodSite, address: str | None = None) -> None:
        self.channel = to.buildProtocol(None if address is None else IPv4Address("TCP", address, 50_000))
        self.transport = Transport()
        self.transport.protocol = self.channel
        self.channel.makeConnection(self.transport)

    def send(self, data: bytes) -> None:
        self.channel.dataReceived(data)

    def hang_up(self) -> None:
        self.transport._lost()

    @property
    def received(self) -> bytes:
        return self.transport.value()

    @property
    def status(self) -> int:
        """The status of the first answer; 0 when there is none."""
        return int(self.received.split(b" ", 2)[1]) if self.received else 0

    @property
    def head(self) -> str:
        return self.received.partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def reading(self) -> bool:
        return self.transport.producerState == "producing"

    @property
    def closed(self) -> bool:
        return self.transport.disconnecting or self.transport.half_closed or self.transport.aborted
