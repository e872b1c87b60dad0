"""What strangers put into queries and bodies: always a 400, never a 500."""

from typing import Annotated

from pydantic import BaseModel, Field
from twisted.trial.unittest import SynchronousTestCase, TestCase

from peertube.errors import Invalid
from peertube.http.parameters import MAXIMUM_INTEGER, from_pairs, json_of, query_of
from peertube.http.routing import Access, Call, Route
from tests.http.serving import Client, gate, resource


class Inner(BaseModel):
    """A nested group."""

    privacy: int = 1


class Wanted(BaseModel):
    """One field of each kind."""

    count: Annotated[int, Field(ge=0, le=100)] = 15
    big: int = 0
    ratio: float = 1.0
    flag: bool = False
    search: str = ""
    tags: list[str] = []
    numbers: tuple[int, ...] = Field(default=(), alias="categoryOneOf")
    maybe: list[str] | None = None
    inner: Inner = Field(default=Inner(), alias="scheduleUpdate")


class QueryTests(SynchronousTestCase):
    """Query strings."""

    def test_the_ways_in_which_programs_write(self) -> None:
        for query, field, expected in (
            (b"", "count", 15),
            (b"count=3", "count", 3),
            (b"flag=true", "flag", True),
            (b"search=a+b%20%C3%A9%26", "search", "a b é&"),
            (b"search=", "search", ""),
            (b"search", "search", ""),
            (b"tags=a", "tags", ["a"]),
            (b"tags=a&tags=b", "tags", ["a", "b"]),
            (b"tags[]=a&tags%5B%5D=b", "tags", ["a", "b"]),
            (b"tags[0]=a&tags[1]=b", "tags", ["a", "b"]),
            (b"maybe=a", "maybe", ["a"]),
            (b"categoryOneOf=1&categoryOneOf=2", "numbers", (1, 2)),
            (b"scheduleUpdate[privacy]=2", "inner", Inner(privacy=2)),
            (b"unknown=1&other[a]=2&count=4", "count", 4),
        ):
            self.assertEqual(getattr(query_of(Wanted, query), field), expected, query)

    def test_wrong_values_name_their_field(self) -> None:
        for query, field in (
            (b"count=x", "count"),
            (b"count=", "count"),
            (b"count=-1", "count"),
            (b"count=101", "count"),
            (b"count=1&count=2", "count"),
            (b"count=" + b"9" * 5000, "count"),
            (b"big=%d" % (MAXIMUM_INTEGER + 1), "big"),
            (b"big=-99999999999999999999999", "big"),
            (b"ratio=nan", "ratio"),
            (b"ratio=inf", "ratio"),
            (b"flag=perhaps", "flag"),
            (b"categoryOneOf=1&categoryOneOf=x", "categoryOneOf"),
            (b"categoryOneOf=99999999999999999999", "categoryOneOf"),
            (b"scheduleUpdate=1", "scheduleUpdate"),
            (b"scheduleUpdate[privacy]=99999999999999999999", "scheduleUpdate"),
            (b"scheduleUpdate=1&scheduleUpdate[privacy]=1", "scheduleUpdate"),
            (b"scheduleUpdate[privacy]=1&scheduleUpdate[privacy]=2", "scheduleUpdate"),
        ):
            error = self.assertRaises(Invalid, query_of, Wanted, query)
            self.assertEqual(list(error.fields), [field], query[:60])

    def test_all_wrong_fields_are_named_at_once(self) -> None:
        error = self.assertRaises(Invalid, query_of, Wanted, b"count=x&flag=perhaps&ratio=z")
        self.assertEqual(sorted(error.fields), ["count", "flag", "ratio"])

    def test_what_is_no_text(self) -> None:
        for query in (b"search=%ff", b"%c3%28=1", b"search=a%00b", b"%00=1", b"a=1&" * 1001):
            self.assertRaises(Invalid, query_of, Wanted, query)

    def test_forms_are_read_as_queries_are(self) -> None:
        self.assertEqual(from_pairs(Wanted, [("tags[]", "a"), ("count", "2")]), Wanted(tags=["a"], count=2))


class JsonTests(SynchronousTestCase):
    """JSON bodies."""

    def test_objects(self) -> None:
        self.assertEqual(json_of(Wanted, b'{"count":2,"tags":["a"]}'), Wanted(count=2, tags=["a"]))
        self.assertEqual(json_of(Wanted, b""), Wanted())

    def test_what_is_no_object(self) -> None:
        for body in (b"[]", b"1", b"null", b'"x"', b"{", b"\xff", b'{"a":\xff}', b"[" * 100_000, b'{"a":' * 100_000):
            self.assertRaises(Invalid, json_of, Wanted, body)

    def test_wrong_values(self) -> None:
        for body, field in (
            (b'{"count":"x"}', "count"),
            (b'{"count":null}', "count"),
            (b'{"count":{}}', "count"),
            (b'{"count":1.5}', "count"),
            (b'{"big":123456789012345678901234567890}', "big"),
            (b'{"big":1e300}', "big"),
            (b'{"search":1}', "search"),
            (b'{"search":"a\\u0000b"}', "search"),
            (b'{"tags":"a"}', "tags"),
            (b'{"tags":["a",1]}', "tags"),
            (b'{"tags":["\\u0000"]}', "tags"),
            (b'{"scheduleUpdate":{"privacy":"x"}}', "scheduleUpdate.privacy"),
        ):
            error = self.assertRaises(Invalid, json_of, Wanted, body)
            self.assertEqual(list(error.fields), [field], body)

    def test_half_a_character(self) -> None:
        """A lone surrogate is a str that no database and no socket takes."""
        self.assertRaises(Invalid, json_of, Wanted, b'{"search":"\\ud800"}')


class OverHttpTests(TestCase):
    """The same through a route."""

    async def wanted(self, call: Call) -> object:
        wanted = await call.body(Wanted) if call.request.method == b"POST" else call.parameters(Wanted)
        return {"search": wanted.search}

    async def test_nothing_of_it_is_a_500(self) -> None:
        routes = [
            Route("GET", "/wanted", Access.ANYONE, self.wanted),
            Route("POST", "/wanted", Access.ANYONE, self.wanted),
        ]
        client = Client(resource(routes, gate()))
        for query in (
            "count=x",
            "search=%ff",
            "search=a%00",
            "count=" + "9" * 5000,
            "%zz=%",
            "a[b][c]=1",
            "[]=1",
            "=1",
        ):
            answer = await client.ask("GET", f"/api/v1/wanted?{query}")
            self.assertIn(answer.status, (200, 400), query[:50])
            self.assertEqual(answer.status == 400, answer.json.get("status") == 400)
        for body in (b"{", b"[]", b'{"search":"\\ud800"}', b"\x00", b"[" * 100_000):
            answer = await client.ask("POST", "/api/v1/wanted", headers={"Content-Type": "application/json"}, body=body)
            self.assertEqual(answer.status, 400)
