"""Who has a lock, decided by Redis: a key that ends by itself, and that only its holder removes."""

from typing import Any

from peertube.shared.redis import Redis, RedisUnavailable

_KEEP = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then
    return 0
end
return redis.call('pexpire', KEYS[1], ARGV[2])
"""

_DROP = """
if redis.call('get', KEYS[1]) == ARGV[1] then
    redis.call('del', KEYS[1])
end
return 0
"""


class RedisLockServer:
    """A `peertube.shared.locks.LockServer`.

    :param redis: not started; belongs to this.
    :param prefix: what tells this pod from others on the same Redis.
    """

    def __init__(self, *, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = f"{prefix}lock "

    async def start(self) -> None:
        """Connect; without Redis, go on trying."""
        await self._redis.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._redis.stop()

    async def take(self, name: str, holder: str, seconds: float) -> bool | None:
        """Whether `holder` has it now; None without Redis."""
        key = self._prefix + name
        try:
            return await self._redis.ask("SET", key, holder, "NX", "PX", _milliseconds(seconds)) is not None
        except RedisUnavailable:
            return None

    async def keep(self, name: str, holder: str, seconds: float) -> bool | None:
        """Whether `holder` has it still, and for so long from now on; None without Redis."""
        return await self._script(_KEEP, name, holder, _milliseconds(seconds))

    async def drop(self, name: str, holder: str) -> None:
        """Free it, if `holder` has it; without Redis it frees itself."""
        await self._script(_DROP, name, holder)

    async def _script(self, script: str, name: str, *arguments: Any) -> bool | None:
        try:
            return bool(int(await self._redis.ask("EVAL", script, 1, self._prefix + name, *arguments)))
        except RedisUnavailable:
            return None


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
