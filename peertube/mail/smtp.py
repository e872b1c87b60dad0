"""The way to the SMTP server (RFC 5321), by Twisted's client: TLS from the start, STARTTLS where offered, or plain.

The server is named by the operator, so the guard of `delivery` does not stand before it.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen
from OpenSSL.SSL import Error as SSLError
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost, DNSLookupError
from twisted.internet.protocol import connectionDone
from twisted.internet.ssl import Certificate, optionsForClientTLS, platformTrust, trustRootFromCertificates
from twisted.logger import Logger
from twisted.mail.smtp import AddressError, ESMTPSender, ESMTPSenderFactory, SMTPClientError, SMTPDeliveryError
from twisted.python.failure import Failure

from peertube.config.schema import Smtp
from peertube.errors import Unprocessable, Unreachable
from peertube.mail.message import Sender, build, environment
from peertube.mail.words import Texts
from peertube.model.mails import Mail
from peertube.usecases.ports import Clock

ANSWER_SECONDS = 30
"""How long the server may take for each answer."""

GOODBYE_SECONDS = 5
"""How long the server may take to end the connection when it has taken the mail."""

WHOLE_SECONDS = 120
"""How long sending one mail may take in all."""

_TEMPORARY = (SMTPClientError, ConnectError, ConnectionLost, ConnectionDone, DNSLookupError, SSLError, OSError)


@frozen
class SmtpMailer:
    """Hands mails to the server.

    :param texts_of: the texts for a language code or an ``Accept-Language``.
    :param sender: asked for each mail, since the pod's name may change.
    """

    reactor: Any
    settings: Smtp
    clock: Clock
    texts_of: Callable[[str], Texts]
    sender: Callable[[], Sender]

    _log = Logger()

    async def send(self, mail: Mail, message_id: str) -> None:
        """Put a mail into words and send it.

        :raises Unprocessable: the server will never take it.
        :raises Unreachable: perhaps it will, later.
        """
        sender = self.sender()
        try:
            content = build(
                mail,
                message_id=message_id,
                texts=self.texts_of(mail.language),
                sender=sender,
                now_ms=self.clock.now_ms(),
                templates=environment(),
            )
            sent: Deferred[Any] = Deferred()
            factory = self._factory(sender, mail.to, content, sent)
        except (ValueError, AddressError) as error:
            raise Unprocessable("No mail can be sent to such an address", code="wrong_address") from error
        await self._sent(factory, sent)
        self._log.info("sent a mail about {kind}", kind=mail.kind.value)

    def _factory(self, sender: Sender, recipient: str, content: bytes, sent: Deferred[Any]) -> "_Factory":
        asked = self.settings
        starttls = not asked.tls and not asked.disable_starttls
        factory = _Factory(
            (asked.username or "").encode(),
            (asked.password or "").encode(),
            sender.address,
            recipient,
            _Whole(content),
            sent,
            retries=0,
            timeout=ANSWER_SECONDS,
            contextFactory=self._trust() if starttls else None,
            heloFallback=not asked.username,
            requireAuthentication=bool(asked.username),
            requireTransportSecurity=False,
            hostname=None,
        )
        factory.domain = (urlsplit(sender.origin).hostname or "localhost").encode("ascii", "replace")
        return factory

    async def _sent(self, factory: "_Factory", sent: Deferred[Any]) -> None:
        asked = self.settings
        sent.addTimeout(WHOLE_SECONDS, self.reactor)
        endpoint: Any = HostnameEndpoint(self.reactor, (asked.hostname or "").encode("idna"), asked.port)
        if asked.tls:
            endpoint = wrapClientTLS(self._trust(), endpoint)
        connecting = endpoint.connect(factory)
        connecting.addErrback(lambda failure: None if sent.called else sent.errback(failure))
        try:
            await sent
        except SMTPDeliveryError as error:
            raise _refused(error) from error
        except _TEMPORARY as error:
            raise Unreachable(f"The SMTP server cannot be used: {_said(error)}") from error
        finally:
            connecting.cancel()
            await factory.closed(self.reactor)

    def _trust(self) -> Any:
        hostname = self.settings.hostname or ""
        if self.settings.ca_file is None:
            return optionsForClientTLS(hostname, platformTrust())
        begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
        parts = self.settings.ca_file.read_bytes().split(begin)[1:]
        known = [Certificate.loadPEM(begin + part.partition(end)[0] + end + b"\n") for part in parts]
        return optionsForClientTLS(hostname, trustRootFromCertificates(known))


class _Whole(BytesIO):
    """A message that is read in one piece: Twisted looks for lines that begin with a dot in each piece by itself."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read()


class _Protocol(ESMTPSender):
    """Keeps no record of what it sends, for it may be a password; tells of a connection that breaks."""

    debug = False

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self.factory.connection_lost(reason)


class _Factory(ESMTPSenderFactory):
    protocol = _Protocol
    noisy = False
    _made: Any = None
    _lost: Deferred[None] | None = None

    def buildProtocol(self, addr: object) -> Any:
        self._made = super().buildProtocol(addr)
        self._lost = Deferred()
        return self._made

    def connection_lost(self, reason: Failure) -> None:
        """The server hung up, or we did."""
        if not self.sendFinished:
            self.sendFinished = True
            self.result.errback(reason)
        if self._lost is not None:
            self._lost.callback(None)

    async def closed(self, reactor: Any) -> None:
        """Nothing is open any more. A server that takes long to say goodbye is left without."""
        if self._lost is None or self._lost.called:
            return
        unfinished, self.sendFinished = not self.sendFinished, True
        late = reactor.callLater(0 if unfinished else GOODBYE_SECONDS, self._made.transport.abortConnection)
        await self._lost
        if late.active():
            late.cancel()


def _refused(error: SMTPDeliveryError) -> Exception:
    """What the server said of the mail or of its recipient."""
    addresses: Any = error.addresses
    worst = max([error.code, *(code for _, code, _ in addresses)])
    detail = f"The SMTP server refused the mail: {_said(error)}"
    return Unprocessable(detail, code="mail_refused") if 500 <= worst < 600 else Unreachable(detail)


def _said(error: BaseException) -> str:
    resp = getattr(error, "resp", None)
    text = resp.decode("utf-8", "replace") if isinstance(resp, bytes) else str(error) or type(error).__name__
    code = getattr(error, "code", None)
    return f"{code} {text}"[:300] if isinstance(code, int) and code > 0 else text[:300]
