"""Which bytes of a file a request asks for (RFC 9110 sections 13 and 14)."""

import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime

from attrs import frozen

from peertube.http.replies import matches

MAXIMUM_RANGES = 16
"""A header with more ranges than this is ignored, as RFC 9110 section 14.2 allows."""

_RANGE = re.compile(r"(\d{0,18})-(\d{0,18})")


@frozen
class Representation:
    """A file as conditional requests see it. Whole seconds since 1970 UTC."""

    size: int
    etag: str
    modified: int

    @property
    def last_modified(self) -> str:
        """As the header of that name says it."""
        return formatdate(self.modified, usegmt=True)


@frozen
class Selection:
    """The answer: a status of 200, 206, 304, 412 or 416, and which bytes go with it."""

    status: int
    start: int
    count: int


def select(method: str, headers: Mapping[str, str], file: Representation) -> Selection:
    """Evaluate the conditions and the range of a request.

    :param headers: those of the request, names in lower case.
    """
    refused = _precondition(headers, file)
    if refused is not None:
        return Selection(refused, 0, 0)
    asked = headers.get("range")
    if asked is None or method != "GET" or not _may_range(headers.get("if-range"), file):
        return Selection(200, 0, file.size)
    ranges = parse(asked, file.size)
    if ranges is None or len(ranges) > 1:
        return Selection(200, 0, file.size)
    if not ranges:
        return Selection(416, 0, 0)
    ((first, last),) = ranges
    return Selection(206, first, last - first + 1)


def parse(header: str, size: int) -> list[tuple[int, int]] | None:
    """The first and last byte of each range that can be satisfied; None when the header is to be ignored."""
    unit, _, text = header.strip().partition("=")
    parts = [part.strip() for part in text.split(",")]
    if unit.strip().lower() != "bytes" or len(parts) > MAXIMUM_RANGES:
        return None
    ranges = []
    for part in parts:
        match = _RANGE.fullmatch(part)
        if match is None or part == "-":
            return None
        first, last = match.groups()
        if not first:
            length = min(int(last), size)
            if length > 0:
                ranges.append((size - length, size - 1))
            continue
        if last and int(last) < int(first):
            return None
        if int(first) < size:
            ranges.append((int(first), min(int(last), size - 1) if last else size - 1))
    return ranges


def _precondition(headers: Mapping[str, str], file: Representation) -> int | None:
    match = headers.get("if-match")
    unmodified_since = _date(headers.get("if-unmodified-since"))
    if match is not None:
        if match.strip() != "*" and file.etag not in [one.strip() for one in match.split(",")]:
            return 412
    elif unmodified_since is not None and file.modified > unmodified_since:
        return 412
    none_match = headers.get("if-none-match")
    modified_since = _date(headers.get("if-modified-since"))
    if none_match is not None:
        return 304 if matches(none_match, file.etag) else None
    if modified_since is not None and file.modified <= modified_since:
        return 304
    return None


def _may_range(if_range: str | None, file: Representation) -> bool:
    """Whether the client's part belongs to the file as it is: by strong entity tag or exact date."""
    if if_range is None:
        return True
    if if_range.strip().startswith(('"', "W/")):
        return if_range.strip() == file.etag
    return _date(if_range) == file.modified


def _date(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
