"""Tells friends: a lane per pod, one batch in flight per pod, and no pod that waits for another."""

from typing import Protocol

from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from peertube.delivery.lanes import Lanes
from peertube.service import Tasks
from peertube.usecases.deliveries import Sent
from peertube.usecases.ports import Clock, Message

STOP_SECONDS = 10
_LOOK_AGAIN_MS = 10_000
_AFTER_FAILURE_MS = 60_000


class Telling(Protocol):
    """What the sender drives (`usecases.deliveries.Deliveries`)."""

    async def lanes(self) -> list[tuple[int, int]]:
        """The pods that wait to be told something: (id, not before ms)."""
        ...

    async def send(self, pod_id: int) -> Sent:
        """Tell one pod the next batch."""
        ...


class Sender:
    """A part of the pod (`service.Part`): sends what waits when it is due, or when `wake` says there is news.

    What comes without news (from another program on the database) is found within ten seconds.

    :param reactor: for the timers.
    :param clock: for due times; the same as that of the use case.
    """

    _log = Logger()

    def __init__(self, *, reactor: IReactorTime, deliveries: Telling, clock: Clock) -> None:
        self._reactor = reactor
        self._deliveries = deliveries
        self._clock = clock
        self._lanes = Lanes()
        self._tasks = Tasks(reactor)
        self._timer: IDelayedCall | None = None
        self._running = False
        self._looking = False
        self._look_again = False
        self._look_at_ms = 0

    async def start(self) -> None:
        """Begin with what an earlier run left."""
        self._running = True
        self._look()

    async def stop(self) -> None:
        """Begin nothing more; wait for the batches that are on their way, within a limit."""
        self._running = False
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        await self._tasks.stop(STOP_SECONDS)

    def in_flight(self) -> frozenset[int]:
        """The pods (by id) that are being told something right now."""
        return self._lanes.in_flight

    def wake(self, message: Message) -> None:
        """There is something to tell (a subscriber of `topics.DELIVERIES`)."""
        self._look()

    def _look(self) -> None:
        if not self._running:
            return
        if self._looking:
            self._look_again = True
            return
        self._looking = True
        self._look_at_ms = self._clock.now_ms() + _LOOK_AGAIN_MS
        self._tasks.own(self._read_lanes())

    async def _read_lanes(self) -> None:
        try:
            while True:
                self._look_again = False
                self._lanes.want(await self._deliveries.lanes())
                if not self._look_again:
                    break
        except CancelledError:
            raise
        except Exception:
            self._log.failure("could not read what is to be delivered")
        finally:
            self._looking = False
        self._go_on()

    def _go_on(self) -> None:
        if not self._running:
            return
        now_ms = self._clock.now_ms()
        for pod_id in self._lanes.start_due(now_ms):
            self._tasks.own(self._send(pod_id))
        self._set_timer(now_ms)

    async def _send(self, pod_id: int) -> None:
        sent = Sent(more=True, next_try_ms=self._clock.now_ms() + _AFTER_FAILURE_MS)
        try:
            sent = await self._deliveries.send(pod_id)
        except CancelledError:
            raise
        except Exception:
            self._log.failure("could not deliver to pod {pod}", pod=pod_id)
        finally:
            self._lanes.ended(pod_id, sent.more, sent.next_try_ms)
        self._go_on()

    def _set_timer(self, now_ms: int) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        due_ms = self._lanes.next_due_ms(now_ms)
        at_ms = self._look_at_ms if due_ms is None else min(self._look_at_ms, due_ms)
        self._timer = self._reactor.callLater(max(0.01, (at_ms - now_ms) / 1000), self._look)
