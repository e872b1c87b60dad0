"""Multipart bodies, taken while they come: who sends and how much is checked before the first byte is read.

``gotLength`` of the request chooses the sink by method and path. The connection is held while the check runs; then
file parts go to temporary files through a `Spool`, text parts into memory (bounded), and the route's function gets a
`ReceivedForm`. The temporary files are gone when it returns, except those that it moved away.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from attrs import field, frozen
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header
from pydantic import BaseModel
from twisted.logger import Logger
from twisted.web.server import Request

from peertube.errors import Invalid, PodError, TooLarge, Unavailable, UnsupportedMedia
from peertube.http.authentication import Access, Gate
from peertube.http.parameters import from_pairs
from peertube.http.replies import CORS_HEADERS, SECURITY_HEADERS, Reply, as_reply, set_headers
from peertube.http.routing import Call, client_address, header_of, run_in
from peertube.http.spool import InThread, Spool
from peertube.model.users import Right
from peertube.service import TasksFull

MAXIMUM_TEXT = 500_000
"""Bytes of all text parts of a form together."""

MAXIMUM_TEXT_PARTS = 200
_MAXIMUM_NAME = 255

Model = TypeVar("Model", bound=BaseModel)


@frozen
class ReceivedFile:
    """A file part. `path` is a temporary file that is synced to disk; `filename` is only what the client said."""

    path: Path
    filename: str
    content_type: str
    size: int


@frozen
class ReceivedForm:
    """All parts of a multipart body, by the names of the fields."""

    fields: Mapping[str, list[str]] = field(factory=dict)
    files: Mapping[str, ReceivedFile] = field(factory=dict)

    def parameters(self, model: type[Model]) -> Model:
        """The text fields as a model, read as a form is."""
        return from_pairs(model, [(name, value) for name, values in self.fields.items() for value in values])


@frozen
class SinkRoute:
    """A route that takes multipart bodies.

    :param path: a regular expression for the whole path; its named groups are arguments of `check` and `handler`.
    :param check: ``async (call, content_length or None, **groups) -> int``: how many bytes the body may have;
        raises what speaks against the upload. Runs before any byte of the body is read.
    :param handler: ``async (call, form, **groups) -> result`` as of a `Route`.
    :param file_fields: the fields that may hold files.
    :param only_multipart: refuse other bodies; otherwise they go to the ordinary routes.
    """

    method: str
    path: str
    access: Access | Right
    check: Callable[..., Awaitable[int]]
    handler: Callable[..., Awaitable[object]]
    file_fields: frozenset[str]
    max_files: int
    only_multipart: bool = True


class Connection(Protocol):
    """What a sink asks of the connection."""

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


class Sinks:
    """The table of sink routes.

    :param new_temporary: the path of a new file in the pod's folder for temporary files.
    """

    def __init__(
        self,
        routes: Sequence[SinkRoute],
        *,
        gate: Gate,
        new_temporary: Callable[[], Path],
        in_thread: InThread,
    ) -> None:
        self.gate = gate
        self.new_temporary = new_temporary
        self.in_thread = in_thread
        self._routes = [(route.method.encode(), re.compile(route.path), route) for route in routes]

    def find(self, method: bytes, path: bytes) -> tuple[SinkRoute, dict[str, str]] | None:
        """The route for a request, with the groups of its path."""
        text = path.decode("latin-1")
        for known, pattern, route in self._routes:
            if known == method and (match := pattern.fullmatch(text)):
                return route, match.groupdict()
        return None


def boundary_of(content_type: str | None) -> str | None:
    """The boundary of a multipart form; None for any other type."""
    media_type, options = _options(content_type or "")
    if media_type != "multipart/form-data":
        return None
    boundary = options.get("boundary", "")
    if not 1 <= len(boundary) <= 200 or not boundary.isascii() or not boundary.isprintable():
        raise Invalid("The boundary of the multipart body is malformed", code="malformed_body")
    return boundary


def _options(header: str) -> tuple[str, dict[str, str]]:
    media_type, options = parse_options_header(header)
    return str(media_type), dict(options)


class Sink:
    """One multipart body on its way in."""

    _log = Logger()

    def __init__(
        self,
        sinks: Sinks,
        route: SinkRoute,
        groups: Mapping[str, str],
        *,
        request: Request,
        connection: Connection,
        length: int | None,
        boundary: str,
    ) -> None:
        self._sinks = sinks
        self._route = route
        self._groups = groups
        self._request = request
        self._connection = connection
        self._length = length
        self._boundary = boundary
        self._call: Call | None = None
        self._early: list[bytes] = []
        self._whole = False
        self._over = False
        self._limit = 0
        self._received = 0
        self._parser: PushMultipartParser | None = None
        self._segment: MultipartSegment | None = None
        self._text: bytearray | None = None
        self._text_size = 0
        self._spool: Spool | None = None
        self._spools: list[Spool] = []
        self._fields: dict[str, list[str]] = {}
        self._files: dict[str, tuple[Spool, MultipartSegment]] = {}

    def begin(self) -> None:
        """Hold the connection and ask whether the body is wanted."""
        self._connection.hold()
        try:
            self._sinks.gate.tasks.own(self._begin())
        except TasksFull:
            self._refuse(Unavailable("The server is busy"))

    async def _begin(self) -> None:
        try:
            self._limit = await self._check()
            self._parser = PushMultipartParser(
                self._boundary,
                content_length=-1 if self._length is None else self._length,
                max_segment_count=self._route.max_files + MAXIMUM_TEXT_PARTS,
            )
        except Exception as error:
            self._refuse(error)
            return
        early, self._early = self._early, []
        for data in early:
            self.receive(data)
        if self._over:
            return
        if self._whole:
            self._finish()
        else:
            self._connection.welcome_body()

    async def _check(self) -> int:
        gate, request = self._sinks.gate, self._request
        set_headers(request, SECURITY_HEADERS)
        address, authorization = client_address(gate, request), header_of(request, b"authorization")
        if request.path.startswith(b"/api"):
            set_headers(request, CORS_HEADERS)
            limited = await gate.count(address, authorization)
            for name, value in limited.headers.items():
                request.responseHeaders.setRawHeaders(name, [value])
        viewer = await gate.viewer(self._route.access, authorization)
        self._call = Call(request, viewer, address)
        limit = await self._route.check(self._call, self._length, **self._groups)
        if self._length is not None and self._length > limit:
            raise _too_large(limit)
        return limit

    def receive(self, data: bytes) -> None:
        """Take bytes of the body."""
        if self._over:
            return
        parser = self._parser
        if parser is None:
            self._early.append(data)
            return
        self._received += len(data)
        try:
            if self._received > self._limit:
                raise _too_large(self._limit)
            for event in parser.parse(data):
                self._take(event)
                if self._over:
                    return
        except ParserLimitReached:
            self._refuse(TooLarge("The form has too many or too large parts"))
        except MultipartError:
            self._refuse(Invalid("The multipart body is malformed", code="malformed_body"))
        except (PodError, TasksFull) as error:
            self._refuse(error if isinstance(error, PodError) else Unavailable("The server is busy"))

    def all_received(self) -> None:
        """The body is whole."""
        self._whole = True
        if not self._over and self._parser is not None:
            self._finish()

    def stop(self) -> None:
        """The client is gone or was answered already: leave nothing behind."""
        if not self._over:
            self._over = True
            self._sinks.gate.tasks.own(self._discard())

    def _take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin_part(event)
        elif event is None:
            self._end_part()
        elif self._text is not None:
            self._text_size += len(event)
            if self._text_size > MAXIMUM_TEXT:
                raise TooLarge("The fields of the form are too large")
            self._text += event
        elif not self._open_spool().write(bytes(event)):
            self._connection.hold()

    def _begin_part(self, segment: MultipartSegment) -> None:
        self._segment = segment
        if segment.filename is None:
            self._text = bytearray()
            return
        if segment.name not in self._route.file_fields and segment.filename:
            raise Invalid("The form has a file in an unknown field", fields={segment.name: "Takes no file"})
        if segment.name in self._files or len(self._files) >= self._route.max_files:
            raise Invalid("The form has too many files", fields={segment.name: "Given more than once"})

    def _open_spool(self) -> Spool:
        if self._spool is None:
            assert self._segment is not None
            self._spool = Spool(
                self._sinks.new_temporary(),
                in_thread=self._sinks.in_thread,
                tasks=self._sinks.gate.tasks,
                drained=self._connection.release,
                failed=self._refuse,
            )
            self._spools.append(self._spool)
            self._files[self._segment.name] = (self._spool, self._segment)
        return self._spool

    def _end_part(self) -> None:
        segment, text = self._segment, self._text
        assert segment is not None
        if text is not None:
            try:
                decoded = text.decode()
            except UnicodeDecodeError as error:
                raise Invalid("A field is not valid UTF-8", fields={segment.name: "Is not valid UTF-8"}) from error
            self._fields.setdefault(segment.name, []).append(decoded)
        elif self._spool is None and segment.filename:
            self._open_spool().write(b"")
        self._segment, self._text, self._spool = None, None, None

    def _finish(self) -> None:
        assert self._parser is not None
        try:
            self._parser.close()
        except MultipartError:
            self._refuse(Invalid("The multipart body ends too early", code="malformed_body"))
            return
        self._over = True
        run_in(self._sinks.gate, self._request, self._handle)

    async def _handle(self) -> Reply:
        assert self._call is not None
        try:
            for spool in self._spools:
                await spool.close()
            files = {name: _received(spool, segment) for name, (spool, segment) in self._files.items()}
            if self._call.viewer is not None:
                self._request.responseHeaders.setRawHeaders(b"Cache-Control", [b"private, no-store"])
            return as_reply(await self._route.handler(self._call, ReceivedForm(self._fields, files), **self._groups))
        finally:
            await self._discard()

    def _refuse(self, error: BaseException) -> None:
        if self._over:
            return
        self._connection.refuse(error)
        self.stop()

    async def _discard(self) -> None:
        for spool in self._spools:
            try:
                await spool.discard()
            except OSError:
                self._log.failure("could not remove {path}", path=spool.path.name)


def expect_multipart(route: SinkRoute, content_type: str | None) -> str | None:
    """The boundary for a sink; None when the body belongs to an ordinary route."""
    boundary = boundary_of(content_type)
    if boundary is None and route.only_multipart:
        raise UnsupportedMedia("The body must be multipart/form-data")
    return boundary


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body may have {limit} bytes at most", code="max_file_size_reached")


def _received(spool: Spool, segment: MultipartSegment) -> ReceivedFile:
    name = "".join(letter for letter in segment.filename or "" if letter.isprintable())
    name = name.replace("\\", "/").rpartition("/")[2][-_MAXIMUM_NAME:]
    return ReceivedFile(spool.path, name, segment.content_type or "application/octet-stream", spool.size)
