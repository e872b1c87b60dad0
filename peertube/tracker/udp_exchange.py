"""What the UDP tracker answers to a datagram, if anything.

Whoever has not proved by a connection id that it receives at its address gets nothing but that id, in an answer no
longer than its request.
"""

from collections.abc import Callable

from peertube.tracker import udp_codec
from peertube.tracker.announce import MAX_SCRAPED, MAX_WANTED, Refused, Scraped, TooManyRequests, Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.swarm import Event
from peertube.tracker.udp_codec import (
    ANNOUNCE,
    ANNOUNCE_SIZE,
    CONNECT_HEAD,
    CONNECT_SIZE,
    AnnounceRequest,
    ConnectRequest,
    Malformed,
    ScrapeRequest,
    encode_connected,
    pack_announced,
    unpack_announce,
)

_NOBODY = Scraped(0, 0, 0)
_USUAL_IPV6_PEERS = 27
"""Keeps the answer to a client that names no number within 512 bytes."""
_KNOWN_EVENTS = range(4)
_STILL_THERE = frozenset((int(Event.NONE), int(Event.STARTED)))
_NO_PORT = bytes(2)


class UdpExchange:
    """Answers datagrams for a tracker."""

    def __init__(self, *, tracker: Tracker, connection_ids: ConnectionIds) -> None:
        self._tracker = tracker
        self._connection_ids = connection_ids

    def answer(self, datagram: bytes, address: bytes, now: float) -> bytes | None:
        """The answer to a datagram from `address` (4 or 16 bytes), or None for silence."""
        try:
            request = udp_codec.parse(datagram)
        except Malformed:
            return None
        if isinstance(request, ConnectRequest):
            return udp_codec.encode_connected(request.transaction_id, self._connection_ids.issue(address, now))
        if not self._connection_ids.valid(request.connection_id, address, now):
            return None
        try:
            if isinstance(request, AnnounceRequest):
                return self._announce(request, address, now)
            return self._scrape(request, address, now)
        except TooManyRequests:
            return None
        except Refused as refused:
            return udp_codec.encode_error(request.transaction_id, refused.reason)

    def answering(self, now: float) -> Callable[[bytes, bytes], bytes | None]:
        """How to `answer` datagrams that came at `now`: the same answers, sooner for what nearly all of them are.

        That is the announce of a client whose connection id is remembered and who is in the swarm already, or its
        wish to hear that id again. A wrong id is not compared in constant time here: who guesses hears nothing,
        whatever it takes, and then `answer` compares again.
        """
        current, previous = self._connection_ids.issued(now)
        renew, interval, full = self._tracker.renewing(now), self._tracker.interval, self.answer

        def answer(datagram: bytes, address: bytes) -> bytes | None:
            if len(datagram) >= ANNOUNCE_SIZE:
                proof, action, transaction_id, info_hash, left, event, wanted, port = unpack_announce(datagram)
                if (
                    action == ANNOUNCE
                    and event in _STILL_THERE
                    and (current.get(address) == proof or previous.get(address) == proof)
                    and port != _NO_PORT
                ):
                    if not 0 <= wanted <= MAX_WANTED:
                        wanted = MAX_WANTED if wanted > 0 or len(address) == 4 else _USUAL_IPV6_PEERS
                    renewed = renew(info_hash, address, port, left == 0, wanted)
                    if renewed is not None:
                        complete, incomplete, peers = renewed
                        return pack_announced(ANNOUNCE, transaction_id, interval, incomplete, complete) + peers
            elif len(datagram) >= CONNECT_SIZE and datagram.startswith(CONNECT_HEAD):
                issued = current.get(address)
                if issued is not None:
                    return encode_connected(datagram[12:16], issued)
            return full(datagram, address, now)

        return answer

    def _announce(self, request: AnnounceRequest, address: bytes, now: float) -> bytes:
        _, transaction_id, info_hash, left, event, wanted, port = request
        if event not in _KNOWN_EVENTS:
            raise Refused("invalid event")
        if wanted < 0:
            wanted = MAX_WANTED if len(address) == 4 else _USUAL_IPV6_PEERS
        tracker = self._tracker
        announced = tracker.announce(info_hash, address, port, left, event, wanted, now)
        return udp_codec.encode_announced(
            transaction_id, tracker.interval, announced.incomplete, announced.complete, announced.peers
        )

    def _scrape(self, request: ScrapeRequest, address: bytes, now: float) -> bytes:
        if len(request.info_hashes) > MAX_SCRAPED:
            raise Refused("too many hashes")
        counts = self._tracker.scrape(request.info_hashes, address, now)
        return udp_codec.encode_scraped(request.transaction_id, [one or _NOBODY for one in counts])
