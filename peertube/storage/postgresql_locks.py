"""Who has a lock, decided by PostgreSQL's advisory locks, for pods of several processes without Redis."""

import hashlib
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from peertube.storage.database import StorageError
from peertube.storage.postgresql_news import PostgresqlWire
from peertube.storage.query import Query

_TAKE = Query("select pg_try_advisory_lock(:key) as taken")
_DROP = Query("select pg_advisory_unlock(:key)")


@frozen
class _Taken:
    """A lock of this process. It is lost with the connection."""

    holder: str
    connection: object
    ends: IDelayedCall


class PostgresqlLockServer:
    """A `peertube.shared.locks.LockServer` on the connection that carries the news.

    The server frees a lock when the connection ends; the time after which one ends is kept here.
    """

    _log = Logger()

    def __init__(self, *, reactor: Any, wire: PostgresqlWire) -> None:
        self._reactor = reactor
        self._wire = wire
        self._taken: dict[str, _Taken] = {}
        self._dropping: set[Deferred[None]] = set()

    async def start(self) -> None:
        """The connection is started with the news."""

    async def stop(self) -> None:
        """Forget; the locks end with the connection."""
        for name in list(self._taken):
            self._forget(name)
        await DeferredList(list(self._dropping))

    async def take(self, name: str, holder: str, seconds: float) -> bool | None:
        """Whether `holder` has it now; None when nobody knows."""
        connection = self._wire.connection
        known = self._forget(name)
        try:
            if known is None or known.connection is not connection:
                answer = await self._wire.ask(_TAKE, {"key": _key(name)})
                if not answer.values[0][0]:
                    return False
        except StorageError:
            return None
        self._note(name, holder, connection, seconds)
        return True

    async def keep(self, name: str, holder: str, seconds: float) -> bool | None:
        """Whether `holder` has it still, and for so long from now on."""
        known = self._taken.get(name)
        if known is None or known.holder != holder or known.connection is not self._wire.connection:
            return False
        self._forget(name)
        self._note(name, holder, known.connection, seconds)
        return True

    async def drop(self, name: str, holder: str) -> None:
        """Free it, if `holder` has it."""
        known = self._taken.get(name)
        if known is None or known.holder != holder:
            return
        self._forget(name)
        if known.connection is self._wire.connection:
            try:
                await self._wire.ask(_DROP, {"key": _key(name)})
            except StorageError as error:
                self._log.debug("a lock ends with the connection: {error}", error=str(error))

    def _note(self, name: str, holder: str, connection: object, seconds: float) -> None:
        ends = self._reactor.callLater(seconds, self._late, name, holder)
        self._taken[name] = _Taken(holder, connection, ends)

    def _forget(self, name: str) -> _Taken | None:
        known = self._taken.pop(name, None)
        if known is not None and known.ends.active():
            known.ends.cancel()
        return known

    def _late(self, name: str, holder: str) -> None:
        """The time of a lock is over, and nobody gave it back."""
        dropping = Deferred.fromCoroutine(self.drop(name, holder))
        self._dropping.add(dropping)
        dropping.addBoth(lambda _: self._dropping.discard(dropping))


def _key(name: str) -> int:
    """The number that stands for a lock: 64 bits, as PostgreSQL wants it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
