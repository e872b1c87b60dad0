"""Announcing for somebody who cannot do so itself: the pod's own seeder, whose address the tracker would see wrong."""

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from peertube.tracker.announce import MAX_WANTED, Refused, Tracker
from peertube.tracker.processes import TrackerProcesses
from peertube.tracker.swarm import Event

Found = Callable[[Sequence[tuple[bytes, int]]], None]


class Membership:
    """The swarms of the tracker, for a part of the pod that takes part in them.

    :param now: seconds since 1970.
    :param processes: those who have some of the swarms, if the tracker has several.
    :param own: sees to a coroutine until its end.
    """

    def __init__(
        self,
        *,
        tracker: Tracker,
        now: Callable[[], float],
        processes: TrackerProcesses | None = None,
        own: Callable[[Coroutine[Any, Any, object]], None],
    ) -> None:
        self._tracker = tracker
        self._now = now
        self._processes = processes
        self._own = own

    def wanted(self) -> Mapping[bytes, int]:
        """How many peers lack something of each torrent that is in demand."""
        wanted = Counter(self._tracker.wanted())
        if self._processes is not None:
            wanted.update(self._processes.wanted())
        return wanted

    def announce_for(
        self, info_hash: bytes, address: bytes, port: int, *, complete: bool, leaves: bool = False, found: Found
    ) -> None:
        """Make somebody a member of the swarm of ordinary clients, or let it leave.

        :param address: 4 or 16 bytes; the others are of the same family.
        :param found: called with the others, at once or soon, unless the tracker refuses.
        """
        event, left = Event.STOPPED if leaves else Event.NONE, 0 if complete else 1
        processes = self._processes
        if processes is not None and processes.is_foreign(info_hash):

            async def announce() -> None:
                with suppress(Refused):
                    announced, _ = await processes.announce(info_hash, address, port, left, event, MAX_WANTED)
                    found(_separate(announced.peers, len(address) + 2))

            self._own(announce())
            return
        with suppress(Refused):
            announced = self._tracker.announce(info_hash, address, port, left, event, MAX_WANTED, self._now())
            found(_separate(announced.peers, len(address) + 2))


def _separate(peers: bytes, size: int) -> list[tuple[bytes, int]]:
    """Joined records of so many bytes as addresses and ports."""
    records = (peers[start : start + size] for start in range(0, len(peers), size))
    return [(record[:-2], int.from_bytes(record[-2:], "big")) for record in records]
