"""What the HTTP tracker answers to a query string; refusals are answers too, as BitTorrent clients expect."""

from peertube.tracker import http_codec
from peertube.tracker.announce import Refused, Tracker
from peertube.tracker.http_codec import Malformed
from peertube.tracker.swarm import Event


class HttpExchange:
    """Answers queries for a tracker. Addresses are 4 or 16 bytes, times seconds since 1970."""

    def __init__(self, *, tracker: Tracker) -> None:
        self._tracker = tracker

    def announce(self, query: bytes, address: bytes, now: float) -> bytes:
        """The answer to an announce (BEP 3, 7, 23)."""
        tracker = self._tracker
        try:
            asked = http_codec.parse_announce(query)
            announced = tracker.announce(
                asked.info_hash, address, asked.port, asked.left, asked.event, asked.wanted, now
            )
        except (Malformed, Refused) as refusal:
            return http_codec.encode_failure(refusal.reason)
        if asked.event == Event.STOPPED:
            return http_codec.encode_announced(announced, b"", tracker.interval)
        of_ipv4 = len(address) == 4
        missing = asked.wanted - len(announced.peers) // (6 if of_ipv4 else 18)
        other = tracker.other_family(asked.info_hash, address, missing)
        if of_ipv4:
            peers6 = other
        else:
            announced, peers6 = announced._replace(peers=other), announced.peers
        encode = http_codec.encode_announced if asked.compact else http_codec.encode_announced_in_full
        return encode(announced, peers6, tracker.interval)

    def scrape(self, query: bytes, address: bytes, now: float) -> bytes:
        """The answer to a scrape (BEP 48): counts of the torrents asked for; those that nobody is in are left out."""
        try:
            hashes = http_codec.parse_scrape(query)
            counts = zip(hashes, self._tracker.scrape(hashes, address, now), strict=True)
        except (Malformed, Refused) as refusal:
            return http_codec.encode_failure(refusal.reason)
        return http_codec.encode_scraped({info_hash: one for info_hash, one in counts if one is not None})
