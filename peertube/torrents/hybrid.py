"""Hybrid seeding: the pod's public videos are given to browsers (WebRTC) and ordinary clients (TCP, uTP) alike.

A child process does it (`seeder`), since it runs a library that reads what strangers send. It lives only while
somebody wants something: every few seconds the tracker is asked which torrents are in demand, and as many of these as
may be are taken up. In the swarms of browsers the seeder announces itself over the tracker's WebSocket. In those of
clients the pod announces it, under the address by which the world reaches the pod, and tells it whom it may dial: an
announce of its own would come from 127.0.0.1 and be handed out as that.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol

from attrs import define, frozen
from twisted.logger import Logger

from peertube.config.schema import HybridSeeding
from peertube.policy.addresses import is_public
from peertube.policy.backoff import next_delay
from peertube.service import Periodic
from peertube.torrents.demand import choose
from peertube.torrents.seeder_messages import Add, Configure, Connect, Failed, Listening, Numbers, Remove, Report
from peertube.torrents.seeder_process import SeederProcess

POLL_SECONDS = 3.0
"""How often the tracker is asked what is in demand."""

_ANNOUNCE_SECONDS = 60.0
_SILENCE_SECONDS = 60.0
_STEADY_SECONDS = 600.0
_FIRST_RESTART_SECONDS = 5.0
_LONGEST_RESTART_SECONDS = 600.0
_UNFIT_KEPT = 10_000
_UNFIT_SECONDS = 600.0

Peer = tuple[bytes, int]
"""Address (4 or 16 bytes) and port."""


class Swarms(Protocol):
    """The tracker."""

    def wanted(self) -> Mapping[bytes, int]:
        """How many peers lack something of each torrent that is in demand."""
        ...

    def announce_for(
        self,
        info_hash: bytes,
        address: bytes,
        port: int,
        *,
        complete: bool,
        leaves: bool = False,
        found: Callable[[Sequence[Peer]], None],
    ) -> None:
        """Make somebody a member of the swarm of ordinary clients, or let it leave; `found` hears of the others."""
        ...


class Source(Protocol):
    """Where a torrent lies, and the file that it is of."""

    @property
    def torrent(self) -> Path:
        """The torrent."""
        ...

    @property
    def file(self) -> Path:
        """The file."""
        ...


@frozen
class Place:
    """Where the seeder lives.

    :param interface: the address of a network interface, as `listen.hostname`.
    :param tracker: the WebSocket of the pod's own tracker.
    :param announce_seconds: how often browsers announce there.
    :param scratch: a folder for what the pod does not have.
    :param allow_private: whether peers may have addresses that are not of the open internet.
    """

    interface: str
    tracker: str
    announce_seconds: int
    scratch: Path
    allow_private: bool


@define
class _Torrent:
    """A torrent that the seeder has. Times are seconds of the reactor."""

    asked: float
    announced: float = float("-inf")
    complete: bool = True
    peers: int = 0


class HybridSeeder:
    """Keeps the seeder alive and tells it what to seed.

    :param source_of: where the torrent of an info-hash (40 hex digits) lies; None for one that is not public.
    :param addresses: the addresses by which the world reaches the pod.
    :param fraction: a random number in 0 <= x < 1.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: Any,
        settings: HybridSeeding,
        place: Place,
        swarms: Swarms,
        source_of: Callable[[str], Awaitable[Source | None]],
        addresses: Callable[[], Awaitable[Iterable[str]]],
        fraction: Callable[[], float],
        process: Callable[..., SeederProcess] = SeederProcess,
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._place = place
        self._swarms = swarms
        self._source_of = source_of
        self._find_addresses = addresses
        self._fraction = fraction
        self._new_process = process
        self._turns = Periodic("hybrid seeding", self.turn, POLL_SECONDS, reactor)
        self._process: SeederProcess | None = None
        self._addresses: list[bytes] = []
        self._port = 0
        self._started = self._heard_at = 0.0
        self._not_before = float("-inf")
        self._deaths = 0
        self._restarts = 0
        self._torrents: dict[str, _Torrent] = {}
        self._unfit: dict[str, float] = {}
        """Until when not to try, of torrents that cannot be seeded, in the order in which that was seen."""
        self._numbers = Numbers(0, 0, 0, 0, 0, [])
        self._uploaded_before = 0

    async def start(self) -> None:
        """Begin to look for demand."""
        await self._turns.start()

    async def stop(self) -> None:
        """End the seeder."""
        await self._turns.stop()
        await self._end()

    def hear(self, message: Any) -> None:
        """News of the topic TORRENTS: what is public no longer is put down at once."""
        for info_hash in message.get("removed", ()):
            self._unload(info_hash)
            self._unfit.pop(info_hash, None)

    def numbers(self) -> Mapping[str, int]:
        """For the administration: torrents, clients, browsers, bytes uploaded, bytes of memory, restarts."""
        return {
            "torrents": len(self._torrents),
            "clients": self._numbers.clients,
            "browsers": self._numbers.browsers,
            "uploaded": self._uploaded_before + self._numbers.uploaded,
            "memory": self._numbers.memory,
            "restarts": self._restarts,
        }

    async def turn(self) -> None:
        """Take up what is in demand, put down what is not."""
        now = self._reactor.seconds()
        wanted = {info_hash.hex(): peers for info_hash, peers in self._swarms.wanted().items()}
        for info_hash, torrent in self._torrents.items():
            # While the seeder lacks something itself, it is one of those whom the tracker counts.
            if not torrent.complete and not torrent.peers:
                wanted.pop(info_hash, None)
            if info_hash in wanted:
                torrent.asked = now
        for info_hash in [info_hash for info_hash, until in self._unfit.items() if until <= now]:
            del self._unfit[info_hash]
        choice = choose(
            loaded={info_hash: now - torrent.asked for info_hash, torrent in self._torrents.items()},
            wanted=wanted,
            unfit=self._unfit,
            maximum=self._settings.max_torrents,
            idle=self._settings.unload_after,
        )
        for info_hash in choice.unload:
            self._unload(info_hash)
        if choice.load and now >= self._not_before:
            await self._load(choice.load, now)
        if self._process is not None:
            self._look_after(now)
            if not self._torrents:
                await self._end()

    async def _load(self, info_hashes: Iterable[str], now: float) -> None:
        for info_hash in info_hashes:
            source = await self._source_of(info_hash)
            if source is None:
                self._note_unfit(info_hash)
                continue
            if self._process is None:
                self._addresses = await self._public_addresses()
                self._spawn()
            assert self._process is not None
            self._process.tell(Add(info_hash, str(source.torrent), str(source.file)))
            self._torrents[info_hash] = _Torrent(now)

    def _unload(self, info_hash: str) -> None:
        torrent = self._torrents.pop(info_hash, None)
        if torrent is None:
            return
        if self._process is not None:
            self._process.tell(Remove(info_hash))
        self._announce(info_hash, torrent, leaves=True)

    def _look_after(self, now: float) -> None:
        assert self._process is not None
        if now - self._heard_at > _SILENCE_SECONDS:
            self._log.warn("the seeder says nothing any more: it is ended")
            self._process.kill()
            return
        for info_hash, torrent in self._torrents.items():
            if self._port and now - torrent.announced >= _ANNOUNCE_SECONDS:
                torrent.announced = now
                self._announce(info_hash, torrent)

    def _announce(self, info_hash: str, torrent: _Torrent, *, leaves: bool = False) -> None:
        if not self._port:
            return

        def found(others: Sequence[Peer]) -> None:
            allowed = [peer for peer in sorted(others) if self._may_dial(peer)]
            if allowed and not leaves and self._process is not None and info_hash in self._torrents:
                self._process.tell(Connect(info_hash, [_spelled(peer) for peer in allowed]))

        for address in self._addresses:
            self._swarms.announce_for(
                bytes.fromhex(info_hash), address, self._port, complete=torrent.complete, leaves=leaves, found=found
            )

    def _may_dial(self, peer: Peer) -> bool:
        address, port = peer
        if port == self._port and address in self._addresses:
            return False
        return self._place.allow_private or is_public(str(ip_address(address)))

    async def _public_addresses(self) -> list[bytes]:
        found = [ip_address(address) for address in await self._find_addresses()]
        usable = [each.packed for each in found if self._place.allow_private or is_public(str(each))]
        if not usable:
            self._log.warn(
                "no public address is known (seeding.hybrid.addresses, webserver.hostname): ordinary clients will not "
                "find the seeder, browsers will"
            )
        return usable

    def _spawn(self) -> None:
        settings, place = self._settings, self._place
        process = self._new_process(heard=self._heard, ended=self._ended)
        process.start(self._reactor)
        process.tell(
            Configure(
                listen=listen_interfaces(place.interface, settings.port),
                tracker=place.tracker,
                announce_seconds=place.announce_seconds,
                scratch=str(place.scratch),
                fetch_limit=settings.max_fetched,
                connections=settings.max_peers,
                upload_rate=settings.max_upload_rate,
                memory=settings.max_memory,
                stun_server=settings.stun_server,
                allow_private=place.allow_private,
            )
        )
        self._process = process
        self._started = self._heard_at = self._reactor.seconds()

    async def _end(self) -> None:
        """End the seeder because it is not needed."""
        for info_hash in list(self._torrents):
            self._unload(info_hash)
        process, self._process = self._process, None
        if process is not None:
            await process.stop(self._reactor)

    def _heard(self, report: Report) -> None:
        self._heard_at = self._reactor.seconds()
        match report:
            case Listening(port):
                if not port:
                    self._log.warn("the seeder cannot listen on port {port}", port=self._settings.port)
                self._port = port
            case Numbers():
                self._numbers = report
                for told in report.torrents:
                    torrent = self._torrents.get(told.info_hash)
                    if torrent is not None:
                        torrent.complete, torrent.peers = told.complete, told.peers
            case Failed(info_hash, reason):
                self._log.warn("cannot seed {info_hash}: {reason}", info_hash=info_hash, reason=reason)
                self._unload(info_hash)
                self._note_unfit(info_hash)

    def _ended(self, reason: str) -> None:
        """The process is gone. Unless that was our wish, another one comes, later each time that it happens."""
        self._uploaded_before += self._numbers.uploaded
        self._numbers = Numbers(0, 0, 0, 0, 0, [])
        unexpected, self._process = self._process is not None, None
        for info_hash, torrent in self._torrents.items():
            self._announce(info_hash, torrent, leaves=True)
        self._torrents.clear()
        self._port = 0
        if unexpected:
            now = self._reactor.seconds()
            self._restarts += 1
            self._deaths = 1 if now - self._started > _STEADY_SECONDS else self._deaths + 1
            delay = next_delay(
                self._deaths,
                self._fraction(),
                first_seconds=_FIRST_RESTART_SECONDS,
                longest_seconds=_LONGEST_RESTART_SECONDS,
            )
            self._not_before = now + delay
            self._log.error("the seeder died ({reason}); next in {delay:.0f} s", reason=reason, delay=delay)

    def _note_unfit(self, info_hash: str) -> None:
        if len(self._unfit) >= _UNFIT_KEPT:
            del self._unfit[next(iter(self._unfit))]
        self._unfit[info_hash] = self._reactor.seconds() + _UNFIT_SECONDS


def listen_interfaces(hostname: str, port: int) -> str:
    """An interface as libtorrent spells it."""
    if hostname in ("", "0.0.0.0", "::"):
        return f"0.0.0.0:{port},[::]:{port}"
    if hostname == "localhost":
        return f"127.0.0.1:{port}"
    return f"[{hostname}]:{port}" if ":" in hostname else f"{hostname}:{port}"


def _spelled(peer: Peer) -> str:
    address, port = peer
    text = str(ip_address(address))
    return f"[{text}]:{port}" if len(address) == 16 else f"{text}:{port}"
