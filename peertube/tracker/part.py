"""The tracker as a part of the pod: its UDP sockets, its timers, the torrents it knows."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from random import random
from typing import Any, cast

from twisted.internet.interfaces import IReactorFDSet, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.web.resource import IResource
from twisted.web.server import Request

from peertube.config.schema import TrackerSettings
from peertube.tracker.announce import Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.http_exchange import HttpExchange
from peertube.tracker.http_short_path import ForwardedAddress, ShortPath
from peertube.tracker.resource import TrackerResource, announce_resource, scrape_resource
from peertube.tracker.udp import UdpListener, open_socket
from peertube.tracker.udp_exchange import UdpExchange
from peertube.tracker.websocket import SocketResource, TrackerSockets

_EXPIRY_SECONDS = 1.0
_LOOK_AFTER_SECONDS = 30.0


def tracker_of(settings: TrackerSettings, rng: Callable[[], float] = random) -> Tracker:
    """A tracker as the settings want it."""
    return Tracker(
        private=settings.private,
        interval=settings.interval,
        websocket_interval=settings.websocket_interval,
        max_swarms=settings.max_swarms,
        max_peers_per_swarm=settings.max_peers_per_swarm,
        requests_per_minute=settings.requests_per_minute,
        max_sockets=settings.max_sockets,
        rng=rng,
    )


def udp_interfaces(hostname: str) -> list[str]:
    """The addresses to bind for `listen.hostname`; one of each family where it means any of them."""
    if hostname in ("", "0.0.0.0", "::"):
        return ["0.0.0.0", "::"]
    if hostname == "localhost":
        return ["127.0.0.1", "::1"]
    return [str(ip_address(hostname))]


class TrackerPart:
    """Serves UDP while it runs, and drops who fell silent; its resources serve HTTP and WebSocket.

    :param interface: `listen.hostname`, an address or ``localhost``.
    :param udp_port: where to listen for UDP, 0 for any free port, None for nowhere.
    :param reactor: also the clock.
    :param secret: 32 random bytes for connection ids, the same in all processes that share the port.
    """

    _log = Logger()

    def __init__(
        self, *, tracker: Tracker, interface: str, udp_port: int | None, reactor: IReactorTime, secret: bytes
    ) -> None:
        self.tracker = tracker
        self._interface = interface
        self._udp_port = udp_port
        self._reactor = reactor
        self._exchange = UdpExchange(tracker=tracker, connection_ids=ConnectionIds(secret))
        self._sockets = TrackerSockets(signalling=tracker.webtorrent, reactor=reactor, now=reactor.seconds)
        self._listeners: list[UdpListener] = []
        self._timers: list[LoopingCall] = []

    @property
    def udp_port(self) -> int | None:
        """The port where UDP is answered now."""
        return self._listeners[0].port if self._listeners else None

    async def start(self) -> None:
        """Listen. `OSError` when the port is taken."""
        if self._udp_port is not None:
            self._listen(self._udp_port)
        for seconds, work in ((_EXPIRY_SECONDS, self._expire), (_LOOK_AFTER_SECONDS, self._sockets.look_after)):
            timer = LoopingCall(work)
            timer.clock = self._reactor
            timer.start(seconds, now=False).addErrback(self._timer_failed)
            self._timers.append(timer)

    async def stop(self) -> None:
        """Listen no more, and end all sockets."""
        for timer in self._timers:
            if timer.running:
                timer.stop()
        for listener in self._listeners:
            listener.close()
        self._timers, self._listeners = [], []
        self._sockets.close()

    def set_known(self, info_hashes: Iterable[bytes]) -> None:
        """These are the torrents of this pod (20 bytes each)."""
        self.tracker.set_known(info_hashes)

    def known_changed(self, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
        """Torrents were published, or are public no longer."""
        self.tracker.known_changed(added, removed)

    def hear(self, message: Any) -> None:
        """News of the topic TORRENTS: ``{"added": [hex…], "removed": [hex…]}``."""
        self.known_changed(
            [bytes.fromhex(one) for one in message.get("added", ())],
            [bytes.fromhex(one) for one in message.get("removed", ())],
        )

    def resource(self, client_address: Callable[[Request], str]) -> TrackerResource:
        """The resource for ``/tracker``; its children ``announce`` and ``scrape`` may also serve the old paths.

        :param client_address: the address from which a request comes, proxies seen through.
        """
        return TrackerResource(
            announces=self.announces(client_address),
            scrapes=self.scrapes(client_address),
            socket=SocketResource(sockets=self._sockets, client_address=client_address),
        )

    def short_path(self, forwarded_address: ForwardedAddress) -> ShortPath:
        """Answers ``/announce``, ``/scrape`` and the same below ``/tracker`` in front of the site."""
        return ShortPath(
            exchange=HttpExchange(tracker=self.tracker),
            forwarded_address=forwarded_address,
            now=self._reactor.seconds,
        )

    def announces(self, client_address: Callable[[Request], str]) -> IResource:
        """The resource for ``/announce``."""
        return announce_resource(self.tracker, client_address, self._reactor.seconds)

    def scrapes(self, client_address: Callable[[Request], str]) -> IResource:
        """The resource for ``/scrape``."""
        return scrape_resource(self.tracker, client_address, self._reactor.seconds)

    def _listen(self, port: int) -> None:
        """On every interface; a machine without IPv6 is none the worse for it."""
        reactor = cast(IReactorFDSet, self._reactor)
        interfaces = udp_interfaces(self._interface)
        for interface in interfaces:
            try:
                udp = open_socket(interface, port)
            except OSError as error:
                if ":" in interface and len(interfaces) > 1:
                    self._log.info("no UDP tracker on {interface}: {error}", interface=interface, error=str(error))
                    continue
                raise
            listener = UdpListener(udp=udp, exchange=self._exchange, reactor=reactor, now=self._reactor.seconds)
            self._listeners.append(listener)
            listener.listen()
            port = listener.port

    def _expire(self) -> None:
        self.tracker.expire(self._reactor.seconds())

    def _timer_failed(self, failure: Any) -> None:
        self._log.failure("a timer of the tracker failed", failure=failure)
