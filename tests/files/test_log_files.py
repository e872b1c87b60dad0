"""The log as files: written, rotated, read, by several processes."""

from pathlib import Path
from typing import Any

from twisted.internet.defer import succeed
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from peertube.config.schema import LogRotation, LogSettings
from peertube.files.log_files import LONGEST_MESSAGE, LogFiles
from peertube.model.logs import Level, LogFilter, LogLine
from tests.storage.deferred import deferred

ANY = LogFilter(0, 2**53, Level.DEBUG)


async def at_once(work: Any, *arguments: Any) -> Any:
    """A thread of the tests."""
    return await succeed(work(*arguments))


class LogFilesTests(TestCase):
    """What is logged anywhere in the process is in the files."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.log = Logger(namespace="peertube.delivery.sender")

    async def started(self, **settings: Any) -> LogFiles:
        """The log of one more process."""
        files = LogFiles(folder=self.folder, settings=LogSettings(**settings), in_thread=at_once)
        await files.start()
        self.addCleanup(lambda: deferred(files.stop()))
        return files

    async def ours(self, files: LogFiles, wanted: LogFilter = ANY) -> list[LogLine]:
        """The lines that a test wrote."""
        return [line for line in await files.read(wanted) if line.label == "peertube.delivery.sender"]

    async def test_lines(self) -> None:
        """Level, text, time, where it comes from; with the traceback of a failure."""
        files = await self.started(level="debug")
        self.log.warn("told {host} ü", host="pod.example")
        self.log.failure("it broke", failure=Failure(LookupError("lost")))
        self.flushLoggedErrors(LookupError)
        told, broke = await self.ours(files)
        self.assertEqual((Level.WARN, "told pod.example ü"), (told.level, told.message))
        self.assertEqual(("delivery", "sender"), told.tags)
        self.assertTrue(told.time_ms > 1_700_000_000_000)
        self.assertEqual(Level.ERROR, broke.level)
        self.assertIn("LookupError: lost", broke.message)

    async def test_levels(self) -> None:
        """What is below the level is not written; what is below that of the question is not given."""
        files = await self.started(level="info")
        for write in (self.log.debug, self.log.info, self.log.warn):
            write("x")
        self.assertEqual([Level.INFO, Level.WARN], [line.level for line in await self.ours(files)])
        self.assertEqual([Level.WARN], [line.level for line in await self.ours(files, LogFilter(0, 2**53, Level.WARN))])

    async def test_what_twisted_tells_of_itself(self) -> None:
        """Only when something is wrong: it has a line for every connection."""
        files = await self.started(level="debug")
        twisteds = Logger(namespace="twisted.web.client")
        twisteds.info("Starting factory")
        twisteds.warn("odd")
        self.assertEqual(["odd"], [one.message for one in await files.read(ANY) if one.label == "twisted.web.client"])

    async def test_filters(self) -> None:
        """By time, tag and text."""
        files = await self.started()
        self.log.info("About Cats")
        self.assertEqual([], await self.ours(files, LogFilter(0, 1_000)))
        self.assertEqual([], await self.ours(files, LogFilter(0, 2**53, tags=frozenset({"tracker"}))))
        self.assertEqual(1, len(await self.ours(files, LogFilter(0, 2**53, tags=frozenset({"tracker", "sender"})))))
        self.assertEqual(1, len(await self.ours(files, LogFilter(0, 2**53, text="cats"))))
        self.assertEqual([], await self.ours(files, LogFilter(0, 2**53, text="dogs")))

    async def test_rotation(self) -> None:
        """The disk is not filled: so many files of such a size, and the oldest goes."""
        files = await self.started(rotation=LogRotation(max_file_size=1_000, max_files=3))
        for number in range(60):
            self.log.info("line {number} {more}", number=number, more="x" * 50)
        sizes = {path.name: path.stat().st_size for path in self.folder.glob("*.log")}
        self.assertEqual({"peertube.log", "peertube.1.log", "peertube.2.log"}, set(sizes))
        self.assertTrue(all(size <= 1_000 for size in sizes.values()), sizes)
        numbers = [int(line.message.split()[1]) for line in await self.ours(files)]
        self.assertEqual(list(range(numbers[0], 60)), numbers)

    async def test_long_lines_and_broken_ones(self) -> None:
        """A line has a limit; what a crash cut off is passed over."""
        files = await self.started()
        self.log.info("{text}", text="x" * 20_000)
        with (self.folder / "peertube.log").open("a") as file:
            file.write('{"time_ms": 17\nnot JSON\n')
        self.log.info("after")
        self.assertEqual([LONGEST_MESSAGE, 5], [len(line.message) for line in await self.ours(files)])

    async def test_several_processes(self) -> None:
        """Each has files of its own, and all are read."""
        one, other = await self.started(), await self.started()
        self.log.info("x")
        names = {path.name for path in self.folder.glob("*.log")}
        self.assertEqual({"peertube.log", "peertube-2.log"}, names)
        self.assertEqual((2, 2), (len(await self.ours(one)), len(await self.ours(other))))
        await one.stop()
        await self.started()
        self.assertEqual(names, {path.name for path in self.folder.glob("*.log")})

    async def test_after_the_stop(self) -> None:
        """Nothing is written, and nothing fails."""
        files = await self.started()
        await files.stop()
        self.log.info("x")
        self.assertEqual([], await self.ours(files))
