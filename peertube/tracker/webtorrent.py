"""Swarms of browsers: who is connected, who made which offer, who may answer it.

A browser cannot be dialled. It announces over a WebSocket with WebRTC offers, which are passed to others in the swarm;
their answers come back the same way. A peer id belongs to the socket that first announced it in a swarm until that
socket goes or says `stopped`. An answer is passed on only to an offer that its sender was given, once, within two
minutes. This module decides; `websocket` moves the messages.
"""

from collections.abc import Callable, Iterator, Sequence

from peertube.tracker import websocket_codec
from peertube.tracker.candidates import public_only
from peertube.tracker.limits import TokenBucket, network
from peertube.tracker.websocket_codec import Malformed, Offer, Request, bytes_of, is_20_bytes

Outgoing = list[tuple["Connection", bytes]]

MAX_OFFERS = 10
OFFER_SECONDS = 120
_MAX_MEMBERSHIPS = 100
_MAX_OUTSTANDING = 400
_MAX_SOCKETS_PER_ADDRESS = 200
_LIFETIME_INTERVALS = 1.75
_MIN_SCRAPE_SECONDS = 60
_EVENTS = frozenset((None, "", "started", "completed", "stopped", "update", "paused"))


class TooManySockets(Exception):
    """This address, or everybody together, has as many sockets as may be."""


class Flood(Exception):
    """A socket sends more than anybody needs to."""


class _Member:
    """A peer in a swarm: a connection under a peer id."""

    __slots__ = ("connection", "info_hash", "peer_id", "position", "seeding", "seen")

    def __init__(self, connection: "Connection", info_hash: str, peer_id: str, position: int, now: float) -> None:
        self.connection = connection
        self.info_hash = info_hash
        self.peer_id = peer_id
        self.position = position
        self.seeding = False
        self.seen = now


class Connection:
    """One WebSocket as the tracker knows it.

    To one that is `guarded` only public addresses are passed on (`candidates`).

    `takes_relays` is set by whoever moves the bytes: False while too much waits to be sent.
    """

    __slots__ = ("address", "guarded", "members", "messages", "offers", "outstanding", "takes_relays")

    def __init__(self, address: bytes, now: float, *, guarded: bool = False) -> None:
        self.address = address
        self.guarded = guarded
        self.takes_relays = True
        self.members: dict[str, _Member] = {}
        self.outstanding: dict[tuple[_Member, str], float] = {}
        """When each offer that this connection made runs out, by who got it and its id."""
        self.offers = TokenBucket(100, 2, now)
        self.messages = TokenBucket(500, 50, now)


class _Swarm:
    __slots__ = ("by_peer_id", "complete", "downloaded", "members")

    def __init__(self) -> None:
        self.members: list[_Member] = []
        self.by_peer_id: dict[str, _Member] = {}
        self.complete = 0
        self.downloaded = 0


class Signalling:
    """Answers the messages of all WebSockets.

    :param tracks: whether a torrent (20 bytes) is served here.
    :param interval: seconds between the announces of a client.
    :param rng: a number in 0 <= x < 1.
    """

    def __init__(
        self,
        *,
        tracks: Callable[[bytes], bool],
        interval: int,
        max_sockets: int,
        max_swarms: int,
        max_peers_per_swarm: int,
        rng: Callable[[], float],
        guarded: frozenset[bytes] = frozenset(),
    ) -> None:
        self._tracks = tracks
        self._guarded = guarded
        self._interval = interval
        self._max_sockets = max_sockets
        self._max_swarms = max_swarms
        self._max_peers = max_peers_per_swarm
        self._rng = rng
        self._swarms: dict[str, _Swarm] = {}
        self._per_address: dict[bytes, int] = {}
        self._by_age: dict[_Member, None] = {}
        self.sockets = 0
        self.seeds = 0
        self.announces = 0
        self.scrapes = 0
        self.refused = 0

    @property
    def swarms(self) -> int:
        """How many torrents have peers."""
        return len(self._swarms)

    @property
    def peers(self) -> int:
        """How many peers there are in all swarms."""
        return len(self._by_age)

    def connect(self, address: bytes, now: float) -> Connection:
        """A client at `address` has opened a socket. `TooManySockets` when it may not."""
        client = network(address)
        count = self._per_address.get(client, 0)
        if self.sockets >= self._max_sockets or count >= _MAX_SOCKETS_PER_ADDRESS:
            self.refused += 1
            raise TooManySockets
        self._per_address[client] = count + 1
        self.sockets += 1
        return Connection(address, now, guarded=address in self._guarded)

    def disconnect(self, connection: Connection) -> None:
        """The socket is gone, and its peers with it."""
        for member in list(connection.members.values()):
            self._leave(member)
        connection.outstanding.clear()
        self.sockets -= 1
        client = network(connection.address)
        self._per_address[client] -= 1
        if not self._per_address[client]:
            del self._per_address[client]

    def receive(self, connection: Connection, message: bytes, now: float) -> Outgoing:
        """What to send to whom because of a message. `Malformed` or `Flood` when its socket is to be closed."""
        if not connection.messages.take(now):
            self.refused += 1
            raise Flood
        request = websocket_codec.parse(message)
        if request.action == "announce":
            if websocket_codec.has_answer(request):
                return self._answer(connection, request, now)
            return self._announce(connection, request, now)
        if request.action == "scrape":
            return [(connection, self._scrape(request))]
        raise Malformed("an unknown action")

    def wanting(self) -> Iterator[tuple[bytes, int]]:
        """The torrents of which somebody lacks something, and how many do."""
        for info_hash, swarm in self._swarms.items():
            if len(swarm.members) > swarm.complete:
                yield info_hash.encode("latin-1"), len(swarm.members) - swarm.complete

    def drop(self, info_hash: bytes) -> None:
        """Forget a swarm and its peers; their sockets stay."""
        swarm = self._swarms.get(info_hash.decode("latin-1"))
        for member in list(swarm.members) if swarm is not None else ():
            self._leave(member)

    def expire(self, now: float) -> None:
        """Drop peers that fell silent though their socket lives."""
        limit = now - self._interval * _LIFETIME_INTERVALS
        silent = []
        for member in self._by_age:
            if member.seen > limit:
                break
            silent.append(member)
        for member in silent:
            self._leave(member)

    def _announce(self, connection: Connection, request: Request, now: float) -> Outgoing:
        info_hash, peer_id = request.info_hash, request.peer_id
        if not isinstance(info_hash, str) or request.event not in _EVENTS or not is_20_bytes(peer_id):
            raise Malformed("an incomplete announce")
        if not self._tracks(bytes_of(info_hash)):
            return self._refuse(connection, "unknown torrent", info_hash)
        self.announces += 1
        member = connection.members.get(info_hash)
        if member is not None and member.peer_id != peer_id:
            return self._refuse(connection, "another peer id on this socket", info_hash)
        if request.event == "stopped":
            if member is not None:
                self._leave(member)
            return [self._announced(connection, info_hash)]
        if member is None:
            reason = self._why_not_join(connection, info_hash, peer_id)
            if reason:
                return self._refuse(connection, reason, info_hash)
            member = self._join(connection, info_hash, peer_id, now)
        self._renew(member, request, now)
        outgoing = [self._announced(connection, info_hash)]
        if request.offers:
            outgoing += self._relay(member, request.offers, request.numwant, now)
        return outgoing

    def _announced(self, connection: Connection, info_hash: str) -> tuple[Connection, bytes]:
        complete, _, incomplete = self._counts(info_hash)
        return connection, websocket_codec.encode_announced(info_hash, complete, incomplete, self._interval)

    def _refuse(self, connection: Connection, reason: str, info_hash: str) -> Outgoing:
        self.refused += 1
        return [(connection, websocket_codec.encode_failure("announce", reason, info_hash))]

    def _why_not_join(self, connection: Connection, info_hash: str, peer_id: str) -> str | None:
        if len(connection.members) >= _MAX_MEMBERSHIPS:
            return "too many torrents on this socket"
        swarm = self._swarms.get(info_hash)
        if swarm is None:
            return "too many torrents" if len(self._swarms) >= self._max_swarms else None
        if peer_id in swarm.by_peer_id:
            return "peer id in use"
        return "too many peers" if len(swarm.members) >= self._max_peers else None

    def _join(self, connection: Connection, info_hash: str, peer_id: str, now: float) -> _Member:
        swarm = self._swarms.setdefault(info_hash, _Swarm())
        member = _Member(connection, info_hash, peer_id, len(swarm.members), now)
        swarm.members.append(member)
        swarm.by_peer_id[peer_id] = member
        connection.members[info_hash] = member
        return member

    def _renew(self, member: _Member, request: Request, now: float) -> None:
        """The member has announced: it is fresh, and is what it says it is."""
        swarm = self._swarms[member.info_hash]
        seeding = request.left == 0
        if seeding != member.seeding:
            change = 1 if seeding else -1
            swarm.complete += change
            self.seeds += change
            swarm.downloaded += seeding and request.event == "completed"
            member.seeding = seeding
        member.seen = now
        self._by_age.pop(member, None)
        self._by_age[member] = None

    def _leave(self, member: _Member) -> None:
        """The last member takes the place of the one that goes."""
        swarm = self._swarms[member.info_hash]
        last = swarm.members.pop()
        if last is not member:
            swarm.members[member.position] = last
            last.position = member.position
        del swarm.by_peer_id[member.peer_id], member.connection.members[member.info_hash], self._by_age[member]
        swarm.complete -= member.seeding
        self.seeds -= member.seeding
        if not swarm.members:
            del self._swarms[member.info_hash]

    def _relay(
        self, sender: _Member, offers: Sequence[Offer], wanted: float | None, now: float
    ) -> Iterator[tuple[Connection, bytes]]:
        """Give each offer to another peer that can take it."""
        connection = sender.connection
        usable = [offer for offer in offers[:MAX_OFFERS] if websocket_codec.may_pass(offer.offer, offer.offer_id)]
        if wanted is not None:
            usable = usable[: max(0, int(min(wanted, MAX_OFFERS)))]
        _forget_expired(connection.outstanding, now)
        for offer, receiver in zip(usable, self._others(sender, len(usable)), strict=False):
            if not connection.offers.take(now):
                self.refused += 1
                return
            connection.outstanding.pop((receiver, offer.offer_id), None)
            if receiver.connection.guarded:
                public = public_only(offer.offer)
                if public is None:
                    continue
                offer = Offer(public, offer.offer_id)
            connection.outstanding[receiver, offer.offer_id] = now + OFFER_SECONDS
            yield receiver.connection, websocket_codec.encode_offer(sender.info_hash, sender.peer_id, offer)

    def _others(self, member: _Member, wanted: int) -> Iterator[_Member]:
        """Other members whose sockets can take more, from a random one on; looks at a bounded number."""
        members = self._swarms[member.info_hash].members
        total = len(members)
        start = int(self._rng() * total)
        for step in range(min(total, 2 * wanted + 16)):
            other = members[(start + step) % total]
            if other.connection is not member.connection and other.connection.takes_relays:
                yield other

    def _answer(self, connection: Connection, request: Request, now: float) -> Outgoing:
        info_hash, offer_id = request.info_hash, request.offer_id
        if not isinstance(info_hash, str) or offer_id is None or request.to_peer_id is None:
            raise Malformed("an incomplete answer")
        member = connection.members.get(info_hash)
        if member is not None and member.peer_id == request.peer_id:
            target = self._swarms[info_hash].by_peer_id.get(request.to_peer_id)
            if target is None:
                return []
            expires = target.connection.outstanding.pop((member, offer_id), 0.0)
            if now < expires and websocket_codec.may_pass(request.answer, offer_id):
                if not target.connection.takes_relays:
                    return []
                description = public_only(request.answer) if target.connection.guarded else request.answer
                if description is None:
                    return []
                answer = websocket_codec.encode_answer(info_hash, member.peer_id, offer_id, description)
                return [(target.connection, answer)]
        self.refused += 1
        return []

    def _scrape(self, request: Request) -> bytes:
        asked = request.info_hash or []
        hashes = [asked] if isinstance(asked, str) else asked
        if not 0 < len(hashes) <= websocket_codec.MAX_SCRAPED:
            self.refused += 1
            return websocket_codec.encode_failure("scrape", "ask for 1 to 74 torrents", None)
        self.scrapes += 1
        files = {info_hash: self._counts(info_hash) for info_hash in hashes if self._tracks(bytes_of(info_hash))}
        return websocket_codec.encode_scraped(files, _MIN_SCRAPE_SECONDS)

    def _counts(self, info_hash: str) -> tuple[int, int, int]:
        """Seeds, downloads and leechers of a torrent."""
        swarm = self._swarms.get(info_hash)
        if swarm is None:
            return 0, 0, 0
        return swarm.complete, swarm.downloaded, len(swarm.members) - swarm.complete


def _forget_expired(outstanding: dict[tuple[_Member, str], float], now: float) -> None:
    """Drop the offers that ran out, and the oldest when there are too many; they lie in the order they were made."""
    excess = len(outstanding) + MAX_OFFERS - _MAX_OUTSTANDING
    expired: list[tuple[_Member, str]] = []
    for key, expires in outstanding.items():
        if expires > now and len(expired) >= excess:
            break
        expired.append(key)
    for key in expired:
        del outstanding[key]
