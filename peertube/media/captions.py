"""`peertube.usecases.ports.CaptionReader`: files of captions from strangers, read in a thread.

What comes out is WebVTT (W3C) that holds cues and nothing else: no styles, regions or comments, and of the markup of
cues only bold, italics, underlining, voices, classes, languages and ruby.
"""

import codecs
import re
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThreadPool
from webvtt import Caption, WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from peertube.errors import TooLarge, Unprocessable
from peertube.model.captions import MAXIMUM_SIZE

MAXIMUM_CUES = 20_000

_MARK = re.compile(
    r"</?(?:b|i|u|c|v|lang|ruby|rt)(?:\.[\w-]{1,50}){0,5}(?: [^<>&\n]{1,200})?>|<\d\d:[0-5]\d[:.\d]{3,8}>"
)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|lrm|rlm|nbsp);)")
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class CaptionFiles:
    """Reads files of captions. `reactor` is one with threads."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    async def read(self, path: Path, extension: str) -> str:
        """As the port says."""
        pool = self._reactor.getThreadPool()
        text: str = await deferToThreadPool(self._reactor, pool, _read, path, extension)
        return text


def _read(path: Path, extension: str) -> str:
    with path.open("rb") as file:
        content = file.read(MAXIMUM_SIZE + 1)
    if len(content) > MAXIMUM_SIZE:
        raise TooLarge("These captions are too large", code="max_file_size_reached")
    return converted(decoded(content), extension)


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, what its byte order mark says, or the encoding that fits best."""
    try:
        for mark, encoding in _BYTE_ORDER_MARKS.items():
            if content.startswith(mark):
                return content.decode(encoding)
        return content.decode()
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes  # its tables take 2.5 MiB, and hardly any file needs them

        best = from_bytes(content[:200_000]).best()
        if best is None:
            raise _not_captions() from error
        return content.decode(best.encoding, "replace")


def converted(text: str, extension: str) -> str:
    """WebVTT of WebVTT or SubRip.

    :raises Unprocessable: code ``not_captions``, also for captions without a single cue.
    """
    if "\0" in text:
        raise _not_captions()
    try:
        found = WebVTT.from_buffer(text.splitlines(), format="srt" if extension == ".srt" else "vtt")
        cues = [_plain(caption) for caption in found.captions[:MAXIMUM_CUES]]
        if not cues:
            raise _not_captions()
        return f"{WebVTT(captions=cues).content.rstrip()}\n"
    except (MalformedFileError, MalformedCaptionError, ValueError, IndexError) as error:
        raise _not_captions() from error


def _plain(caption: Caption) -> Caption:
    text = caption.raw_text.replace("-->", "--&gt;")
    pieces, end = [], 0
    for mark in _MARK.finditer(text):
        pieces += [_escaped(text[end : mark.start()]), mark[0]]
        end = mark.end()
    pieces.append(_escaped(text[end:]))
    return Caption(start=caption.start, end=caption.end, text="".join(pieces))


def _escaped(text: str) -> str:
    return _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def _not_captions() -> Unprocessable:
    return Unprocessable("This file holds no captions that we know", code="not_captions")
