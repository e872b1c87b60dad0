"""Lanes: which pod is told something next. One batch at a time per pod; a slow or dead pod delays nobody."""

from collections.abc import Iterable

from attrs import define, field

MOST_IN_FLIGHT = 32
"""Pods that are spoken to at the same time."""


@define
class Lanes:
    """Which pods wait, since when they may be tried, and which are being told. Times in ms since 1970 UTC."""

    most_in_flight: int = MOST_IN_FLIGHT
    _waiting: dict[int, int] = field(factory=dict)
    _in_flight: set[int] = field(factory=set)
    _woken: set[int] = field(factory=set)

    def want(self, waiting: Iterable[tuple[int, int]]) -> None:
        """These pods (id, not before ms), and no others, have something to be told.

        For a pod that is being told right now it means: look again when that has ended.
        """
        self._waiting = dict(waiting)
        self._woken.update(self._waiting.keys() & self._in_flight)

    def start_due(self, now_ms: int) -> list[int]:
        """The pods to tell now, longest due first; they count as being told until `ended`."""
        free = self.most_in_flight - len(self._in_flight)
        due = sorted(
            (not_before, pod)
            for pod, not_before in self._waiting.items()
            if not_before <= now_ms and pod not in self._in_flight
        )
        started = [pod for _, pod in due[: max(0, free)]]
        self._in_flight.update(started)
        for pod in started:
            del self._waiting[pod]
        return started

    def ended(self, pod: int, more: bool, not_before_ms: int) -> None:
        """A batch was told, or was not taken; `more`: the pod's lane is not empty."""
        self._in_flight.discard(pod)
        if more or pod in self._woken:
            self._waiting[pod] = not_before_ms
        else:
            self._waiting.pop(pod, None)
        self._woken.discard(pod)

    @property
    def in_flight(self) -> int:
        """How many pods are being told something."""
        return len(self._in_flight)

    def next_due_ms(self) -> int | None:
        """When the next pod that waits may be tried; None when none waits, or when there is no room to start one."""
        if len(self._in_flight) >= self.most_in_flight:
            return None
        return min((ms for pod, ms in self._waiting.items() if pod not in self._in_flight), default=None)
