"""The description of the API is made of the routes and says what they do."""

import ast
from pathlib import Path

from pydantic import BaseModel, Field
from twisted.trial.unittest import SynchronousTestCase

from peertube.http.chunks import ChunkRoute
from peertube.http.openapi import describe, path_of
from peertube.http.routing import Access, Call, Route
from peertube.http.sinks import SinkRoute
from peertube.model.users import Right

PACKAGE = Path(__file__).parent.parent.parent / "peertube"


class Asked(BaseModel):
    """A query."""

    start: int = Field(default=0, ge=0)
    tags: list[str] = Field(default=[], alias="tagsOneOf")


class Sent(BaseModel):
    """A body."""

    name: str


async def change(call: Call, identifier: str) -> None:
    """Change a thing.

    More about it.
    """


async def read(call: Call) -> object:
    """Read things."""
    return {}


async def check(call: Call, length: int | None) -> int:
    """Nothing."""
    return 0


class DocumentTests(SynchronousTestCase):
    """What routes become."""

    def setUp(self) -> None:
        files = frozenset({"picture"})
        sink = SinkRoute(
            "PUT", r"/api/v1/things/(?!x$)(?P<identifier>[a-z]+)", Access.USER, check, change, files, 1, form=Sent
        )
        chunks = ChunkRoute("PUT", r"/api/v1/chunks", Access.USER, check, check)
        routes = [
            Route("GET", "/things", Access.OPTIONAL, read, query=Asked),
            Route("PUT", "/things/<identifier>", Right.MANAGE_USERS, change, body=Sent),
            sink,
            chunks,
        ]
        self.document = describe(routes, title="t", version="1", prefix="/api/v1")

    def test_paths_are_those_of_the_routes(self) -> None:
        self.assertEqual(list(self.document["paths"]), ["/things", "/things/{identifier}", "/chunks"])
        self.assertEqual(path_of(Route("GET", "/a/<path:rest>", Access.ANYONE, read), ""), "/a/{rest}")

    def test_queries_have_the_names_of_the_wire(self) -> None:
        parameters = self.document["paths"]["/things"]["get"]["parameters"]
        self.assertEqual([one["name"] for one in parameters], ["start", "tagsOneOf"])
        self.assertEqual(parameters[0]["schema"]["minimum"], 0)

    def test_forms_with_files_and_json_are_one_operation(self) -> None:
        told = self.document["paths"]["/things/{identifier}"]["put"]
        kinds = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
        self.assertEqual(sorted(told["requestBody"]["content"]), kinds)
        form = told["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
        self.assertEqual(sorted(form), ["name", "picture"])
        self.assertEqual(told["summary"], "Change a thing.")

    def test_answers_and_security_follow_from_the_access(self) -> None:
        told = self.document["paths"]["/things/{identifier}"]["put"]
        self.assertIn("204", told["responses"])
        self.assertIn("403", told["responses"])
        self.assertEqual(told["security"], [{"bearer": []}])
        self.assertEqual(self.document["paths"]["/things"]["get"]["security"], [{}, {"bearer": []}])


class DeclarationTests(SynchronousTestCase):
    """What a function asks its call for is what its route declares."""

    def test_routes_declare_the_models_that_their_functions_read(self) -> None:
        """Otherwise the description would be silent about parameters, or wrong."""
        wrong = []
        for path in sorted((PACKAGE / "api").glob("*.py")):
            tree = ast.parse(path.read_text())
            asked = {node.name: _asked(node) for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Route":
                    handler = node.args[3]
                    assert isinstance(handler, ast.Attribute)
                    declared = {one.arg: ast.unparse(one.value) for one in node.keywords}
                    if declared != asked.get(handler.attr, {}):
                        wrong.append(f"{path.name}:{node.lineno} {handler.attr}")
        self.assertEqual(wrong, [])


def _asked(function: ast.AsyncFunctionDef) -> dict[str, str]:
    found = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            whose, what = node.func.value, {"parameters": "query", "body": "body"}.get(node.func.attr)
            if what is not None and isinstance(whose, ast.Name) and whose.id == "call":
                found[what] = ast.unparse(node.args[0])
    return found
