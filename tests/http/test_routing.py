"""Routes from request to answer."""

from pydantic import BaseModel, Field
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, InsufficientStorage, TooManyRequests
from peertube.http.routing import Access, Call, Reply, Route
from peertube.model.users import Right, Role
from tests.http.serving import Client, gate, resource, viewer


class Paging(BaseModel):
    """A query."""

    count: int = Field(default=15, ge=0, le=100)
    tags: list[str] = Field(default=[], alias="tagsOneOf")


class Naming(BaseModel):
    """A body."""

    name: str = Field(min_length=3)


class Things:
    """Routes of every kind."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.slow: Deferred[None] = Deferred()

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/things", Access.OPTIONAL, self.list_things),
            Route("GET", "/things/<identifier>", Access.ANYONE, self.one),
            Route("POST", "/things", Access.USER, self.add),
            Route("DELETE", "/things/<identifier>", Right.MANAGE_USERS, self.remove),
            Route("PUT", "/slow", Access.ANYONE, self.wait),
            Route("GET", "/tagged", Access.ANYONE, self.tagged),
        ]

    async def list_things(self, call: Call) -> object:
        paging = call.parameters(Paging)
        return {"count": paging.count, "tags": paging.tags, "who": call.viewer and call.viewer.user.username}

    async def one(self, call: Call, identifier: str) -> object:
        match identifier:
            case "broken":
                raise RuntimeError("secret")
            case "taken":
                raise Conflict("It is taken")
            case "failing":
                raise OSError(5, "Input/output error")
            case "full":
                raise OSError(28, "No space left on device")
            case "full2":
                raise ZeroDivisionError
            case "limited":
                raise TooManyRequests("Slow down", retry_after_seconds=30)
        return Reply(identifier.encode(), content_type="text/plain", headers={"X-Address": call.address})

    async def add(self, call: Call) -> object:
        return Reply({"name": (await call.body(Naming)).name}, 201)

    async def remove(self, call: Call, identifier: str) -> None:
        self.calls.append(("removed", identifier))

    async def wait(self, call: Call) -> None:
        await self.slow
        self.calls.append("went on")

    async def tagged(self, call: Call) -> object:
        return Reply({"a": 1}, headers={"ETag": '"abc"'})


class RoutingTests(TestCase):
    """From a request to a function and back."""

    def setUp(self) -> None:
        self.things = Things()
        viewers = {"u": viewer(), "a": viewer(2, Role.ADMINISTRATOR, username="root")}
        self.gate = gate(viewers, translations={ZeroDivisionError: lambda _: InsufficientStorage("No room")})
        self.client = Client(resource(self.things.routes(), self.gate))

    async def test_json_with_parameters(self) -> None:
        answer = await self.client.ask("GET", "/api/v1/things?count=3&tagsOneOf=a&tagsOneOf[]=b")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.header("Content-Type"), "application/json; charset=utf-8")
        self.assertEqual(answer.json, {"count": 3, "tags": ["a", "b"], "who": None})
        self.assertEqual(answer.header("Access-Control-Allow-Origin"), "*")
        self.assertEqual(answer.header("X-Content-Type-Options"), "nosniff")
        self.assertIsNone(answer.header("Cache-Control"))

    async def test_a_slash_at_the_end_does_not_matter(self) -> None:
        """yt-dlp asks for ``/api/v1/videos/<id>/``."""
        for path in ("/things", "/things/"):
            self.assertEqual((await self.client.ask("GET", f"/api/v1{path}?count=3")).json["count"], 3)

    async def test_a_token_changes_an_optional_answer_and_keeps_it_private(self) -> None:
        answer = await self.client.ask("GET", "/api/v1/things", token="u")
        self.assertEqual(answer.json["who"], "someone")
        self.assertEqual(answer.header("Cache-Control"), "private, no-store")

    async def test_401_says_what_is_missing(self) -> None:
        """Programs of PeerTube read `message`; others the header."""
        answer = await self.client.ask("POST", "/api/v1/things")
        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.json["message"], "Authentication required")
        self.assertEqual(answer.json["code"], "unauthorized_request")
        self.assertEqual(answer.header("WWW-Authenticate"), "Bearer")
        self.assertEqual(answer.header("Content-Type"), "application/problem+json; charset=utf-8")

    async def test_a_bad_token_is_refused_even_where_none_is_needed(self) -> None:
        for headers in ({"Authorization": "Bearer x"}, {"Authorization": "Basic dTpw"}, {"Authorization": "Bearer"}):
            answer = await self.client.ask("GET", "/api/v1/things", headers=headers)
            self.assertEqual(answer.status, 401)
            self.assertEqual(answer.json["message"], "Invalid token")
            self.assertEqual(answer.header("WWW-Authenticate"), 'Bearer error="invalid_token"')

    async def test_a_right_is_needed(self) -> None:
        refused = await self.client.ask("DELETE", "/api/v1/things/7", token="u")
        self.assertEqual(refused.status, 403)
        done = await self.client.ask("DELETE", "/api/v1/things/7", token="a")
        self.assertEqual((done.status, done.body), (204, b""))
        self.assertEqual(self.things.calls, [("removed", "7")])

    async def test_bodies_as_json_and_as_forms(self) -> None:
        answer = await self.client.ask("POST", "/api/v1/things", token="u", json={"name": "long enough"})
        self.assertEqual((answer.status, answer.json), (201, {"name": "long enough"}))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await self.client.ask("POST", "/api/v1/things", token="u", headers=form, body=b"name=a+b%21")
        self.assertEqual(answer.json, {"name": "a b!"})
        answer = await self.client.ask(
            "POST", "/api/v1/things", token="u", headers={"Content-Type": "text/plain"}, body=b"name"
        )
        self.assertEqual(answer.status, 415)

    async def test_wrong_fields_are_named(self) -> None:
        answer = await self.client.ask("GET", "/api/v1/things?count=101")
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.json["detail"], "Incorrect request parameters: count")
        self.assertEqual(answer.json["error"], answer.json["detail"])
        self.assertEqual(answer.json["instance"], "/api/v1/things")
        self.assertEqual(list(answer.json["invalid-params"]), ["count"])

    async def test_errors_keep_their_status_and_code(self) -> None:
        for name, status, code in (("taken", 409, "conflict"), ("full", 507, "insufficient_storage")):
            answer = await self.client.ask("GET", f"/api/v1/things/{name}")
            self.assertEqual((answer.status, answer.json["code"]), (status, code))
        self.assertEqual((await self.client.ask("GET", "/api/v1/things/full2")).status, 507)
        limited = await self.client.ask("GET", "/api/v1/things/limited")
        self.assertEqual((limited.status, limited.header("Retry-After")), (429, "30"))

    async def test_a_disk_that_fails_is_503_and_in_the_log(self) -> None:
        """Another try may go well; somebody must look after the disk."""
        answer = await self.client.ask("GET", "/api/v1/things/failing")
        self.assertEqual((answer.status, answer.json["code"]), (503, "storage_unavailable"))
        self.assertEqual(answer.header("Retry-After"), "5")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    async def test_an_unexpected_error_is_a_bare_500_and_in_the_log(self) -> None:
        """Nothing of the inside may reach a stranger."""
        answer = await self.client.ask("GET", "/api/v1/things/broken")
        self.assertEqual(answer.status, 500)
        self.assertNotIn(b"secret", answer.body)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    async def test_no_route_is_404_and_a_wrong_method_405(self) -> None:
        missing = await self.client.ask("GET", "/api/v1/nothing")
        self.assertEqual((missing.status, missing.json["code"]), (404, "not_found"))
        for method in ("PATCH", "BREW"):
            wrong = await self.client.ask(method, "/api/v1/things")
            self.assertEqual((wrong.status, wrong.header("Allow")), (405, "GET, HEAD, OPTIONS, POST"))
            self.assertEqual(wrong.json["code"], "method_not_allowed")
        self.assertEqual((await self.client.ask("GET", "/api/v1//things")).status, 404)

    async def test_preflight_of_another_origin(self) -> None:
        answer = await self.client.ask("OPTIONS", "/api/v1/things", headers={"Origin": "https://else.example"})
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.header("Access-Control-Allow-Origin"), "*")
        self.assertIn("Authorization", answer.header("Access-Control-Allow-Headers") or "")
        self.assertIsNone(answer.header("Access-Control-Allow-Credentials"))

    async def test_head_has_the_headers_only(self) -> None:
        answer = await self.client.ask("HEAD", "/api/v1/things")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.header("Content-Length"), str(len(b'{"count":15,"tags":[],"who":null}')))

    async def test_an_etag_that_the_client_has_is_304(self) -> None:
        answer = await self.client.ask("GET", "/api/v1/tagged", headers={"If-None-Match": 'W/"x", W/"abc"'})
        self.assertEqual((answer.status, answer.body), (304, b""))
        self.assertEqual((await self.client.ask("GET", "/api/v1/tagged")).status, 200)


class RateLimitTests(TestCase):
    """How often one address may ask."""

    async def test_over_the_limit_is_429_except_for_staff(self) -> None:
        viewers = {"u": viewer(), "m": viewer(2, Role.MODERATOR)}
        client = Client(resource(Things().routes(), gate(viewers, limit=2)))
        first = await client.ask("GET", "/api/v1/things")
        self.assertEqual(first.header("X-RateLimit-Remaining"), "1")
        self.assertEqual(first.header("X-RateLimit-Limit"), "2")
        await client.ask("GET", "/api/v1/things")
        over = await client.ask("GET", "/api/v1/things", token="u")
        self.assertEqual((over.status, over.header("Retry-After")), (429, "8"))
        self.assertEqual((await client.ask("GET", "/api/v1/things", token="m")).status, 200)
        self.assertEqual((await client.ask("GET", "/api/v1/things", headers={"Authorization": "Basic x"})).status, 429)
