"""A real SMTP server (Twisted's) on loopback, which keeps what it takes and refuses on request."""

from pathlib import Path
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.internet.ssl import PrivateCertificate
from twisted.mail.imap4 import LOGINCredentials, PLAINCredentials
from twisted.mail.smtp import ESMTP, IMessage, IMessageDelivery, SMTPBadRcpt, SMTPFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.certificates import self_signed


@implementer(IMessage)
class _Message:
    def __init__(self, inbox: list[bytes]) -> None:
        self._inbox, self._lines = inbox, list[bytes]()

    def lineReceived(self, line: bytes) -> None:
        self._lines.append(line)

    def eomReceived(self) -> Deferred[None]:
        self._inbox.append(b"\n".join(self._lines) + b"\n")
        return succeed(None)

    def connectionLost(self) -> None:
        self._lines.clear()


@implementer(IMessageDelivery)
class _Delivery:
    def __init__(self, server: "SmtpServer") -> None:
        self._server = server

    def receivedHeader(self, helo: Any, origin: Any, recipients: Any) -> bytes:
        return b"Received: here"

    def validateFrom(self, helo: Any, origin: Any) -> Any:
        return origin

    def validateTo(self, user: Any) -> Any:
        if self._server.refuses is not None:
            raise SMTPBadRcpt(user, self._server.refuses)
        return lambda: _Message(self._server.inbox)


@implementer(IRealm)
class _Realm:
    def __init__(self, server: "SmtpServer") -> None:
        self._server = server

    def requestAvatar(self, avatar_id: Any, mind: Any, *interfaces: Any) -> Any:
        self._server.authenticated.append(avatar_id)
        return IMessageDelivery, _Delivery(self._server), lambda: None


class _Connection(ESMTP):
    lost: Deferred[None]

    def connectionLost(self, reason: Failure) -> None:
        super().connectionLost(reason)
        self.lost.callback(None)


class SmtpServer:
    """Mails are in `inbox`, in order. `refuses` is the code that every recipient is answered with."""

    def __init__(self, reactor: Any, folder: Path, *, tls: bool = False, password: bytes | None = None) -> None:
        self.inbox: list[bytes] = []
        self.authenticated: list[bytes] = []
        self.refuses: int | None = None
        self.certificate = folder / "server.pem"
        public, private = self_signed()
        self.certificate.write_bytes(public)
        made = PrivateCertificate.loadPEM(public + private)
        self._closed: list[Deferred[None]] = []
        factory = SMTPFactory()
        factory.noisy = False

        def protocol() -> _Connection:
            one = _Connection(
                chal={b"LOGIN": LOGINCredentials, b"PLAIN": PLAINCredentials} if password is not None else {},
                contextFactory=made.options(),
            )
            if password is None:
                one.delivery = _Delivery(self)
            else:
                known = InMemoryUsernamePasswordDatabaseDontUse(user=password)
                one.portal = Portal(_Realm(self), [known])
            one.host = b"localhost"
            one.lost = Deferred()
            self._closed.append(one.lost)
            return one

        factory.protocol = protocol
        if password is not None:
            factory.portal = Portal(_Realm(self), [InMemoryUsernamePasswordDatabaseDontUse(user=password)])
        if tls:
            self._port = reactor.listenSSL(0, factory, made.options(), interface="127.0.0.1")
        else:
            self._port = reactor.listenTCP(0, factory, interface="127.0.0.1")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._port.getHost().port)

    async def close(self) -> None:
        """Listen no more, and wait for the clients to go."""
        await self._port.stopListening()
        await DeferredList(self._closed)
