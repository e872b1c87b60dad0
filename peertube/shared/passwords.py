"""Argon2id in threads of its own."""

from collections.abc import Callable
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from peertube.errors import Unavailable

Result = TypeVar("Result")


class Argon2Hasher:
    """A part, and the `peertube.usecases.ports.PasswordHasher`: RFC 9106's second recommended choice.

    Each hashing takes 64 MiB and tens of milliseconds, so at most `threads` run at once and at most `waiting` wait.

    :param reactor: one with threads (`IReactorThreads`).
    :param hasher: how much work a hash is; tests take less.
    """

    def __init__(
        self, *, reactor: Any, threads: int = 2, waiting: int = 100, hasher: PasswordHasher | None = None
    ) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(0, threads, "argon2")
        self._limit = threads + waiting
        self._hasher = hasher or PasswordHasher()
        self._asked = 0

    async def start(self) -> None:
        """Begin to hash."""
        self._pool.start()

    async def stop(self) -> None:
        """End the threads."""
        if self._pool.started:
            self._pool.stop()

    async def hash(self, password: str) -> str:
        """A salted hash to store."""
        return await self._in_thread(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str, password: str) -> bool:
        """Whether the password belongs to the hash; never for a text that is no argon2 hash."""

        def matches() -> bool:
            try:
                return self._hasher.verify(password_hash, password)
            except (VerificationError, InvalidHashError, UnicodeError):
                return False

        return await self._in_thread(matches)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._asked >= self._limit:
            raise Unavailable("Too many people log in at the moment.", code="too_many_logins")
        self._asked += 1
        try:
            result: Result = await deferToThreadPool(self._reactor, self._pool, work)
            return result
        finally:
            self._asked -= 1
