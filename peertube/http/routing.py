"""Routes as data, and the way from a request to their functions and back.

A route's function takes a `Call` and the parts of its path, and returns what `Reply` says. Everything around it is
here: rate limit, token and rights, JSON, errors as problems, request ids in the log.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from attrs import frozen
from klein import Klein
from pydantic import BaseModel
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Request
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.exceptions import MethodNotAllowed as NoSuchMethod

from peertube.errors import Invalid, NotFound, PodError, TooLarge, Unauthorized, Unavailable, UnsupportedMedia
from peertube.http.authentication import Access as Access
from peertube.http.authentication import Gate
from peertube.http.parameters import from_pairs, json_of, pairs, query_of
from peertube.http.problems import MethodNotAllowed, Problems
from peertube.http.replies import (
    CORS_HEADERS,
    PREFLIGHT_HEADERS,
    SECURITY_HEADERS,
    as_reply,
    set_headers,
    write_problem,
    write_reply,
)
from peertube.http.replies import Reply as Reply
from peertube.model.users import Right, Viewer
from peertube.service import TasksFull

MAXIMUM_BODY = 500_000
"""Bytes of a body that a route reads whole, unless the site's table of limits says otherwise."""

ALWAYS_ANSWERED = frozenset({"/livez", "/readyz"})
"""Routes that answer under any load: who asks wants to know whether there is too much of it."""

Model = TypeVar("Model", bound=BaseModel)
ErrorPage = Callable[[Request, PodError, int], Awaitable[Reply]]
"""Renders an error outside of the API for people: the request, the error, its status."""

_log = Logger()


class Call:
    """One request on its way through a route."""

    def __init__(self, request: Request, viewer: Viewer | None, address: str) -> None:
        self.request = request
        self.viewer = viewer
        self.address = address

    @property
    def known_viewer(self) -> Viewer:
        """Who asks, in routes where it is certain that somebody does."""
        if self.viewer is None:
            raise Unauthorized("Authentication required")
        return self.viewer

    @property
    def user_agent(self) -> str:
        """The program that asks, as it says itself; at most 500 characters."""
        return (self.header("User-Agent") or "")[:500]

    def header(self, name: str) -> str | None:
        """A header of the request (the last one, when there are several)."""
        value = self.request.getHeader(name.encode())
        return None if value is None else value.decode("utf-8", "replace")

    def parameters(self, model: type[Model]) -> Model:
        """The query string."""
        return query_of(model, self.request.uri.partition(b"?")[2])

    def content(self, limit: int | None = None) -> bytes:
        """The body as it came; `TooLarge` over `limit` bytes (the site has its own cap before)."""
        body = self.request.content.read() if self.request.content is not None else b""
        if limit is not None and len(body) > limit:
            raise TooLarge(f"The body is larger than {limit} bytes")
        return bytes(body)

    async def body(self, model: type[Model]) -> Model:
        """The body: a JSON object or an urlencoded form."""
        media_type = (self.header("Content-Type") or "").partition(";")[0].strip().lower()
        content = self.content()
        if media_type == "application/x-www-form-urlencoded":
            return from_pairs(model, pairs(content))
        if media_type.endswith("json") or not content:
            return json_of(model, content)
        raise UnsupportedMedia("The body must be JSON or an urlencoded form")


Function = Callable[..., Awaitable[object]]


@frozen
class Route:
    """One thing that can be asked for.

    :param template: a rule of werkzeug below the prefix it is mounted on, as ``/videos/<identifier>``.
    :param handler: an ``async def`` with a docstring; gets the `Call` and the parts of the path by name.
    :param query: what the handler asks `Call.parameters` for; the description of the API is made of it.
    :param body: the same for `Call.body`.
    """

    method: str
    template: str
    access: Access | Right
    handler: Function
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None


def mount(app: Klein, prefix: str, routes: Iterable[Route], gate: Gate) -> None:
    """Let `app` answer the routes below `prefix`. Those below ``/api`` are counted and open to other origins."""
    api = prefix.startswith("/api")
    for route in routes:
        _mount_one(app, prefix, route, gate, api)


def _mount_one(app: Klein, prefix: str, route: Route, gate: Gate, api: bool) -> None:
    always = prefix + route.template in ALWAYS_ANSWERED

    def endpoint(request: Request, **path: str) -> Deferred[None]:
        done: Deferred[None] = Deferred()
        try:
            if not always:
                gate.in_progress.require_room()
        except Unavailable as error:
            write_failure(request, gate.problems, error)
            finish(request, done)
            return done
        run_in(gate, request, lambda: _answer(gate, request, route, path, api), done)
        return done

    name = f"{route.method} {prefix}{route.template}"
    app.route(prefix + route.template, methods=[route.method], endpoint=name)(endpoint)
    if api:  # programs of PeerTube end some addresses with a slash
        app.route(f"{prefix}{route.template}/", methods=[route.method], endpoint=f"{name}/")(endpoint)


def run_in(
    gate: Gate, request: Request, work: Callable[[], Awaitable[Reply]], done: Deferred[None] | None = None
) -> None:
    """Write what `work` gives, or the problem it ends in. The work goes on when the client goes away.

    :param done: fired when the answer is written; without it the request is finished here.
    """

    async def whole() -> None:
        gate.in_progress.count += 1
        try:
            write_reply(request, await work())
        except CancelledError:
            write_failure(request, gate.problems, Unavailable("The server is stopping"))
        except Exception as error:
            write_failure(request, gate.problems, error)
        finally:
            gate.in_progress.count -= 1
        finish(request, done)

    try:
        gate.tasks.own(whole())
    except TasksFull:
        write_failure(request, gate.problems, Unavailable("The server is busy"))
        finish(request, done)


def finish(request: Request, done: Deferred[None] | None) -> None:
    """End a request, unless its client has gone already."""
    if done is not None:
        done.callback(None)
    elif not request._disconnected and not request.finished:
        request.finish()


async def _answer(gate: Gate, request: Request, route: Route, path: dict[str, str], api: bool) -> Reply:
    set_headers(request, SECURITY_HEADERS)
    address = client_address(gate, request)
    authorization = header_of(request, b"authorization")
    if api:
        set_headers(request, CORS_HEADERS)
        limited = await gate.count(address, authorization)
        for name, value in limited.headers.items():
            request.responseHeaders.setRawHeaders(name, [value])
    viewer = await gate.viewer(route.access, authorization)
    if viewer is not None:
        request.responseHeaders.setRawHeaders(b"Cache-Control", [b"private, no-store"])
    return as_reply(await route.handler(Call(request, viewer, address), **path))


def client_address(gate: Gate, request: Request) -> str:
    """Where the request comes from, proxies of `trust_proxy` seen through."""
    peer = getattr(request.getClientAddress(), "host", "") or "unknown"
    forwarded = request.requestHeaders.getRawHeaders(b"x-forwarded-for")
    return gate.addresses.client(peer, b",".join(forwarded).decode("latin-1") if forwarded else None)


def header_of(request: Request, name: bytes) -> str | None:
    """A header of a request as text."""
    value = request.getHeader(name)
    return None if value is None else value.decode("latin-1")


def write_failure(request: Request, problems: Problems, error: BaseException) -> None:
    """Write the problem that an error is; log it when nobody foresaw it."""
    instance = (request.path or b"").decode("latin-1")
    problem = problems.of(error, instance)
    if not problem.expected:
        _log.error(
            "request {id}: {method} {path} failed: {error!r}",
            id=request_id(request),
            method=request.method.decode("latin-1"),
            path=instance,
            error=error,
            log_failure=Failure(error),
        )
    if instance.startswith("/api"):
        set_headers(request, CORS_HEADERS)
    if not request.startedWriting:
        set_headers(request, SECURITY_HEADERS)
        write_problem(request, problem)


def request_id(request: Request) -> str:
    """The id under which the request is in the log and in its answer's X-Request-Id."""
    values = request.responseHeaders.getRawHeaders("X-Request-Id")
    return values[0] if values else "-"


def answer_errors(app: Klein, gate: Gate, page: ErrorPage | None = None) -> None:
    """Let `app` answer what no route matches: 404 and 405 as problems, preflights of other origins with 204.

    :param page: shows errors outside of the API to people; problems there too when None.
    """

    def unmatched(request: Any, failure: Any) -> Deferred[None]:
        done: Deferred[None] = Deferred()

        async def work() -> Reply:
            error = _unmatched(failure.value)
            api = request.path.startswith(b"/api")
            if isinstance(error, MethodNotAllowed) and request.method == b"OPTIONS":
                set_headers(request, PREFLIGHT_HEADERS if api else {})
                return Reply(status=204, headers={"Allow": ", ".join(sorted(error.allowed | {"OPTIONS"}))})
            if api or page is None:
                raise error
            set_headers(request, SECURITY_HEADERS)
            return await page(request, error, 405 if isinstance(error, MethodNotAllowed) else 404)

        run_in(gate, request, work, done)
        return done

    app.handle_errors(HTTPException)(unmatched)


def _unmatched(error: HTTPException) -> PodError:
    match error:
        case NoSuchMethod():
            return MethodNotAllowed(frozenset(error.valid_methods or ()))
        case BadRequest():
            return Invalid("The request is malformed", code="malformed_request")
    return NotFound("There is nothing here")
