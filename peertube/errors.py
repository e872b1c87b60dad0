"""Errors that may be shown to whoever asked.

Every class carries a stable ``code`` for programs, a ``detail`` that is safe to show to anyone, and keeps the
cause through ``raise ... from``. Only ``peertube.http.problems`` turns a class into an HTTP status.
"""

from collections.abc import Mapping


class PodError(Exception):
    """The base of all errors with a text that is safe to show.

    :param detail: one sentence for a person; never contains secrets, paths or SQL.
    :param code: a stable word for programs; the class's own code when omitted.
    """

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class Invalid(PodError):
    """What was sent is malformed.

    :param fields: the name of each wrong field and what is wrong with it.
    """

    code = "invalid_parameters"

    def __init__(self, detail: str, *, code: str | None = None, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, code=code)
        self.fields: Mapping[str, str] = dict(fields or {})


class Unauthorized(PodError):
    """No credentials, or credentials that are not valid (any more)."""

    code = "unauthorized_request"


class Forbidden(PodError):
    """The one who asks is known (or anonymous by choice) and may not do this."""

    code = "forbidden"


class NotFound(PodError):
    """There is no such object, or the one who asks may not learn that there is."""

    code = "not_found"


class Gone(PodError):
    """The object existed and was removed for good."""

    code = "gone"


class Conflict(PodError):
    """The object is not in a state that allows this, or the name is taken."""

    code = "conflict"


class TooLarge(PodError):
    """A body, file or quota is over its limit."""

    code = "too_large"


class UnsupportedMedia(PodError):
    """The type of the body or file is not one that is taken here."""

    code = "unsupported_media_type"


class Unprocessable(PodError):
    """Well formed, of the right type, and yet not usable (a text file called .mp4)."""

    code = "unprocessable"


class ChecksumMismatch(PodError):
    """What arrived is not what was sent, by the checksum that came with it."""

    code = "checksum_mismatch"


class UpgradeRequired(PodError):
    """The other side speaks no version of the protocol that we speak."""

    code = "upgrade_required"


class TooManyRequests(PodError):
    """A limit on attempts was met.

    :param retry_after_seconds: whole seconds after which it makes sense to try again.
    """

    code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after_seconds: int, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(PodError):
    """Not now: a part that this needs is down or busy.

    :param retry_after_seconds: whole seconds after which it makes sense to try again.
    """

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after_seconds: int = 5, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_seconds = retry_after_seconds


class InsufficientStorage(PodError):
    """The disk is full; what was begun has been taken back."""

    code = "insufficient_storage"


class Unreachable(PodError):
    """Another server did not answer, or answered nonsense."""

    code = "unreachable"


class Refused(Unreachable):
    """Another server answered, and its answer is no.

    :param status: its HTTP status.
    :param retry_after_seconds: when it wants to be asked again, if it said so.
    :param said: the code of its problem (RFC 7807, ours beside it), if it gave one.
    """

    code = "refused"

    def __init__(
        self, detail: str, *, status: int, retry_after_seconds: int | None = None, said: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.said = said
        self.retry_after_seconds = retry_after_seconds
