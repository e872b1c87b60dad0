"""One connection to Redis that comes back by itself, and on which nobody ever waits for long.

Whoever asks while Redis is away is refused at once; an answer that takes too long ends the connection, for one cannot
tell which answer belongs to which question after that.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import txredisapi
from twisted.internet.defer import CancelledError, Deferred, DeferredList, TimeoutError
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint
from twisted.internet.error import ConnectError
from twisted.internet.protocol import Factory
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0
_HEARTBEAT_SECONDS = 10
_ERRORS = (txredisapi.RedisError, ConnectError, TimeoutError, CancelledError)


class RedisUnavailable(Exception):
    """Redis cannot be asked now."""


class Redis:
    """A connection, open from `start` to `stop` as well as may be.

    :param hostname: a name, an address, or the path of a Unix socket, which begins with a slash.
    :param timeout_seconds: how long one answer may take.

    Set before the start: `ready` is awaited each time the connection is there; `heard` is given what is published to
    channels that this connection subscribes to, and makes it one that does nothing else.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: Any,
        hostname: str,
        port: int,
        password: str | None = None,
        database: int = 0,
        timeout_seconds: float = 2,
    ) -> None:
        self._reactor = reactor
        self._hostname = hostname
        self._port = port
        self._password = password
        self._database = database
        self._timeout_seconds = timeout_seconds
        self._endpoint: Any = None
        self._staying: Deferred[None] | None = None
        self._protocol: Any = None
        self._complained = False
        self._heartbeat = LoopingCall(self._beat)
        self._heartbeat.clock = reactor
        self.ready: Callable[[Redis], Awaitable[object]] | None = None
        self.heard: Callable[[bytes], object] | None = None

    def another(self) -> "Redis":
        """One more connection to the same Redis."""
        return Redis(
            reactor=self._reactor,
            hostname=self._hostname,
            port=self._port,
            password=self._password,
            database=self._database,
            timeout_seconds=self._timeout_seconds,
        )

    @property
    def available(self) -> bool:
        """Whether Redis can be asked now."""
        return self._protocol is not None

    async def start(self) -> None:
        """Connect; when the first attempt fails, go on trying beside everything else."""
        self._endpoint = (
            UNIXClientEndpoint(self._reactor, self._hostname, timeout=self._timeout_seconds)
            if self._hostname.startswith("/")
            else HostnameEndpoint(self._reactor, self._hostname, self._port, timeout=self._timeout_seconds)
        )
        tried: Deferred[None] = Deferred()
        self._staying = Deferred.fromCoroutine(self._stay_connected(tried))
        self._heartbeat.start(_HEARTBEAT_SECONDS, now=False)
        await tried

    async def stop(self) -> None:
        """Disconnect."""
        if self._heartbeat.running:
            self._heartbeat.stop()
        if self._staying is not None:
            staying, self._staying = self._staying, None
            staying.cancel()
            await DeferredList([staying], consumeErrors=True)

    async def _stay_connected(self, tried: Deferred[None]) -> None:
        delay = _FIRST_DELAY
        while True:
            protocol = None
            try:
                protocol = await self._endpoint.connect(Factory.forProtocol(self._new_protocol))
                await self._introduce(protocol)
                delay = _FIRST_DELAY
                self._tell_later(tried)
                await protocol.gone
                self._complain("the connection was lost")
            except CancelledError:
                raise
            except Exception as error:
                self._complain(error)
            finally:
                self._protocol = None
                if protocol is not None and not protocol.ended.called:
                    protocol.transport.abortConnection()
                    await protocol.ended
            self._tell_later(tried)
            await deferLater(self._reactor, delay)
            delay = min(2 * delay, _LONGEST_DELAY)

    def _tell_later(self, tried: Deferred[None]) -> None:
        """Not now: whoever is told may stop us, and what runs cannot be cancelled."""
        if not tried.called:
            self._reactor.callLater(0, _tell, tried)

    async def ask(self, *words: Any) -> Any:
        """Run one command. Raises `RedisUnavailable`."""
        if self._protocol is None:
            raise RedisUnavailable("there is no connection")
        return await self._ask(self._protocol, *words)

    async def _ask(self, protocol: Any, *words: Any) -> Any:
        try:
            asked: Deferred[Any] = protocol.execute_command(*words)
            answer = await asked.addTimeout(self._timeout_seconds, self._reactor)
        except _ERRORS as error:
            if not isinstance(error, txredisapi.ResponseError) and not protocol.ended.called:
                self._protocol = None if self._protocol is protocol else self._protocol
                protocol.transport.abortConnection()
            raise RedisUnavailable(f"{words[0]}: {error!r}") from error
        if isinstance(answer, txredisapi.ResponseError):
            raise RedisUnavailable(f"{words[0]}: {answer}")
        return answer

    def _beat(self) -> None:
        """Ask for a sign of life: a machine that vanished closes no connection."""
        if self._protocol is not None:
            Deferred.fromCoroutine(self.ask("PING")).addErrback(lambda failure: failure.trap(RedisUnavailable))

    def _new_protocol(self) -> Any:
        return _Asking(self) if self.heard is None else _Hearing(self)

    async def _introduce(self, protocol: Any) -> None:
        if self._password is not None:
            await self._ask(protocol, "AUTH", self._password)
        if self._database:
            await self._ask(protocol, "SELECT", self._database)
        await self._ask(protocol, "PING")
        self._protocol = protocol
        if self._complained:
            self._complained = False
            self._log.info("Redis can be reached again")
        if self.ready is not None:
            await self.ready(self)

    def _complain(self, error: object) -> None:
        """Once for each time that Redis is away."""
        if not self._complained:
            self._complained = True
            self._log.warn("Redis cannot be reached, going on without: {error}", error=str(error) or repr(error))


class _Ends:
    """Tells of the end of a connection: `gone` at once, `ended` too, for whoever waits after `gone` was cancelled."""

    def __init__(self, owner: Redis) -> None:
        super().__init__(charset=None, convertNumbers=False)  # type: ignore[call-arg]
        self._owner = owner
        self.gone: Deferred[None] = Deferred()
        self.ended: Deferred[None] = Deferred()

    def connectionLost(self, why: Failure) -> None:
        _tell(self.ended)
        _tell(self.gone)
        super().connectionLost(why)  # type: ignore[misc]


class _Asking(_Ends, txredisapi.RedisProtocol):  # type: ignore[misc]  # txredisapi has no types
    """What txredisapi makes of the bytes; it neither decodes nor converts them."""


class _Hearing(_Ends, txredisapi.SubscriberProtocol):  # type: ignore[misc]  # txredisapi has no types
    """The same for a connection that subscribes; it would shorten the answers to other commands."""

    def messageReceived(self, pattern: object, channel: object, message: bytes) -> None:
        if self._owner.heard is not None:
            self._owner.heard(message)


def _tell(waiting: Deferred[None]) -> None:
    if not waiting.called:
        waiting.callback(None)
