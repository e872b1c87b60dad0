"""Copies of answers that all processes share through Redis; without it, each process keeps its own."""

from peertube.shared.memory import MemoryCache
from peertube.shared.redis import Redis, RedisUnavailable
from peertube.usecases.ports import Copy

_GET = """
local mark = redis.call('get', KEYS[1]) or '0'
return {mark, redis.call('get', KEYS[1] .. ' ' .. mark .. ' ' .. ARGV[1])}
"""


class RedisCache:
    """The `peertube.usecases.ports.Cache` of several processes, and the part that keeps it going.

    Copies bear the number of times that everything was forgotten: one that somebody puts late is never found. Each
    process keeps what it has found for itself too, and drops that when it is told to forget.

    :param redis: not started; belongs to this.
    :param local: the copies of this process.
    :param prefix: what tells this cache from others on the same Redis.
    :param longest: bytes that a copy may have to be shared.
    """

    def __init__(self, *, redis: Redis, local: MemoryCache, prefix: str, seconds: float, longest: int = 65_536) -> None:
        self._redis = redis
        self._local = local
        self._mark = f"{prefix}forgotten"
        self._milliseconds = max(1, round(seconds * 1000))
        self._longest = longest
        self._to_forget = True

    async def start(self) -> None:
        """Connect; without Redis, go on trying."""
        self._redis.ready = self._catch_up
        await self._redis.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._redis.stop()

    async def get(self, key: str) -> Copy:
        """The copy, if there is one."""
        here = self._local.look(key)
        if here.value is not None:
            return here
        try:
            mark, value = await self._redis.ask("EVAL", _GET, 1, self._mark, key)
        except RedisUnavailable:
            return here
        if value is not None:
            self._local.keep(key, value, here)
        return Copy(value, f"{here.mark} {mark.decode()}")

    async def put(self, key: str, value: bytes, before: Copy) -> None:
        """Keep a copy, unless everything was forgotten since `before`."""
        here, _, mark = before.mark.partition(" ")
        self._local.keep(key, value, Copy(None, here))
        if mark and len(value) <= self._longest:
            try:
                await self._redis.ask("SET", f"{self._mark} {mark} {key}", value, "PX", self._milliseconds)
            except RedisUnavailable:
                return

    async def forget(self) -> None:
        """Nothing is as it was. What Redis has is forgotten before anything is read from it again."""
        self._local.clear()
        try:
            await self._redis.ask("INCR", self._mark)
        except RedisUnavailable:
            self._to_forget = True

    async def _catch_up(self, redis: Redis) -> None:
        """What should have been forgotten meanwhile must not be found; what was kept here may be old as well."""
        if self._to_forget:
            self._to_forget = False
            self._local.clear()
            await redis.ask("INCR", self._mark)
