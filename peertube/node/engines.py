"""Which database and which shared state the configuration wants.

What speaks with PostgreSQL is imported where it is wanted: its driver takes memory and time to load.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from peertube.config.schema import DatabaseSettings, Settings
from peertube.service import Part
from peertube.shared.locks import LockServer, SharedLocks
from peertube.shared.memory import MemoryCache, MemoryCounters, MemoryLockServer, MemoryPublisher
from peertube.shared.news import SharedPublisher, Wire
from peertube.shared.randomness import SystemRandomness
from peertube.shared.redis import Redis
from peertube.shared.redis_cache import RedisCache
from peertube.shared.redis_counters import RedisCounters
from peertube.shared.redis_locks import RedisLockServer
from peertube.shared.redis_news import RedisWire
from peertube.storage.migrate import SqliteMigration
from peertube.storage.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from peertube.storage.postgresql import PostgresqlDatabase
    from peertube.storage.postgresql_connection import Server

_TOTALS_SECONDS = 5


@frozen
class Engine:
    """A database and what brings it up to date. `alone`: no other process works on it."""

    migration: Part
    database: "SqliteDatabase | PostgresqlDatabase"
    alone: bool


def server_of(settings: DatabaseSettings) -> "Server":
    """The PostgreSQL server that the configuration names."""
    from peertube.storage.postgresql_connection import Server

    return Server(
        hostname=settings.hostname,
        port=settings.port,
        name=settings.name,
        username=settings.username,
        password=settings.password,
        ssl=settings.ssl,
    )


def engine_of(settings: DatabaseSettings, reactor: Any) -> Engine:
    """SQLite or PostgreSQL, as `database.engine` says."""
    if settings.engine == "postgresql":
        from peertube.storage.postgresql import PostgresqlDatabase
        from peertube.storage.postgresql_migrate import PostgresqlMigration

        server = server_of(settings)
        return Engine(
            migration=PostgresqlMigration(reactor=reactor, server=server),
            database=PostgresqlDatabase(reactor=reactor, server=server, size=settings.pool.max),
            alone=False,
        )
    return Engine(
        migration=SqliteMigration(reactor=reactor, path=settings.path),
        database=SqliteDatabase(reactor=reactor, path=settings.path, readers=settings.readers),
        alone=True,
    )


@frozen
class SharedState:
    """What all processes of the pod share beside the database; `parts` are what must be started for it.

    :param totals: how long the long lists are.
    """

    publisher: MemoryPublisher | SharedPublisher
    counters: MemoryCounters | RedisCounters
    locks: SharedLocks
    totals: MemoryCache | RedisCache
    parts: tuple[tuple[str, Part], ...]

    def on_gap(self, missed: Callable[[], object]) -> None:
        """Call `missed` whenever news of other processes may have been lost."""
        if isinstance(self.publisher, SharedPublisher):
            self.publisher.on_gap(missed)


def shared_state_of(settings: Settings, reactor: Any) -> SharedState:
    """Through Redis when `redis.enabled`; without it news and locks through PostgreSQL, if that is the engine."""
    counts = MemoryCounters(reactor=reactor)
    totals = MemoryCache(reactor=reactor, seconds=_TOTALS_SECONDS)
    here = MemoryLockServer(reactor=reactor)
    wire = _wire_of(settings, reactor)
    publisher = _publisher_on(wire, reactor)
    news = () if isinstance(publisher, MemoryPublisher) else (("news", publisher),)
    if not settings.redis.enabled:
        servers: list[LockServer] = [here]
        if settings.database.engine == "postgresql":
            from peertube.storage.postgresql_locks import PostgresqlLockServer

            servers.append(PostgresqlLockServer(reactor=reactor, wire=cast(Any, wire)))
        locks = SharedLocks(servers=servers, randomness=SystemRandomness())
        return SharedState(publisher, counts, locks, totals, (*news, ("locks", locks)))
    prefix = _prefix_of(settings)
    server = RedisLockServer(redis=_redis_of(settings, reactor), prefix=prefix)
    locks = SharedLocks(servers=(here, server), randomness=SystemRandomness())
    counters = RedisCounters(reactor=reactor, redis=_redis_of(settings, reactor), local=counts, prefix=prefix)
    copies = RedisCache(
        redis=_redis_of(settings, reactor), local=totals, prefix=f"{prefix}totals ", seconds=_TOTALS_SECONDS
    )
    parts = (*news, ("locks", locks), ("counts", counters), ("totals", copies))
    return SharedState(publisher, counters, locks, copies, parts)


def publisher_of(settings: Settings, reactor: Any) -> MemoryPublisher | SharedPublisher:
    """What tells all processes of the pod of changes, not started."""
    return _publisher_on(_wire_of(settings, reactor), reactor)


def _wire_of(settings: Settings, reactor: Any) -> Wire | None:
    if settings.redis.enabled:
        return RedisWire(redis=_redis_of(settings, reactor), prefix=_prefix_of(settings))
    if settings.database.engine == "postgresql":
        from peertube.storage.postgresql_news import PostgresqlWire

        return PostgresqlWire(reactor=reactor, server=server_of(settings.database))
    return None


def _publisher_on(wire: Wire | None, reactor: Any) -> MemoryPublisher | SharedPublisher:
    local = MemoryPublisher(reactor=reactor)
    return local if wire is None else SharedPublisher(wire=wire, local=local, process=SystemRandomness().uuid())


def _redis_of(settings: Settings, reactor: Any) -> Redis:
    where = settings.redis
    return Redis(reactor=reactor, hostname=where.hostname, port=where.port, password=where.auth, database=where.db)


def _prefix_of(settings: Settings) -> str:
    return f"peertube {settings.webserver.host} "
