"""Several waits at the same time."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from peertube.delivery.together import Concurrently


class ConcurrentlyTests(SynchronousTestCase):
    """The port `Together`."""

    def test_no_more_than_allowed_at_once(self) -> None:
        """Results keep their order however they end."""
        started: list[Deferred[str]] = []

        async def wait() -> str:
            started.append(Deferred())
            return await started[-1]

        all_of_it = Deferred.fromCoroutine(Concurrently().each([wait] * 3, 2))
        self.assertEqual(len(started), 2)
        started[1].callback("second")
        self.assertEqual(len(started), 3)
        started[2].callback("third")
        started[0].callback("first")
        self.assertEqual(self.successResultOf(all_of_it), ["first", "second", "third"])

    def test_one_fetch_for_all_who_wait(self) -> None:
        """Its result, or its error, is everybody's; afterwards the key is free."""
        together, work = Concurrently(), []

        async def fetch() -> str:
            work.append(Deferred())
            return await work[-1]

        first = Deferred.fromCoroutine(together.share("k", fetch))
        second = Deferred.fromCoroutine(together.share("k", fetch))
        self.assertEqual(len(work), 1)
        first.addErrback(lambda _: None)
        first.cancel()
        work[0].callback("picture")
        self.assertEqual(self.successResultOf(second), "picture")
        third = Deferred.fromCoroutine(together.share("k", fetch))
        work[1].errback(ValueError("no"))
        self.failureResultOf(third, ValueError)
