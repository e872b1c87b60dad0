"""Loopback proxies in front of pods: through them the others reach a pod, or not.

Every pod of the simulation sends from an address of its own (``tests/simulation/shifted``), so that a proxy knows who
asks, and a partition can be drawn between any two pods, both ways or one way.
"""

import asyncio
import threading
from collections.abc import Set

FIRST_SOURCE = 100
"""Pod 1 sends from 127.0.0.101, pod 2 from 127.0.0.102, and so on."""

Ways = Set[tuple[int, int]]
"""Pairs (who asks, who is asked), by number."""


def source_address(number: int) -> str:
    """The address from which a pod sends."""
    return f"127.0.0.{FIRST_SOURCE + number}"


class Proxy:
    """Forwards a port of 127.0.0.1 to pod `number`, for all but those whose way to it is cut."""

    def __init__(self, number: int, port: int, target: int) -> None:
        self.number = number
        self.port = port
        self.target = target
        self._cut: Ways = frozenset()
        self._writers: dict[asyncio.StreamWriter, int] = {}

    async def serve(self) -> asyncio.Server:
        """Begin."""
        return await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    def cut(self, ways: Ways) -> None:
        """Cut these ways and no others: break their connections, refuse new ones. Called in the proxies' thread."""
        self._cut = ways
        for writer, asking in list(self._writers.items()):
            if (asking, self.number) in ways:
                writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asking = int(writer.get_extra_info("peername")[0].rpartition(".")[2]) - FIRST_SOURCE
        if (asking, self.number) in self._cut:
            writer.transport.abort()
            return
        try:
            there_reader, there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers[writer] = self._writers[there] = asking
        await asyncio.gather(self._pump(reader, there), self._pump(there_reader, writer))
        del self._writers[writer], self._writers[there]

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while content := await reader.read(65536):
                writer.write(content)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


class Proxies:
    """Proxies in a thread of their own."""

    def __init__(self, proxies: list[Proxy]) -> None:
        self._proxies = proxies
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Begin; when this returns, all listen."""
        self._thread.start()
        for proxy in self._proxies:
            asyncio.run_coroutine_threadsafe(proxy.serve(), self._loop).result(10)

    def cut(self, ways: Ways) -> None:
        """Cut these ways between pods and no others; none at all: everybody reaches everybody."""
        for proxy in self._proxies:
            self._loop.call_soon_threadsafe(proxy.cut, ways)

    def stop(self) -> None:
        """End."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
