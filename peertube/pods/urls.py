"""Addresses and dates in what pods tell each other: a friend may only name addresses of its own."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from attrs import frozen

from peertube.errors import Invalid
from peertube.policy.hosts import normalise

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999
_UNSAFE = frozenset(chr(code) for code in (*range(0x21), 0x7F)) | set('"<>\\^`{|}')


@frozen
class Origin:
    """Another pod as the origin of addresses.

    :param host: normalised.
    :param https: whether pods speak https here (`friends.require_https`).
    """

    host: str
    https: bool

    @property
    def origin(self) -> str:
        """The start of its addresses."""
        return f"{'https' if self.https else 'http'}://{self.host}"

    @property
    def default_trackers(self) -> tuple[str, ...]:
        """Where a pod that does not say so announces."""
        return (f"{'wss' if self.https else 'ws'}://{self.host}/tracker/socket", f"{self.origin}/tracker/announce")

    def page(self, url: str) -> str:
        """`url`, when it is an http address on this pod; `Invalid` otherwise."""
        self._check(url, ("https",) if self.https else ("http", "https"))
        return url

    def tracker(self, url: str) -> str:
        """`url`, when it is an announce address on this pod (over UDP: on any port); `Invalid` otherwise."""
        self._check(url, ("wss", "https", "udp") if self.https else ("ws", "wss", "http", "https", "udp"))
        return url

    def _check(self, url: str, schemes: tuple[str, ...]) -> None:
        try:
            parts = urlsplit(url)
        except ValueError:
            raise self._foreign(url) from None
        if not url.isascii() or _UNSAFE.intersection(url) or parts.scheme not in schemes or parts.fragment:
            raise self._foreign(url)
        if parts.scheme == "udp":
            same = _name(normalise(parts.netloc, https=True)) == _name(self.host)
        else:
            same = normalise(parts.netloc, https=parts.scheme in ("https", "wss")) == self.host
        if not same:
            raise self._foreign(url)

    def _foreign(self, url: str) -> Invalid:
        return Invalid(f"Not an address on {self.host}: {url[:200]!r}", code="invalid_item")


def _name(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def parse_moment(text: str) -> int:
    """An ISO 8601 date and time as ms since 1970 UTC; UTC when no zone is given. `ValueError` when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    except OverflowError as error:
        raise ValueError("not a date of our time") from error
    if not 0 <= milliseconds <= _LATEST_MS:
        raise ValueError(f"not a date of our time: {text[:40]!r}")
    return milliseconds


def moment(milliseconds: int) -> str:
    """ISO 8601 with milliseconds and Z."""
    text = (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
