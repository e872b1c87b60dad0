"""What a pod has acknowledged, and what it shows afterwards: each exactly once.

An operation that was answered with success counts from then on. One whose connection broke before the answer may have
happened or not; whichever it was is read once the pod is back, and must stay so.
"""

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Any

from attrs import define, field, frozen

PUBLIC, PRIVATE = 1, 3


@frozen
class Shown:
    """A video as its origin or a friend shows it."""

    uuid: str
    name: str
    privacy: int
    published: bool


@define
class Record:
    """What is known of one video. `names` and `privacies` hold every value that it may have.

    :param is_coming: it is being uploaded in chunks, and may appear later.
    """

    names: set[str]
    privacies: set[int] = field(factory=lambda: {PUBLIC})
    uuid: str | None = None
    may_be_absent: bool = True
    must_be_absent: bool = False
    is_coming: bool = False


def token(name: str) -> str:
    """What stays the same of a name when the video is renamed."""
    return name.partition(" ")[0]


class Oracle:
    """The log of operations. Used by several threads."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.channels: dict[str, bool] = {}
        """Names; True for those that are there for certain."""
        self.removed_channels: set[str] = set()
        self.acknowledged: Counter[str] = Counter()
        self.problems: list[str] = []
        self._lock = Lock()
        self._busy: set[str] = set()

    def living(self) -> list[str]:
        """Tokens of the videos that are there for certain."""
        with self._lock:
            return [key for key, one in self.records.items() if not one.may_be_absent and not one.must_be_absent]

    def take(self, key: str) -> bool:
        """Reserve a video for one thread until `release`; False when another has it."""
        with self._lock:
            free = key not in self._busy
            self._busy.add(key)
            return free

    def release(self, key: str) -> None:
        """Others may change it."""
        with self._lock:
            self._busy.discard(key)

    def begin(self, name: str, *, is_coming: bool = False) -> None:
        """An upload begins: from now on the video may be there."""
        with self._lock:
            self.records[token(name)] = Record({name}, is_coming=is_coming)

    def done(self, kind: str) -> None:
        """Count an acknowledged operation."""
        with self._lock:
            self.acknowledged[kind] += 1

    def problem(self, text: str) -> None:
        """Something is not as it was acknowledged."""
        with self._lock:
            self.problems.append(text)

    def settle(self, shown: Sequence[Shown], channels: Sequence[str]) -> None:
        """Compare with all that the origin shows to its owner; what was open is decided now."""
        by_token: dict[str, list[Shown]] = {}
        for one in shown:
            by_token.setdefault(token(one.name), []).append(one)
        for key in by_token.keys() - self.records.keys():
            self.problem(f"nobody uploaded {key}")
        for key, record in self.records.items():
            self._settle_one(key, record, by_token.get(key, []))
        counted = Counter(channels)
        for name, certain in self.channels.items():
            if counted[name] > 1 or (certain and not counted[name]):
                self.problem(f"channel {name}: {counted[name]} times")
            self.channels[name] = certain or bool(counted[name])
        for name in self.removed_channels:
            if counted[name]:
                self.problem(f"back again: channel {name}")
        self.channels = {name: True for name, certain in self.channels.items() if certain}

    def _settle_one(self, key: str, record: Record, found: list[Shown]) -> None:
        if len(found) > 1:
            self.problem(f"doubled: {key} is there {len(found)} times")
        if not found:
            if not record.may_be_absent:
                self.problem(f"lost: {key}")
            elif record.is_coming:
                return
            record.must_be_absent = record.may_be_absent = True
            return
        (one, *_) = found
        if record.must_be_absent:
            self.problem(f"back again: {key}")
        if one.name not in record.names or one.privacy not in record.privacies:
            self.problem(f"wrong: {one}, expected {record}")
        if record.uuid not in (None, one.uuid):
            self.problem(f"another one: {one}, expected {record.uuid}")
        if not one.published:
            self.problem(f"never published: {key}")
        record.uuid, record.names, record.privacies, record.may_be_absent = one.uuid, {one.name}, {one.privacy}, False

    def friends_view(self) -> set[tuple[str, str]]:
        """UUIDs and names of what friends must show, once everything is settled."""
        return {
            (str(one.uuid), name)
            for one in self.records.values()
            if one.uuid and not one.must_be_absent and one.privacies == {PUBLIC}
            for name in one.names
        }


def outcome(status: int | None) -> Any:
    """What an answer means: True for done, False for refused, None for nobody knows."""
    if status is None or status >= 500:
        return None
    return status < 300
