"""What the parts of a pod share while it is one process: news, counters, locks and copies of answers."""

from collections import OrderedDict, deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush

from attrs import define, frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from peertube.usecases.ports import Copy, Message

Subscriber = Callable[[Message], object]


class MemoryPublisher:
    """News from part to part: the `peertube.usecases.ports.Publisher` of one process.

    A message is delivered on a later turn of the reactor, to those who are subscribed then, in the order in which the
    messages were published.

    :param limit: how many messages may wait; the oldest is dropped (and logged) for one more.
    """

    _log = Logger()

    def __init__(self, *, reactor: IReactorTime, limit: int = 100_000) -> None:
        self._reactor = reactor
        self._limit = limit
        self._subscribers: dict[str, list[Subscriber]] = {}
        self._waiting: deque[tuple[str, Message]] = deque()

    def publish(self, topic: str, message: Message) -> None:
        """Tell everybody who is subscribed to `topic`."""
        if not self._waiting:
            self._reactor.callLater(0, self._deliver)
        elif len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self._log.warn("news of {topic} were dropped: more than {limit} wait", topic=topic, limit=self._limit)
        self._waiting.append((topic, message))

    def subscribe(self, topic: str, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every message of `topic`; gives the function that ends it."""
        subscribers = self._subscribers.setdefault(topic, [])
        subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in subscribers:
                subscribers.remove(subscriber)

        return unsubscribe

    def _deliver(self) -> None:
        waiting, self._waiting = self._waiting, deque()
        for topic, message in waiting:
            for subscriber in list(self._subscribers.get(topic, ())):
                try:
                    subscriber(message)
                except Exception:
                    self._log.failure("a subscriber to {topic} failed", topic=topic)


@define
class _Window:
    """How often something happened until `ends` (seconds of the reactor)."""

    ends: float
    hits: int


class MemoryCounters:
    """The `peertube.usecases.ports.Counters` of one process: windows that begin with the first event.

    :param limit: how many keys are counted; for one more, the window that ends first is forgotten.
    """

    def __init__(self, *, reactor: IReactorTime, limit: int = 100_000) -> None:
        self._reactor = reactor
        self._limit = limit
        self._windows: dict[str, _Window] = {}
        self._ends: list[tuple[float, str]] = []

    def hit(self, key: str, window_seconds: float, by: int = 1) -> int:
        """Count one more event of `key`, or `by` of them; how many there were in the current window, with these."""
        now = self._reactor.seconds()
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            if window is None and len(self._windows) >= self._limit:
                self._make_room(now)
            window = self._windows[key] = _Window(now + window_seconds, 0)
            self._note_end(window.ends, key)
        window.hits += by
        return window.hits

    def correct(self, key: str, hits: int, remaining_seconds: float) -> None:
        """What a better informed count says of the current window of `key`; nothing when there is none here."""
        window = self._windows.get(key)
        if window is not None:
            window.hits = max(window.hits, hits)
            window.ends = self._reactor.seconds() + remaining_seconds
            self._note_end(window.ends, key)

    def remaining_seconds(self, key: str) -> float:
        """How long the current window of `key` still lasts; 0 when there is none."""
        window = self._windows.get(key)
        return 0.0 if window is None else max(0.0, window.ends - self._reactor.seconds())

    def _note_end(self, ends: float, key: str) -> None:
        heappush(self._ends, (ends, key))
        if len(self._ends) > 2 * self._limit:
            self._ends = [(each.ends, name) for name, each in self._windows.items()]
            heapify(self._ends)

    def _make_room(self, now: float) -> None:
        """Forget every window that is over, or the one that ends first when none is."""
        removed = 0
        while self._ends and (removed == 0 or self._ends[0][0] <= now):
            ends, key = heappop(self._ends)
            window = self._windows.get(key)
            if window is not None and window.ends == ends:
                del self._windows[key]
                removed += 1


@frozen
class _Held:
    """A lock that `holder` has until `ends` (seconds of the reactor)."""

    holder: str
    ends: float


class MemoryLockServer:
    """Who has which lock in one process: a `peertube.shared.locks.LockServer` that always knows.

    :param limit: how many locks there may be at once; one more is refused, as if somebody had it.
    """

    def __init__(self, *, reactor: IReactorTime, limit: int = 100_000) -> None:
        self._reactor = reactor
        self._limit = limit
        self._held: dict[str, _Held] = {}

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def take(self, name: str, holder: str, seconds: float) -> bool:
        """Whether `holder` has it now."""
        now = self._reactor.seconds()
        held = self._held.get(name)
        if held is not None and held.ends > now:
            return False
        if held is None and len(self._held) >= self._limit:
            self._held = {each: one for each, one in self._held.items() if one.ends > now}
            if len(self._held) >= self._limit:
                return False
        self._held[name] = _Held(holder, now + seconds)
        return True

    async def keep(self, name: str, holder: str, seconds: float) -> bool:
        """Whether `holder` has it still, and for so long from now on."""
        now = self._reactor.seconds()
        held = self._held.get(name)
        if held is None or held.holder != holder or held.ends <= now:
            return False
        self._held[name] = _Held(holder, now + seconds)
        return True

    async def drop(self, name: str, holder: str) -> None:
        """Free it, if `holder` has it."""
        held = self._held.get(name)
        if held is not None and held.holder == holder:
            del self._held[name]


class MemoryCache:
    """The `peertube.usecases.ports.Cache` of one process.

    :param seconds: how old a copy may become.
    :param limit: how many copies there may be; the least recently used leaves first.
    """

    def __init__(self, *, reactor: IReactorTime, seconds: float, limit: int = 1_000) -> None:
        self._reactor = reactor
        self._seconds = seconds
        self._limit = limit
        self._copies: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._forgotten = 0

    async def get(self, key: str) -> Copy:
        """The copy, if there is one."""
        return self.look(key)

    async def put(self, key: str, value: bytes, before: Copy) -> None:
        """Keep a copy, unless everything was forgotten since `before`."""
        self.keep(key, value, before)

    async def forget(self) -> None:
        """Nothing is as it was."""
        self.clear()

    def look(self, key: str) -> Copy:
        """As `get`, at once."""
        ends, value = self._copies.get(key, (0.0, None))
        if value is None or ends <= self._reactor.seconds():
            return Copy(None, str(self._forgotten))
        self._copies.move_to_end(key)
        return Copy(value, str(self._forgotten))

    def keep(self, key: str, value: bytes, before: Copy) -> None:
        """As `put`, at once."""
        if before.mark != str(self._forgotten):
            return
        self._copies[key] = (self._reactor.seconds() + self._seconds, value)
        self._copies.move_to_end(key)
        if len(self._copies) > self._limit:
            self._copies.popitem(last=False)

    def clear(self) -> None:
        """As `forget`, at once."""
        self._forgotten += 1
        self._copies.clear()
