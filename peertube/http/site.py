"""The HTTP server of a pod: bounded bodies, request ids, security headers, problems instead of Twisted's pages."""

import re
import secrets
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.error import UnsupportedMethod
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request, Site
from werkzeug.exceptions import HTTPException

from peertube.errors import Invalid, NotFound, TooLarge
from peertube.http.admission import Connections, OneTooMany
from peertube.http.authentication import Gate
from peertube.http.channel import PodChannel
from peertube.http.intake import Intake
from peertube.http.problems import MethodNotAllowed
from peertube.http.replies import SECURITY_HEADERS, Reply, set_headers
from peertube.http.routing import MAXIMUM_BODY, finish, write_failure
from peertube.http.sinks import Sinks

IDLE_SECONDS = 60
"""A connection on which nothing is asked for ends after this."""

SERVER = b"PeerTube"


class PodRequest(Request):
    """A request whose body is bounded before it is read, or goes to a sink."""

    defaultContentType = b"text/plain; charset=utf-8"

    def __init__(self, channel: PodChannel, *arguments: object, **named: object) -> None:
        super().__init__(channel, *arguments, **named)
        self._sink: Intake | None = None
        self._body_limit = MAXIMUM_BODY
        self._body_size = 0
        self._body = BytesIO()
        self._connection = channel
        set_headers(self, SECURITY_HEADERS)
        self.responseHeaders.setRawHeaders(b"X-Request-Id", [secrets.token_hex(8).encode()])

    @property
    def _pod_site(self) -> "PodSite":
        site = self._connection.site
        assert isinstance(site, PodSite)
        return site

    def gotLength(self, length: int | None) -> None:
        """The head is whole: choose where the body goes, before it comes."""
        channel, site = self._connection, self._pod_site
        self.content = self._body
        self.method, self.uri, self.clientproto = channel._command, channel._path, channel._version
        self.path = self.uri.partition(b"?")[0]
        self.args = {}
        try:
            self._sink = site.sinks.intake(self, self, length) if site.sinks is not None else None
            if self._sink is not None:
                self._sink.begin()
                return
            self._body_limit = site.body_limit(self.method, self.path)
            if length is not None and length > self._body_limit:
                raise TooLarge(f"The body may have {self._body_limit} bytes at most")
        except Exception as error:
            self.refuse(error)

    def handleContentChunk(self, data: bytes) -> None:
        """Bytes of the body."""
        if self._sink is not None:
            self._sink.receive(data)
            return
        self._body_size += len(data)
        if self._body_size > self._body_limit:
            self.refuse(TooLarge(f"The body may have {self._body_limit} bytes at most"))
        elif not self.finished:
            self._body.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The request is whole."""
        if self.finished:
            return
        if self._sink is not None:
            self._sink.all_received()
        else:
            super().requestReceived(command, path, version)

    def connectionLost(self, reason: Failure) -> None:
        """The client is gone."""
        if self._sink is not None:
            self._sink.stop()
        super().connectionLost(reason)

    # what a sink asks of the connection

    def hold(self) -> None:
        """Read no more for now."""
        self._connection.hold()

    def release(self) -> None:
        """Read on."""
        self._connection.release()

    def welcome_body(self) -> None:
        """Begin to read."""
        self._connection.welcome_body()

    def refuse(self, error: BaseException) -> None:
        """Answer at once, without the rest of the body."""
        self._connection.refuse(error, self._pod_site.gate.problems)

    def refuse_with(self, reply: Reply) -> None:
        """Answer at once, as `refuse`, with an answer that is made already."""
        self._connection.refuse_with(reply)

    def refused(self) -> None:
        """The connection answered on its own."""
        if self._sink is not None:
            self._sink.stop()

    # answering

    def process(self) -> None:
        """Find the resource and let it answer."""
        path = unquote_to_bytes(self.path)
        if b"\0" in path or not _is_utf8(path):
            self._fail(Invalid("The path is not valid UTF-8", code="malformed_request"))
            return
        super().process()

    def render(self, resrc: IResource) -> None:
        """Let a resource answer; methods that it does not know are 405, never 501."""
        try:
            body = resrc.render(self)
        except UnsupportedMethod as error:
            allowed: Sequence[bytes] = error.allowedMethods
            self._fail(MethodNotAllowed(frozenset(method.decode() for method in allowed)))
            return
        if body != NOT_DONE_YET:
            self.responseHeaders.setRawHeaders(b"Content-Length", [b"%d" % len(body)])
            self.write(body)
            self.finish()

    def processingFailed(self, reason: Failure) -> Failure:
        """Something failed before a route could answer."""
        error = reason.value or RuntimeError("no reason")
        malformed = isinstance(error, HTTPException)
        self._fail(Invalid("The request is malformed", code="malformed_request") if malformed else error)
        return reason

    def write(self, data: bytes) -> None:
        """Write a part of the answer."""
        if not self.startedWriting:
            self.responseHeaders.setRawHeaders(b"Server", [SERVER])
        super().write(data)

    def _fail(self, error: BaseException) -> None:
        write_failure(self, self._pod_site.gate.problems, error)
        finish(self, None)


class PodSite(Site):
    """Accepts connections for the resources below `root`.

    :param sinks: routes that take their bodies while they come.
    :param body_limits: (method, regular expression of the path, bytes) where a body may be larger or must be smaller
        than `MAXIMUM_BODY`.
    :param connections: counts those of each address; no limit without it.
    """

    protocol: Any = PodChannel

    def __init__(
        self,
        root: IResource,
        *,
        reactor: IReactorTime,
        gate: Gate,
        sinks: Sinks | None = None,
        body_limits: Sequence[tuple[str, str, int]] = (),
        connections: Connections | None = None,
    ) -> None:
        super().__init__(
            root, requestFactory=PodRequest, reactor=reactor, timeout=IDLE_SECONDS, parsePOSTFormSubmission=False
        )
        self.displayTracebacks = False
        self.gate = gate
        self.sinks = sinks
        self._connections = connections
        self._body_limits = [(method.encode(), re.compile(path), limit) for method, path, limit in body_limits]

    def buildProtocol(self, addr: Any) -> Any:
        """A channel for a new connection, unless its address has too many."""
        if self._connections is None:
            return super().buildProtocol(addr)
        leave = self._connections.enter(getattr(addr, "host", ""))
        if leave is None:
            return OneTooMany()
        channel: Any = super().buildProtocol(addr)
        channel.leave = leave
        return channel

    def body_limit(self, method: bytes, path: bytes) -> int:
        """How many bytes the body of a request may have."""
        text = path.decode("latin-1")
        return next(
            (limit for known, pattern, limit in self._body_limits if known == method and pattern.fullmatch(text)),
            MAXIMUM_BODY,
        )

    def startFactory(self) -> None:
        """No log of accesses: query strings hold tokens; a proxy writes one where it is wanted."""

    def stopFactory(self) -> None:
        """Nothing to close."""

    def log(self, request: object) -> None:
        """See `startFactory`."""


class Root(Resource):
    """The top of the tree of resources: some first parts of paths have their own, all others share one.

    :param children: resources by the first part of the path, as ``{b"static": …}``.
    :param otherwise: answers everything else and sees the whole path (a klein application).
    """

    def __init__(self, children: Mapping[bytes, IResource], otherwise: IResource) -> None:
        super().__init__()
        self._otherwise = otherwise
        for name, child in children.items():
            self.putChild(name, child)

    def getChild(self, path: bytes, request: Request) -> IResource:
        """The resource for paths that have none of their own."""
        assert request.prepath is not None
        assert request.postpath is not None
        request.postpath.insert(0, request.prepath.pop())
        return self._otherwise


class Folder(Resource):
    """A part of the tree that has children only; anything else below it is a 404 of ours, not a page of Twisted's."""

    def __init__(self, children: Mapping[bytes, IResource]) -> None:
        super().__init__()
        for name, child in children.items():
            self.putChild(name, child)

    def getChild(self, path: bytes, request: Request) -> IResource:
        """Nothing."""
        return self

    def render(self, request: Request) -> bytes:
        """Say that there is nothing."""
        raise NotFound("There is nothing here")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
