"""Announcing for somebody who cannot do so itself: the pod's own seeder, whose address the tracker would see wrong."""

from collections.abc import Callable, Mapping, Sequence

from peertube.tracker.announce import MAX_WANTED, Refused, Tracker
from peertube.tracker.swarm import Event


class Membership:
    """The swarms of the tracker, for a part of the pod that takes part in them.

    :param now: seconds since 1970.
    """

    def __init__(self, *, tracker: Tracker, now: Callable[[], float]) -> None:
        self._tracker = tracker
        self._now = now

    def wanted(self) -> Mapping[bytes, int]:
        """How many peers lack something of each torrent that is in demand."""
        return self._tracker.wanted()

    def announce_for(
        self, info_hash: bytes, address: bytes, port: int, *, complete: bool, leaves: bool = False
    ) -> Sequence[tuple[bytes, int]]:
        """Make somebody a member of the swarm of ordinary clients, or let it leave; the others there.

        :param address: 4 or 16 bytes; the others are of the same family.
        """
        event = Event.STOPPED if leaves else Event.NONE
        left = 0 if complete else 1
        try:
            announced = self._tracker.announce(info_hash, address, port, left, event, MAX_WANTED, self._now())
        except Refused:
            return []
        peers, size = announced.peers, len(address) + 2
        return [
            (peers[start : start + size - 2], int.from_bytes(peers[start + size - 2 : start + size], "big"))
            for start in range(0, len(peers), size)
        ]
