"""The rules of the REST API, asked of every route there is: the list of routes is the node's own description.

No token, somebody else's token, values of the wrong kind, out of range, too long, with NUL, with bytes that are no
text, with SQL and HTML. Nothing of it may fail inside (5xx), and nobody gets what is not theirs.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from attrs import frozen
from twisted.internet.defer import ensureDeferred, gatherResults
from twisted.trial.unittest import TestCase

from tests.media.clips import video
from tests.network import Answer, Network, PodInMemory, request

ALLOWED = frozenset({200, 201, 204, 308, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 460})
"""What a client may be told; 5xx is never its fault."""

AT_ONCE = 20
UNKNOWN = (
    "0",
    "999999",
    "ffffffff-1111-4222-8333-444444444444",
    "nobody",
    "nobody@nowhere.example",
    "mmmmmmmmmmmmmmmmmmmmmm",
)
TEXTS = (
    "",
    "a" * 5_000,
    "a\0b",
    "' or 1=1 --",
    "'; drop table videos; --",
    "%_\\",
    "<script>alert(1)</script>",
    "\u202e\U0001f600",
    "../../etc/passwd",
)
NUMBERS = ("-1", "1.5", "962.0", "NaN", "1e309", str(2**31), str(2**63), "9" * 400)
RAW = ("%00", "%ff%fe", "%ed%a0%80", "a=b&")
KINDS: tuple[Any, ...] = (
    None, True, -1, 1.5, 2**31, 2**63, 10**30, [], [None], [[1]], {}, {"a": {"b": 1}}, "x" * 300_000, *TEXTS,
)  # fmt: skip
BODIES = (
    b"", b"{", b"[1]", b'"text"', b"\xff\xfe", b'{"a": "\\ud800"}', b'{"name": NaN}', b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"\0" * 1_000,
)  # fmt: skip
ENDS_THE_LOGIN = "/users/revoke-token"


@frozen
class Operation:
    """One route as the document tells of it."""

    method: str
    path: str
    told: dict[str, Any]
    schemas: dict[str, Any]

    @property
    def needs_login(self) -> bool:
        """Whether nobody gets in without a token."""
        return self.told["security"] == [{"bearer": []}]

    @property
    def needs_right(self) -> bool:
        """Whether ordinary users do not get in."""
        return "Needs the right" in self.told.get("description", "")

    def named(self, place: str) -> list[str]:
        """The parameters of a place."""
        return [one["name"] for one in self.told["parameters"] if one["in"] == place]

    def fields(self) -> list[str]:
        """The fields of the JSON body."""
        content = self.told.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return []
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        return list(self.schemas[name].get("properties", {}))

    @property
    def kind(self) -> str:
        """The type of the body: JSON where the route takes it."""
        content = self.told.get("requestBody", {}).get("content", {})
        return "multipart/form-data; boundary=b" if list(content) == ["multipart/form-data"] else "application/json"

    def at(self, value: str) -> str:
        """The path with `value` for each of its parameters."""
        path = self.path
        for name in self.named("path"):
            path = path.replace("{" + name + "}", value)
        return path


class EveryRouteCase(TestCase):
    """One pod with root, alice (who has a video) and bob."""

    timeout = 280

    async def setUp(self) -> None:
        self.network = Network(1)
        await self.network.start()
        self.pod: PodInMemory = self.network.pods[0]
        self.uuid = await self.pod.upload(video(self.network.folder / "clip.mp4").read_bytes(), "Of root")
        self.bob = await self._user("bob")
        document = (await self.pod.get("/openapi.json")).json
        self.operations = [
            Operation(method.upper(), path, told, document["components"]["schemas"])
            for path, operations in document["paths"].items()
            for method, told in operations.items()
        ]

    async def tearDown(self) -> None:
        await self.network.stop()

    async def _user(self, name: str) -> str:
        made = {"username": name, "password": "password", "email": f"{name}@pod.example"}
        answer = await self.pod.call("POST", "/users", made)
        self.assertEqual(answer.status, 200, answer.body)
        client = (await self.pod.get("/oauth-clients/local", {"Host": self.pod.host})).json
        grant = {**client, "grant_type": "password", "username": name, "password": "password"}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await request(self.pod.node, "POST", "/api/v1/users/token", kind, urlencode(grant).encode())
        token: str = answer.json["access_token"]
        return token

    async def ask(
        self, method: str, path: str, token: str | None, body: bytes = b"", kind: str = "application/json"
    ) -> Answer:
        """One request with any token and any body."""
        headers = {"Content-Type": kind}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await request(self.pod.node, method, f"/api/v1{path}", headers, body)

    async def all_allowed(self, requests: Iterable[tuple[str, str, bytes]], token: str | None) -> int:
        """Ask all; each status must be an allowed one. How many there were."""
        wrong: list[str] = []
        count = 0

        async def one(method: str, path: str, body: bytes) -> None:
            answer = await self.ask(method, path, token, body)
            if answer.status not in ALLOWED:
                wrong.append(f"{answer.status} for {method} {path[:200]} {body[:200]!r}")

        async for batch in _batches(requests):
            await gatherResults([ensureDeferred(one(*each)) for each in batch], consumeErrors=True)
            count += len(batch)
        self.assertEqual(wrong[:20], [], f"{len(wrong)} in all")
        return count


async def _batches(requests: Iterable[tuple[str, str, bytes]]) -> AsyncIterator[list[tuple[str, str, bytes]]]:
    batch = []
    for one in requests:
        batch.append(one)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    yield batch


class AccessTests(EveryRouteCase):
    """Who gets in."""

    async def test_without_a_token_and_with_a_wrong_one_nobody_gets_in(self) -> None:
        """401 before anything else is looked at."""
        for operation in self.operations:
            for token in (None, "wrong", "a.b.c"):
                answer = await self.ask(operation.method, operation.at(self.uuid), token, kind=operation.kind)
                where = f"{operation.method} {operation.path} with {token}"
                if operation.needs_login:
                    self.assertEqual(answer.status, 401, where)
                    self.assertIn("message", answer.json, where)
                else:
                    self.assertIn(answer.status, ALLOWED, where)

    async def test_users_get_nothing_that_needs_a_right(self) -> None:
        for operation in self.operations:
            if operation.needs_right:
                answer = await self.ask(operation.method, operation.at("1"), self.bob, kind=operation.kind)
                self.assertEqual(answer.status, 403, f"{operation.method} {operation.path}")

    async def test_nothing_of_somebody_else_changes(self) -> None:
        """Every route that changes something, asked by a foreign user about the video and channel of another."""
        before = (await self.pod.get(f"/videos/{self.uuid}")).json
        channel = before["channel"]["name"]
        for operation in self.operations:
            if operation.method == "GET" or not operation.named("path"):
                continue
            if operation.path.endswith(("/rate", "/views", "/watching", "/abuse", "/token")):
                continue  # what every user may do with a video
            if operation.path.startswith("/users/me/history/"):
                continue  # of oneself alone
            for value in (self.uuid, channel, "1"):
                body = msgspec.json.encode({"name": "Taken", "displayName": "Taken", "state": 3})
                answer = await self.ask(operation.method, operation.at(value), self.bob, body)
                self.assertIn(
                    answer.status, {400, 401, 403, 404, 409, 415, 422}, f"{operation.method} {operation.path}"
                )
        self.assertEqual((await self.pod.get(f"/videos/{self.uuid}")).json, before)


class InputTests(EveryRouteCase):
    """What is sent."""

    async def test_unknown_ids_are_not_found(self) -> None:
        """400 when it cannot be an id, 404 when there is no such thing; for lists of what everyone has, nothing."""
        wrong = []
        for operation in self.operations:
            if not operation.named("path") or operation.path.startswith("/remote"):
                continue
            for value in UNKNOWN:
                answer = await self.ask(operation.method, operation.at(value), self.pod.token)
                if answer.status not in {400, 404, 415}:
                    wrong.append(f"{answer.status} for {operation.method} {operation.at(value)}: {answer.body[:200]!r}")
        self.assertEqual(wrong, [])

    async def test_no_path_makes_a_route_fail(self) -> None:
        asked = await self.all_allowed(self._paths(), self.pod.token)
        self.assertGreater(asked, 500)

    def _paths(self) -> Iterator[tuple[str, str, bytes]]:
        for operation in self.operations:
            if operation.named("path"):
                for text in (*TEXTS, *NUMBERS):
                    yield operation.method, operation.at(quote(text, safe="")), b""
                for raw in RAW:
                    yield operation.method, operation.at(raw), b""

    async def test_no_query_makes_a_route_fail(self) -> None:
        """Each parameter of each route, and some that nobody knows."""
        asked = await self.all_allowed(self._queries(), self.pod.token)
        self.assertGreater(asked, 1000)

    def _queries(self) -> Iterator[tuple[str, str, bytes]]:
        for operation in self.operations:
            if operation.method != "GET":
                continue
            for name in (*operation.named("query"), "unknown"):
                values = [f"{name}={quote(value)}" for value in (*TEXTS, *NUMBERS)]
                values += [f"{name}={raw}" for raw in RAW]
                values += [f"{name}[]={raw}" for raw in ("1", "x")]
                values += [f"{name}[a][b]=1", f"{name}=1&{name}=2", f"{name}[0]=1&{name}[key]=2"]
                for query in values:
                    yield "GET", f"{operation.at(self.uuid)}?{query}", b""

    async def test_no_body_makes_a_route_fail(self) -> None:
        """Each field of each body with values of every wrong kind, and bodies that are none."""
        asked = await self.all_allowed(self._bodies(), self.pod.token)
        self.assertGreater(asked, 1000)

    def _bodies(self) -> Iterator[tuple[str, str, bytes]]:
        for operation in self.operations:
            if operation.method == "GET" or operation.path == ENDS_THE_LOGIN:
                continue
            path = operation.at(self.uuid)
            for body in BODIES:
                yield operation.method, path, body
            for name in operation.fields():
                for value in KINDS:
                    yield operation.method, path, msgspec.json.encode({**_plausible(operation), name: value})


def _plausible(operation: Operation) -> dict[str, object]:
    """Other fields of a body, so that the one in question is what it fails of."""
    likely = {
        "name": "A name",
        "displayName": "A name",
        "username": "name",
        "password": "password",
        "reason": "Because",
    }
    return {name: value for name, value in likely.items() if name in operation.fields()}
