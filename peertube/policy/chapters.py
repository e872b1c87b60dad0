"""Chapters that a description names, and which chapters may be set."""

import re
from collections.abc import Sequence

from peertube.model.chapters import MAXIMUM_CHAPTERS, MAXIMUM_TITLE, Chapter

_LINE = re.compile(
    r"\s{0,20}(?:[-*\u2022\u2013]\s{1,5})?[(\[]?(?:(\d{1,3}):)?(\d{1,3}):(\d{2})[)\]]?(?![:\d])\s{0,5}(?:[-\u2013\u2014:|]\s{1,5})?(\S.*)"
)


def of_description(description: str | None, duration: int) -> tuple[Chapter, ...]:
    """The first block of lines that begin with a time (``1:02:03 Title``); none unless there are two of them.

    Times beyond the end of the video (seconds) are left out.
    """
    found: dict[int, Chapter] = {}
    for line in (description or "").splitlines():
        chapter = _read(line)
        if chapter is None:
            if found:
                break
            continue
        if chapter.timecode <= duration:
            found.setdefault(chapter.timecode, chapter)
    if len(found) < 2:
        return ()
    return tuple(found[timecode] for timecode in sorted(found))[:MAXIMUM_CHAPTERS]


def cleaned(chapters: Sequence[Chapter], duration: int) -> tuple[Chapter, ...]:
    """Chapters of a file as they may be kept: in order, one for each second, with titles, within the video."""
    kept: dict[int, Chapter] = {}
    for chapter in chapters:
        title = chapter.title.strip()[:MAXIMUM_TITLE]
        if title and 0 <= chapter.timecode <= duration:
            kept.setdefault(chapter.timecode, Chapter(chapter.timecode, title))
    return tuple(kept[timecode] for timecode in sorted(kept))[:MAXIMUM_CHAPTERS]


def problem(chapters: Sequence[Chapter], duration: int) -> str | None:
    """Why these chapters cannot be set, or None."""
    if len(chapters) > MAXIMUM_CHAPTERS:
        return f"Should have at most {MAXIMUM_CHAPTERS} chapters"
    if len({chapter.timecode for chapter in chapters}) != len(chapters):
        return "Should not have two chapters at the same time"
    for chapter in chapters:
        if not 0 <= chapter.timecode <= duration:
            return "Should have times within the video"
        if not 1 <= len(chapter.title.strip()) <= MAXIMUM_TITLE:
            return f"Should have titles of 1 to {MAXIMUM_TITLE} characters"
    return None


def read_lines(text: str) -> list[Chapter]:
    """The chapters of lines that are all chapters; empty lines count for nothing."""
    return [chapter for line in text.splitlines() if (chapter := _read(line)) is not None]


def problem_of_lines(text: str, duration: int) -> int | None:
    """The number (from 1) of the first line that is no chapter of a video of `duration` seconds, or None."""
    seen: set[int] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        chapter = _read(line)
        if chapter is None or chapter.timecode > duration or chapter.timecode in seen:
            return number
        seen.add(chapter.timecode)
    return None


def _read(line: str) -> Chapter | None:
    match = _LINE.fullmatch(line[:1000])
    if match is None:
        return None
    hours, minutes, seconds, title = match.groups()
    timecode = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return Chapter(timecode, title.strip()[:MAXIMUM_TITLE])
