"""Tests of `peertube.service`."""

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from peertube.service import Parts, Tasks, TasksFull


class FakePart:
    """Writes down what happens to it."""

    def __init__(self, name: str, calls: list[str], *, fails: str = "") -> None:
        self._name = name
        self._calls = calls
        self._fails = fails

    async def start(self) -> None:
        """Start, or fail to."""
        self._calls.append(f"start {self._name}")
        if self._fails == "start":
            raise RuntimeError(self._name)

    async def stop(self) -> None:
        """Stop, or fail to."""
        self._calls.append(f"stop {self._name}")
        if self._fails == "stop":
            raise RuntimeError(self._name)


class PartsTests(TestCase):
    """What stands on something else starts after it and stops before it."""

    async def test_parts_stop_in_reverse(self) -> None:
        """The database outlives those who write to it."""
        calls: list[str] = []
        parts = Parts([("database", FakePart("database", calls)), ("listener", FakePart("listener", calls))])
        await parts.start()
        await parts.stop()
        self.assertEqual(calls, ["start database", "start listener", "stop listener", "stop database"])

    async def test_a_part_that_cannot_start_takes_the_started_ones_down(self) -> None:
        """A half-started pod would answer with half its parts."""
        calls: list[str] = []
        parts = Parts(
            [("a", FakePart("a", calls)), ("b", FakePart("b", calls, fails="start")), ("c", FakePart("c", calls))]
        )
        with self.assertRaises(RuntimeError):
            await parts.start()
        self.assertEqual(calls, ["start a", "start b", "stop b", "stop a"])

    async def test_a_part_that_cannot_stop_does_not_keep_the_others(self) -> None:
        """The database is closed whatever a listener does."""
        calls: list[str] = []
        parts = Parts([("a", FakePart("a", calls)), ("b", FakePart("b", calls, fails="stop"))])
        await parts.start()
        await parts.stop()
        self.assertEqual(calls[-2:], ["stop b", "stop a"])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)


class TasksTests(TestCase):
    """No coroutine is left behind."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.tasks = Tasks(self.clock, limit=2)

    def test_stopping_waits_for_what_runs(self) -> None:
        """Work that was begun is finished."""
        gate: Deferred[None] = Deferred()

        async def work() -> None:
            await gate

        self.tasks.own(work())
        stopping = ensureDeferred(self.tasks.stop())
        self.assertNoResult(stopping)
        gate.callback(None)
        self.successResultOf(stopping)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_what_takes_too_long_is_cancelled(self) -> None:
        """Stopping ends."""
        gate: Deferred[None] = Deferred()

        async def work() -> None:
            await gate

        self.tasks.own(work())
        stopping = ensureDeferred(self.tasks.stop(within_seconds=3))
        self.clock.advance(3)
        self.successResultOf(stopping)

    def test_a_failure_is_logged(self) -> None:
        """Nobody awaits the task, so the log is the only place to learn of it."""

        async def work() -> None:
            raise ZeroDivisionError

        self.tasks.own(work())
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_there_is_a_limit(self) -> None:
        """What strangers can cause has a cap."""

        async def work() -> None:
            await Deferred()

        self.tasks.own(work())
        self.tasks.own(work())
        with self.assertRaises(TasksFull):
            self.tasks.own(work())
        stopping = ensureDeferred(self.tasks.stop(within_seconds=1))
        self.clock.advance(1)
        self.successResultOf(stopping)
