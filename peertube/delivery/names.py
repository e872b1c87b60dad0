"""Names to addresses, in threads of its own: a name server that does not answer holds up nothing else.

The system's way to look up a name (getaddrinfo) cannot be cancelled. Were it done in the reactor's threads, a few
friends whose name servers are dead would stop everything else that threads do for the pod.
"""

import socket
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from peertube.delivery.lanes import MOST_IN_FLIGHT


def look_up(name: str) -> list[str]:
    """The addresses of a host name; none when it has none. Blocks."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Names:
    """Looks up names for the guarded way out (`delivery.guard.Resolve`); a part of the pod.

    There are as many threads as pods that may be told something at once, made when they are needed.
    """

    def __init__(self, reactor: Any, look_up: Callable[[str], list[str]] = look_up) -> None:
        self._reactor = reactor
        self._look_up = look_up
        self._threads = ThreadPool(0, MOST_IN_FLIGHT, "names")

    async def start(self) -> None:
        """Threads may be made from now on."""
        self._threads.start()

    async def stop(self) -> None:
        """Wait for the lookups under way: the system ends each within seconds."""
        self._threads.stop()

    async def resolve(self, name: str) -> Sequence[str]:
        """The addresses of a host name."""
        found: list[str] = await deferToThreadPool(self._reactor, self._threads, self._look_up, name)
        return found
