"""Real databases for tests.

Tests ask for one with `open_memory_database` or `memory_database`, which is SQLite in memory. Inside of
`on_postgresql` the same calls give a database of their own on the private PostgreSQL of the run.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg2

from peertube.storage import migrate
from peertube.storage.postgresql import PostgresqlDatabase
from peertube.storage.postgresql_connection import Server
from peertube.storage.postgresql_migrate import migrate_server
from peertube.storage.sqlite import SqliteDatabase
from tests import servers

TestDatabase = SqliteDatabase | PostgresqlDatabase

_TEMPLATE = "pod_template"
_engine = ["sqlite"]
_numbers = count(1)


@contextmanager
def on_postgresql() -> Iterator[None]:
    """For as long as the block lasts, databases for tests are PostgreSQL's."""
    _engine.append("postgresql")
    try:
        yield
    finally:
        _engine.pop()


async def open_memory_database() -> TestDatabase:
    """A started database with every table; whoever opens it stops it."""
    from twisted.internet import reactor

    if _engine[-1] == "postgresql":
        return await open_postgresql_database()
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
async def memory_database() -> AsyncIterator[TestDatabase]:
    """A database for as long as the block lasts."""
    database = await open_memory_database()
    try:
        yield database
    finally:
        await database.stop()


class TemporaryDatabase(PostgresqlDatabase):
    """Is gone when it is stopped."""

    async def stop(self) -> None:
        """Stop, and remove the database from the server."""
        await super().stop()
        administer(f"drop database if exists {self._server.name} with (force)")


async def open_postgresql_database(**settings: Any) -> TemporaryDatabase:
    """A started database with every table on the private PostgreSQL, with a few connections."""
    from twisted.internet import reactor

    database = TemporaryDatabase(reactor=reactor, server=new_database(), **{"size": 3, **settings})
    await database.start()
    return database


def new_database(*, empty: bool = False) -> Server:
    """A database on the private PostgreSQL that nobody else uses; with every table, unless `empty`."""
    server = on_server(f"pod{next(_numbers)}")
    template = "template1" if empty else _template()
    administer(f"create database {server.name} template {template} strategy file_copy")
    return server


def on_server(name: str) -> Server:
    """Where a database of the private PostgreSQL is."""
    running = servers.postgresql()
    return Server(hostname=str(running.folder), port=running.port, name=name, username="postgres")


def administer(command: str) -> None:
    """Run a command on the private PostgreSQL, beside all databases for tests."""
    with closing(psycopg2.connect(**on_server("postgres").arguments())) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(command)


@cache
def _schema() -> bytes:
    """A migrated, empty database, made once for all tests of a process."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate.upgrade(connection, migrate.changes("sqlite"))
        return connection.serialize()
    finally:
        connection.close()


@cache
def _template() -> str:
    """The same on the private PostgreSQL."""
    administer(f"create database {_TEMPLATE}")
    migrate_server(on_server(_TEMPLATE))
    return _TEMPLATE
