"""One SQL text for two engines."""

from twisted.trial.unittest import TestCase

from peertube.storage.query import Query


class QueryTests(TestCase):
    """How texts are made ready for each driver."""

    def test_sqlite_keeps_its_placeholders(self) -> None:
        """The sqlite3 module knows ``:name``."""
        self.assertEqual("select 1 where a = :a", Query("select 1 where a = :a").for_sqlite)

    def test_postgresql_placeholders(self) -> None:
        """The driver of PostgreSQL wants ``%(name)s`` and every other per cent sign doubled."""
        query = Query("select 1 where a = :a and b like 'x%'")
        self.assertEqual("select 1 where a = %(a)s and b like 'x%%'", query.for_postgresql)

    def test_casts_are_no_placeholders(self) -> None:
        """PostgreSQL's ``::`` is left alone."""
        self.assertEqual("select %(a)s::bigint", Query("select 1", postgresql="select :a::bigint").for_postgresql)

    def test_lists(self) -> None:
        """Lists are JSON for the one, arrays for the other."""
        query = Query("where c in $list(wanted)")
        self.assertEqual("where c in (select value from json_each(:wanted))", query.for_sqlite)
        self.assertEqual("where c = any (%(wanted)s)", query.for_postgresql)
        self.assertEqual("where c <> all (%(wanted)s)", Query("where c not in $list(wanted)").for_postgresql)
        self.assertEqual(
            "with words(word) as (select unnest(cast(%(words)s as text[])))",
            Query("with words(word) as $list(words)").for_postgresql,
        )

    def test_sum(self) -> None:
        """Optional parts are added; the second engine's own text is kept where there is one."""
        both = Query("a") + Query("b")
        self.assertEqual("a\nb", both.for_sqlite)
        self.assertEqual("a\nb", both.for_postgresql)
        mixed = Query("a") + Query("b", postgresql="B")
        self.assertEqual("a\nb", mixed.for_sqlite)
        self.assertEqual("a\nB", mixed.for_postgresql)


class ChangesTests(TestCase):
    """What a text changes."""

    def test_changes(self) -> None:
        """Tables that get or lose rows; columns that are set; whatever stands around it."""
        for text, expected in (
            ("select a from b where c = 1", set()),
            ("insert into a (b) values (:b)", {"a"}),
            ("insert into a (b) values (1) on conflict (b) do update set c = 2", {"a"}),
            ("DELETE FROM a where b = 1", {"a"}),
            ("update a set b = :b, c = c + 1 where d = 2 returning e", {"a.b", "a.c"}),
            (
                "with x as (select 1) update a as y set b = (1), c_d = coalesce(:e, f) from x where g = 3",
                {"a.b", "a.c_d"},
            ),
            ("with x as (delete from a returning b) insert into c select b from x", {"a", "c"}),
        ):
            self.assertEqual(expected, set(Query(text).changes), text)

    def test_put_together(self) -> None:
        """Parts may change something too."""
        self.assertEqual({"a"}, set((Query("delete from a") + Query("where b = 1")).changes))
