"""The tracker as a part of the pod: its UDP sockets, its timers, the torrents it knows."""

import socket
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from random import random
from typing import Any, cast

from attrs import asdict
from twisted.internet.interfaces import IReactorFDSet, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.web.resource import IResource
from twisted.web.server import Request

from peertube.config.schema import TrackerSettings
from peertube.service import Tasks, TasksFull
from peertube.tracker import steering, udp_batch, udp_codec
from peertube.tracker.announce import Tracker, packed
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.http_exchange import HttpExchange
from peertube.tracker.http_short_path import ForwardedAddress, ShortPath
from peertube.tracker.process_messages import Configure, separate
from peertube.tracker.processes import TrackerProcesses
from peertube.tracker.resource import TrackerResource, announce_resource, scrape_resource
from peertube.tracker.udp import UdpListener, open_shared_sockets, open_socket
from peertube.tracker.udp_exchange import Elsewhere, UdpExchange
from peertube.tracker.websocket import SocketResource, TrackerSockets

_EXPIRY_SECONDS = 1.0
_LOOK_AFTER_SECONDS = 30.0


def tracker_of(settings: TrackerSettings, rng: Callable[[], float] = random, guarded: Iterable[str] = ()) -> Tracker:
    """A tracker as the settings want it.

    :param guarded: addresses from which the pod's own seeder comes: it is to hear of public addresses alone.
    """
    return Tracker(
        private=settings.private,
        interval=settings.interval,
        websocket_interval=settings.websocket_interval,
        max_swarms=settings.max_swarms,
        max_peers_per_swarm=settings.max_peers_per_swarm,
        requests_per_minute=settings.requests_per_minute,
        max_sockets=settings.max_sockets,
        rng=rng,
        guarded=frozenset(map(packed, guarded)),
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
    :param settings: for the other processes, if `processes` says that there are any.
    :param tells_demand: whether `wanted` will be asked for.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        tracker: Tracker,
        interface: str,
        udp_port: int | None,
        reactor: IReactorTime,
        secret: bytes,
        settings: TrackerSettings | None = None,
        tells_demand: bool = False,
    ) -> None:
        self.tracker = tracker
        self._interface = interface
        self._udp_port = udp_port
        self._reactor = reactor
        self._tasks = Tasks(reactor)
        self.processes: TrackerProcesses | None = None
        elsewhere = None
        if settings is not None and settings.processes > 1 and udp_port is not None:
            if steering.is_possible():
                self.processes = self._other_processes(settings, secret, tells_demand)
                elsewhere = Elsewhere(is_foreign=self.processes.is_foreign, scrape=self._scrape_by_udp)
            else:
                self._log.warn("tracker.processes: this system cannot share a port; one process does it all")
        self._exchange = UdpExchange(tracker=tracker, connection_ids=ConnectionIds(secret), elsewhere=elsewhere)
        self._http = HttpExchange(tracker=tracker, others=self.processes)
        self._sockets = TrackerSockets(signalling=tracker.webtorrent, reactor=reactor, now=reactor.seconds)
        self._listeners: list[UdpListener] = []
        self._shared: list[socket.socket] = []
        """Sockets of the other processes: kept open here, so that they stay in their places."""
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
        if self.processes is not None:
            await self.processes.stop()
        for shared in self._shared:
            shared.close()
        self._shared = []
        await self._tasks.stop()

    def set_known(self, info_hashes: Iterable[bytes]) -> None:
        """These are the torrents of this pod (20 bytes each)."""
        known = set(info_hashes)
        self.tracker.set_known(known)
        if self.processes is not None:
            self.processes.set_known(known)

    def known_changed(self, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
        """Torrents were published, or are public no longer."""
        gained, lost = list(added), list(removed)
        self.tracker.known_changed(gained, lost)
        if self.processes is not None:
            self.processes.known_changed(gained, lost)

    def hear(self, message: Any) -> None:
        """News of the topic TORRENTS: ``{"added": [hex…], "removed": [hex…]}``."""
        self.known_changed(
            [bytes.fromhex(one) for one in message.get("added", ())],
            [bytes.fromhex(one) for one in message.get("removed", ())],
        )

    def numbers(self) -> Mapping[str, int]:
        """Counts by the names of `TrackerNumbers`, of all processes."""
        own: Counter[str] = Counter(asdict(self.tracker.numbers()))
        for other in self.processes.others if self.processes is not None else ():
            own.update(other.numbers)
        return own

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
            exchange=self._http,
            forwarded_address=forwarded_address,
            now=self._reactor.seconds,
        )

    def announces(self, client_address: Callable[[Request], str]) -> IResource:
        """The resource for ``/announce``."""
        return announce_resource(self._http, self._tasks.own, client_address, self._reactor.seconds)

    def scrapes(self, client_address: Callable[[Request], str]) -> IResource:
        """The resource for ``/scrape``."""
        return scrape_resource(self._http, self._tasks.own, client_address, self._reactor.seconds)

    def _listen(self, port: int) -> None:
        """On every interface; a machine without IPv6 is none the worse for it."""
        reactor = cast(IReactorFDSet, self._reactor)
        interfaces = udp_interfaces(self._interface)
        of_others: list[list[socket.socket]] = []
        for interface in interfaces:
            try:
                if self.processes is None:
                    udp = open_socket(interface, port)
                else:
                    udp, *others = open_shared_sockets(interface, port, self.processes.count)
                    of_others.append(others)
                    self._shared += others
            except OSError as error:
                if ":" in interface and len(interfaces) > 1:
                    self._log.info("no UDP tracker on {interface}: {error}", interface=interface, error=str(error))
                    continue
                raise
            listener = UdpListener(udp=udp, exchange=self._exchange, reactor=reactor, now=self._reactor.seconds)
            self._listeners.append(listener)
            listener.listen()
            port = listener.port
        if self.processes is not None:
            self.processes.start(list(zip(*of_others, strict=True)))

    def _other_processes(self, settings: TrackerSettings, secret: bytes, tells_demand: bool) -> TrackerProcesses:
        def configure(index: int) -> Configure:
            return Configure(
                index=index,
                processes=settings.processes,
                secret=secret,
                private=settings.private,
                interval=settings.interval,
                max_swarms=settings.max_swarms,
                max_peers_per_swarm=settings.max_peers_per_swarm,
                requests_per_minute=settings.requests_per_minute,
                tells_demand=tells_demand,
            )

        return TrackerProcesses(
            count=settings.processes,
            configure=configure,
            reactor=self._reactor,
            known=lambda: self.tracker.known,
            answer=lambda scrape: self._scrape_by_udp(
                scrape.sender, scrape.transaction_id, separate(scrape.info_hashes)
            ),
        )

    def _scrape_by_udp(self, sender: bytes, transaction_id: bytes, info_hashes: Sequence[bytes]) -> None:
        """Answer a scrape for torrents of several processes; too many at once are not answered."""
        with suppress(TasksFull):
            self._tasks.own(self._answer_scrape(sender, transaction_id, info_hashes))

    async def _answer_scrape(self, sender: bytes, transaction_id: bytes, info_hashes: Sequence[bytes]) -> None:
        found = await self._http.counts(info_hashes)
        reply = udp_codec.encode_scraped(transaction_id, [found.get(one) or (0, 0, 0) for one in info_hashes])
        family, to = udp_batch.socket_address(sender)
        for listener in self._listeners:
            if listener.is_ipv6 == (family == 16):
                listener.send(reply, to)

    def _expire(self) -> None:
        self.tracker.expire(self._reactor.seconds())

    def _timer_failed(self, failure: Any) -> None:
        self._log.failure("a timer of the tracker failed", failure=failure)
