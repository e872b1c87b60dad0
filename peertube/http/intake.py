"""A body on its way in: who sends it is checked before the first byte is read, and it is taken while it comes.

The connection is held while the check runs. What is done with the bytes is up to a subclass: `peertube.http.sinks`
takes multipart forms, `peertube.http.chunks` takes parts of files.
"""

from typing import Protocol

from twisted.logger import Logger
from twisted.web.server import Request

from peertube.errors import PodError, TooLarge, Unavailable
from peertube.http.authentication import Access, Gate
from peertube.http.replies import CORS_HEADERS, SECURITY_HEADERS, Reply, set_headers
from peertube.http.routing import Call, client_address, header_of, run_in
from peertube.model.users import Right
from peertube.service import TasksFull


class Connection(Protocol):
    """What an intake asks of the connection."""

    def hold(self) -> None:
        """Read no more."""
        ...

    def release(self) -> None:
        """Read on."""
        ...

    def welcome_body(self) -> None:
        """Begin to read."""
        ...

    def refuse(self, error: BaseException) -> None:
        """Answer at once and close."""
        ...

    def refuse_with(self, reply: Reply) -> None:
        """Answer at once, with an answer that is made already, and close."""
        ...


class Intake:
    """One body.

    :param length: its ``Content-Length``, None for a chunked body.
    """

    _log = Logger()

    def __init__(
        self, gate: Gate, access: Access | Right, *, request: Request, connection: Connection, length: int | None
    ) -> None:
        self._gate = gate
        self._access = access
        self._request = request
        self._connection = connection
        self._length = length
        self._early: list[bytes] = []
        self._open = False
        self._whole = False
        self._over = False
        self._limit = 0
        self._received = 0

    # what a subclass does

    async def _admit(self, call: Call) -> int:
        """Check whether the body is wanted and get ready for it; how many bytes it may have."""
        raise AssertionError("a subclass says this")

    def _take(self, data: bytes) -> None:
        """Take bytes of the body; raises what is wrong with them."""
        raise AssertionError("a subclass says this")

    def _end(self) -> None:
        """The body is whole; raises what is wrong with it."""

    async def _answer(self) -> Reply:
        """Make something of the body."""
        raise AssertionError("a subclass says this")

    async def _close(self) -> None:
        """Leave nothing open: after the answer, or after a failure."""

    def _too_much(self) -> PodError:
        """What is wrong with a body over the limit."""
        return too_large(self._limit)

    # what every body goes through

    def begin(self) -> None:
        """Hold the connection and ask whether the body is wanted."""
        self._connection.hold()
        try:
            self._gate.tasks.own(self._begin())
        except TasksFull:
            self._refuse(Unavailable("The server is busy"))

    async def _begin(self) -> None:
        try:
            self._limit = await self._admit(await self._enter())
            if self._length is not None and self._length > self._limit:
                raise self._too_much()
        except Exception as error:
            self._refuse(error)
            return
        self._open = True
        early, self._early = self._early, []
        for data in early:
            self.receive(data)
        if self._over:
            return
        if self._whole:
            self._finish()
        else:
            self._connection.welcome_body()

    async def _enter(self) -> Call:
        gate, request = self._gate, self._request
        set_headers(request, SECURITY_HEADERS)
        address, authorization = client_address(gate, request), header_of(request, b"authorization")
        if request.path.startswith(b"/api"):
            set_headers(request, CORS_HEADERS)
            limited = await gate.count(address, authorization)
            for name, value in limited.headers.items():
                request.responseHeaders.setRawHeaders(name, [value])
        return Call(request, await gate.viewer(self._access, authorization), address)

    def receive(self, data: bytes) -> None:
        """Take bytes of the body."""
        if self._over:
            return
        if not self._open:
            self._early.append(data)
            return
        self._received += len(data)
        try:
            if self._received > self._limit:
                raise self._too_much()
            self._take(data)
        except TasksFull:
            self._refuse(Unavailable("The server is busy"))
        except PodError as error:
            self._refuse(error)

    def all_received(self) -> None:
        """The body is whole."""
        self._whole = True
        if not self._over and self._open:
            self._finish()

    def stop(self) -> None:
        """The client is gone or was answered already: leave nothing behind."""
        if not self._over:
            self._over = True
            self._gate.tasks.own(self._close())

    def _finish(self) -> None:
        try:
            self._end()
        except PodError as error:
            self._refuse(error)
            return
        self._over = True
        run_in(self._gate, self._request, self._handle)

    async def _handle(self) -> Reply:
        try:
            if self._access is not Access.ANYONE:
                self._request.responseHeaders.setRawHeaders(b"Cache-Control", [b"private, no-store"])
            return await self._answer()
        finally:
            await self._close()

    def _refuse(self, error: BaseException) -> None:
        if self._over:
            return
        self._connection.refuse(error)
        self.stop()


def too_large(limit: int) -> TooLarge:
    """The error for a body over `limit` bytes."""
    return TooLarge(f"The body may have {limit} bytes at most", code="max_file_size_reached")
