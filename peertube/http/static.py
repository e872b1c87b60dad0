"""Files for players, web seeds and browsers: exact ranges, conditional requests, no bytes through Python.

A mount asks a use case where the file lies and who may have it. On plain TCP the file goes out by sendfile; on other
transports (TLS, memory) a pump reads it in a thread and stops while the client does not read.
"""

import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import quote

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request
from zope.interface import implementer

from peertube.errors import NotFound, Unavailable
from peertube.http.authentication import Access, Gate
from peertube.http.problems import MethodNotAllowed
from peertube.http.ranges import Representation, select
from peertube.http.replies import SECURITY_HEADERS, set_headers
from peertube.http.routing import Call, client_address, finish, header_of, write_failure
from peertube.http.spool import InThread
from peertube.http.transport import STALL_SECONDS, SendfileServer
from peertube.model.users import Viewer
from peertube.service import TasksFull

CONTENT_TYPES = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".ogg": "video/ogg",
    ".mkv": "video/x-matroska", ".mov": "video/quicktime", ".avi": "video/x-msvideo", ".flv": "video/x-flv",
    ".ts": "video/mp2t", ".m3u8": "application/vnd.apple.mpegurl", ".vtt": "text/vtt; charset=utf-8",
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".flac": "audio/flac", ".wav": "audio/wav", ".aac": "audio/aac",
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif",
    ".torrent": "application/x-bittorrent", ".json": "application/json",
}  # fmt: skip
"""The only types that files of users are served with; anything else is application/octet-stream."""

_CORS = {
    b"Access-Control-Allow-Origin": b"*",
    b"Access-Control-Expose-Headers": b"Content-Range, Accept-Ranges, Content-Length, ETag, Content-Disposition",
    b"Cross-Origin-Resource-Policy": b"cross-origin",
}
_PREFLIGHT = {
    **_CORS,
    b"Access-Control-Allow-Methods": b"GET, HEAD",
    # Cache-Control and User-Agent: WebTorrent in a browser sends both to web seeds.
    b"Access-Control-Allow-Headers": b"Range, If-Range, If-None-Match, If-Modified-Since, Authorization, "
    b"Cache-Control, User-Agent, X-PeerTube-Video-Password",
    b"Access-Control-Max-Age": b"7200",
}
_CONDITIONS = (
    "range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
)  # fmt: skip
PRIVATE = b"private"
_PUMP_BYTES = 256 * 1024
_METHODS = frozenset({"GET", "HEAD"})


class Found(Protocol):
    """Where a file lies, and how it may be passed on."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def is_open(self) -> bool:
        """Anybody may fetch it; caches may keep it."""
        ...

    @property
    def download_name(self) -> str | None:
        """What it is called when saved."""
        ...


Resolve = Callable[[Call, str], Awaitable[Found]]
"""Where the file of a name lies; raises `NotFound`, `Unauthorized` or `Forbidden`."""

PageViewer = Callable[[Request], Awaitable[Viewer | None]]
"""Who is logged in by the cookie of the pages: players cannot send bearer tokens."""


Internal = Callable[[Path], str | None]
"""Where the nginx in front of the pod finds a file (``X-Accel-Redirect``); None for one that it does not."""


class FileServing(Resource):
    """The files of one mount, as ``/static/web-videos/<name>``.

    :param immutable: a name always means the same bytes, so that caches may keep them for a year.
    :param private: names below ``private/`` are the same files (PeerTube's form for what is not for everybody).
    :param download: browsers save the file under its download name.
    :param internal: requests that come through a trusted proxy are handed back to it; the pod sends itself if None.
    """

    isLeaf = True

    def __init__(
        self,
        *,
        gate: Gate,
        resolve: Resolve,
        in_thread: InThread,
        page_viewer: PageViewer | None = None,
        immutable: bool = False,
        download: bool = False,
        private: bool = False,
        internal: Internal | None = None,
    ) -> None:
        super().__init__()
        self._gate = gate
        self._resolve = resolve
        self._in_thread = in_thread
        self._page_viewer = page_viewer
        self._immutable = immutable
        self._download = download
        self._private = private
        self._internal = internal

    def render(self, request: Request) -> int:
        """Answer in a task of its own."""
        try:
            self._gate.tasks.own(self._serve(request))
        except TasksFull:
            write_failure(request, self._gate.problems, Unavailable("The server is busy"))
            finish(request, None)
        return NOT_DONE_YET

    async def _serve(self, request: Request) -> None:
        set_headers(request, SECURITY_HEADERS)
        set_headers(request, _CORS)
        try:
            await self._answer(request)
        except (ConnectionLost, ConnectionDone, CancelledError):
            return
        except Exception as error:
            if request.startedWriting:
                abort = getattr(request.transport, "abortConnection", None)
                if abort is not None:
                    abort()
                raise
            write_failure(request, self._gate.problems, error)
        finish(request, None)

    async def _answer(self, request: Request) -> None:
        method = request.method.decode("latin-1")
        if method == "OPTIONS":
            set_headers(request, _PREFLIGHT)
            request.setResponseCode(204)
            request.setHeader(b"Allow", b"GET, HEAD, OPTIONS")
            return
        if method not in _METHODS:
            raise MethodNotAllowed(_METHODS)
        found = await self._find(request)
        if self._internal is not None and self._gate.addresses.is_proxy_or_local(_peer(request)):
            location = self._internal(found.path)
            if location is not None:
                self._hand_over(request, found, location)
                return
        try:
            descriptor = os.open(found.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise NotFound("There is no such file") from error
        try:
            await self._send(request, method, found, descriptor)
        finally:
            os.close(descriptor)

    async def _find(self, request: Request) -> Found:
        (raw_name, *more) = request.postpath or [b""]
        if self._private and raw_name == PRIVATE and more:
            (raw_name, *more) = more
        try:
            name = raw_name.decode()
        except UnicodeDecodeError:
            name = ""
        if more or not name or name.startswith(".") or any(letter in name for letter in "/\\\0"):
            raise NotFound("There is no such file")
        viewer = await self._gate.viewer(Access.OPTIONAL, header_of(request, b"authorization"))
        if viewer is None and self._page_viewer is not None:
            viewer = await self._page_viewer(request)
        return await self._resolve(Call(request, viewer, client_address(self._gate, request)), name)

    async def _send(self, request: Request, method: str, found: Found, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotFound("There is no such file")
        file = Representation(
            status.st_size, f'"{status.st_size:x}-{status.st_mtime_ns:x}"', status.st_mtime_ns // 1_000_000_000
        )
        headers = {name: text for name in _CONDITIONS if (text := header_of(request, name.encode())) is not None}
        selection = select(method, headers, file)
        request.setResponseCode(selection.status)
        self._describe(request, found, file)
        if selection.status in (304, 412):
            if selection.status == 412:
                request.setHeader(b"Content-Length", b"0")
            request.write(b"")
            return
        request.setHeader(b"Content-Length", b"%d" % selection.count)
        if selection.status == 416:
            request.setHeader(b"Content-Range", b"bytes */%d" % file.size)
            request.responseHeaders.removeHeader(b"Content-Disposition")
            request.write(b"")
            return
        if selection.status == 206:
            last = selection.start + selection.count - 1
            request.setHeader(b"Content-Range", b"bytes %d-%d/%d" % (selection.start, last, file.size))
        request.write(b"")
        if method == "GET":
            await self._send_bytes(request, descriptor, selection.start, selection.count)

    def _hand_over(self, request: Request, found: Found, location: str) -> None:
        """nginx sends the file: ranges and conditions are its business."""
        self._describe(request, found)
        request.setHeader(b"X-Accel-Redirect", quote(location).encode())
        request.setHeader(b"Content-Length", b"0")
        request.write(b"")

    def _describe(self, request: Request, found: Found, file: Representation | None = None) -> None:
        extension = PurePosixPath(found.path.name).suffix.lower()
        request.setHeader(b"Content-Type", CONTENT_TYPES.get(extension, "application/octet-stream").encode())
        if file is not None:
            request.setHeader(b"Accept-Ranges", b"bytes")
            request.setHeader(b"ETag", file.etag.encode())
            request.setHeader(b"Last-Modified", file.last_modified.encode())
        if not found.is_open:
            request.setHeader(b"Cache-Control", b"private, no-cache")
        elif self._immutable:
            request.setHeader(b"Cache-Control", b"public, max-age=31536000, immutable")
        else:
            request.setHeader(b"Cache-Control", b"public, max-age=60")
        if self._download:
            request.setHeader(b"Content-Disposition", disposition(found.download_name or found.path.name).encode())

    async def _send_bytes(self, request: Request, descriptor: int, start: int, count: int) -> None:
        transport = request.channel.transport if request.channel is not None else None
        if isinstance(transport, SendfileServer):
            await transport.send_file(descriptor, start, count)
        else:
            await Pump(request, self._in_thread).send(descriptor, start, count)


@implementer(IPushProducer)
class Pump:
    """Copies a part of a file to a request, reading in a thread, no faster than the client reads.

    A client that takes no more for `STALL_SECONDS` is cut off.
    """

    def __init__(self, request: Request, in_thread: InThread) -> None:
        self._request = request
        self._in_thread = in_thread
        self._resumed: Deferred[None] | None = None
        self._stopped = False
        self._stall: IDelayedCall | None = None

    async def send(self, descriptor: int, offset: int, count: int) -> None:
        """Copy; returns when all is written, raises `ConnectionLost` when the client goes away."""
        self._request.notifyFinish().addErrback(lambda _: self.stopProducing())
        self._request.registerProducer(self, True)
        try:
            while count > 0:
                if self._resumed is not None:
                    await self._resumed
                if self._stopped:
                    raise ConnectionLost
                data = await self._in_thread(os.pread, descriptor, min(count, _PUMP_BYTES), offset)
                if not data:
                    raise EOFError("the file became shorter while it was sent")
                self._request.write(data)
                offset += len(data)
                count -= len(data)
        finally:
            self._stop_waiting()
            if not self._stopped:
                self._request.unregisterProducer()

    def pauseProducing(self) -> None:
        """The client reads more slowly than we write."""
        if self._resumed is None:
            self._resumed = Deferred()
            if self._request.channel is not None:
                self._stall = self._request.channel.callLater(STALL_SECONDS, self._stalled)

    def resumeProducing(self) -> None:
        """There is room again."""
        self._stop_waiting()
        resumed, self._resumed = self._resumed, None
        if resumed is not None:
            resumed.callback(None)

    def _stalled(self) -> None:
        self._stall = None
        channel = self._request.channel
        abort = getattr(None if channel is None else channel.transport, "abortConnection", None)
        if abort is not None:
            abort()
        self.stopProducing()

    def _stop_waiting(self) -> None:
        if self._stall is not None and self._stall.active():
            self._stall.cancel()
        self._stall = None

    def stopProducing(self) -> None:
        """The client is gone."""
        self._stopped = True
        self.resumeProducing()


def _peer(request: Request) -> str:
    """The other end of the socket."""
    return getattr(request.getClientAddress(), "host", "") or "unknown"


def disposition(name: str) -> str:
    """A ``Content-Disposition`` that saves a file under any name (RFC 6266, RFC 8187)."""
    name = "".join(letter for letter in name if letter.isprintable() and letter not in "/\\")[:200] or "file"
    plain = "".join(letter if letter.isascii() and letter not in '"%' else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
