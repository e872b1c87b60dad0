"""News between the processes of a pod, over a wire that may break.

Parts of one process hear each other whatever becomes of the wire: see docs/reliability.rst.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.logger import Logger

from peertube.shared.memory import MemoryPublisher, Subscriber
from peertube.usecases.ports import Message

_AT_ONCE = 200
"""How many messages are on their way together."""


class Wire(Protocol):
    """Carries bytes to every process of the pod, back to the one that sends them too.

    Set before the start: `heard` is given what arrives; `ready` is called each time that the wire can send;
    `listening` each time that it hears (again), so what was sent before may have been missed.
    """

    longest: int
    """Bytes that one message may have."""

    heard: Callable[[bytes], object] | None
    ready: Callable[[], object] | None
    listening: Callable[[], object] | None

    @property
    def can_send(self) -> bool:
        """Whether messages would be taken now."""
        ...

    @property
    def can_hear(self) -> bool:
        """Whether other processes are heard now."""
        ...

    async def start(self) -> None:
        """Connect; when the first attempt fails, go on trying beside everything else."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def send(self, messages: Sequence[bytes]) -> None:
        """Tell all processes, in this order; raises when nobody knows whether they were told."""
        ...


class _News(msgspec.Struct):
    """One message on its way; `sender` is the process that need not hear it again."""

    sender: str
    topic: str
    message: dict[str, Any]


_TOO_LONG = ""
"""The topic that stands for a message which the wire does not carry: those who hear it look for themselves."""


class SharedPublisher:
    """The `peertube.usecases.ports.Publisher` of several processes, and the part that keeps it going.

    Parts of this process hear a message at once, others a moment later. What is published while the wire is broken is
    kept (up to `limit` messages, the oldest are dropped) and sent when it works again. What others published meanwhile
    is not heard: `on_gap` says so to those who then have to look for themselves.

    :param wire: not started; belongs to this.
    :param process: a name that no other process has.
    """

    _log = Logger()

    def __init__(self, *, wire: Wire, local: MemoryPublisher, process: str, limit: int = 10_000) -> None:
        self._wire = wire
        self._local = local
        self._process = process
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._sending: Deferred[None] | None = None
        self._gaps: list[Callable[[], object]] = []
        self._heard_before = False

    async def start(self) -> None:
        """Listen; when that is not possible, go on trying."""
        self._wire.heard, self._wire.ready, self._wire.listening = self._heard, self._send, self._listening
        await self._wire.start()
        # Whatever happens from now on must be heard; a first connection that comes late has missed some of it.
        self._heard_before = True

    async def stop(self) -> None:
        """Send what waits, if that is possible now, and disconnect."""
        if self._sending is not None:
            await DeferredList([self._sending])
        await self._wire.stop()

    @property
    def available(self) -> bool:
        """Whether other processes are heard now."""
        return self._wire.can_hear

    def publish(self, topic: str, message: Message) -> None:
        """Tell everybody who is subscribed to `topic`, in every process."""
        self._local.publish(topic, message)
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self._log.warn("news for other processes were dropped: more than {limit} wait", limit=self._limit)
        encoded = msgspec.json.encode(_News(self._process, topic, dict(message)))
        if len(encoded) > self._wire.longest:
            encoded = msgspec.json.encode(_News(self._process, _TOO_LONG, {}))
        self._waiting.append(encoded)
        self._send()

    def subscribe(self, topic: str, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every message of `topic`; gives the function that ends it."""
        return self._local.subscribe(topic, subscriber)

    def on_gap(self, missed: Callable[[], object]) -> None:
        """Call `missed` each time that messages of other processes may have been missed."""
        self._gaps.append(missed)

    def _listening(self) -> None:
        if self._heard_before:
            self._tell_of_gap()

    def _tell_of_gap(self) -> None:
        for missed in self._gaps:
            try:
                missed()
            except Exception:
                self._log.failure("catching up on missed news failed")

    def _heard(self, content: bytes) -> None:
        try:
            news = msgspec.json.decode(content, type=_News)
        except msgspec.MsgspecError:
            self._log.warn("something that is no news was heard")
            return
        if news.sender == self._process:
            return
        if news.topic == _TOO_LONG:
            self._tell_of_gap()
        else:
            self._local.publish(news.topic, news.message)

    def _send(self) -> None:
        if self._sending is None and self._waiting and self._wire.can_send:
            self._sending = sending = Deferred.fromCoroutine(self._send_all())
            if sending.called:
                self._sending = None

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                try:
                    await self._wire.send(batch)
                except CancelledError:
                    raise
                except Exception as error:
                    # Told twice is no harm; whether some were told is not known.
                    self._waiting.extendleft(reversed(batch))
                    self._log.debug("news wait: {error}", error=str(error))
                    return
        finally:
            self._sending = None
