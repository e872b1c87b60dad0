"""Named places in the code where a test makes the pod die or fail: how it is shown that nothing acknowledged is lost.

A place says its name: ``reach("upload.file-kept")``. Nothing happens, unless the environment variable
``PEERTUBE_FAILPOINTS`` arms it when the process starts::

    PEERTUBE_FAILPOINTS=upload.file-kept:kill              SIGKILL to the process itself, at the first pass
    PEERTUBE_FAILPOINTS=files.*:full@3,delivery.told:kill  the third pass of all places under files; and another one
    PEERTUBE_FAILPOINTS=database.commit:error@2+           from the second pass on
    PEERTUBE_FAILPOINTS=/some/file                         the same, from a file that may change while the pod runs

What happens: ``kill``; ``error`` (OSError, EIO: a disk that fails); ``full`` (OSError, ENOSPC: a disk that is full).
The database turns the last two into SQLite's errors of the same meaning. Passes are counted per entry, in all threads.
Never set the variable where data matters.
"""

import errno
import os
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from threading import Lock

from attrs import define

VARIABLE = "PEERTUBE_FAILPOINTS"
"""The environment variable that arms places."""

_ENTRY = re.compile(r"(?P<name>[a-z*.-]+):(?P<action>kill|error|full)(?:@(?P<at>[0-9]+)(?P<on>\+?))?")
_ERRORS = {"error": errno.EIO, "full": errno.ENOSPC}


class WrongFailpoints(ValueError):
    """The text that should arm places cannot be read."""


@define
class Failpoint:
    """An armed place.

    :param pattern: its name, or a pattern with stars.
    :param at: the pass (from 1) at which it happens; with `goes_on` at every later one too.
    """

    pattern: str
    action: str
    at: int = 1
    goes_on: bool = False
    passes: int = 0

    def is_due(self, name: str) -> bool:
        """Count a pass of the place `name`, if it is meant; whether it is now."""
        if not fnmatchcase(name, self.pattern):
            return False
        self.passes += 1
        return self.passes == self.at or (self.goes_on and self.passes > self.at)


def parse(text: str) -> list[Failpoint]:
    """What the variable says. Raises `WrongFailpoints`."""
    found = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise WrongFailpoints(f"{VARIABLE}: expected name:kill, name:error or name:full, found {entry!r}")
        found.append(Failpoint(match["name"], match["action"], int(match["at"] or 1), bool(match["on"])))
    return found


@define
class _File:
    """A file that arms places, read again whenever it was replaced."""

    path: str
    inode: int = -1

    def look(self) -> list[Failpoint] | None:
        """What is armed from now on; None when nothing changed."""
        try:
            inode = os.stat(self.path).st_ino
        except FileNotFoundError:
            inode = 0
        if inode == self.inode:
            return None
        self.inode = inode
        return parse(Path(self.path).read_text()) if inode else []


_text = os.environ.get(VARIABLE, "")
_file = _File(_text) if _text.startswith("/") else None
_armed: list[Failpoint] = [] if _file is not None else parse(_text)
_lock = Lock()


def reach(name: str) -> None:
    """The code is at this place. Costs a function call when nothing is armed.

    :raises OSError: when the place is armed with an error.
    """
    if _armed or _file is not None:
        _happen(name)


@contextmanager
def armed(text: str) -> Iterator[Sequence[Failpoint]]:
    """Arm places while a test runs."""
    global _armed
    before = _armed
    _armed = [*before, *(added := parse(text))]
    try:
        yield added
    finally:
        _armed = before


def _happen(name: str) -> None:
    global _armed
    with _lock:
        if _file is not None and (changed := _file.look()) is not None:
            _armed = changed
        due = [failpoint for failpoint in _armed if failpoint.is_due(name)]
    for failpoint in due:
        if failpoint.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        number = _ERRORS[failpoint.action]
        raise OSError(number, os.strerror(number), f"failpoint {name}")
