"""Real databases for tests."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from peertube.storage import migrate
from peertube.storage.sqlite import SqliteDatabase


@cache
def _schema() -> bytes:
    """A migrated, empty database, made once for all tests of a process."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate.upgrade(connection, migrate.changes("sqlite"))
        return connection.serialize()
    finally:
        connection.close()


async def open_memory_database() -> SqliteDatabase:
    """A started database in memory with every table; whoever opens it stops it."""
    from twisted.internet import reactor

    database = SqliteDatabase(
        reactor=reactor, path=":memory:", prepare=lambda connection: connection.deserialize(_schema())
    )
    await database.start()
    return database


async def open_file_database(path: Path, *, limit: int = 10_000, busy_seconds: float = 5) -> SqliteDatabase:
    """A started database in the file at `path`, which is made when it is not there."""
    from twisted.internet import reactor

    if not path.exists():
        path.write_bytes(_schema())
    database = SqliteDatabase(reactor=reactor, path=path, limit=limit, busy_seconds=busy_seconds)
    await database.start()
    return database


@asynccontextmanager
async def memory_database() -> AsyncIterator[SqliteDatabase]:
    """A database in memory for as long as the block lasts."""
    database = await open_memory_database()
    try:
        yield database
    finally:
        await database.stop()
