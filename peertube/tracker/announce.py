"""The tracker itself: who may be tracked, who is in which swarm, how many ask.

UDP and HTTP announces meet in the same swarms, one store for each address family; browsers have their own swarms in
`webtorrent`. Addresses are bytes, 4 or 16; times are seconds.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from attrs import frozen

from peertube.tracker.limits import RequestLimit
from peertube.tracker.swarm import PORTS_PER_ADDRESS, Event, Swarm, Swarms
from peertube.tracker.webtorrent import Signalling

MAX_WANTED = 50
MAX_SCRAPED = 74
"""As many as fit into one UDP answer (BEP 15)."""
_EPOCHS_PER_INTERVAL = 16
_NONE, _STARTED = int(Event.NONE), int(Event.STARTED)


class Refused(Exception):
    """The request will not be served.

    :param reason: a few words for the client.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyRequests(Refused):
    """The address has asked too often in this minute."""

    def __init__(self) -> None:
        super().__init__("too many requests")


class Announced(NamedTuple):
    """The answer to an announce (a tuple, since one is made for every datagram).

    `peers` are joined records of the caller's own address family. Counts are of both families.
    """

    complete: int
    incomplete: int
    downloaded: int
    peers: bytes


class Scraped(NamedTuple):
    """The counts of one swarm."""

    complete: int
    downloaded: int
    incomplete: int


@frozen
class TrackerNumbers:
    """What the admin sees."""

    swarms: int
    peers: int
    seeds: int
    sockets: int
    socket_peers: int
    socket_seeds: int
    announces: int
    scrapes: int
    refused: int


class AtOnce(NamedTuple):
    """What it takes to announce peers who only say again that they are there, many in a row.

    :param renew: `Swarms.renew` of their address family.
    :param other: `Swarms.get` of the other family; None when nobody is there.
    :param asked: how often each `limits.network` has asked in this minute, to be raised with each answer.
    :param most: how often it may, 0 for any number. Who is at its limit, or has not asked before, goes to `announce`.
    """

    renew: Callable[[bytes, bytes, bytes, bool, int], tuple[Swarm, bytes] | None]
    other: Callable[[bytes], Swarm | None] | None
    asked: dict[bytes, int]
    most: int


def packed(address: str) -> bytes:
    """An address as its 4 or 16 bytes; an IPv4 address written as IPv6 becomes 4. `ValueError` for anything else."""
    parsed = ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).packed


class Tracker:
    """Serves announces and scrapes of every transport.

    :param private: track only info-hashes that were made known.
    :param interval: seconds between the announces of a client over UDP and HTTP.
    :param requests_per_minute: how often one address may ask; 0 for any number.
    :param rng: a number in 0 <= x < 1.
    :param ports_per_address: how many peers of one address a swarm keeps.
    :param guarded: from which addresses only the pod's own seeder comes, which is to hear of public addresses alone.
    """

    def __init__(
        self,
        *,
        private: bool,
        interval: int,
        websocket_interval: int,
        max_swarms: int,
        max_peers_per_swarm: int,
        requests_per_minute: int,
        max_sockets: int,
        rng: Callable[[], float],
        ports_per_address: int = PORTS_PER_ADDRESS,
        guarded: frozenset[bytes] = frozenset(),
    ) -> None:
        self.interval = interval
        self.webtorrent = Signalling(
            tracks=self.tracks,
            interval=websocket_interval,
            max_sockets=max_sockets,
            max_swarms=max_swarms,
            max_peers_per_swarm=max_peers_per_swarm,
            rng=rng,
            guarded=guarded,
        )
        self._private = private
        self._known: set[bytes] = set()
        self._limit = RequestLimit(requests_per_minute)
        limits = {
            "max_swarms": max_swarms,
            "max_peers_per_swarm": max_peers_per_swarm,
            "ports_per_address": ports_per_address,
        }
        self._ipv4 = Swarms(address_size=4, rng=rng, **limits)
        self._ipv6 = Swarms(address_size=16, rng=rng, **limits)
        self._epoch_began = 0.0
        self._epoch_seconds = interval / _EPOCHS_PER_INTERVAL
        self._announces = 0
        self._scrapes = 0
        self._refused = 0

    @property
    def known(self) -> frozenset[bytes]:
        """The torrents of this pod."""
        return frozenset(self._known)

    def set_known(self, info_hashes: Iterable[bytes]) -> None:
        """These are all the torrents of this pod; swarms of others end if the tracker is private."""
        known = set(info_hashes)
        self.known_changed((), self._known - known)
        self._known = known

    def known_changed(self, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
        """Torrents were published, or are public no longer."""
        for info_hash in removed:
            self._known.discard(info_hash)
            if self._private:
                self._ipv4.drop(info_hash)
                self._ipv6.drop(info_hash)
                self.webtorrent.drop(info_hash)
        self._known.update(added)

    def tracks(self, info_hash: bytes) -> bool:
        """Whether a torrent is served here."""
        return not self._private or info_hash in self._known

    def announce(
        self, info_hash: bytes, address: bytes, port: int, left: int, event: int, wanted: int, now: float
    ) -> Announced:
        """Take note of the caller and give it others. `Refused` when it may not join.

        :param wanted: how many others; negative for as many as is usual.
        """
        if not self._limit.allows(address, now):
            self._refused += 1
            raise TooManyRequests
        if not port:
            self._refused += 1
            raise Refused("invalid port")
        if self._private and info_hash not in self._known:
            self._refused += 1
            raise Refused("unknown torrent")
        self._announces += 1
        own, other = (self._ipv4, self._ipv6) if len(address) == 4 else (self._ipv6, self._ipv4)
        if not 0 <= wanted <= MAX_WANTED:
            wanted = MAX_WANTED
        port_bytes, seeding = port.to_bytes(2, "big"), left == 0
        still_there = event in (_NONE, _STARTED)
        renewed = own.renew(info_hash, address, port_bytes, seeding, wanted) if still_there else None
        swarm, peers = renewed or own.announce(info_hash, address + port_bytes, seeding, event, wanted)
        complete, incomplete, downloaded = swarm.complete, swarm.peers - swarm.complete, swarm.downloaded
        same = other.get(info_hash)
        if same is not None:
            complete += same.complete
            incomplete += same.incomplete
            downloaded += same.downloaded
        return Announced(complete, incomplete, downloaded, peers)

    def at_once(self, address_size: int, now: float) -> AtOnce:
        """How to `announce` many who only say again that they are there: the same outcome, sooner. See `answered`."""
        own, other = (self._ipv4, self._ipv6) if address_size == 4 else (self._ipv6, self._ipv4)
        asked, most = self._limit.of_minute(now)
        return AtOnce(own.renew, other.get if len(other) else None, asked, most)

    def answered(self, announces: int, scrapes: int) -> None:
        """So many were answered by means of `at_once`."""
        self._announces += announces
        self._scrapes += scrapes

    def other_family(self, info_hash: bytes, address: bytes, wanted: int) -> bytes:
        """Up to `wanted` peers of the family that the caller did not announce with, for a caller who has both."""
        return (self._ipv6 if len(address) == 4 else self._ipv4).sample(info_hash, wanted)

    def wanted(self) -> dict[bytes, int]:
        """How many peers lack something of each known torrent that is in demand, however they announce.

        Looks at every swarm: not for every request.
        """
        counts: dict[bytes, int] = {}
        for swarms in (self._ipv4, self._ipv6, self.webtorrent):
            for info_hash, peers in swarms.wanting():
                if info_hash in self._known:
                    counts[info_hash] = counts.get(info_hash, 0) + peers
        return counts

    def scrape(self, info_hashes: Iterable[bytes], address: bytes, now: float) -> list[Scraped | None]:
        """The counts of each swarm, in order; None for one that nobody is in or that is not served here."""
        if not self._limit.allows(address, now):
            self._refused += 1
            raise TooManyRequests
        self._scrapes += 1
        return [self.counts(info_hash) for info_hash in info_hashes]

    def counts(self, info_hash: bytes) -> Scraped | None:
        """The counts of the peers of a torrent that announce over UDP and HTTP."""
        ipv4, ipv6 = self._ipv4.get(info_hash), self._ipv6.get(info_hash)
        one = ipv4 or ipv6
        if one is None:
            return None
        if ipv4 is None or ipv6 is None:
            return Scraped(one.complete, one.downloaded, one.peers - one.complete)
        return Scraped(
            ipv4.complete + ipv6.complete,
            ipv4.downloaded + ipv6.downloaded,
            ipv4.incomplete + ipv6.incomplete,
        )

    def expire(self, now: float) -> None:
        """Call often, about once a second: drops peers that fell silent for 1.75 intervals, a few swarms at a time.

        A clock that jumps costs nobody its place: at most one epoch passes per call.
        """
        passed = now - self._epoch_began
        if passed >= self._epoch_seconds or passed < 0:
            self._epoch_began = now
            self._ipv4.begin_epoch()
            self._ipv6.begin_epoch()
        for swarms in (self._ipv4, self._ipv6):
            swarms.sweep(int(len(swarms) / self._epoch_seconds) + 1)
        self.webtorrent.expire(now)

    def numbers(self) -> TrackerNumbers:
        """How much there is, and how much was asked since the start."""
        sockets = self.webtorrent
        return TrackerNumbers(
            swarms=len(self._ipv4) + len(self._ipv6) + sockets.swarms,
            peers=self._ipv4.peers + self._ipv6.peers,
            seeds=self._ipv4.seeds + self._ipv6.seeds,
            sockets=sockets.sockets,
            socket_peers=sockets.peers,
            socket_seeds=sockets.seeds,
            announces=self._announces + sockets.announces,
            scrapes=self._scrapes + sockets.scrapes,
            refused=self._refused + sockets.refused,
        )
