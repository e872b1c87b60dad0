"""The pod's log as files of lines of JSON, which grow to a size and are then numbered: ``peertube.log``, ``.1.log``, …

Each process writes a series of its own (``peertube-2.log`` and so on, where another one has the first); all are read.
"""

import fcntl
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec
from twisted.logger import ILogObserver, LogLevel, formatEvent, globalLogPublisher
from zope.interface import implementer

from peertube.config.schema import LogSettings
from peertube.model.logs import Level, LogFilter, LogLine

LONGEST_MESSAGE = 8_192
"""Characters of a message that are kept."""

MOST_CHARACTERS = 1_000_000
"""Of messages that are read at once; the newest."""

_MOST_PROCESSES = 64
_LEVELS = {
    LogLevel.debug: Level.DEBUG,
    LogLevel.info: Level.INFO,
    LogLevel.warn: Level.WARN,
    LogLevel.error: Level.ERROR,
    LogLevel.critical: Level.ERROR,
}


class _Line(msgspec.Struct):
    """One line as it is in a file."""

    time_ms: int
    level: str
    label: str
    message: str


@implementer(ILogObserver)
class LogFiles:
    """A part of the pod that keeps its log.

    :param in_thread: runs something slow off the reactor.
    """

    def __init__(self, *, folder: Path, settings: LogSettings, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._folder = folder
        self._settings = settings
        self._in_thread = in_thread
        self._lock = RLock()
        self._series = ""
        self._claim: int | None = None
        self._file: FileIO | None = None
        self._size = 0

    async def start(self) -> None:
        """Begin to write."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._claim_series()
        self._open()
        globalLogPublisher.addObserver(self)

    async def stop(self) -> None:
        """Write no more."""
        with suppress(ValueError):
            globalLogPublisher.removeObserver(self)
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            if self._claim is not None:
                os.close(self._claim)
                self._claim = None

    def __call__(self, event: Any) -> None:
        """Write what is logged, in whatever thread. A log that cannot be written is no reason to fail."""
        level = _LEVELS.get(event.get("log_level"), Level.INFO)
        least = Level(self._settings.level)
        if level.rank < least.rank or (_is_twisteds(event) and level.rank < Level.WARN.rank):
            return
        with self._lock, suppress(OSError):
            self._write(msgspec.json.encode(_line(event, level)) + b"\n")

    async def read(self, wanted: LogFilter) -> list[LogLine]:
        """The newest lines that are asked for, oldest first."""
        lines: list[LogLine] = await self._in_thread(self._read, wanted)
        return lines

    def _claim_series(self) -> None:
        """The first name that no living process has; the lock goes with us."""
        for number in range(1, _MOST_PROCESSES + 1):
            series = "peertube" if number == 1 else f"peertube-{number}"
            claim = os.open(self._folder / f".{series}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(claim)
                continue
            self._series, self._claim = series, claim
            return
        raise OSError(f"more than {_MOST_PROCESSES} processes write logs into {self._folder}")

    def _open(self) -> None:
        self._file = FileIO(self._place(0), "a")
        self._size = self._file.seek(0, os.SEEK_END)

    def _place(self, number: int) -> Path:
        return self._folder / (f"{self._series}.{number}.log" if number else f"{self._series}.log")

    def _write(self, line: bytes) -> None:
        if self._file is None:
            return
        rotation = self._settings.rotation
        if rotation.enabled and self._size and self._size + len(line) > rotation.max_file_size:
            self._rotate(rotation.max_files)
        self._file.write(line)
        self._size += len(line)

    def _rotate(self, most: int) -> None:
        assert self._file is not None
        self._file.close()
        for number in range(most - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._place(number - 1).replace(self._place(number))
        if most == 1:
            self._place(0).unlink(missing_ok=True)
        self._open()

    def _read(self, wanted: LogFilter) -> list[LogLine]:
        found: list[LogLine] = []
        for path in self._newest_first():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime * 1000 < wanted.from_ms:
                    continue
                found[:0] = [line for line in _parsed(path) if wanted.takes(line)]
            if sum(len(line.message) for line in found) > MOST_CHARACTERS:
                break
        found.sort(key=lambda line: line.time_ms)
        return _last(found)

    def _newest_first(self) -> list[Path]:
        def number(path: Path) -> int:
            _, _, text = path.stem.partition(".")
            return int(text) if text.isdigit() else 0

        return sorted(self._folder.glob("peertube*.log"), key=lambda path: (number(path), path.name))


def _is_twisteds(event: Any) -> bool:
    """It tells of every connection that is made; what is no warning is of no interest to whoever runs a pod."""
    return str(event.get("log_namespace") or "").startswith(("twisted.", "log_legacy"))


def _line(event: Any, level: Level) -> _Line:
    message = formatEvent(event) or ""
    failure = event.get("log_failure")
    if failure is not None:
        message = f"{message}\n{failure.getTraceback()}"
    moment = event.get("log_time") or time.time()
    namespace = str(event.get("log_namespace") or "")
    return _Line(int(moment * 1000), level.value, namespace[:200], message[:LONGEST_MESSAGE])


def _parsed(path: Path) -> Iterator[LogLine]:
    """The lines of a file; one that a crash cut off is left out."""
    with path.open("rb") as file:
        for text in file:
            try:
                line = msgspec.json.decode(text, type=_Line)
                level = Level(line.level)
            except (msgspec.MsgspecError, ValueError):
                continue
            parts = line.label.split(".")
            yield LogLine(line.time_ms, level, line.label, line.message, tuple(parts[1:] or parts))


def _last(lines: list[LogLine]) -> list[LogLine]:
    """As many of the last ones as may be given at once."""
    left = MOST_CHARACTERS
    for number, line in enumerate(reversed(lines)):
        left -= len(line.message)
        if left < 0:
            return lines[len(lines) - number :]
    return lines
