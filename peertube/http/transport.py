"""A TCP transport that sends parts of files with sendfile(2): the bytes never enter Python.

Plain TCP only. What is not a `SendfileServer` itself (TLS, memory) must be written to in the ordinary way.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet import main, tcp
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IDelayedCall, IProtocolFactory, IReactorCore
from twisted.logger import Logger
from twisted.python.failure import Failure

CHUNK = 2**20
"""Bytes that one connection may send before another one gets its turn."""

STALL_SECONDS = 60.0
"""A client that takes nothing of a file for this long is cut off."""

BACKLOG = 1024
"""Connections that the system holds until they are accepted."""

_READ_AHEAD = 8 * 2**20


class SendfileServer(tcp.Server):
    """A connection that can send a part of a file after what was written before."""

    reactor: Any
    bufferSize = 2**18
    _descriptor = -1
    _offset = 0
    _remaining = 0
    _sent: Deferred[None] | None = None
    _stall: IDelayedCall | None = None
    _progress = False
    stall_seconds = STALL_SECONDS
    left: Callable[[], None] | None = None
    """Called when the connection is over, whatever protocol has it by then."""

    def send_file(self, descriptor: int, offset: int, count: int) -> Deferred[None]:
        """Send `count` bytes from `offset`; fires when the kernel has them all, fails when the client goes away.

        The descriptor stays the caller's and must be open until then.
        """
        if not self.connected:
            return fail(ConnectionLost())
        if count == 0:
            done: Deferred[None] = Deferred()
            done.callback(None)
            return done
        self._descriptor, self._offset, self._remaining = descriptor, offset, count
        sent: Deferred[None] = Deferred()
        self._sent = sent
        self._progress = False
        self._stall = self.reactor.callLater(self.stall_seconds, self._check_stall)
        os.posix_fadvise(descriptor, offset, min(count, _READ_AHEAD), os.POSIX_FADV_WILLNEED)
        self.startWriting()
        return sent

    def write_now(self, data: bytes) -> None:
        """Like `write`, but when nothing waits before it, without waiting for the next turn of the reactor."""
        idle = not (self.dataBuffer or self._tempDataBuffer or self.disconnecting or self._writeDisconnected)
        if idle and self.connected and self._sent is None:
            with suppress(OSError):  # whatever it is, `write` will find out
                data = data[self.socket.send(data) :]
        if data:
            self.write(data)

    def doWrite(self) -> Any:
        """The socket can take more."""
        if self._sent is None:
            return super().doWrite()
        if self.dataBuffer or self._tempDataBuffer:
            result = super().doWrite()
            self.startWriting()
            return result
        try:
            count = os.sendfile(self.fileno(), self._descriptor, self._offset, min(self._remaining, CHUNK))
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return main.CONNECTION_LOST
        if count == 0:
            return main.CONNECTION_LOST
        self._progress = True
        self._offset += count
        self._remaining -= count
        if self._remaining == 0:
            self.stopWriting()
            self._settled().callback(None)
        return None

    def connectionLost(self, reason: Failure) -> None:
        """The connection is over."""
        super().connectionLost(reason)
        left, self.left = self.left, None
        if left is not None:
            left()
        if self._sent is not None:
            self._settled().errback(Failure(ConnectionDone()))

    def _settled(self) -> Deferred[None]:
        sent, self._sent = self._sent, None
        assert sent is not None
        if self._stall is not None and self._stall.active():
            self._stall.cancel()
        self._stall = None
        return sent

    def _check_stall(self) -> None:
        if not self._progress:
            self._stall = None
            self.abortConnection()
            return
        self._progress = False
        self._stall = self.reactor.callLater(self.stall_seconds, self._check_stall)


class SendfilePort(tcp.Port):
    """A listening port whose connections can send files."""

    transport = SendfileServer


def listen(
    reactor: IReactorCore, port: int, factory: IProtocolFactory, interface: str, backlog: int = BACKLOG
) -> SendfilePort:
    """Listen on TCP, as ``reactor.listenTCP`` does."""
    listening = SendfilePort(port, factory, backlog, interface, reactor)
    listening.startListening()
    return listening


OpenPort = Callable[[IReactorCore, int, IProtocolFactory, str], SendfilePort]
"""Listens with a factory on a port of an interface."""


class Listener:
    """The part of the pod that accepts connections.

    :param open_port: `listen`, or another that listens in front of it.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: IReactorCore,
        factory: IProtocolFactory,
        interface: str,
        port: int,
        open_port: OpenPort = listen,
    ) -> None:
        self._reactor = reactor
        self._factory = factory
        self._interface = interface
        self._port = port
        self._open_port = open_port
        self._listening: SendfilePort | None = None

    async def start(self) -> None:
        """Listen; `CannotListenError` when the port is taken."""
        self._listening = self._open_port(self._reactor, self._port, self._factory, self._interface)
        self._log.info("listening on {interface} port {port}", interface=self._interface, port=self._port)

    async def stop(self) -> None:
        """Accept no more connections; those that are open end by themselves."""
        if self._listening is not None:
            await self._listening.stopListening()
