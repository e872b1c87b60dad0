"""A loopback proxy in front of a pod: through it the others reach it, or not."""

import asyncio
import threading


class Proxy:
    """Forwards a port of 127.0.0.1 to another one; nothing while `cut` is set."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self.target = target
        self.cut = False
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self) -> asyncio.Server:
        """Begin."""
        return await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    def part(self) -> None:
        """Break every connection; refuse new ones. Called in the proxies' thread."""
        self.cut = True
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        try:
            there_reader, there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there}
        await asyncio.gather(self._pump(reader, there), self._pump(there_reader, writer))
        self._writers -= {writer, there}

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

    def part(self, proxy: Proxy) -> None:
        """Nobody reaches the pod behind it any more."""
        self._loop.call_soon_threadsafe(proxy.part)

    def heal(self) -> None:
        """Everybody reaches everybody."""
        for proxy in self._proxies:
            proxy.cut = False

    def stop(self) -> None:
        """End."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
