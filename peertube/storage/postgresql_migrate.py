"""Brings a PostgreSQL database to the schema that this code expects; see `peertube.storage.migrate`.

Texts are compared byte by byte (collation "C"), as SQLite does: the order of lists is the same on both engines, and a
new version of the system's locales breaks no index.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from typing import Any

import psycopg2
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from yoyo.backends.core.postgresql import PostgresqlBackend

from peertube.storage.database import DatabaseUnavailable
from peertube.storage.migrate import INSTANCE, MigrationRefused, Noted, SchemaChange, apply, changes
from peertube.storage.postgresql_connection import CONNECT_SECONDS, Server, ServerRefused, unreachable

_LOCK = 0x7065657274756265
"""The advisory lock of whoever changes the schema: "peertube" as a number."""

_TEXT_COLUMN = re.compile(r"^(\s+\w+ |\s*alter table \w+ add column \w+ )text\b", re.MULTILINE)
_TABLES = (
    "select table_name from information_schema.tables "
    "where table_schema = current_schema() and table_type = 'BASE TABLE'"
)
_MARKER = "select value from settings where key = %s"


class PostgresqlMigration:
    """The part that waits for the server and brings the database up to date, in a thread, before it is opened.

    `reactor` is one with threads (`IReactorThreads`).
    """

    def __init__(self, *, reactor: Any, server: Server, boot_seconds: float = 60) -> None:
        self._reactor = reactor
        self._server = server
        self._boot_seconds = boot_seconds

    async def start(self) -> None:
        """Apply what is missing. Raises `MigrationRefused`."""
        await deferToThreadPool(
            self._reactor,
            self._reactor.getThreadPool(),
            migrate_server,
            self._server,
            boot_seconds=self._boot_seconds,
        )

    async def stop(self) -> None:
        """Nothing runs."""


def migrate_server(
    server: Server, *, boot_seconds: float = 60, wait_seconds: float = 60, folder: Traversable | None = None
) -> str:
    """Fill or upgrade the database on `server`; blocks. Gives the pod's own UUID.

    :raises MigrationRefused: it cannot be reached, is not ours, was made by newer code, is broken, or another process
        holds it for too long.
    """
    try:
        with _connected(server, boot_seconds) as connection, _locked(connection, wait_seconds):
            _refuse_foreign(connection)
            return apply(_Backend(connection), collated(changes("postgresql", folder)))
    except (psycopg2.Error, DatabaseUnavailable, MigrationRefused) as error:
        raise MigrationRefused(
            f"database {server.name} on {server.hostname}: {' '.join(str(error).split())}"
        ) from error


def collated(wanted: Sequence[SchemaChange]) -> list[SchemaChange]:
    """The same list, with columns of texts that are compared byte by byte."""
    return [SchemaChange(change.id, _TEXT_COLUMN.sub(r'\1text collate "C"', change.text)) for change in wanted]


@contextmanager
def _connected(server: Server, boot_seconds: float) -> Iterator[Any]:
    until = time.monotonic() + boot_seconds
    while True:
        try:
            connection = psycopg2.connect(**server.arguments(), connect_timeout=CONNECT_SECONDS)
            break
        except psycopg2.OperationalError as error:
            reason = unreachable(error)
            if isinstance(reason, ServerRefused) or time.monotonic() >= until:
                raise reason from error
            Logger().warn("waiting for the database: {reason}", reason=str(reason))
            time.sleep(1)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("set client_min_messages = warning; set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()


@contextmanager
def _locked(connection: Any, wait_seconds: float) -> Iterator[None]:
    """Hold the lock; it goes with the connection."""
    until = time.monotonic() + wait_seconds
    with connection.cursor() as cursor:
        while True:
            cursor.execute("select pg_try_advisory_lock(%s)", (_LOCK,))
            if cursor.fetchone()[0]:
                break
            if time.monotonic() >= until:
                raise MigrationRefused("another process is changing its schema")
            time.sleep(0.1)
    yield


def _refuse_foreign(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = {row[0] for row in cursor.fetchall()}
        if not {name for name in tables if not name.startswith(("_yoyo_", "yoyo_"))}:
            return
        ours = "settings" in tables and _marked(cursor)
    if not ours:
        raise MigrationRefused("it is not empty, and it is not a database of this program; give another database.name")


def _marked(cursor: Any) -> bool:
    try:
        cursor.execute(_MARKER, (INSTANCE,))
    except psycopg2.ProgrammingError:
        return False
    return cursor.fetchone() is not None


class _Backend(Noted, PostgresqlBackend):  # type: ignore[misc]  # yoyo has no types
    """Yoyo's PostgreSQL on a connection of ours."""

    def __init__(self, connection: Any) -> None:
        self._ours = connection
        super().__init__("postgresql", "_yoyo_migration")

    def connect(self, dburi: str) -> Any:
        return self._ours

    def list_tables(self, **_: object) -> list[str]:
        with self._ours.cursor() as cursor:
            cursor.execute(_TABLES)
            return [row[0] for row in cursor.fetchall()]
