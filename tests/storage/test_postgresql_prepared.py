"""Reads that come again and again are prepared, and nobody notices."""

from typing import Any

from attrs import evolve
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.storage.database import Transaction
from peertube.storage.postgresql_prepared import Execution, Prepared
from peertube.storage.query import Query
from tests import servers
from tests.storage.databases import open_postgresql_database

_NAMES = Query("select name from pg_prepared_statements")
_SETTINGS = Query("select * from settings where key = :key or key in $list(keys) order by key")
_UNTYPED = Query("select :value as value")
_OF_OTHER_TYPE = Query("select round(1.55, :places) as value")


class PreparedTests(TestCase):
    """Texts."""

    def test_a_text_is_prepared_when_it_comes_often(self) -> None:
        """Most texts come once. Types are those of literals."""
        prepared = Prepared()
        text = "select '%%' where a = %(a)s and b = %(b_2)s or c = %(a)s"
        parameters = {"b_2": [1], "a": "x"}
        self.assertEqual([prepared.execution(text, parameters) for _ in range(2)], [None, None])
        execution = prepared.execution(text, parameters)
        assert execution is not None
        self.assertEqual(
            execution.preparation,
            "prepare read_0 (unknown, bigint[]) as select '%' where a = $1 and b = $2 or c = $1",
        )
        self.assertEqual(execution.text, "execute read_0 (%(a)s, %(b_2)s)")
        prepared.done(execution)
        self.assertEqual(prepared.execution(text, parameters), evolve(execution, preparation=""))
        self.assertIsNone(prepared.execution(text, {"b_2": [], "a": "x"}))

    def test_what_the_server_refuses_is_not_prepared_again(self) -> None:
        """It goes as it is."""
        prepared = Prepared(refused={"select 1"})
        self.assertEqual([prepared.execution("select 1", {}) for _ in range(5)], [None] * 5)

    def test_without_parameters(self) -> None:
        """No brackets."""
        prepared = Prepared()
        found = [prepared.execution("select 1", {}) for _ in range(3)]
        self.assertEqual(found[2], Execution("select 1", "prepare read_0 as select 1", "execute read_0"))


class ServerTests(TestCase):
    """With a server and one connection."""

    skip = servers.no_postgresql()

    async def setUp(self) -> None:
        self.database = await open_postgresql_database(size=1)
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))

    async def rows(self, query: Query, **parameters: Any) -> list[Any]:
        """What a read gives."""

        async def read(tx: Transaction) -> list[Any]:
            return [dict(row) for row in await tx.all(query, **parameters)]

        return await self.database.read(read)

    async def change(self, text: str) -> None:
        """A write."""

        async def write(tx: Transaction) -> None:
            await tx.run(Query(text))

        await self.database.write(write)

    async def test_reads_give_the_same_when_they_are_prepared(self) -> None:
        """Also of lists that are empty."""
        await self.change("insert into settings (key, value) values ('a', '1'), ('b', '2')")
        for keys in ([], ["b"], [], [], ["b"], []):
            found = [row["key"] for row in await self.rows(_SETTINGS, key="a", keys=keys)]
            self.assertEqual(found, ["a", *keys])
        self.assertIn({"name": "read_0"}, await self.rows(_NAMES))

    async def test_a_table_that_changes_is_read_as_it_is_now(self) -> None:
        """An upgrade of another process must not break this one."""
        await self.change("insert into settings (key, value) values ('a', '1')")
        for _ in range(4):
            self.assertEqual(await self.rows(_SETTINGS, key="a", keys=[]), [{"key": "a", "value": "1"}])
        await self.change("alter table settings add column more integer")
        self.assertEqual(await self.rows(_SETTINGS, key="a", keys=[]), [{"key": "a", "value": "1", "more": None}])

    async def test_texts_that_cannot_be_prepared_go_as_they_are(self) -> None:
        """A literal has a type that a parameter has not."""
        for value in (1, 2, 3, 4, 5):
            self.assertEqual(await self.rows(_UNTYPED, value=value), [{"value": value}])
            self.assertEqual(await self.rows(_OF_OTHER_TYPE, places=1), [{"value": 1.6}])
