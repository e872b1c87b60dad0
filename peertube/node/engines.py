"""Which database and which shared state the configuration wants."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

from peertube.config.schema import DatabaseSettings, Settings
from peertube.service import Part
from peertube.shared.memory import MemoryCounters, MemoryPublisher
from peertube.shared.randomness import SystemRandomness
from peertube.shared.redis import Redis
from peertube.shared.redis_news import RedisCounters, RedisPublisher
from peertube.storage.migrate import SqliteMigration
from peertube.storage.postgresql import PostgresqlDatabase
from peertube.storage.postgresql_connection import Server
from peertube.storage.postgresql_migrate import PostgresqlMigration
from peertube.storage.sqlite import SqliteDatabase


@frozen
class Engine:
    """A database and what brings it up to date. `alone`: no other process works on it."""

    migration: Part
    database: SqliteDatabase | PostgresqlDatabase
    alone: bool


def server_of(settings: DatabaseSettings) -> Server:
    """The PostgreSQL server that the configuration names."""
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
    """News and counts of all processes of the pod; `parts` are what must be started for them."""

    publisher: MemoryPublisher | RedisPublisher
    counters: MemoryCounters | RedisCounters
    parts: tuple[tuple[str, Part], ...]

    def on_gap(self, missed: Callable[[], object]) -> None:
        """Call `missed` whenever news of other processes may have been lost."""
        if isinstance(self.publisher, RedisPublisher):
            self.publisher.on_gap(missed)


def shared_state_of(settings: Settings, reactor: Any) -> SharedState:
    """In this process alone, or through Redis when `redis.enabled`."""
    news, counts = MemoryPublisher(reactor=reactor), MemoryCounters(reactor=reactor)
    where = settings.redis
    if not where.enabled:
        return SharedState(news, counts, ())

    def redis() -> Redis:
        return Redis(reactor=reactor, hostname=where.hostname, port=where.port, password=where.auth, database=where.db)

    prefix = f"peertube {settings.webserver.host} "
    publisher = RedisPublisher(redis=redis(), local=news, prefix=prefix, process=SystemRandomness().uuid())
    counters = RedisCounters(reactor=reactor, redis=redis(), local=counts, prefix=prefix)
    return SharedState(publisher, counters, (("news", publisher), ("counts", counters)))
