"""The launcher keeps its promises to the rest of the machine."""

import os
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from peertube.errors import Unavailable
from peertube.media.ffmpeg import Command, Launcher, Limits, ProgramFailed


def _running_with(marker: str) -> list[int]:
    """The processes that have `marker` in their arguments."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path("/proc", name, "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in words:
            found.append(int(name))
    return found


class _Promises:
    """What holds with and without bubblewrap."""

    bubblewrap: str | None

    async def setUp(self) -> None:
        self.launcher = Launcher(reactor, concurrency=1, maximum_waiting=1, bubblewrap=self.bubblewrap)
        await self.launcher.start()
        self.addCleanup(lambda: ensureDeferred(self.launcher.stop()))
        if self.bubblewrap and not self.launcher.is_sandboxed:
            raise self.skipTest("bubblewrap does not work on this machine")

    async def _fails(self, command: Command) -> ProgramFailed:
        with self.assertRaises(ProgramFailed) as caught:
            await self.launcher.run(command)
        return caught.exception

    async def test_output_and_input(self) -> None:
        """Bytes in, bytes out; a file serves as well."""
        self.assertEqual(await self.launcher.run(Command(["cat"]), b"hello"), b"hello")
        path = Path(self.mktemp())
        path.write_bytes(b"from a file")
        self.assertEqual(await self.launcher.run(Command(["cat"]), path), b"from a file")

    async def test_exit_code_and_errors(self) -> None:
        """Who asks learns how it ended and what it said last, however much it says."""
        error = await self._fails(Command(["sh", "-c", "seq 1 200000 >&2; echo sorry >&2; exit 3"]))
        self.assertEqual((error.why, error.exit_code, error.errors[-6:]), ("exit", 3, "sorry\n"))
        self.assertLess(len(error.errors), 10_000)

    async def test_environment_is_empty(self) -> None:
        """Secrets in our environment stay ours."""
        seen = await self.launcher.run(Command(["env"]))
        names = {line.partition("=")[0] for line in seen.decode().splitlines()}
        self.assertLessEqual(names, {"PATH", "LANG", "HOME", "PWD"})

    async def test_wall_time(self) -> None:
        """A program that hangs is ended with its children."""
        error = await self._fails(Command(["sh", "-c", "sleep 4711 & sleep 4711"], limits=Limits(wall_seconds=0.3)))
        self.assertEqual(error.why, "time")
        await self._none_left("4711")

    async def test_cpu_time(self) -> None:
        """A program that spins is ended by the kernel."""
        error = await self._fails(Command(["sh", "-c", "while :; do :; done"], limits=Limits(cpu_seconds=1)))
        self.assertIn(error.why, ("signal", "exit"))

    async def test_output_limit(self) -> None:
        """Endless output is cut off."""
        error = await self._fails(Command(["yes"], limits=Limits(output_bytes=100_000)))
        self.assertEqual(error.why, "output")

    async def test_memory_limit(self) -> None:
        """A decoder that wants it all gets no more than its part."""
        await self._fails(
            Command(["dd", "if=/dev/zero", "of=/dev/null", "bs=512M", "count=1"], limits=Limits(memory_bytes=2**28))
        )

    async def test_file_size_limit(self) -> None:
        """Nor does it fill the disk."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        await self._fails(
            Command(
                ["dd", "if=/dev/zero", f"of={folder}/big", "bs=64k", "count=64"],
                writes=[folder],
                limits=Limits(file_bytes=2**20),
            )
        )
        self.assertLessEqual((folder / "big").stat().st_size, 2**20)

    async def test_cancelled(self) -> None:
        """Cancelling leaves no process, and the next one may run."""
        running = ensureDeferred(self.launcher.run(Command(["sh", "-c", "sleep 4712 & sleep 4712"])))
        waiting = ensureDeferred(self.launcher.run(Command(["true"])))
        with self.assertRaises(Unavailable):
            await self.launcher.run(Command(["true"]))
        running.cancel()
        await self.assertFailure(running, CancelledError)
        self.assertEqual(await waiting, b"")
        await self._none_left("4712")

    async def test_children_left_behind(self) -> None:
        """A program that ends and leaves a child behind takes it along."""
        await self.launcher.run(Command(["sh", "-c", "sleep 4713 >/dev/null 2>&1 </dev/null & exit 0"]))
        await self._none_left("4713")

    async def test_stop(self) -> None:
        """Stopping ends what runs and waits for it."""
        running = ensureDeferred(self.launcher.run(Command(["sleep", "4714"])))
        await self.launcher.stop()
        with self.assertRaises(ProgramFailed):
            await running
        await self._none_left("4714")

    async def test_not_installed(self) -> None:
        """Said so; not a crash, not "your file is bad"."""
        with self.assertRaises(Unavailable):
            await self.launcher.run(Command(["no-such-program-here"]))

    async def _none_left(self, marker: str) -> None:
        for _ in range(100):
            if not _running_with(marker):
                return
            pause: Deferred[None] = deferLater(reactor, 0.02, lambda: None)
            await pause
        self.fail(f"still running: {_running_with(marker)}")


class PlainTests(_Promises, TestCase):
    """Limits alone, as in a container without user namespaces."""

    bubblewrap = None


class SandboxTests(_Promises, TestCase):
    """In bubblewrap, where it works."""

    bubblewrap = "bwrap"

    async def test_sees_only_its_file(self) -> None:
        """Another user's private file is not there at all."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        (folder / "mine").write_text("mine")
        (folder / "yours").write_text("yours")
        seen = await self.launcher.run(Command(["sh", "-c", f"ls {folder}; ls /etc"], reads=[folder / "mine"]))
        self.assertIn(b"mine", seen)
        self.assertNotIn(b"yours", seen)
        self.assertNotIn(b"passwd", seen)

    async def test_cannot_write(self) -> None:
        """What it reads it cannot change."""
        path = Path(self.mktemp()).absolute()
        path.write_text("kept")
        await self._fails(Command(["sh", "-c", f"echo lost > {path}"], reads=[path]))
        self.assertEqual(path.read_text(), "kept")

    async def test_no_network(self) -> None:
        """There is not even a loopback to connect to."""
        seen = await self.launcher.run(Command(["sh", "-c", "cat /proc/net/dev /sys/class/net/* 2>/dev/null || true"]))
        self.assertEqual(seen, b"")

    async def test_broken_bubblewrap(self) -> None:
        """A machine where it does not work gets the limits and one line in the log."""
        launcher = Launcher(reactor, bubblewrap="false")
        await launcher.start()
        self.assertFalse(launcher.is_sandboxed)
        self.assertEqual(await launcher.run(Command(["cat"]), b"still works"), b"still works")
        await launcher.stop()
