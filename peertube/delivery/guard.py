"""The way out: endpoints that connect only where we may, to the very address that was checked."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from attrs import field, frozen
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IResolutionReceiver, IStreamClientEndpoint
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from peertube.errors import Unreachable
from peertube.policy.addresses import is_public

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a host name, as text."""

MOST_ADDRESSES = 3
"""Addresses of one name that are tried."""

CONNECT_SECONDS = 10
HEAD_BYTES = 128 * 1024
"""What an answer may have beside its body: status line, headers, chunk sizes, gzip's own."""


def resolver_of(reactor: Any) -> Resolve:
    """The reactor's own name resolution (in its threads)."""

    async def resolve(name: str) -> Sequence[str]:
        done: Deferred[list[str]] = Deferred()
        reactor.nameResolver.resolveHostName(_Resolution(done), name)
        return await done

    return resolve


@implementer(IResolutionReceiver)
class _Resolution:
    def __init__(self, done: "Deferred[list[str]]") -> None:
        self._done = done
        self._found: list[str] = []

    def resolutionBegan(self, resolution: object) -> None:
        """Nothing to do."""

    def addressResolved(self, address: object) -> None:
        """One more."""
        if isinstance(address, IPv4Address | IPv6Address):
            self._found.append(address.host)

    def resolutionComplete(self) -> None:
        """No more."""
        if not self._done.called:
            self._done.callback(self._found)


class _Counted(ProtocolWrapper):
    """Ends a connection that gives more bytes than were asked for, headers included."""

    def __init__(self, factory: Any, wrapped: Any) -> None:
        super().__init__(factory, wrapped)
        self._left: int = factory.limit

    def dataReceived(self, data: bytes) -> None:
        """Count and pass on."""
        self._left -= len(data)
        if self._left < 0:
            self.abortConnection()
            return
        super().dataReceived(data)

    def abortConnection(self) -> None:
        """Drop everything."""
        transport: Any = self.transport
        if transport is not None:
            transport.abortConnection()


class _CountingFactory(WrappingFactory):
    protocol = _Counted
    noisy = False

    def __init__(self, wrapped: Any, limit: int) -> None:
        super().__init__(wrapped)
        self.limit = limit


@implementer(IAgentEndpointFactory)
@frozen(eq=False)
class Guard:
    """Makes the endpoints of one request.

    :param limit: bytes that may come in over one connection.
    :param ports: where we may connect; any when `allow_private`.
    :param trust: whose certificates are believed; None for the machine's store.
    """

    reactor: Any
    resolve: Resolve
    limit: int
    ports: frozenset[int]
    allow_private: bool = False
    trust: Any = field(default=None)

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """Where a URI is fetched from. Raises `Unreachable` for a port that is not allowed."""
        if not self.allow_private and uri.port not in self.ports:
            raise Unreachable(f"Port {uri.port} is not one that this pod connects to", code="address_refused")
        return _GuardedEndpoint(self, uri)


@implementer(IStreamClientEndpoint)
@frozen(eq=False)
class _GuardedEndpoint:
    guard: Guard
    uri: URI

    def connect(self, protocolFactory: Any) -> "Deferred[Any]":
        """Resolve, check, connect."""
        return ensureDeferred(self._connect(protocolFactory))

    async def _connect(self, factory: Any) -> Any:
        name = self.uri.host.decode("ascii").strip("[]")
        addresses = [name] if _is_literal(name) else await self.guard.resolve(name)
        if not addresses:
            raise Unreachable("The host name does not resolve", code="unknown_host")
        if not self.guard.allow_private and not all(is_public(address) for address in addresses):
            raise Unreachable("The host name leads to an address that is not public", code="address_refused")
        counting = _CountingFactory(factory, self.guard.limit)
        for last, address in _with_last(addresses[:MOST_ADDRESSES]):
            try:
                wrapper: Any = await self._endpoint(address, name).connect(counting)
            except ConnectError:
                if last:
                    raise
                continue
            return wrapper.wrappedProtocol
        raise Unreachable("The host could not be reached")

    def _endpoint(self, address: str, name: str) -> IStreamClientEndpoint:
        kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
        endpoint = kind(self.guard.reactor, address, self.uri.port, timeout=CONNECT_SECONDS)
        if self.uri.scheme != b"https":
            return endpoint
        return wrapClientTLS(optionsForClientTLS(name, trustRoot=self.guard.trust), endpoint)


def _is_literal(name: str) -> bool:
    return ":" in name or (name.replace(".", "").isdigit() and name.count(".") == 3)


def _with_last(addresses: Sequence[str]) -> list[tuple[bool, str]]:
    return [(number == len(addresses) - 1, address) for number, address in enumerate(addresses)]
