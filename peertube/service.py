"""Life cycle of the parts of a pod: started in order, stopped in reverse, no coroutine left unowned."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from twisted.internet.defer import CancelledError, Deferred, DeferredList, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger


class Part(Protocol):
    """Something that runs for as long as the pod does."""

    async def start(self) -> None:
        """Begin; when this returns, the part works."""
        ...

    async def stop(self) -> None:
        """End; when this returns, nothing of the part runs any more. Also called after a `start` that failed."""
        ...


class Tasks:
    """Owns coroutines that nobody awaits, so that stopping can wait for them.

    A coroutine that fails is logged. At most `limit` run at once; one more is refused with `TasksFull`.
    """

    _log = Logger()

    def __init__(self, reactor: IReactorTime, limit: int = 10_000) -> None:
        self._reactor = reactor
        self._limit = limit
        self._running: set[Deferred[Any]] = set()

    def own(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run `coroutine` to its end, whatever comes of it."""
        if len(self._running) >= self._limit:
            coroutine.close()
            raise TasksFull(f"more than {self._limit} tasks")
        running: Deferred[Any] = ensureDeferred(coroutine)
        self._running.add(running)

        def ended(result: object) -> None:
            self._running.discard(running)

        def failed(failure: Any) -> None:
            if not failure.check(CancelledError):
                self._log.failure("a task failed", failure=failure)

        running.addErrback(failed)
        running.addBoth(ended)

    async def stop(self, within_seconds: float = 10) -> None:
        """Wait for what still runs; cancel what has not ended after `within_seconds`."""
        if not self._running:
            return
        late = self._reactor.callLater(within_seconds, self._cancel_all)
        await DeferredList(list(self._running))
        if late.active():
            late.cancel()

    def _cancel_all(self) -> None:
        for running in list(self._running):
            running.cancel()


class TasksFull(Exception):
    """There are as many tasks as may run at once."""


class Parts:
    """The parts of a pod in the order in which they start; a part of this kind itself."""

    _log = Logger()

    def __init__(self, parts: list[tuple[str, Part]]) -> None:
        self._parts = parts
        self._started: list[tuple[str, Part]] = []

    async def start(self) -> None:
        """Start each part after the one before; when one fails, stop the started ones and raise."""
        for name, part in self._parts:
            self._started.append((name, part))
            try:
                await part.start()
            except BaseException:
                self._log.error("could not start {name}", name=name)
                await self.stop()
                raise

    async def stop(self) -> None:
        """Stop in reverse; one that fails to stop is logged and does not keep the others from stopping."""
        while self._started:
            name, part = self._started.pop()
            try:
                await part.stop()
            except CancelledError:
                raise
            except Exception:
                self._log.failure("could not stop {name}", name=name)


async def _nothing() -> None:
    """What a part without a start or without a stop does."""


class Hooks:
    """A part made of two functions."""

    def __init__(
        self, *, start: Callable[[], Awaitable[None]] = _nothing, stop: Callable[[], Awaitable[None]] = _nothing
    ) -> None:
        self._start = start
        self._stop = stop

    async def start(self) -> None:
        """Call the first function."""
        await self._start()

    async def stop(self) -> None:
        """Call the second function."""
        await self._stop()


class Periodic:
    """A part that does some work again and again; a failure is logged and the next turn comes all the same.

    :param work: called `every_seconds`, never twice at the same time.
    """

    _log = Logger()

    def __init__(self, name: str, work: Callable[[], Awaitable[object]], every_seconds: float, reactor: Any) -> None:
        self._name = name
        self._work = work
        self._every_seconds = every_seconds
        self._reactor = reactor
        self._looping: LoopingCall | None = None
        self._running: Deferred[None] | None = None

    async def start(self) -> None:
        """Do the work for the first time after one interval."""
        self._looping = LoopingCall(self._turn)
        self._looping.clock = self._reactor
        self._looping.start(self._every_seconds, now=False)

    async def stop(self) -> None:
        """Wait for the turn that runs."""
        if self._looping is not None and self._looping.running:
            self._looping.stop()
        if self._running is not None:
            await self._running

    def _turn(self) -> Deferred[None]:
        self._running = ensureDeferred(self._work_once())
        return self._running

    async def _work_once(self) -> None:
        try:
            await self._work()
        except CancelledError:
            raise
        except Exception:
            self._log.failure("{name} failed", name=self._name)
        finally:
            self._running = None
