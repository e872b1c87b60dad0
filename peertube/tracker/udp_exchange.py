"""What the UDP tracker answers to a datagram, if anything.

Whoever has not proved by a connection id that it receives at its address gets nothing but that id, in an answer no
longer than its request.
"""

from peertube.tracker import udp_codec
from peertube.tracker.announce import MAX_SCRAPED, MAX_WANTED, Refused, Scraped, TooManyRequests, Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.udp_codec import AnnounceRequest, ConnectRequest, Malformed, ScrapeRequest

_NOBODY = Scraped(0, 0, 0)
_USUAL_IPV6_PEERS = 27
"""Keeps the answer to a client that names no number within 512 bytes."""
_KNOWN_EVENTS = range(4)


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
