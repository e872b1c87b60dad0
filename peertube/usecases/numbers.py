"""What only the running parts of the pod know: counts of the tracker and the seeder, room on the disk."""

from collections.abc import Callable, Mapping
from typing import Protocol


class Sizes(Protocol):
    """Knows how much the folders of `storage.*` hold."""

    async def sizes(self) -> Mapping[str, int]:
        """Bytes by kind."""
        ...

    async def free_bytes(self) -> int:
        """How many bytes may still be written."""
        ...


class Numbers:
    """For the overview of the administration.

    :param tracker: counts of the tracker by name; empty where none runs.
    :param seeder: the same of the hybrid seeder.
    """

    def __init__(
        self, *, tracker: Callable[[], Mapping[str, int]], seeder: Callable[[], Mapping[str, int]], sizes: Sizes
    ) -> None:
        self._tracker = tracker
        self._seeder = seeder
        self._sizes = sizes

    def tracker(self) -> Mapping[str, int]:
        """Counts of the tracker by name."""
        return self._tracker()

    def seeder(self) -> Mapping[str, int]:
        """Counts of the hybrid seeder by name."""
        return self._seeder()

    async def storage(self) -> Mapping[str, int]:
        """Bytes by kind of file, and ``free``."""
        return {**await self._sizes.sizes(), "free": await self._sizes.free_bytes()}
