"""The pages as one site: from a request to a visit, from what a page shows to bytes.

Every page comes through here, so that a login, a right, a CSRF token or the security headers cannot be forgotten.
A posted form must come from this site (`Origin`, or `Referer` where a browser sends none) and carry the token of the
visitor's session, or of the `visitor` cookie of one who is not signed in.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.web.server import Request

from peertube.config.schema import WebServer
from peertube.errors import Forbidden, PodError, TooLarge, Unauthorized
from peertube.http.parameters import pairs
from peertube.http.problems import Problems, status_of
from peertube.http.routing import Access, Call, Reply, Route
from peertube.http.sinks import ReceivedForm, SinkRoute
from peertube.model.users import Right, Viewer
from peertube.pages.errors import error_page
from peertube.pages.rendering import Rendering
from peertube.pages.visits import THEMES, Answer, Cookie, PageRoute, PageSink, Pairs, Redirect, Shown, Visit, with_query
from peertube.usecases.ports import Clock, Randomness

HTML = "text/html; charset=utf-8"
CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
REMEMBERED = ("sharing", "language", "theme", "opened")
_MAXIMUM_FORM = 500_000


class PageSessions(Protocol):
    """What the pages need to know of logins."""

    async def viewer_for_page(self, cookie: str) -> Viewer | None:
        """Who is signed in with a session cookie."""
        ...

    def csrf_token(self, cookie: str) -> str:
        """The token that forms of the holder of this cookie carry."""
        ...

    def is_csrf_token(self, cookie: str, shown: str) -> bool:
        """Whether a form of the holder of this cookie was sent."""
        ...


class PageGroup(Protocol):
    """Pages that belong together."""

    def routes(self) -> list[PageRoute]:
        """Each page."""
        ...


class PageSite:
    """Joins groups of pages and serves them.

    :param secure_media: whether players may only load from other servers by https.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        groups: Sequence[PageGroup],
        rendering: Rendering,
        sessions: PageSessions,
        problems: Problems,
        clock: Clock,
        randomness: Randomness,
        webserver: WebServer,
        secure_media: bool,
    ) -> None:
        self._groups = groups
        self._rendering = rendering
        self._sessions = sessions
        self._problems = problems
        self._clock = clock
        self._randomness = randomness
        self._webserver = webserver
        self._secure_media = secure_media

    def cookie_name(self, name: str) -> str:
        """The name of one of our cookies: with the port, as browsers share cookies between the ports of a host."""
        return f"{name}_{self._webserver.port}"

    def routes(self) -> list[Route]:
        """Every page as a route of the HTTP server. Who may enter is decided here, by the page session."""
        return [self._route(page) for group in self._groups for page in group.routes()]

    def _route(self, page: PageRoute) -> Route:
        async def enter(call: Call, **path: str) -> Reply:
            """Serve one page."""
            return await self._serve(call.request, call.address, page, path)

        enter.__doc__ = page.handler.__doc__
        return Route(page.method, page.template, Access.ANYONE, enter)

    def sinks(self, pages: Sequence[PageSink]) -> list[SinkRoute]:
        """Forms with files as sinks of the HTTP server."""
        return [self._sink(page) for page in pages]

    def _sink(self, page: PageSink) -> SinkRoute:
        async def check(call: Call, content_length: int | None) -> int:
            """Who sends, from where, and whether there is room, before the body."""
            self.require_own_origin(call.request)
            visit = await self.visit(call.request, call.address, ())
            if visit.viewer is None:
                raise Unauthorized("Authentication required")
            return await page.check(visit, content_length)

        async def receive(call: Call, received: ReceivedForm) -> Reply:
            """Take the form."""
            visit = await self.visit(call.request, call.address, _pairs(received.fields))
            try:
                self.require_token(visit, call.request)
            except PodError as error:
                return await refuse(call, visit, error)
            try:
                result: Shown | Redirect = await page.handler(visit, received)
            except CancelledError:
                raise
            except Exception as error:
                result = self._failed(visit, error)
            return self._reply(call.request, visit, result)

        async def refused(call: Call, error: PodError, fields: Mapping[str, list[str]]) -> Reply:
            """Show a page for what `check` or the name of a file spoke against."""
            return await refuse(call, await self.visit(call.request, call.address, _pairs(fields)), error)

        async def refuse(call: Call, visit: Visit, error: PodError) -> Reply:
            try:
                self.require_own_origin(call.request)  # what another site made up is not shown
                result = await page.refused(visit, error)
            except CancelledError:
                raise
            except Exception as failure:
                result = self._failed(visit, failure)
            return self._reply(call.request, visit, result)

        return SinkRoute(
            method="POST",
            path=re.escape(page.path),
            access=Access.ANYONE,
            check=check,
            handler=receive,
            file_fields=page.file_fields,
            max_files=len(page.file_fields),
            check_file=lambda _, filename: page.check_filename(filename),
            refused=refused,
        )

    async def error(self, request: Request, error: PodError, status: int) -> Reply:
        """The page for an error that no page of ours raised (nothing at this address, for instance)."""
        visit = await self.visit(request, "", ())
        return self._reply(request, visit, error_page(visit, error, status))

    async def _serve(self, request: Request, address: str, page: PageRoute, path: dict[str, str]) -> Reply:
        visit = await self.visit(request, address, ())
        try:
            if page.method != "GET":
                self.require_own_origin(request)
            refusal = self._refusal(visit, page)
            if refusal is not None:
                return self._reply(request, visit, refusal)
            if page.method != "GET":
                visit.form = pairs(_body(request))
                self.require_token(visit, request)
            result = await page.handler(visit, **path)
        except CancelledError:
            raise
        except Exception as error:
            result = self._failed(visit, error)
        return self._reply(request, visit, result)

    async def visit(self, request: Request, address: str, form: Pairs) -> Visit:
        """Who comes, from which cookies, wanting what language and theme."""
        session = self._cookie(request, "session")
        viewer = await self._sessions.viewer_for_page(session) if session else None
        theme = self._cookie(request, "theme")
        uri = request.uri.decode("latin-1")
        return Visit(
            viewer=viewer,
            session=session if viewer is not None else "",
            address=address,
            user_agent=(_header(request, "User-Agent") or "")[:500],
            path=uri if uri.startswith("/") else "/",
            texts=self._rendering.languages.choose(
                self._cookie(request, "language"), _header(request, "Accept-Language")
            ),
            theme=theme if theme in THEMES else "auto",
            now_ms=self._clock.now_ms(),
            csrf=self._tokens(request, session if viewer is not None else ""),
            query=_query(request),
            form=form,
            remembered={name: self._cookie(request, name) for name in REMEMBERED},
        )

    def _tokens(self, request: Request, session: str) -> Callable[[], str]:
        """Makes the CSRF token when a form asks for it, and only then a cookie for one who is not signed in."""
        holder = session or self._cookie(request, "visitor")

        def token() -> str:
            nonlocal holder
            if not holder:
                holder = self._randomness.token()
                self._set(request, Cookie("visitor", holder))
            return self._sessions.csrf_token(holder)

        return token

    def _refusal(self, visit: Visit, page: PageRoute) -> Shown | Redirect | None:
        if page.access in (Access.ANYONE, Access.OPTIONAL):
            return None
        if visit.viewer is None:
            if page.method == "GET":
                return Redirect(with_query("/login", next=visit.path))
            return error_page(visit, Unauthorized("Authentication required"), 401)
        if isinstance(page.access, Right) and not visit.may(page.access):
            return error_page(visit, Forbidden("You may not do this"), 403)
        return None

    def require_own_origin(self, request: Request) -> None:
        """Refuse what another site sent."""
        source = _header(request, "Origin") or _header(request, "Referer") or ""
        parts = urlsplit(source)
        same_host = bool(parts.netloc) and parts.netloc == _header(request, "Host")
        if f"{parts.scheme}://{parts.netloc}" != self._webserver.origin and not same_host:
            raise Forbidden("This form came from another site", code="foreign_origin")

    def require_token(self, visit: Visit, request: Request) -> None:
        """Refuse a form without the visitor's own CSRF token."""
        given = _header(request, CSRF_HEADER) or visit.given(CSRF_FIELD)
        holder = visit.session or self._cookie(request, "visitor")
        if not holder or not self._sessions.is_csrf_token(holder, given):
            raise Forbidden("This form was open for too long", code="stale_form")

    def _failed(self, visit: Visit, error: Exception) -> Shown:
        problem = self._problems.of(error, visit.path)
        if not problem.expected:
            self._log.failure("the page {path} failed", path=visit.path.partition("?")[0])
        shown = error if isinstance(error, PodError) else PodError(str(problem.members["detail"]))
        status = status_of(error) if isinstance(error, PodError) else problem.status
        return error_page(visit, shown, status)

    def _reply(self, request: Request, visit: Visit, result: Shown | Redirect | Answer) -> Reply:
        for cookie in visit.cookies:
            self._set(request, cookie)
        if isinstance(result, Answer):
            return Reply(result.body, result.status, dict(result.headers), result.content_type)
        if isinstance(result, Redirect):
            for cookie in result.cookies:
                self._set(request, cookie)
            if result.done is not None:
                self._set(request, Cookie("done", result.done, 60))
            return Reply(b"", result.status, {"Location": result.location, "Cache-Control": "no-store"}, HTML)
        done = self._cookie(request, "done")
        if done:
            self._set(request, Cookie("done", ""))
        html = self._rendering.page(result.template, visit, result.section, done, result.context)
        headers = {
            "Content-Security-Policy": self._policy(result.wide_policy, result.framed),
            "Cache-Control": "private, no-cache",
            "Vary": "Cookie, Accept-Language",
            "Content-Language": visit.texts.code,
            **result.headers,
        }
        if visit.viewer is not None:
            headers["Cache-Control"] = "private, no-store"
        return Reply(html.encode(), result.status, headers, HTML)

    def _policy(self, wide: bool, framed: bool) -> str:
        plain, sockets = (" https:", " wss:") if self._secure_media else (" https: http:", " wss: ws:")
        connect = f"'self'{plain}{sockets}" if wide else "'self'"
        media = f"'self' blob:{plain}" if wide else "'self' blob:"
        worker = "'self' blob:" if wide else "'self'"
        ancestors = "*" if framed else "'none'"
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
            f"media-src {media}; connect-src {connect}; worker-src {worker}; manifest-src 'self'; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        )

    def _cookie(self, request: Request, name: str) -> str:
        value = request.getCookie(self.cookie_name(name).encode())
        return "" if value is None or len(value) > 500 else value.decode("latin-1")

    def _set(self, request: Request, cookie: Cookie) -> None:
        lasting = cookie.max_age_seconds
        request.addCookie(
            self.cookie_name(cookie.name),
            cookie.value,
            path="/",
            max_age=str(lasting if cookie.value else 0) if lasting is not None or not cookie.value else None,
            httpOnly=True,
            sameSite="lax",
            secure=self._webserver.https,
        )


def _pairs(fields: Mapping[str, list[str]]) -> Pairs:
    return [(name, value) for name, values in fields.items() for value in values]


def _body(request: Request) -> bytes:
    content = request.content.read(_MAXIMUM_FORM + 1) if request.content is not None else b""
    if len(content) > _MAXIMUM_FORM:
        raise TooLarge("The form is too large")
    kind = (_header(request, "Content-Type") or "").partition(";")[0].strip().lower()
    return bytes(content) if kind in ("", "application/x-www-form-urlencoded") else b""


def _query(request: Request) -> Pairs:
    try:
        return pairs(request.uri.partition(b"?")[2])
    except PodError:
        return ()


def _header(request: Request, name: str) -> str | None:
    value = request.getHeader(name.encode())
    return None if value is None else value.decode("latin-1")
