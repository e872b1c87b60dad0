"""Locks of all processes of a pod: in this process at once, between processes by a server that may be away."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.usecases.ports import Randomness


class LockServer(Protocol):
    """Knows who has which lock. Answers within seconds; None means that nobody knows at the moment."""

    async def start(self) -> None:
        """Connect; when the first attempt fails, go on trying beside everything else."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def take(self, name: str, holder: str, seconds: float) -> bool | None:
        """Whether `holder` has it now; not when somebody has it already."""
        ...

    async def keep(self, name: str, holder: str, seconds: float) -> bool | None:
        """Whether `holder` has it still, and for so long from now on."""
        ...

    async def drop(self, name: str, holder: str) -> None:
        """Free it, if `holder` has it."""
        ...


@frozen
class HeldLock:
    """The `peertube.usecases.ports.Lock`."""

    name: str
    holder: str
    servers: Sequence[LockServer]

    async def keep(self, seconds: float) -> bool:
        """Have it for so long from now on; False when it was lost."""
        for server in self.servers:
            if await server.keep(self.name, self.holder, seconds) is False:
                return False
        return True

    async def release(self) -> None:
        """Let others have it."""
        for server in reversed(self.servers):
            await server.drop(self.name, self.holder)


class SharedLocks:
    """The `peertube.usecases.ports.Locks`, and the part that keeps the servers going.

    While a server is away, locks hold in this process alone.

    :param servers: the nearest first; each must agree or be away.
    """

    def __init__(self, *, servers: Sequence[LockServer], randomness: Randomness) -> None:
        self._servers = servers
        self._randomness = randomness

    async def start(self) -> None:
        """Start the servers."""
        for server in self._servers:
            await server.start()

    async def stop(self) -> None:
        """Stop the servers."""
        for server in self._servers:
            await server.stop()

    async def acquire(self, name: str, seconds: float) -> HeldLock | None:
        """Hold `name` for at most `seconds`; None when somebody has it."""
        holder = self._randomness.uuid()
        for number, server in enumerate(self._servers):
            if await server.take(name, holder, seconds) is False:
                await HeldLock(name, holder, self._servers[:number]).release()
                return None
        return HeldLock(name, holder, self._servers)
