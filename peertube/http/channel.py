"""One connection of the HTTP server, with clocks against clients that are slow on purpose.

Twisted's idle timeout starts anew with each byte. Here a request head has an absolute deadline, a body a minimum
rate, and a request that is refused before its body came is answered at once: the rest is read and dropped for a
moment, so that the client gets to read the answer before the connection ends.
"""

from collections.abc import Callable
from typing import Any, Protocol, cast

import msgspec
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.server import Request

from peertube.http.problems import Problems, TooSlow
from peertube.http.replies import Reply, write_reply
from peertube.http.routing import write_failure

HEAD_SECONDS = 10.0
"""A request head is whole this long after its first byte."""

FIRST_CHECK_SECONDS = 10.0
"""The rate of a body is looked at for the first time after this."""

CHECK_SECONDS = 30.0
"""And then this often."""

BYTES_PER_SECOND = 1024
"""A body that comes slower than this between two looks is given up."""

LINGER_SECONDS = 5.0
LINGER_BYTES = 64 * 2**20
"""What is read and dropped behind an answer that came before the end of the body."""


class BodyReceiver(Protocol):
    """A request whose body may be refused half-way."""

    def refused(self) -> None:
        """The request has been answered with an error; what was received is not needed."""
        ...


class Pace:
    """Whether a body comes fast enough. Times in seconds; time during which we did not read does not count."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._window = FIRST_CHECK_SECONDS
        self._received = 0
        self._held_at: float | None = None

    def received(self, count: int) -> None:
        """So many bytes came."""
        self._received += count

    def hold(self, now: float) -> None:
        """We stop reading."""
        if self._held_at is None:
            self._held_at = now

    def release(self, now: float) -> None:
        """We read again."""
        if self._held_at is not None:
            self._since += now - self._held_at
            self._held_at = None

    def seconds_to_check(self, now: float) -> float:
        """How long until the next look; 0 when it is due."""
        until = now if self._held_at is None else self._held_at
        return max(0.0, self._window - (until - self._since))

    def is_too_slow(self, now: float) -> bool:
        """Look, and begin the next window."""
        slow = self._received < BYTES_PER_SECOND * self._window
        self._since, self._window, self._received = now, CHECK_SECONDS, 0
        return slow


class PodChannel(HTTPChannel):
    """A connection that enforces deadlines and refuses politely."""

    transport: Any
    site: Any
    maxHeaders = 100
    totalHeadersSize = 16384

    def __init__(self) -> None:
        super().__init__()
        self._deadline: IDelayedCall | None = None
        self._pace: Pace | None = None
        self._refused = False
        self._dropped = 0
        self._expects_continue = False
        self._held = False
        self.leave: Callable[[], None] | None = None
        """To be called when the connection is over (`http.admission.Connections`)."""

    def connectionMade(self) -> None:
        """The transport tells of the end, because another protocol (WebSocket) may take the connection over."""
        if self.leave is not None and hasattr(self.transport, "left"):
            self.transport.left, self.leave = self.leave, None
        super().connectionMade()

    # reading

    def dataReceived(self, data: bytes) -> None:
        """Bytes of a head or a body came."""
        if self._refused:
            self._drop(len(data))
            return
        if self._deadline is None and not self._handlingRequest and self._pace is None:
            self._set_deadline(HEAD_SECONDS, self._head_too_slow)
        super().dataReceived(data)

    def rawDataReceived(self, data: bytes) -> None:
        """Bytes of a body, or of the next request while one is being answered."""
        if self._refused:
            self._drop(len(data))
            return
        if self._pace is not None:
            self._pace.received(len(data))
        super().rawDataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """A line of the head."""
        if not self._refused:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """A line that no head needs."""
        self._respondToBadRequestAndDisconnect()

    def allHeadersReceived(self) -> None:
        """The head is whole; a body may follow."""
        self._stop_deadline()
        if self.length != 0:
            self._pace = Pace(self._now())
            self._set_deadline(FIRST_CHECK_SECONDS, self._check_pace)
        super().allHeadersReceived()

    def allContentReceived(self) -> None:
        """The body is whole."""
        if self._refused:
            return
        self._stop_deadline()
        self._pace = None
        super().allContentReceived()

    def requestDone(self, request: object) -> None:
        """An answer is written; the next head may be on its way already."""
        super().requestDone(request)
        if self.persistent and not self._handlingRequest and self._buffer and self._deadline is None:
            self._set_deadline(HEAD_SECONDS, self._head_too_slow)

    # holding

    def hold(self) -> None:
        """Read no more of the body for now."""
        if self._held or self._refused:
            return
        self._held = True
        self.setTimeout(None)
        if self._pace is not None:
            self._pace.hold(self._now())
        self._networkProducer.pauseProducing()

    def release(self) -> None:
        """Read on."""
        if not self._held or self._refused:
            return
        self._held = False
        if not self._handlingRequest:
            self.setTimeout(self.timeOut)
        if self._pace is not None:
            self._pace.release(self._now())
        self._networkProducer.resumeProducing()

    def _send100Continue(self) -> None:
        if self._held:
            self._expects_continue = True
        elif not self._refused:
            super()._send100Continue()

    def welcome_body(self) -> None:
        """The body is wanted: tell a client that waits for ``100 Continue``, and read on."""
        if self._expects_continue:
            self._expects_continue = False
            super()._send100Continue()
        self.release()

    # refusing

    def refuse(self, error: BaseException, problems: Problems) -> None:
        """Answer the request whose body is still coming, and end the connection."""
        self._answer_early(lambda request: write_failure(request, problems, error))

    def refuse_with(self, reply: Reply) -> None:
        """As `refuse`, with an answer that is made already."""
        self._answer_early(lambda request: write_reply(request, reply))

    def _answer_early(self, write: Callable[[Request], None]) -> None:
        if self._refused or not self.requests:
            return
        request = self.requests[-1]
        self._refused = True
        self._stop_deadline()
        self._pace = None
        self.persistent = 0
        request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        write(request)
        request.finish()

    def loseConnection(self) -> None:
        """Close; behind a refusal only our side, until the client has read it."""
        if not self._refused:
            super().loseConnection()
            return
        self.transport.unregisterProducer()
        self._networkProducer.resumeProducing()
        self.setTimeout(None)
        close_our_side = getattr(self.transport, "loseWriteConnection", None)
        if close_our_side is None:
            self.transport.loseConnection()
            return
        close_our_side()
        self._set_deadline(LINGER_SECONDS, self._end_lingering)

    def _drop(self, count: int) -> None:
        self._dropped += count
        if self._dropped > LINGER_BYTES:
            self._end_lingering()

    def _end_lingering(self) -> None:
        self._stop_deadline()
        self.transport.abortConnection()

    def _respondToBadRequestAndDisconnect(self) -> None:
        self._bare_answer(400, b"Bad Request", "malformed_request", "The request is malformed")

    def _bare_answer(self, status: int, phrase: bytes, code: str, detail: str) -> None:
        """Answer where there is no request that could be answered."""
        if self._refused:
            return
        self._refused = True
        self._stop_deadline()
        title = phrase.decode()
        members = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
        body = msgspec.json.encode({**members, "error": detail})
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: %d\r\n"
            b"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s" % (status, phrase, len(body), body)
        )
        self.loseConnection()

    # clocks

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is over."""
        leave, self.leave = self.leave, None
        if leave is not None:
            leave()
        self._stop_deadline()
        super().connectionLost(reason)

    def _head_too_slow(self) -> None:
        self._deadline = None
        self._bare_answer(408, b"Request Timeout", TooSlow.code, "The request took too long to arrive")

    def _check_pace(self) -> None:
        self._deadline = None
        pace = self._pace
        if pace is None:
            return
        if pace.seconds_to_check(self._now()) <= 0 and not self._held and pace.is_too_slow(self._now()):
            request = cast(BodyReceiver, self.requests[-1])
            self.refuse(TooSlow("The body took too long to arrive"), self.site.gate.problems)
            request.refused()
            return
        self._set_deadline(max(1.0, pace.seconds_to_check(self._now())), self._check_pace)

    def _now(self) -> float:
        return float(self.factory.reactor.seconds())

    def _set_deadline(self, seconds: float, late: object) -> None:
        self._stop_deadline()
        self._deadline = self.callLater(seconds, late)

    def _stop_deadline(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None
