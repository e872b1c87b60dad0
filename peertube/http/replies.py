"""Answers: what a route gives back, and how it is written to a request."""

from collections.abc import Mapping

import msgspec
from attrs import field, frozen
from twisted.web.server import Request

from peertube.http.problems import Problem

JSON = "application/json"

SECURITY_HEADERS: Mapping[bytes, bytes] = {
    b"X-Content-Type-Options": b"nosniff",
    b"Referrer-Policy": b"same-origin",
    b"X-Frame-Options": b"DENY",
}
"""On every answer; a page that sets its own Content-Security-Policy says there who may frame it."""

CORS_HEADERS: Mapping[bytes, bytes] = {
    b"Access-Control-Allow-Origin": b"*",
    b"Access-Control-Expose-Headers": b"Retry-After, Location, Range, ETag, X-Request-Id, X-RateLimit-Limit, "
    b"X-RateLimit-Remaining, X-RateLimit-Reset, X-Resumable-Upload-Cached",
}
"""Any page may call the API: it takes bearer tokens only, never cookies."""

PREFLIGHT_HEADERS: Mapping[bytes, bytes] = {
    **CORS_HEADERS,
    b"Access-Control-Allow-Methods": b"GET, HEAD, POST, PUT, PATCH, DELETE",
    b"Access-Control-Allow-Headers": b"Authorization, Content-Type, Content-Range, Content-Digest, Content-MD5, "
    b"Digest, Range, If-None-Match, "
    b"X-Upload-Content-Length, X-Upload-Content-Type, X-PeerTube-OTP, X-PeerTube-Video-Password",
    b"Access-Control-Max-Age": b"7200",
}


@frozen
class Reply:
    """An answer that says more than its JSON.

    :param body: bytes and text as they are; None for nothing; anything else becomes JSON.
    """

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    content_type: str = JSON


def as_reply(result: object) -> Reply:
    """What a route means with its result: None is 204, a `Reply` itself, anything else JSON."""
    if isinstance(result, Reply):
        return result
    if result is None:
        return Reply(status=204)
    return Reply(result)


def write_reply(request: Request, reply: Reply) -> None:
    """Write a whole answer, without finishing the request. 304 when the client has this ETag already."""
    body = _encoded(reply.body)
    for name, value in reply.headers.items():
        request.responseHeaders.setRawHeaders(name, [value])
    if "Content-Security-Policy" in reply.headers:
        request.responseHeaders.removeHeader(b"X-Frame-Options")
    etag = reply.headers.get("ETag")
    if etag is not None and reply.status == 200 and request.method in (b"GET", b"HEAD") and _has(request, etag):
        request.setResponseCode(304)
        request.write(b"")
        return
    request.setResponseCode(reply.status)
    if reply.status not in (204, 304):
        if reply.body is not None:
            request.responseHeaders.setRawHeaders(b"Content-Type", [_with_charset(reply.content_type).encode()])
        request.responseHeaders.setRawHeaders(b"Content-Length", [b"%d" % len(body)])
    request.write(body if reply.status not in (204, 304) else b"")


def write_problem(request: Request, problem: Problem) -> None:
    """Write an error, without finishing the request."""
    write_reply(
        request,
        Reply(problem.members, problem.status, problem.headers, "application/problem+json"),
    )


def set_headers(request: Request, headers: Mapping[bytes, bytes]) -> None:
    """Set several headers of the answer."""
    for name, value in headers.items():
        request.responseHeaders.setRawHeaders(name, [value])


def matches(header: str, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names the entity tag (weak comparison, RFC 9110 section 8.8.3.2)."""
    if header.strip() == "*":
        return True
    return etag.removeprefix("W/") in [one.strip().removeprefix("W/") for one in header.split(",")]


def _has(request: Request, etag: str) -> bool:
    header = request.getHeader(b"if-none-match")
    return header is not None and matches(header.decode("latin-1"), etag)


def _encoded(body: object) -> bytes:
    match body:
        case None:
            return b""
        case bytes():
            return body
        case str():
            return body.encode()
    return msgspec.json.encode(body)


def _with_charset(content_type: str) -> str:
    textual = content_type.startswith("text/") or content_type.endswith("json")
    return f"{content_type}; charset=utf-8" if textual and "charset" not in content_type else content_type
