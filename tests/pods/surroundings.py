"""The surroundings of a pod on test: time, chance, keys and files in memory."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from peertube.errors import NotFound, TooLarge
from peertube.model.pods import Pod, PodState
from peertube.signatures import keys

NOW_MS = 1_790_000_000_000


@cache
def key(number: int) -> keys.PrivateKey:
    """The key of a pod; made once for all tests of a process."""
    return keys.generate()


class Time:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def now_ms(self) -> int:
        return self.ms

    def seconds(self) -> float:
        """For what asks a reactor."""
        return self.ms / 1000


class Shifted:
    """A clock that goes with another one, and shows something else by `shift_ms`."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self.shift_ms = 0

    def now_ms(self) -> int:
        return self._time.ms + self.shift_ms


class Counting:
    """Randomness and counters that only count. Each pod has its own range."""

    def __init__(self, pod: int) -> None:
        self._pod = pod
        self._count = 0

    def uuid(self) -> str:
        self._count += 1
        return f"{self._pod:08x}-0000-4000-8000-{self._count:012x}"

    def token(self) -> str:
        return self.uuid().replace("-", "") * 2

    def fraction(self) -> float:
        return 0.0

    def hit(self, key: str, window_seconds: float, by: int = 1) -> int:
        return by

    def remaining_seconds(self, key: str) -> float:
        return 1.0


class OwnKeys:
    """A key pair without a folder."""

    def __init__(self, number: int) -> None:
        self.private = key(number)
        self.public_pem = keys.public_pem(self.private.public_key())
        self.earlier: list[keys.PrivateKey] = []

    def rotate(self, number: int) -> None:
        """Another key from now on."""
        self.earlier.append(self.private)
        self.private = key(number)
        self.public_pem = keys.public_pem(self.private.public_key())

    @property
    def fingerprint(self) -> str:
        return keys.fingerprint(self.public_pem)

    @property
    def all_private(self) -> list[keys.PrivateKey]:
        return [self.private, *self.earlier]

    def private_for(self, fingerprint: str | None) -> keys.PrivateKey:
        for one in self.all_private:
            if keys.fingerprint(keys.public_pem(one.public_key())) == fingerprint:
                return one
        return self.earlier[0] if fingerprint is None and self.earlier else self.private


class MemoryFiles:
    """Files by kind and name."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}

    def path(self, kind: str, name: str) -> Path:
        return Path(kind, name)

    async def write(self, kind: str, name: str, content: bytes) -> None:
        self.files[kind, name] = content

    async def read(self, kind: str, name: str, limit: int) -> bytes:
        try:
            content = self.files[kind, name]
        except KeyError:
            raise NotFound("no such file") from None
        if len(content) > limit:
            raise TooLarge("too large")
        return content

    async def discard(self, kind: str, names: Sequence[str]) -> None:
        for name in names:
            self.files.pop((kind, name), None)

    async def names(self, kind: str) -> list[str]:
        return [name for found, name in self.files if found == kind]


def friend_at(host: str, protocol: int = 3) -> Pod:
    """A friend as the database would give it."""
    return Pod(
        id=1,
        host=host,
        email="",
        public_key="",
        protocol=protocol,
        state=PodState.FRIEND,
        score=100,
        failures=0,
        next_try_ms=0,
        last_success_ms=None,
        last_error_ms=None,
        last_error=None,
        created_ms=NOW_MS,
    )
