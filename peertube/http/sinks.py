"""Bodies that are taken while they come: the table of their routes, and multipart forms.

``gotLength`` of the request chooses the sink by method and path. File parts of a form go to temporary files through a
`Spool`, text parts into memory (bounded), and the route's function gets a `ReceivedForm`. The temporary files are gone
when it returns, except those that it moved away.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import field, frozen
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header
from pydantic import BaseModel
from twisted.internet.defer import CancelledError
from twisted.web.server import Request

from peertube.errors import Invalid, PodError, TooLarge, UnsupportedMedia
from peertube.http.authentication import Access, Gate
from peertube.http.chunks import ChunkIntake, ChunkRoute
from peertube.http.intake import Connection, Intake, too_large
from peertube.http.parameters import from_pairs
from peertube.http.replies import Reply, as_reply
from peertube.http.routing import Call, header_of
from peertube.http.spool import InThread, Spool
from peertube.model.users import Right
from peertube.service import TasksFull

MAXIMUM_TEXT = 500_000
"""Bytes of all text parts of a form together."""

MAXIMUM_TEXT_PARTS = 200

HEARD_OUT = 64 * 2**20
"""A refused form of at most so many bytes is read to its end all the same, where its page shows again what was typed;
its files are dropped."""

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
    :param check_file: called with the field and the name of each file before its first byte; raises what speaks
        against it.
    :param refused: ``async (call, error, fields, **groups) -> result``: what to answer when `check` or `check_file`
        refused or the form was too large, instead of a problem; `fields` are the text fields that came.
    :param form: the model of the text fields; the description of the API is made of it.
    """

    method: str
    path: str
    access: Access | Right
    check: Callable[..., Awaitable[int]]
    handler: Callable[..., Awaitable[object]]
    file_fields: frozenset[str]
    max_files: int
    only_multipart: bool = True
    check_file: Callable[[str, str], object] | None = None
    refused: Callable[..., Awaitable[object]] | None = None
    form: type[BaseModel] | None = None


class Sinks:
    """The table of sink routes.

    :param new_temporary: the path of a new file in the pod's folder for temporary files.
    """

    def __init__(
        self,
        routes: Sequence[SinkRoute | ChunkRoute],
        *,
        gate: Gate,
        new_temporary: Callable[[], Path],
        in_thread: InThread,
    ) -> None:
        self.gate = gate
        self.new_temporary = new_temporary
        self.in_thread = in_thread
        self._routes = [(route.method.encode(), re.compile(route.path), route) for route in routes]
        self._chunks: dict[str, ChunkIntake] = {}

    def intake(self, request: Request, connection: Connection, length: int | None) -> Intake | None:
        """What takes the body of a request; None when it belongs to an ordinary route.

        :raises UnsupportedMedia: when the route takes only forms and this is none.
        :raises Invalid: when it is a malformed one.
        """
        found = self._find(request.method, request.path)
        if found is None:
            return None
        route, groups = found
        if isinstance(route, ChunkRoute):
            return ChunkIntake(
                route,
                self._chunks,
                gate=self.gate,
                in_thread=self.in_thread,
                request=request,
                connection=connection,
                length=length,
            )
        boundary = expect_multipart(route, header_of(request, b"content-type"))
        if boundary is None:
            return None
        return Sink(self, route, groups, request=request, connection=connection, length=length, boundary=boundary)

    def _find(self, method: bytes, path: bytes) -> tuple[SinkRoute | ChunkRoute, dict[str, str]] | None:
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


class Sink(Intake):
    """One multipart body on its way in."""

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
        super().__init__(sinks.gate, route.access, request=request, connection=connection, length=length)
        self._sinks = sinks
        self._route = route
        self._groups = groups
        self._boundary = boundary
        self._call: Call | None = None
        self._parser: PushMultipartParser | None = None
        self._segment: MultipartSegment | None = None
        self._text: bytearray | None = None
        self._text_size = 0
        self._spool: Spool | None = None
        self._spools: list[Spool] = []
        self._fields: dict[str, list[str]] = {}
        self._files: dict[str, tuple[Spool, MultipartSegment]] = {}
        self._refusal: PodError | None = None

    async def _admit(self, call: Call) -> int:
        self._call = call
        limit = await self._check(call)
        self._parser = PushMultipartParser(
            self._boundary,
            content_length=-1 if self._length is None else self._length,
            max_segment_count=self._route.max_files + MAXIMUM_TEXT_PARTS,
        )
        return limit

    async def _check(self, call: Call) -> int:
        try:
            limit = await self._route.check(call, self._length, **self._groups)
            if self._length is not None and self._length > limit:
                raise too_large(limit)
        except PodError as error:
            self._hear_out(error)
            return HEARD_OUT
        return limit

    def _hear_out(self, error: PodError) -> None:
        """Refuse after the text fields are known, if they are worth waiting for; otherwise at once."""
        if self._route.refused is None or self._length is None or self._length > HEARD_OUT:
            raise error
        self._refusal = error

    def _refuse(self, error: BaseException) -> None:
        if self._over or self._route.refused is None or self._call is None or not isinstance(error, PodError):
            super()._refuse(error)
            return
        self._over = True
        self._connection.hold()
        try:
            self._gate.tasks.own(self._refuse_with_page(error))
        except TasksFull:
            self._connection.refuse(error)

    async def _refuse_with_page(self, error: PodError) -> None:
        try:
            self._connection.refuse_with(await self._refusal_of(error))
        except CancelledError:
            raise
        except Exception as failure:
            self._connection.refuse(failure)
        finally:
            await self._close()

    async def _refusal_of(self, error: PodError) -> Reply:
        assert self._route.refused is not None
        return as_reply(await self._route.refused(self._call, error, self._fields, **self._groups))

    def _take(self, data: bytes) -> None:
        assert self._parser is not None
        try:
            for event in self._parser.parse(data):
                self._take_event(event)
                if self._over:
                    return
        except ParserLimitReached as error:
            raise TooLarge("The form has too many or too large parts") from error
        except MultipartError as error:
            raise Invalid("The multipart body is malformed", code="malformed_body") from error

    def _take_event(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin_part(event)
        elif event is None:
            self._end_part()
        elif self._text is not None:
            self._text_size += len(event)
            if self._text_size > MAXIMUM_TEXT:
                raise TooLarge("The fields of the form are too large")
            self._text += event
        elif self._refusal is None and not self._open_spool().write(bytes(event)):
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
        if self._route.check_file is not None and segment.filename and self._refusal is None:
            try:
                self._route.check_file(segment.name, file_name(segment))
            except PodError as error:
                self._hear_out(error)

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
        elif self._spool is None and segment.filename and self._refusal is None:
            self._open_spool().write(b"")
        self._segment, self._text, self._spool = None, None, None

    def _end(self) -> None:
        assert self._parser is not None
        try:
            self._parser.close()
        except MultipartError as error:
            raise Invalid("The multipart body ends too early", code="malformed_body") from error

    async def _answer(self) -> Reply:
        assert self._call is not None
        if self._refusal is not None:
            return await self._refusal_of(self._refusal)
        for spool in self._spools:
            await spool.close()
        files = {name: _received(spool, segment) for name, (spool, segment) in self._files.items()}
        return as_reply(await self._route.handler(self._call, ReceivedForm(self._fields, files), **self._groups))

    async def _close(self) -> None:
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


def file_name(segment: MultipartSegment) -> str:
    """What the client calls a file, without folders and control characters."""
    name = "".join(letter for letter in segment.filename or "" if letter.isprintable())
    return name.replace("\\", "/").rpartition("/")[2][-_MAXIMUM_NAME:]


def _received(spool: Spool, segment: MultipartSegment) -> ReceivedFile:
    return ReceivedFile(spool.path, file_name(segment), segment.content_type or "application/octet-stream", spool.size)
