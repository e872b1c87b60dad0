"""Named places in the code where a test makes the pod die or fail: how it is shown that nothing acknowledged is lost.

A place says its name: ``reach("upload.file-kept")``. Nothing happens, unless the environment variable
``PEERTUBE_FAILPOINTS`` arms it when the process starts::

    PEERTUBE_FAILPOINTS=upload.file-kept:kill              SIGKILL to the process itself, at the first pass
    PEERTUBE_FAILPOINTS=files.*:full@3,delivery.told:kill  the third pass of all places under files; and another one
    PEERTUBE_FAILPOINTS=database.commit:error@2+           from the second pass on

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


_armed: list[Failpoint] = parse(os.environ.get(VARIABLE, ""))
_lock = Lock()


def reach(name: str) -> None:
    """The code is at this place. Costs a function call when nothing is armed.

    :raises OSError: when the place is armed with an error.
    """
    if _armed:
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
    with _lock:
        due = [failpoint for failpoint in _armed if failpoint.is_due(name)]
    for failpoint in due:
        if failpoint.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        number = _ERRORS[failpoint.action]
        raise OSError(number, os.strerror(number), f"failpoint {name}")
