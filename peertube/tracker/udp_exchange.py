"""What the UDP tracker answers to a datagram, if anything.

Whoever has not proved by a connection id that it receives at its address gets nothing but that id, in an answer no
longer than its request.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from attrs import frozen

from peertube.tracker import udp_codec
from peertube.tracker.announce import MAX_SCRAPED, MAX_WANTED, Refused, Scraped, TooManyRequests, Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.swarm import Event
from peertube.tracker.udp_batch import Batch
from peertube.tracker.udp_codec import (
    ANNOUNCE,
    ANNOUNCE_SIZE,
    ANNOUNCED_SIZE,
    CONNECT,
    CONNECT_SIZE,
    MAX_COUNT,
    PROTOCOL_MAGIC,
    SCRAPE,
    SCRAPE_OF_ONE_SIZE,
    SCRAPED_SIZE,
    AnnounceRequest,
    ConnectRequest,
    Malformed,
    ScrapeRequest,
    pack_announced_into,
    pack_connected_into,
    pack_scraped_into,
)

_NOBODY = Scraped(0, 0, 0)
_USUAL_IPV6_PEERS = 27
"""Keeps the answer to a client that names no number within 512 bytes."""
_KNOWN_EVENTS = range(4)
_STARTED = int(Event.STARTED)
_NO_PORT = bytes(2)


@frozen
class Elsewhere:
    """The other processes, where several share a port (`steering`).

    :param is_foreign: whether another process has the swarm of a torrent.
    :param scrape: answers a scrape for torrents of several processes: socket address of its sender, transaction,
        info-hashes.
    """

    is_foreign: Callable[[bytes], bool]
    scrape: Callable[[bytes, bytes, Sequence[bytes]], None]


class UdpExchange:
    """Answers datagrams for a tracker.

    :param elsewhere: the other processes that share the port, if there are any.
    """

    def __init__(self, *, tracker: Tracker, connection_ids: ConnectionIds, elsewhere: Elsewhere | None = None) -> None:
        self._tracker = tracker
        self._connection_ids = connection_ids
        self._elsewhere = elsewhere

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

    def answer_batch(self, batch: Batch, now: float, failed: Callable[[], None]) -> None:
        """`answer` all that came at `now`: the same answers, sooner for what nearly all of them are.

        That is the announce of a client whose connection id is remembered and who is in the swarm already, the scrape
        of one torrent, or the wish to hear the id again. Those are read and answered where they lie, and all is in one
        place, since each call of a function would cost as much as a look into a swarm. A wrong id is not compared in
        constant time here: who guesses hears nothing, whatever it takes, and then `answer` compares again.

        :param failed: called, with the exception at hand, for a datagram that cannot be coped with; it gets silence.
        """
        tracker, replies, lengths = self._tracker, batch.replies, batch.reply_lengths
        current, previous = (ids.get for ids in self._connection_ids.issued(now))
        of_ipv4 = batch.address_size == 4
        renew, other, asked, most = tracker.at_once(batch.address_size, now)
        pack_announced, usual = pack_announced_into[batch.address_size], MAX_WANTED if of_ipv4 else _USUAL_IPV6_PEERS
        interval, announces, scrapes = tracker.interval, 0, 0
        for slot, at, length, (
            address,
            proof,
            action,
            transaction_id,
            info_hash,
            left,
            event,
            wanted,
            port,
        ) in zip(batch.slot_numbers, batch.reply_starts, batch.lengths, batch.slots(), strict=False):
            try:
                if current(address) == proof or previous(address) == proof:
                    if most:
                        client = address if of_ipv4 else address[:8]
                        times = asked.get(client, most)
                    if most and times >= most:
                        pass
                    elif length >= ANNOUNCE_SIZE and action == ANNOUNCE:
                        if (not event or event == _STARTED) and port != _NO_PORT:
                            if not 0 <= wanted <= MAX_WANTED:
                                wanted = MAX_WANTED if wanted > 0 else usual
                            renewed = renew(info_hash, address, port, not left, wanted)
                            if renewed is not None:
                                swarm, peers = renewed
                                complete, incomplete = swarm.complete, swarm.peers - swarm.complete
                                if other:
                                    same = other(info_hash)
                                    if same is not None:
                                        complete += same.complete
                                        incomplete += same.peers - same.complete
                                pack_announced(
                                    replies, at, ANNOUNCE, transaction_id, interval, incomplete, complete, peers
                                )
                                lengths[slot] = ANNOUNCED_SIZE + len(peers)
                                announces += 1
                                if most:
                                    asked[client] = times + 1
                                continue
                    elif length == SCRAPE_OF_ONE_SIZE and action == SCRAPE:
                        complete, downloaded, incomplete = tracker.counts(info_hash) or _NOBODY
                        if downloaded <= MAX_COUNT:
                            pack_scraped_into(replies, at, SCRAPE, transaction_id, complete, downloaded, incomplete)
                            lengths[slot] = SCRAPED_SIZE
                            scrapes += 1
                            if most:
                                asked[client] = times + 1
                            continue
                elif proof == PROTOCOL_MAGIC and action == CONNECT and length >= CONNECT_SIZE:
                    issued = current(address)
                    if issued is not None:
                        pack_connected_into(replies, at, CONNECT, transaction_id, issued)
                        lengths[slot] = CONNECT_SIZE
                        continue
                if action == SCRAPE and self._passed_on(batch, slot, address, now):
                    batch.reply(slot, None)
                else:
                    batch.reply(slot, self.answer(batch.payload(slot), address, now))
            except Exception:
                failed()
                batch.reply(slot, None)
        tracker.answered(announces, scrapes)

    def _passed_on(self, batch: Batch, slot: int, address: bytes, now: float) -> bool:
        """Whether this is a scrape for torrents of several processes, which somebody else answers or nobody."""
        elsewhere, datagram = self._elsewhere, batch.payload(slot)
        if elsewhere is None or len(datagram) <= SCRAPE_OF_ONE_SIZE:
            return False
        try:
            request = udp_codec.parse(datagram)
        except Malformed:
            return False
        if not isinstance(request, ScrapeRequest) or len(request.info_hashes) > MAX_SCRAPED:
            return False
        if not any(elsewhere.is_foreign(info_hash) for info_hash in request.info_hashes):
            return False
        if self._connection_ids.valid(request.connection_id, address, now):
            with suppress(TooManyRequests):
                self._tracker.scrape((), address, now)
                elsewhere.scrape(batch.sender(slot), request.transaction_id, request.info_hashes)
        return True

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
