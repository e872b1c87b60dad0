"""The one launcher of programs that read what strangers sent: ffprobe, ffmpeg and our own picture program.

Each run gets its own process group, limits on CPU, memory, file size, wall time and output, a low priority, an empty
environment, and (where bubblewrap works: a probe at start tells) a view of the machine that holds the program, its
libraries and the one file to read, without network and without our other files.
"""

import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen
from twisted.internet.defer import Deferred, DeferredList, DeferredSemaphore
from twisted.internet.error import ProcessDone
from twisted.internet.interfaces import IDelayedCall, IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from peertube.errors import Unavailable

_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/"}
_MERGED_FOLDERS = ("/bin", "/sbin", "/lib", "/lib64")
_LIBRARY_NAMES = ("/etc/ld.so.cache", "/etc/alternatives")
_ERRORS_KEPT = 8_192


@frozen
class Limits:
    """What one run may use. `output_bytes` counts standard output; standard error is cut, not counted."""

    wall_seconds: float = 30
    cpu_seconds: int = 20
    memory_bytes: int = 4 * 2**30
    file_bytes: int = 2**30
    output_bytes: int = 8 * 2**20


@frozen
class Command:
    """A program with its arguments, the paths it may read, and the folders it may write to."""

    argv: Sequence[str]
    reads: Sequence[Path] = ()
    writes: Sequence[Path] = ()
    limits: Limits = field(factory=Limits)


class ProgramFailed(Exception):
    """A program ended badly.

    :param why: ``exit``, ``signal``, ``time`` or ``output`` (the last two: we ended it).
    :param errors: the last of what it said; may contain paths, never shown to strangers.
    """

    def __init__(self, program: str, why: str, exit_code: int | None, errors: str) -> None:
        super().__init__(f"{program}: {why} {exit_code if exit_code is not None else ''}: {errors[-500:]}")
        self.program = program
        self.why = why
        self.exit_code = exit_code
        self.errors = errors


class Launcher:
    """Runs commands, `concurrency` at once.

    :param maximum_waiting: how many more may wait; one more is refused with `Unavailable`.
    :param bubblewrap: the program to try for the sandbox; None to do without.
    """

    _log = Logger()

    def __init__(
        self, reactor: Any, *, concurrency: int = 2, maximum_waiting: int = 200, bubblewrap: str | None = "bwrap"
    ) -> None:
        self._reactor = reactor
        self._slots = DeferredSemaphore(concurrency)
        self._maximum_waiting = maximum_waiting
        self._bubblewrap = bubblewrap
        self._sandbox: tuple[str, ...] = ()
        self._running: set[_Run] = set()

    @property
    def is_sandboxed(self) -> bool:
        """Whether programs run in bubblewrap."""
        return bool(self._sandbox)

    async def start(self) -> None:
        """See whether bubblewrap works here."""
        found = shutil.which(self._bubblewrap) if self._bubblewrap else None
        if found is None:
            self._log.warn("bubblewrap is not installed: media programs run with limits, but without a sandbox")
            return
        self._sandbox = _sandbox_argv(found)
        try:
            await self.run(Command(["true"], limits=Limits(wall_seconds=10)))
        except ProgramFailed as error:
            self._sandbox = ()
            self._log.warn(
                "bubblewrap does not work here ({reason}): media programs run with limits, but without a sandbox",
                reason=error.errors.strip()[-200:],
            )

    async def stop(self) -> None:
        """End every program and wait until they are gone."""
        for run in self._running:
            run.kill("stop")
        await DeferredList([run.gone() for run in self._running])

    async def run(self, command: Command, stdin: bytes | Path = b"") -> bytes:
        """Run a command to its end; its standard output. Cancelling kills its whole process group.

        :param stdin: bytes to hand over, or a file to read from.
        :raises ProgramFailed: when it ended with an error or had to be ended.
        :raises Unavailable: when the program is not installed, or too many wait already.
        """
        program = command.argv[0]
        if shutil.which(program) is None:
            self._log.error("{program} is not installed", program=program)
            raise Unavailable("A program that this needs is not installed on this pod", retry_after_seconds=3600)
        if len(self._slots.waiting) >= self._maximum_waiting:
            raise Unavailable("Too many media files wait to be looked at", retry_after_seconds=30)
        await self._slots.acquire()
        run = _Run(self._reactor, command)
        self._running.add(run)
        run.gone().addCallback(self._ended, run)
        try:
            self._spawn(run, command, stdin)
        except OSError as error:
            run.never_began(Failure(ProgramFailed(program, "exit", None, str(error))))
        return await run.finished

    def _spawn(self, run: "_Run", command: Command, stdin: bytes | Path) -> None:
        argv = [*_limits_argv(command.limits), *self._view(command), *command.argv]
        source = os.open(stdin, os.O_RDONLY | os.O_CLOEXEC) if isinstance(stdin, Path) else None
        try:
            self._reactor.spawnProcess(
                run,
                shutil.which(argv[0]) or argv[0],
                argv,
                env=_ENVIRONMENT,
                path="/",
                childFDs={0: "w" if source is None else source, 1: "r", 2: "r"},
            )
        finally:
            if source is not None:
                os.close(source)
        if isinstance(stdin, bytes):
            run.hand_over(stdin)

    def _view(self, command: Command) -> list[str]:
        if not self._sandbox:
            return []
        view = [*self._sandbox]
        for path in command.reads:
            view += ["--ro-bind", str(path), str(path)]
        for path in command.writes:
            view += ["--bind", str(path), str(path)]
        return [*view, "--"]

    def _ended(self, _: object, run: "_Run") -> None:
        self._running.discard(run)
        self._slots.release()


class _Run(ProcessProtocol):
    """One process and what became of it. `finished` tells the caller, `gone` that nothing of it runs any more."""

    def __init__(self, reactor: Any, command: Command) -> None:
        self._reactor = reactor
        self._command = command
        self._output = bytearray()
        self._errors = b""
        self._why: str | None = None
        self._pid: int | None = None
        self._timer: IDelayedCall | None = None
        self._gone = False
        self._waiting: list[Deferred[None]] = []
        self.finished: Deferred[bytes] = Deferred(lambda _: self.kill("cancelled"))

    def gone(self) -> "Deferred[None]":
        """Fires when the process was reaped and its pipes are closed."""
        waiting: Deferred[None] = Deferred()
        if self._gone:
            waiting.callback(None)
        else:
            self._waiting.append(waiting)
        return waiting

    def hand_over(self, content: bytes) -> None:
        """Give the program its whole standard input."""
        self._process().write(content)
        self._process().closeStdin()

    def kill(self, why: str) -> None:
        """End the process and all of its children."""
        if self._why is None:
            self._why = why
        if self._pid is not None:
            # Before `setsid` has run there is no group yet, only the process.
            for end in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError):
                    end(self._pid, signal.SIGKILL)

    def never_began(self, failure: Failure) -> None:
        """There is no process at all."""
        self._finish(failure)

    def connectionMade(self) -> None:
        """The process was started."""
        self._pid = self._process().pid
        self._timer = self._reactor.callLater(self._command.limits.wall_seconds, self.kill, "time")

    def outReceived(self, data: bytes) -> None:
        """Collect the output, up to the limit."""
        self._output += data
        if len(self._output) > self._command.limits.output_bytes:
            self._output.clear()
            self.kill("output")

    def errReceived(self, data: bytes) -> None:
        """Keep the last of what it says."""
        self._errors = (self._errors + data)[-_ERRORS_KEPT:]

    def processExited(self, reason: Failure) -> None:
        """The program itself has ended: so must what it started."""
        group, self._pid = self._pid, None
        if group is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    def processEnded(self, reason: Failure) -> None:
        """Exited, and all its output has been read."""
        if self._why is None and reason.check(ProcessDone):
            self._finish(bytes(self._output))
            return
        value = reason.value
        exit_code = getattr(value, "exitCode", None)
        why = self._why or ("exit" if exit_code is not None else "signal")
        errors = self._errors.decode("utf-8", "replace")
        self._finish(Failure(ProgramFailed(self._command.argv[0], why, exit_code, errors)))

    def _process(self) -> IProcessTransport:
        return cast(IProcessTransport, self.transport)

    def _finish(self, result: bytes | Failure) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._gone = True
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)
        if not self.finished.called:
            if isinstance(result, Failure):
                self.finished.errback(result)
            else:
                self.finished.callback(result)


def _limits_argv(limits: Limits) -> list[str]:
    return [
        "setsid",
        "prlimit",
        f"--cpu={limits.cpu_seconds}",
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}",
        "--core=0",
        "--nofile=256",
        "nice",
        "--adjustment=10",
    ]


def _sandbox_argv(bubblewrap: str) -> tuple[str, ...]:
    argv = [bubblewrap, "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--ro-bind", "/usr", "/usr"]
    for folder in _MERGED_FOLDERS:
        if os.path.islink(folder):
            argv += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            argv += ["--ro-bind", folder, folder]
    for name in _LIBRARY_NAMES:
        argv += ["--ro-bind-try", name, name]
    return (*argv, "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/")
