"""Several waits at the same time (`usecases.ports.Together`)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.python.failure import Failure

Outcome = TypeVar("Outcome")


class Concurrently:
    """Does what the port says, with Deferreds."""

    def __init__(self) -> None:
        self._shared: dict[str, list[Deferred[Any]]] = {}

    async def each(self, work: Sequence[Callable[[], Awaitable[Outcome]]], at_most: int) -> list[Outcome]:
        """As the port says."""
        results: dict[int, Outcome] = {}
        left = iter(enumerate(work))

        async def one_after_another() -> None:
            for number, call in left:
                results[number] = await call()

        runners = [ensureDeferred(one_after_another()) for _ in range(min(at_most, len(work)))]
        ended: list[tuple[bool, Any]] = await DeferredList(runners, consumeErrors=True)
        for succeeded, failure in ended:
            if not succeeded:
                failure.raiseException()
        return [results[number] for number in range(len(work))]

    async def share(self, key: str, work: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """As the port says. The work goes on for the others when the one who began it is cancelled or gone."""
        waiter: Deferred[Outcome] = Deferred()
        waiting = self._shared.get(key)
        if waiting is not None:
            waiting.append(waiter)
            return await waiter
        self._shared[key] = [waiter]

        def ended(result: Outcome | Failure) -> None:
            for one in self._shared.pop(key):
                if not one.called:
                    one.callback(result)

        async def run() -> Outcome:
            return await work()

        ensureDeferred(run()).addBoth(ended)
        return await waiter
