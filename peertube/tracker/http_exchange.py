"""What the HTTP tracker answers to a query string; refusals are answers too, as BitTorrent clients expect."""

from collections.abc import Sequence
from typing import Protocol

from peertube.tracker import http_codec
from peertube.tracker.announce import Announced, Refused, Scraped, Tracker
from peertube.tracker.http_codec import Malformed
from peertube.tracker.swarm import Event

_STOPPED = int(Event.STOPPED)


class OtherProcesses(Protocol):
    """The other processes of the tracker, where there are several (`steering`)."""

    def is_foreign(self, info_hash: bytes, /) -> bool:
        """Whether another process has the swarm of a torrent."""
        ...

    async def announce(
        self, info_hash: bytes, address: bytes, port: int, left: int, event: int, wanted: int, /
    ) -> tuple[Announced, bytes]:
        """Announce there: the answer, and peers of the other address family. `Refused` when it may not join."""
        ...

    async def counts(self, info_hashes: Sequence[bytes], /) -> dict[bytes, Scraped | None]:
        """The counts of torrents of other processes."""
        ...


class HttpExchange:
    """Answers queries for a tracker. Addresses are 4 or 16 bytes, times seconds since 1970.

    :param others: the other processes, if there are any.
    """

    def __init__(self, *, tracker: Tracker, others: OtherProcesses | None = None) -> None:
        self._tracker = tracker
        self._others = others

    def announce(self, query: bytes, address: bytes, now: float) -> bytes | None:
        """The answer to an announce (BEP 3, 7, 23); None when another process knows it: see `announce_elsewhere`."""
        tracker = self._tracker
        try:
            info_hash, _, port, left, event, wanted, compact = http_codec.parse_announce(query)
            if self._others is not None and self._others.is_foreign(info_hash):
                return None
            announced = tracker.announce(info_hash, address, port, left, event, wanted, now)
        except (Malformed, Refused) as refusal:
            return http_codec.encode_failure(refusal.reason)
        missing = wanted - len(announced.peers) // (len(address) + 2)
        others = tracker.other_family(info_hash, address, missing) if missing and event != _STOPPED else b""
        return self._encoded(compact, address, announced, others)

    async def announce_elsewhere(self, query: bytes, address: bytes) -> bytes:
        """The answer to an announce whose swarm another process has."""
        assert self._others is not None
        try:
            asked = http_codec.parse_announce(query)
            announced, others = await self._others.announce(
                asked.info_hash, address, asked.port, asked.left, asked.event, asked.wanted
            )
        except (Malformed, Refused) as refusal:
            return http_codec.encode_failure(refusal.reason)
        return self._encoded(asked.compact, address, announced, b"" if asked.event == _STOPPED else others)

    def scrape(self, query: bytes, address: bytes, now: float) -> bytes | None:
        """The answer to a scrape (BEP 48): counts of the torrents asked for; those that nobody is in are left out.

        None when another process knows some of them: see `scrape_elsewhere`.
        """
        try:
            hashes = http_codec.parse_scrape(query)
            if self._others is not None and any(map(self._others.is_foreign, hashes)):
                return None
            counts = zip(hashes, self._tracker.scrape(hashes, address, now), strict=True)
        except (Malformed, Refused) as refusal:
            return http_codec.encode_failure(refusal.reason)
        return http_codec.encode_scraped({info_hash: one for info_hash, one in counts if one is not None})

    async def scrape_elsewhere(self, query: bytes, address: bytes, now: float) -> bytes:
        """The answer to a scrape of torrents of several processes."""
        try:
            hashes = http_codec.parse_scrape(query)
            self._tracker.scrape((), address, now)
        except (Malformed, Refused) as refusal:
            return http_codec.encode_failure(refusal.reason)
        counts = await self.counts(hashes)
        return http_codec.encode_scraped({info_hash: one for info_hash, one in counts.items() if one is not None})

    async def counts(self, hashes: Sequence[bytes]) -> dict[bytes, Scraped | None]:
        """The counts of torrents, whichever process has them."""
        others = self._others
        if others is None:
            return {info_hash: self._tracker.counts(info_hash) for info_hash in hashes}
        found = await others.counts([info_hash for info_hash in hashes if others.is_foreign(info_hash)])
        own = (info_hash for info_hash in hashes if not others.is_foreign(info_hash))
        return found | {info_hash: self._tracker.counts(info_hash) for info_hash in own}

    def _encoded(self, compact: bool, address: bytes, announced: Announced, others: bytes) -> bytes:
        peers6 = others
        if len(address) != 4:
            announced, peers6 = announced._replace(peers=others), announced.peers
        encode = http_codec.encode_announced if compact else http_codec.encode_announced_in_full
        return encode(announced, peers6, self._tracker.interval)
