"""The seeder as the pod sees it: a child process that is told and that reports."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

import peertube
from peertube.torrents.seeder_messages import Command, Lines, Malformed, Report, encode, parse_report

PROGRAM = (sys.executable, "-m", "peertube.torrents.seeder")
_LAST_WORDS = 2_000
_PATIENCE_SECONDS = 5.0


class SeederProcess(ProcessProtocol):
    """One run of the seeder.

    :param heard: called with what it reports.
    :param ended: called once when it is gone, with the reason in a few words, empty if it ended well.
    """

    transport: IProcessTransport

    def __init__(self, *, heard: Callable[[Report], None], ended: Callable[[str], None]) -> None:
        self._heard = heard
        self._ended = ended
        self._lines = Lines()
        self._words = b""
        self._waiting: list[Deferred[None]] = []
        self._is_gone = False

    def start(self, reactor: Any) -> None:
        """Run the program."""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(Path(peertube.__file__).parent.parent),
            "PYTHONWARNINGS": "ignore",
        }
        reactor.spawnProcess(self, PROGRAM[0], PROGRAM, environment)

    def tell(self, command: Command) -> None:
        """Say what to do."""
        if not self._is_gone:
            self.transport.writeToChild(0, encode(command))

    def kill(self) -> None:
        """End it at once."""
        if not self._is_gone:
            self.transport.signalProcess("KILL")

    async def stop(self, reactor: Any) -> None:
        """End it in good order, or after a few seconds in any order."""
        if self._is_gone:
            return
        gone: Deferred[None] = Deferred()
        self._waiting.append(gone)
        late = reactor.callLater(_PATIENCE_SECONDS, self.kill)
        self.transport.closeChildFD(0)
        await gone
        if late.active():
            late.cancel()

    def outReceived(self, data: bytes) -> None:
        """It reports."""
        try:
            for line in self._lines.receive(data):
                self._heard(parse_report(line))
        except Malformed:
            self._words += b"it cannot be understood"
            self.kill()

    def errReceived(self, data: bytes) -> None:
        """It complains; the last of that tells why it ended."""
        self._words = (self._words + data)[-_LAST_WORDS:]

    def processEnded(self, reason: Failure) -> None:
        """It is gone."""
        self._is_gone = True
        words = self._words.decode(errors="replace").strip()
        self._ended("" if reason.check(ProcessDone) else words or reason.getErrorMessage())
        waiting, self._waiting = self._waiting, []
        for gone in waiting:
            gone.callback(None)
