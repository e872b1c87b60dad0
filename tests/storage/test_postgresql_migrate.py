"""A PostgreSQL database comes to the schema of this code, or stays as it is."""

from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from peertube.storage.migrate import MigrationRefused, SchemaChange
from peertube.storage.postgresql_migrate import PostgresqlMigration, collated, migrate_server
from tests import servers
from tests.storage.databases import administer, new_database

_FIRST = "create table settings (key text primary key, value text not null);\ncreate table a (id <id>);\n"
_SECOND = "-- more\ncreate table b (\n    id <id>,\n    name text\n);\ninsert into b default values;\n"
_BROKEN = "create table c (id <id>);\ninsert into nowhere values (1);\n"


class MigrationTests(TestCase):
    """Real databases, small lists."""

    skip = servers.no_postgresql()

    def setUp(self) -> None:
        self.server = new_database(empty=True)
        self.addCleanup(administer, f"drop database {self.server.name} with (force)")
        self.list = Path(self.mktemp())
        self.list.mkdir()
        self._add("0001.first.sql", _FIRST)

    def _add(self, name: str, text: str) -> None:
        (self.list / name).write_text(text)

    def _migrate(self) -> str:
        return migrate_server(self.server, folder=self.list, wait_seconds=0.1, boot_seconds=0)

    def _rows(self, text: str) -> list[Any]:
        with closing(psycopg2.connect(**self.server.arguments())) as connection, connection.cursor() as cursor:
            cursor.execute(text)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return rows

    def _tables(self) -> set[str]:
        return {row[0] for row in self._rows("select tablename from pg_tables where schemaname = 'public'")}

    def _refused(self) -> str:
        with self.assertRaises(MigrationRefused) as caught:
            self._migrate()
        text = str(caught.exception)
        self.assertNotIn("\n", text)
        self.assertIn(self.server.name, text)
        return text

    async def test_real_list(self) -> None:
        """The pod's own list applies, in a thread, and is done once; texts are compared byte by byte."""
        for _ in range(2):
            part = PostgresqlMigration(reactor=reactor, server=self.server)
            await part.start()
            await part.stop()
        self.assertIn("videos", self._tables())
        others = self._rows(
            "select table_name, column_name from information_schema.columns where table_schema = 'public' "
            "and data_type = 'text' and collation_name is distinct from 'C' and table_name not like '\\_yoyo%'"
        )
        self.assertEqual([], others)

    def test_same_instance_every_time(self) -> None:
        """The pod's own UUID is made with its database and stays."""
        first = self._migrate()
        self.assertEqual(36, len(first))
        self.assertEqual(first, self._migrate())

    def test_failure_is_undone_and_the_next_start_goes_on(self) -> None:
        """A migration that fails in the middle leaves nothing; the ones before it stay."""
        self._add("0002.second.sql", _BROKEN)
        self.assertIn("0002.second", self._refused())
        self.assertNotIn("c", self._tables())
        self._add("0002.second.sql", _SECOND)
        self._migrate()
        self._migrate()
        self.assertEqual([(1,)], self._rows("select id from b"))

    def test_foreign_database(self) -> None:
        """Somebody else's data are not touched: the database of PeerTube itself, say."""
        self._rows("create table video (id integer); create table settings (colour text)")
        self.assertIn("not a database of this program", self._refused())
        self.assertEqual({"video", "settings"}, self._tables())

    def test_newer_schema(self) -> None:
        """Older code does not guess what newer code's tables mean."""
        self._add("0002.second.sql", _SECOND)
        self._migrate()
        (self.list / "0002.second.sql").unlink()
        self.assertIn("0002.second", self._refused())

    def test_another_process(self) -> None:
        """Two processes that start together take turns."""
        with closing(psycopg2.connect(**self.server.arguments())) as other, other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(8098991047150232165)")
            self.assertIn("another process", self._refused())
        self._migrate()

    def test_no_such_database(self) -> None:
        """A wrong name in the configuration is one clear line, at once."""
        administer(f"alter database {self.server.name} rename to other")
        try:
            self.assertIn("does not exist", self._refused())
        finally:
            administer(f"alter database other rename to {self.server.name}")

    def test_columns_only(self) -> None:
        """The collation is given to columns, not to casts or words."""
        text = (
            "create table a (\n    text_id text,\n    b text not null\n);\n"
            "alter table a add column c text;\n-- a text\n"
        )
        wanted = (
            'create table a (\n    text_id text collate "C",\n    b text collate "C" not null\n);\n'
            'alter table a add column c text collate "C";\n-- a text\n'
        )
        self.assertEqual(wanted, collated([SchemaChange("1", text)])[0].text)
