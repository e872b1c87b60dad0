"""A database comes to the schema of this code, or stays as it is."""

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from peertube.storage.migrate import MigrationRefused, SqliteMigration, changes, migrate_file

_FIRST = "create table settings (key text primary key, value text not null);\ncreate table a (id <id>);\n"
_SECOND = "-- more\ncreate table b (id <id>);\ninsert into b default values;\n"
_BROKEN = "create table c (id <id>);\ninsert into nowhere values (1);\n"


class MigrationTests(TestCase):
    """Real files, small lists."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.path = self.folder / "data" / "pod.sqlite3"
        self.list = self.folder / "list"
        self.list.mkdir()
        self._add("0001.first.sql", _FIRST)

    def _add(self, name: str, text: str) -> None:
        (self.list / name).write_text(text)

    def _migrate(self) -> str:
        return migrate_file(self.path, folder=self.list, wait_seconds=0.1)

    def _tables(self) -> set[str]:
        with closing(sqlite3.connect(self.path)) as connection:
            return {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}

    def _refused(self) -> str:
        with self.assertRaises(MigrationRefused) as caught:
            self._migrate()
        text = str(caught.exception)
        self.assertNotIn("\n", text)
        self.assertIn(str(self.path), text)
        return text

    async def test_real_list(self) -> None:
        """The pod's own list applies to a new file, in a thread, and is done once."""
        for _ in range(2):
            part = SqliteMigration(reactor=reactor, path=self.path)
            await part.start()
            await part.stop()
        self.assertIn("videos", self._tables())

    def test_same_instance_every_time(self) -> None:
        """The pod's own UUID is made with its database and stays."""
        first = self._migrate()
        self.assertEqual(36, len(first))
        self.assertEqual(first, self._migrate())

    def test_nobody_else_may_read_it(self) -> None:
        """Hashes of passwords and the pod's key are in it."""
        self._migrate()
        self.assertEqual(0o600, self.path.stat().st_mode & 0o777)

    def test_next_migration(self) -> None:
        """An upgrade runs only what is new."""
        self._migrate()
        self._add("0002.second.sql", _SECOND)
        self._migrate()
        self._migrate()
        with closing(sqlite3.connect(self.path)) as connection:
            self.assertEqual([(1,)], connection.execute("select id from b").fetchall())

    def test_failure_is_undone_and_the_next_start_goes_on(self) -> None:
        """A migration that fails in the middle leaves nothing; the ones before it stay."""
        self._add("0002.second.sql", _BROKEN)
        self.assertIn("0002.second", self._refused())
        self.assertIn("a", self._tables())
        self.assertNotIn("c", self._tables())
        self._add("0002.second.sql", _SECOND)
        self._migrate()
        self.assertIn("b", self._tables())

    def test_first_failure_leaves_an_empty_database_that_is_ours(self) -> None:
        """A first start that failed can be repeated."""
        self._add("0001.first.sql", _BROKEN)
        self._refused()
        self._add("0001.first.sql", _FIRST)
        self._migrate()

    def test_foreign_database(self) -> None:
        """Somebody else's data are not touched, not even the journal mode."""
        self.path.parent.mkdir()
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("create table settings (colour text)")
        before = self.path.read_bytes()
        self.assertIn("not a database of this program", self._refused())
        self.assertEqual(before, self.path.read_bytes())

    def test_not_a_database(self) -> None:
        """A wrong path in the configuration is one clear line."""
        self.path.parent.mkdir()
        self.path.write_bytes(b"my holidays\n" * 1000)
        self.assertIn("not a database", self._refused())

    def test_newer_schema(self) -> None:
        """Older code does not guess what newer code's tables mean."""
        self._add("0002.second.sql", _SECOND)
        self._migrate()
        (self.list / "0002.second.sql").unlink()
        self.assertIn("0002.second", self._refused())

    def test_another_process(self) -> None:
        """Two processes that start together take turns."""
        self.path.parent.mkdir()
        with self.path.with_name(self.path.name + ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another process", self._refused())
        self._migrate()

    def test_stale_lock_of_the_library(self) -> None:
        """A lock row left by a process that was killed does not stop the next start."""
        self._migrate()
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("insert into yoyo_lock (locked, ctime, pid) values (1, '2017-01-01', 1)")
            connection.commit()
        self._add("0002.second.sql", _SECOND)
        self._migrate()

    def test_texts_of_engines(self) -> None:
        """Where the engines differ, each takes its own text under one number."""
        self._add("0002.search.sqlite.sql", "create table s (id <id>);")
        self._add("0002.search.postgresql.sql", "create table p (id <id>);")
        ours, theirs = changes("sqlite", self.list), changes("postgresql", self.list)
        self.assertEqual(["0001.first", "0002.search"], [change.id for change in ours])
        self.assertEqual([change.id for change in ours], [change.id for change in theirs])
        self.assertEqual("create table s (id integer primary key autoincrement);", ours[1].text)
        self.assertEqual("create table p (id bigint generated by default as identity primary key);", theirs[1].text)
