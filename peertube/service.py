"""Life cycle of the parts of a pod: started in order, stopped in reverse, no coroutine left unowned."""

from collections.abc import Coroutine
from typing import Any, Protocol

from twisted.internet.defer import CancelledError, Deferred, DeferredList, ensureDeferred
from twisted.internet.interfaces import IReactorTime
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
