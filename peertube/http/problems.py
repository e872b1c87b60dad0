"""Errors as answers: the only place where a class of `peertube.errors` becomes an HTTP status.

Every answer is a problem of RFC 7807 (``application/problem+json``) with the members that PeerTube's programs
read: ``code``, ``error`` (a copy of ``detail``), ``invalid-params`` by field, and ``message`` on 401.
"""

import errno
from collections.abc import Callable, Mapping
from http import HTTPStatus
from math import ceil

from attrs import frozen

from peertube.errors import (
    ChecksumMismatch,
    Conflict,
    Forbidden,
    Gone,
    InsufficientStorage,
    Invalid,
    NotFound,
    PodError,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
    Unreachable,
    UnsupportedMedia,
    UpgradeRequired,
)

_STATUS: dict[type[PodError], int] = {
    Invalid: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    TooLarge: 413,
    UnsupportedMedia: 415,
    Unprocessable: 422,
    UpgradeRequired: 426,
    ChecksumMismatch: 460,
    TooManyRequests: 429,
    Unreachable: 502,
    Unavailable: 503,
    InsufficientStorage: 507,
}

_OTHER_TITLES = {460: "Checksum Mismatch"}
"""Of statuses that no RFC names: 460 is that of the resumable uploads of PeerTube (node-uploadx)."""

_TYPE = "https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_FAILS = frozenset({errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.ENODEV})

Translations = Mapping[type[Exception], Callable[[Exception], PodError]]
"""What an exception of another layer means to whoever asked (`DiskFull` to `InsufficientStorage`, ...)."""


class MethodNotAllowed(PodError):
    """The resource is there and does not do this.

    :param allowed: the methods that it does.
    """

    code = "method_not_allowed"

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__("This method is not allowed here")
        self.allowed = allowed


class TooSlow(PodError):
    """The client did not send in time what it announced."""

    code = "request_timeout"


@frozen
class Problem:
    """An error, ready to be written. `expected` says that nothing is broken here: no need to log it."""

    status: int
    headers: Mapping[str, str]
    members: Mapping[str, object]
    expected: bool = True


class Problems:
    """Turns exceptions into problems.

    :param translations: exceptions of the layers below, which `peertube.node` knows.
    """

    def __init__(self, translations: Translations | None = None) -> None:
        self._translations = dict(translations or {})

    def of(self, error: BaseException, instance: str) -> Problem:
        """The answer to a request for the path `instance` that ended in `error`."""
        shown = self._shown(error)
        if shown is None:
            return Problem(500, {"Cache-Control": "no-store"}, _members(500, "Internal server error", None), False)
        status = status_of(shown)
        members = _members(status, shown.detail, shown.code)
        if not isinstance(shown, Invalid) or shown.code != Invalid.code:
            members["type"] = "about:blank" if shown.code == type(shown).code and status != 401 else _TYPE + shown.code
        members["instance"] = instance
        headers = {"Cache-Control": "no-store"}
        match shown:
            case Invalid() if shown.fields:
                members["invalid-params"] = {name: _invalid_field(name, text) for name, text in shown.fields.items()}
            case Unauthorized():
                members["message"], headers["WWW-Authenticate"] = _challenge(shown)
            case TooManyRequests() | Unavailable():
                headers["Retry-After"] = str(max(1, ceil(shown.retry_after_seconds)))
            case MethodNotAllowed():
                headers["Allow"] = ", ".join(sorted(shown.allowed | {"OPTIONS"}))
        return Problem(status, headers, members, expected=not _is_of_the_disk(error))

    def _shown(self, error: BaseException) -> PodError | None:
        if isinstance(error, PodError):
            return error
        for known, translate in self._translations.items():
            if isinstance(error, known):
                return translate(error)
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return InsufficientStorage("There is no room left on this server")
        if _is_of_the_disk(error):
            return Unavailable("The storage of this server does not work at the moment", code="storage_unavailable")
        return None


def _is_of_the_disk(error: BaseException) -> bool:
    """Nothing that a client did, and nothing that another try may not mend; the admin wants to know."""
    return isinstance(error, OSError) and error.errno in _DISK_FAILS


def status_of(error: PodError) -> int:
    """The HTTP status of an error; 400 for one that says nothing more."""
    if isinstance(error, MethodNotAllowed):
        return 405
    if isinstance(error, TooSlow):
        return 408
    return next((_STATUS[known] for known in type(error).__mro__ if known in _STATUS), 400)


def _members(status: int, detail: str, code: str | None) -> dict[str, object]:
    members: dict[str, object] = {
        "type": "about:blank",
        "title": _OTHER_TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "error": detail,
    }
    if code is not None:
        members["code"] = code
    return members


def _invalid_field(name: str, text: str) -> dict[str, str]:
    return {"type": "field", "msg": text, "path": name}


def _challenge(error: Unauthorized) -> tuple[str, str]:
    if error.code == Unauthorized.code:
        return "Authentication required", "Bearer"
    if error.code == "invalid_token":
        return "Invalid token", 'Bearer error="invalid_token"'
    return error.detail, "Bearer"
