"""Swarms of peers that are dialled by address: those who announce over UDP and HTTP.

Peers lie side by side in byte strings in the compact form of BEP 23 and BEP 7 (address, then port), so that one costs
about 12 bytes and a sample is a slice. Beside each record lies a stamp of one byte: the epoch of its last announce
and whether it seeds. A swarm above `_BUCKET_PEERS` peers is spread over 2**n buckets by its peers' addresses, so all
peers of one address are in one bucket.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum

_BUCKET_PEERS = 128
PORTS_PER_ADDRESS = 8
"""More peers of one address in one swarm crowd each other out."""
_EPOCHS = 128
LIFETIME_EPOCHS = 28
"""A peer that was silent for so many epochs is dropped; 16 epochs make an announce interval."""


class Event(IntEnum):
    """Why a client announces (the numbers of BEP 15)."""

    NONE = 0
    COMPLETED = 1
    STARTED = 2
    STOPPED = 3


_COMPLETED = int(Event.COMPLETED)
_STOPPED = int(Event.STOPPED)


class _Bucket:
    """Record k is ``records[k * size:(k + 1) * size]``; its stamp, ``epoch << 1 | seeding``, is ``stamps[k]``."""

    __slots__ = ("records", "stamps")

    def __init__(self) -> None:
        self.records = b""
        self.stamps = bytearray()


class Swarm(_Bucket):
    """The peers of one torrent, lying in the swarm itself until they are too many. Counts are of one address family.

    `spread` are the buckets of a large swarm, which itself holds nobody then.
    """

    __slots__ = ("complete", "downloaded", "peers", "spread")

    def __init__(self) -> None:
        super().__init__()
        self.spread: list[_Bucket] | None = None
        self.peers = 0
        self.complete = 0
        self.downloaded = 0

    @property
    def buckets(self) -> Sequence[_Bucket]:
        """Where the peers lie, 2**n."""
        return self.spread or (self,)

    @property
    def incomplete(self) -> int:
        """How many of the peers still lack something."""
        return self.peers - self.complete


class Swarms:
    """All swarms of one address family.

    :param address_size: bytes of an address, 4 or 16; a record has two more for the port.
    :param max_swarms: of further torrents nothing is kept.
    :param max_peers_per_swarm: further peers get peers but are not handed out themselves.
    :param rng: a number in 0 <= x < 1.
    """

    def __init__(
        self,
        *,
        address_size: int,
        max_swarms: int,
        max_peers_per_swarm: int,
        rng: Callable[[], float],
        ports_per_address: int = PORTS_PER_ADDRESS,
    ) -> None:
        self._size = address_size + 2
        self._network_size = 4 if address_size == 4 else 8
        self._max_swarms = max_swarms
        self._max_peers = max_peers_per_swarm
        self._ports_per_address = ports_per_address
        self._rng = rng
        self._swarms: dict[bytes, Swarm] = {}
        self.get = self._swarms.get
        """The swarm of an info-hash, when it has peers; else None."""
        self._epoch = 0
        self._unswept: list[bytes] = []
        self.peers = 0
        self.seeds = 0

    def __len__(self) -> int:
        return len(self._swarms)

    def announce(self, info_hash: bytes, peer: bytes, seeding: bool, event: int, wanted: int) -> tuple[Swarm, bytes]:
        """Take note of a peer; the swarm as it is then, and up to `wanted` others as joined records.

        :param peer: address and port of the caller, who is never among the others.
        """
        swarm = self._swarms.get(info_hash)
        if swarm is None:
            swarm = Swarm()
            if event == _STOPPED or len(self._swarms) >= self._max_swarms:
                return swarm, b""
            self._swarms[info_hash] = swarm
        bucket, position = self._locate(swarm, peer)
        if event == _STOPPED:
            if position >= 0:
                self._remove(swarm, bucket, position)
                self._tidy(info_hash, swarm)
            return swarm, b""
        seeded = False
        if position >= 0:
            seeded = bool(bucket.stamps[position] & 1)
            bucket.stamps[position] = self._epoch << 1 | seeding
            if seeded != seeding:
                self._turned(swarm, seeding)
        else:
            bucket, position = self._add(swarm, bucket, peer, seeding)
        if event == _COMPLETED and seeding and not seeded:
            swarm.downloaded += 1
        return swarm, self._sample(swarm, wanted, bucket, position)

    def renew(
        self, info_hash: bytes, address: bytes, port: bytes, seeding: bool, wanted: int
    ) -> tuple[Swarm, bytes] | None:
        """What `announce` does for a peer who is in the swarm already and only says so again, with the same outcome.

        Most announces are such, so here all is in one place, at the price of saying some things twice. None, and
        nothing done, when the peer is new, or cannot be told from two others that touch: then `announce` knows.

        :param port: 2 bytes.
        """
        swarm = self._swarms.get(info_hash)
        if swarm is None:
            return None
        # Two ways of much the same, and each knows the class of what it looks into: mixed, both would be slower.
        size, spread, stamp = self._size, swarm.spread, self._epoch << 1 | seeding
        if spread is None:
            records, stamps = swarm.records, swarm.stamps
            at = records.find(address + port)
            if at % size:
                return None
            position = at // size
            before = stamps[position]
            if before != stamp:
                stamps[position] = stamp
                if before & 1 != seeding:
                    self._turned(swarm, seeding)
            total = len(stamps)
            choices = total - wanted
            if choices <= 1:
                return swarm, self._window(swarm, wanted, position)
            start = position + 1 + int(self._rng() * choices)
            if start >= total:
                start -= total
            end = start + wanted
            if end <= total:
                return swarm, records[start * size : end * size]
            return swarm, records[start * size :] + records[: (end - total) * size]
        count = len(spread)
        own = spread[hash(address if size == 6 else address[:8]) & (count - 1)]
        at = own.records.find(address + port)
        if at % size:
            return None
        position, stamps = at // size, own.stamps
        before = stamps[position]
        if before != stamp:
            stamps[position] = stamp
            if before & 1 != seeding:
                self._turned(swarm, seeding)
        first = int(self._rng() * count)
        chosen = spread[first]
        total = len(chosen.stamps)
        if chosen is own or total <= wanted:
            sample = self._window(chosen, wanted, position if chosen is own else -1)
            return swarm, sample + self._more(swarm, first, wanted - len(sample) // size, own, position)
        records = chosen.records
        start = int(self._rng() * total)
        end = start + wanted
        if end <= total:
            return swarm, records[start * size : end * size]
        return swarm, records[start * size :] + records[: (end - total) * size]

    def _turned(self, swarm: Swarm, seeding: bool) -> None:
        """A peer has all of it now, or lacks something again."""
        change = 1 if seeding else -1
        swarm.complete += change
        self.seeds += change

    def sample(self, info_hash: bytes, wanted: int) -> bytes:
        """Up to `wanted` peers of a swarm for somebody who is not in it."""
        swarm = self._swarms.get(info_hash)
        return b"" if swarm is None else self._sample(swarm, wanted, swarm.buckets[0], -1)

    def wanting(self) -> Iterator[tuple[bytes, int]]:
        """The torrents of which somebody lacks something, and how many do."""
        for info_hash, swarm in self._swarms.items():
            if swarm.peers > swarm.complete:
                yield info_hash, swarm.peers - swarm.complete

    def drop(self, info_hash: bytes) -> None:
        """Forget a swarm and its peers."""
        swarm = self._swarms.pop(info_hash, None)
        if swarm is not None:
            self.peers -= swarm.peers
            self.seeds -= swarm.complete

    def begin_epoch(self) -> None:
        """A sixteenth of an announce interval has passed. `sweep` then looks for peers that fell silent."""
        self.sweep(len(self._unswept))
        self._epoch = (self._epoch + 1) % _EPOCHS
        self._unswept = list(self._swarms)

    def sweep(self, swarms: int) -> None:
        """Drop silent peers from so many of the swarms that this epoch has not looked at yet."""
        expired = (self._epoch - LIFETIME_EPOCHS) % _EPOCHS
        for _ in range(min(swarms, len(self._unswept))):
            info_hash = self._unswept.pop()
            swarm = self._swarms.get(info_hash)
            if swarm is None:
                continue
            for bucket in swarm.buckets:
                for stamp in (expired << 1, expired << 1 | 1):
                    position = bucket.stamps.find(stamp)
                    while position >= 0:
                        self._remove(swarm, bucket, position)
                        position = bucket.stamps.find(stamp, position)
            self._tidy(info_hash, swarm)

    def _locate(self, swarm: Swarm, peer: bytes) -> tuple[_Bucket, int]:
        """The bucket where a peer belongs, and its position there or -1."""
        buckets = swarm.buckets
        bucket = buckets[hash(peer[: self._network_size]) & (len(buckets) - 1)]
        at = bucket.records.find(peer)
        position, misaligned = divmod(at, self._size)
        while misaligned and at >= 0:
            at = bucket.records.find(peer, at + 1)
            position, misaligned = divmod(at, self._size)
        return bucket, position

    def _add(self, swarm: Swarm, bucket: _Bucket, peer: bytes, seeding: bool) -> tuple[_Bucket, int]:
        """Take in a new peer, in the place of the longest silent one of its address when that has all its ports."""
        position = self._crowded_out(bucket, peer)
        if position >= 0:
            self._remove(swarm, bucket, position)
        elif swarm.peers >= self._max_peers:
            return bucket, -1
        bucket.records += peer
        bucket.stamps.append(self._epoch << 1 | seeding)
        swarm.peers += 1
        swarm.complete += seeding
        self.peers += 1
        self.seeds += seeding
        if swarm.peers > _BUCKET_PEERS * len(swarm.buckets):
            self._spread(swarm, len(swarm.buckets) * 2)
            return self._locate(swarm, peer)
        return bucket, len(bucket.stamps) - 1

    def _crowded_out(self, bucket: _Bucket, peer: bytes) -> int:
        """Which peer has to leave for this one: the longest silent of an address with all its ports; else -1."""
        if len(bucket.stamps) < self._ports_per_address:
            return -1
        network = peer[: self._network_size]
        positions = []
        at = bucket.records.find(network)
        while at >= 0:
            position, misaligned = divmod(at, self._size)
            if not misaligned:
                positions.append(position)
            at = bucket.records.find(network, at + 1)
        if len(positions) < self._ports_per_address:
            return -1
        return max(positions, key=lambda position: (self._epoch - (bucket.stamps[position] >> 1)) % _EPOCHS)

    def _remove(self, swarm: Swarm, bucket: _Bucket, position: int) -> None:
        """The last record takes the place of the one that goes."""
        size = self._size
        records, stamps = bucket.records, bucket.stamps
        seeding = stamps[position] & 1
        at, last = position * size, len(records) - size
        bucket.records = records[:last] if at == last else records[:at] + records[last:] + records[at + size : last]
        stamps[position] = stamps[-1]
        del stamps[-1]
        swarm.peers -= 1
        swarm.complete -= seeding
        self.peers -= 1
        self.seeds -= seeding

    def _tidy(self, info_hash: bytes, swarm: Swarm) -> None:
        """Forget a swarm without peers; join the buckets of one that has shrunk."""
        if not swarm.peers:
            self._swarms.pop(info_hash, None)
            return
        count = len(swarm.buckets)
        while count > 1 and swarm.peers * 8 < _BUCKET_PEERS * count:
            count //= 2
        if count < len(swarm.buckets):
            self._spread(swarm, count)

    def _spread(self, swarm: Swarm, count: int) -> None:
        """Lay the peers out anew in `count` buckets, a power of two."""
        size = self._size
        buckets = [_Bucket() for _ in range(count)]
        for old in swarm.buckets:
            records = old.records
            for position, stamp in enumerate(old.stamps):
                record = records[position * size : position * size + size]
                bucket = buckets[hash(record[: self._network_size]) & (count - 1)]
                bucket.records += record
                bucket.stamps.append(stamp)
        swarm.records, swarm.stamps = b"", bytearray()
        if count > 1:
            swarm.spread = buckets
        else:
            swarm.spread, swarm.records, swarm.stamps = None, buckets[0].records, buckets[0].stamps

    def _sample(self, swarm: Swarm, wanted: int, own: _Bucket, position: int) -> bytes:
        """Up to `wanted` records from a random place on, without the one at `position` of the bucket `own`."""
        buckets = swarm.buckets
        count = len(buckets)
        if count == 1:
            return self._window(own, wanted, position)
        first = int(self._rng() * count)
        bucket = buckets[first]
        sample = self._window(bucket, wanted, position if bucket is own else -1)
        return sample + self._more(swarm, first, wanted - len(sample) // self._size, own, position)

    def _more(self, swarm: Swarm, first: int, missing: int, own: _Bucket, position: int) -> bytes:
        """So many from the buckets behind the `first`."""
        buckets, sample = swarm.buckets, b""
        for step in range(1, len(buckets)):
            if missing <= 0:
                break
            bucket = buckets[(first + step) & (len(buckets) - 1)]
            found = self._window(bucket, missing, position if bucket is own else -1)
            missing -= len(found) // self._size
            sample += found
        return sample

    def _window(self, bucket: _Bucket, wanted: int, skipped: int) -> bytes:
        """Neighbours in a bucket taken as a ring, starting behind the skipped one."""
        size, total = self._size, len(bucket.stamps)
        start = skipped + 1
        if start:
            choices = total - wanted
            taken = wanted if choices > 0 else total - 1
        else:
            choices = total if wanted < total else 0
            taken = wanted if choices else total
        if choices > 1:
            start += int(self._rng() * choices)
            if start >= total:
                start -= total
        end = start + taken
        records = bucket.records
        if end <= total:
            return records[start * size : end * size]
        return records[start * size :] + records[: (end - total) * size]
