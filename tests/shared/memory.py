"""Locks of one process, for those who need some."""

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock

from peertube.shared.locks import SharedLocks
from peertube.shared.memory import MemoryLockServer
from peertube.shared.randomness import SystemRandomness


def memory_locks(reactor: IReactorTime | None = None) -> SharedLocks:
    """Locks in memory; those who are given the same ones exclude each other."""
    return SharedLocks(servers=[MemoryLockServer(reactor=reactor or Clock())], randomness=SystemRandomness())
