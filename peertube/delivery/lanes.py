"""Lanes: which pod is told something next. One batch at a time per pod; a slow or dead pod delays nobody.

What may run at the same time is divided so that pods that do not answer cannot take the place of those that do:

- A pod that failed the last time is *probed*: at most `MOST_PROBES` of them at once.
- A pod that did not is told in one of `MOST_QUICK` places. It holds its place for `SLOW_AFTER_MS`; whoever takes longer
  (a long way, a large batch, or nobody there any more) goes on beside it, and the place is free.
- All together are never more than `MOST_IN_FLIGHT`.
"""

from collections.abc import Iterable

from attrs import define, field

MOST_IN_FLIGHT = 256
"""Pods that are spoken to at the same time."""

MOST_PROBES = 32
"""Of those, pods that did not answer the last time."""

MOST_QUICK = 64
"""Of those, pods whose batch is on its way for less than `SLOW_AFTER_MS`."""

SLOW_AFTER_MS = 2000


@define
class _Waiting:
    """A pod that is not being told anything: not before when it may be, and its turn among those that are due."""

    not_before_ms: int
    turn: int

    @property
    def failed(self) -> bool:
        return self.not_before_ms > 0


@define
class _Flight:
    """A pod that is being told something, since when, and whether it failed the last time."""

    since_ms: int
    probe: bool


@define
class Lanes:
    """Which pods wait, since when they may be tried, and which are being told. Times in ms since 1970 UTC.

    A pod with a time before which it must not be tried is one that failed the last time.
    """

    most_in_flight: int = MOST_IN_FLIGHT
    most_probes: int = MOST_PROBES
    most_quick: int = MOST_QUICK
    slow_after_ms: int = SLOW_AFTER_MS
    _waiting: dict[int, _Waiting] = field(factory=dict)
    _in_flight: dict[int, _Flight] = field(factory=dict)
    _woken: set[int] = field(factory=set)
    _turns: int = 0

    def want(self, waiting: Iterable[tuple[int, int]]) -> None:
        """These pods (id, not before ms), and no others, have something to be told.

        For a pod that is being told right now it means: look again when that has ended.
        """
        before, self._waiting = self._waiting, {}
        for pod, not_before_ms in waiting:
            known = before.get(pod)
            self._wait(pod, not_before_ms, None if known is None else known.turn)
        self._woken.update(self._waiting.keys() & self._in_flight.keys())

    def start_due(self, now_ms: int) -> list[int]:
        """The pods to tell now, each in its turn; they count as being told until `ended`."""
        started: list[int] = []
        quick, probes = self._room(now_ms)
        for pod, waiting in sorted(self._waiting.items(), key=lambda item: item[1].turn):
            if len(self._in_flight) >= self.most_in_flight:
                break
            if waiting.not_before_ms > now_ms or pod in self._in_flight:
                continue
            if waiting.failed and probes > 0:
                probes -= 1
            elif not waiting.failed and quick > 0:
                quick -= 1
            else:
                continue
            self._in_flight[pod] = _Flight(now_ms, waiting.failed)
            del self._waiting[pod]
            started.append(pod)
        return started

    def ended(self, pod: int, more: bool, not_before_ms: int) -> None:
        """A batch was told, or was not taken; `more`: the pod's lane is not empty."""
        self._in_flight.pop(pod, None)
        if more or pod in self._woken:
            self._wait(pod, not_before_ms)
        else:
            self._waiting.pop(pod, None)
        self._woken.discard(pod)

    @property
    def in_flight(self) -> frozenset[int]:
        """The pods that are being told something."""
        return frozenset(self._in_flight)

    def next_due_ms(self, now_ms: int) -> int | None:
        """When to `start_due` again without an `ended`: None when nobody waits, or for nothing that time brings."""
        if len(self._in_flight) >= self.most_in_flight:
            return None
        quick, probes = self._room(now_ms)
        times = [
            waiting.not_before_ms
            for pod, waiting in self._waiting.items()
            if pod not in self._in_flight and (probes if waiting.failed else quick) > 0
        ]
        if quick <= 0 and any(not waiting.failed for waiting in self._waiting.values()):
            times.append(min(since for since in self._quick_since(now_ms)) + self.slow_after_ms)
        return min(times, default=None)

    def _wait(self, pod: int, not_before_ms: int, turn: int | None = None) -> None:
        if turn is None:
            self._turns += 1
        self._waiting[pod] = _Waiting(not_before_ms, self._turns if turn is None else turn)

    def _room(self, now_ms: int) -> tuple[int, int]:
        """How many more may be told quickly, and probed."""
        probes = sum(flight.probe for flight in self._in_flight.values())
        return self.most_quick - len(self._quick_since(now_ms)), self.most_probes - probes

    def _quick_since(self, now_ms: int) -> list[int]:
        since = (flight.since_ms for flight in self._in_flight.values() if not flight.probe)
        return [since_ms for since_ms in since if now_ms - since_ms < self.slow_after_ms]
