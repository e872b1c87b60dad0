"""The ``Content-Range`` of a chunk (RFC 9110, section 14.4), and which part of the chunk is still missing."""

import re

from attrs import frozen

from peertube.errors import Conflict, Invalid

_RANGE = re.compile(r"bytes\s+(?:(\d{1,18})-(\d{1,18})|(\*))/(?:(\d{1,18})|\*)", re.ASCII)


@frozen
class Chunk:
    """Bytes `first` to `last` (inclusive) of a file of `size` bytes (None: not said)."""

    first: int
    last: int
    size: int | None

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.last - self.first + 1


def parse(header: str) -> Chunk | None:
    """The chunk that comes; None when the sender only asks for the position (``bytes */size``).

    :raises Invalid: when it is neither.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None:
        raise Invalid("The Content-Range is malformed", fields={"Content-Range": "Should be bytes first-last/size"})
    first, last, question, size = match.groups()
    if question is not None:
        return None
    chunk = Chunk(int(first), int(last), None if size is None else int(size))
    if chunk.last < chunk.first:
        raise Invalid("The Content-Range is malformed", fields={"Content-Range": "Ends before it begins"})
    return chunk


def skipped(chunk: Chunk, *, received: int, size: int) -> int:
    """How many bytes at the beginning of the chunk are there already, at most all.

    :raises Conflict: code ``wrong_range``, when bytes would be missing before it, or it reaches beyond the end.
    """
    if chunk.size not in (None, size):
        raise _wrong(f"The file has {size} bytes")
    if chunk.last >= size:
        raise _wrong(f"The chunk reaches beyond the {size} bytes of the file")
    if chunk.first > received:
        raise _wrong(f"The next chunk begins at byte {received}")
    return min(received - chunk.first, chunk.length)


def _wrong(detail: str) -> Conflict:
    return Conflict(detail, code="wrong_range")
