"""What every engine has to do alike. Each engine's tests mix `DatabaseContract` in and say how it is opened."""

from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred, gatherResults

from peertube.storage.database import (
    DatabaseUnavailable,
    ForeignKeyViolation,
    StorageError,
    TextRefused,
    Transaction,
    UniqueViolation,
    WrongRowCount,
)
from peertube.storage.query import Query
from tests.storage.deferred import deferred

_ADD = Query("insert into settings (key, value) values (:key, :value)")
_GET = Query("select value from settings where key = :key")
_SET = Query("update settings set value = :value where key = :key")
_ALL = Query("select key, value from settings where key like 't.%' order by key")
_AMONG = Query("select key from settings where key in $list(keys) order by key")
_COUNTING = Query("select count(*) as n from settings where key like 't.%'")
_WITH_UPDATE = Query(
    "with chosen as (select key from settings where key like 't.%') "
    "update settings set value = :value where key in (select key from chosen)"
)
_ADD_NONCE = Query("insert into nonces (host, nonce, seen_ms) values (:host, :nonce, :seen_ms) returning host, seen_ms")
_ADD_VIEW = Query("insert into video_views (video_id, day, views) values (:video_id, 1, 1)")
_ADD_JOB = Query(
    "insert into jobs (kind, payload, state, priority, attempts, maximum_attempts, run_at_ms, fence, progress, "
    "created_ms, updated_ms) values ('k', '{}', 'waiting', 0, 0, 1, :big, 0, 0, 0, 0) returning id"
)
_REMOVE_JOBS = Query("delete from jobs")
_NONSENSE = Query("select nothing from nowhere")


async def add(tx: Transaction, key: str, value: str = "v") -> None:
    await tx.run(_ADD, key=f"t.{key}", value=value)


async def get(tx: Transaction, key: str) -> str | None:
    row = await tx.maybe(_GET, key=f"t.{key}")
    return None if row is None else row["value"]


async def increment(tx: Transaction, key: str) -> int:
    value = int((await tx.one(_GET, key=f"t.{key}"))["value"]) + 1
    await tx.run(_SET, key=f"t.{key}", value=str(value))
    return value


class DatabaseContract:
    """Tests of reads, writes and errors; the database is in ``self.database``."""

    database: Any

    async def test_rows_by_name(self: Any) -> None:
        """Storage modules read columns by name, and may unpack a row."""
        await self.database.write(add, "a", "1")
        rows = await self.database.read(lambda tx: tx.all(_ALL))
        self.assertEqual([{"key": "t.a", "value": "1"}], [dict(row) for row in rows])

    async def test_result_is_visible_at_once(self: Any) -> None:
        """Whoever was told that a write is done reads it."""
        for number in range(20):
            await self.database.write(add, str(number))
            self.assertEqual("v", await self.database.read(get, str(number)))

    async def test_one_wants_a_row(self: Any) -> None:
        """A query states how many rows it gives."""
        with self.assertRaises(WrongRowCount):
            await self.database.read(lambda tx: tx.one(_GET, key="t.none"))

    async def test_one_and_maybe_refuse_two(self: Any) -> None:
        """Two rows where one is meant are a bug to be seen."""
        await self.database.write(add, "a")
        await self.database.write(add, "b")
        for method in ("one", "maybe"):
            with self.assertRaises(WrongRowCount):
                await self.database.read(lambda tx, method=method: getattr(tx, method)(_ALL))

    async def test_run_counts(self: Any) -> None:
        """A change says how many rows it changed, whatever the statement begins with."""
        await self.database.write(add, "a")
        await self.database.write(add, "b")
        write = self.database.write
        self.assertEqual(1, await write(lambda tx: tx.run(_SET, key="t.a", value="x")))
        self.assertEqual(0, await write(lambda tx: tx.run(_SET, key="t.none", value="x")))
        self.assertEqual(2, await write(lambda tx: tx.run(_WITH_UPDATE, value="y")))

    async def test_many(self: Any) -> None:
        """The same change for each set of parameters, and none for an empty list."""
        await self.database.write(lambda tx: tx.many(_ADD, [{"key": f"t.{n}", "value": "v"} for n in range(3)]))
        await self.database.write(lambda tx: tx.many(_ADD, []))
        self.assertEqual(3, (await self.database.read(lambda tx: tx.one(_COUNTING)))["n"])

    async def test_lists(self: Any) -> None:
        """A list parameter stands for its rows; an empty one for none."""
        for key in "abc":
            await self.database.write(add, key)
        rows = await self.database.read(lambda tx: tx.all(_AMONG, keys=["t.a", "t.c", "t.z"]))
        self.assertEqual(["t.a", "t.c"], [row["key"] for row in rows])
        self.assertEqual([], await self.database.read(lambda tx: tx.all(_AMONG, keys=[])))

    async def test_returning(self: Any) -> None:
        """A row that was inserted can be asked for."""
        row = await self.database.write(lambda tx: tx.one(_ADD_NONCE, host="h", nonce="n", seen_ms=2**52))
        self.assertEqual({"host": "h", "seen_ms": 2**52}, dict(row))

    async def test_ids_are_never_given_again(self: Any) -> None:
        """A token that names a removed row must not come to mean a new one."""
        first = await self.database.write(lambda tx: tx.one(_ADD_JOB, big=1))
        await self.database.write(lambda tx: tx.run(_REMOVE_JOBS))
        second = await self.database.write(lambda tx: tx.one(_ADD_JOB, big=1))
        self.assertGreater(second["id"], first["id"])

    async def test_error_undoes_all(self: Any) -> None:
        """All or nothing."""

        async def half(tx: Transaction) -> None:
            await add(tx, "a")
            raise LookupError("in the middle")

        with self.assertRaises(LookupError):
            await self.database.write(half)
        self.assertIsNone(await self.database.read(get, "a"))

    async def test_neighbours_of_a_failure_are_kept(self: Any) -> None:
        """Interactions that are committed together do not share their failures."""

        async def fails(tx: Transaction) -> None:
            await add(tx, "failed")
            raise LookupError("mine alone")

        calls = []
        for number in range(10):
            calls.append(deferred(self.database.write(add, str(number))))
            failing = deferred(self.database.write(fails))
            calls.append(self.assertFailure(failing, LookupError))
        await gatherResults(calls)
        self.assertEqual(10, (await self.database.read(lambda tx: tx.one(_COUNTING)))["n"])

    async def test_writers_see_each_other(self: Any) -> None:
        """Read, then write: no update is lost between interactions that wait together."""
        await self.database.write(add, "n", "0")
        results = await gatherResults([deferred(self.database.write(increment, "n")) for _ in range(50)])
        self.assertEqual(list(range(1, 51)), sorted(results))
        self.assertEqual("50", await self.database.read(get, "n"))

    async def test_unique(self: Any) -> None:
        """The second row with a key is refused, and the error names where."""
        await self.database.write(add, "a")
        with self.assertRaises(UniqueViolation) as caught:
            await self.database.write(add, "a")
        self.assertIn("settings", caught.exception.constraint)

    async def test_foreign_key(self: Any) -> None:
        """A row of nothing is refused."""
        with self.assertRaises(ForeignKeyViolation):
            await self.database.write(lambda tx: tx.run(_ADD_VIEW, video_id=12345))

    async def test_wrong_sql(self: Any) -> None:
        """Anything else is a storage error too, never the driver's own class."""
        with self.assertRaises(StorageError):
            await self.database.read(lambda tx: tx.all(_NONSENSE))

    async def test_numbers_too_large(self: Any) -> None:
        """A number from outside that no column can hold is a storage error."""
        with self.assertRaises(StorageError):
            await self.database.write(lambda tx: tx.one(_ADD_JOB, big=2**70))

    async def test_texts_that_no_engine_can_hold(self: Any) -> None:
        """A zero character or half a character from outside is told apart from our own mistakes."""
        for text in ("a\0b", "\ud800"):
            with self.assertRaises(TextRefused):
                await self.database.write(add, "a", text)
            with self.assertRaises(TextRefused):
                await self.database.read(lambda tx, text=text: tx.all(_AMONG, keys=[text]))
        await self.database.write(lambda tx: tx.many(_ADD, [{"key": "t.a", "value": "\\u0000"}]))
        self.assertEqual([], await self.database.read(lambda tx: tx.all(_AMONG, keys=["\\u0000"])))

    async def test_nothing_goes_on_after_a_failed_statement(self: Any) -> None:
        """Engines differ in what a transaction may do after an error; so none may do anything."""

        async def goes_on(tx: Transaction) -> None:
            await add(tx, "a")
            try:
                await add(tx, "a")
            except UniqueViolation:
                await add(tx, "b")

        async def ignores(tx: Transaction) -> str:
            await add(tx, "a")
            with suppress(UniqueViolation):
                await add(tx, "a")
            return "fine"

        for interaction in (goes_on, ignores):
            with self.assertRaises(UniqueViolation):
                await self.database.write(interaction)
            self.assertEqual(0, (await self.database.read(lambda tx: tx.one(_COUNTING)))["n"])

    async def test_reads_change_nothing(self: Any) -> None:
        """A write that was asked for as a read is a bug to be seen."""
        with self.assertRaises(StorageError):
            await self.database.read(add, "a")
        self.assertIsNone(await self.database.read(get, "a"))
        await self.database.write(add, "a")

    async def test_effects_after_the_commit(self: Any) -> None:
        """The world hears of what is on disk, in order, and of nothing else."""
        heard: list[str] = []

        async def told(tx: Transaction, key: str, fails: bool) -> None:
            tx.after_commit(lambda: heard.append(key))
            await add(tx, key)
            if fails:
                raise LookupError(key)

        await self.database.write(told, "a", False)
        with self.assertRaises(LookupError):
            await self.database.write(told, "b", True)
        await self.database.write(told, "c", False)
        self.assertEqual(["a", "c"], heard)

    async def test_effect_that_fails(self: Any) -> None:
        """What was written is written, whatever an effect does."""

        async def told(tx: Transaction) -> str:
            tx.after_commit(lambda: {}["missing"])
            await add(tx, "a")
            return "done"

        self.assertEqual("done", await self.database.write(told))
        self.assertEqual(1, len(self.flushLoggedErrors(KeyError)))

    async def test_cancelled_wait(self: Any) -> None:
        """Whoever stops waiting disturbs nobody, and what is asked afterwards works."""
        await self.database.write(add, "n", "0")
        waits = [deferred(self.database.write(increment, "n")) for _ in range(20)]
        for wait in waits[::2]:
            wait.addErrback(lambda failure: None)
            wait.cancel()
        await gatherResults(waits[1::2])
        self.assertGreaterEqual(int(await self.database.read(get, "n")), 10)

    async def test_suspending_is_refused(self: Any) -> None:
        """An interaction that waits for the world would hold everybody's commit."""

        async def waits(tx: Transaction) -> None:
            await add(tx, "a")
            await Deferred()

        with self.assertRaises(StorageError):
            await self.database.write(waits)
        self.assertIsNone(await self.database.read(get, "a"))

    async def test_closed(self: Any) -> None:
        """A part that asks after the stop gets a clear answer."""
        await self.database.stop()
        with self.assertRaises(DatabaseUnavailable):
            await self.database.read(get, "a")
