"""``/api/docs``: the description of the API for people. In English, as the words come from the routes themselves."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from peertube.http.routing import Access
from peertube.pages.visits import PageRoute, Shown, Visit

Json = dict[str, Any]

_LIMITS = {
    "minimum": "from {}",
    "maximum": "to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "maxItems": "at most {}",
}


@frozen
class Field:
    """A parameter or a field of a body."""

    name: str
    place: str
    kind: str
    required: bool


@frozen
class Operation:
    """One thing that can be asked for."""

    method: str
    path: str
    summary: str
    who: str
    fields: list[Field]
    answers: list[tuple[str, str]]


@frozen
class ApiDocsPages:
    """The page.

    :param document: makes the OpenAPI document.
    """

    document: Callable[[], Json]

    def routes(self) -> list[PageRoute]:
        """The one page."""
        return [PageRoute("GET", "/api/docs", Access.ANYONE, self.read)]

    async def read(self, visit: Visit) -> Shown:
        """Every operation, by what it is about."""
        document = self.document()
        return Shown("api_docs.html", {"title": document["info"]["title"], "groups": grouped(document)})


def grouped(document: Json) -> dict[str, list[Operation]]:
    """The operations of a document by their tag, both in order."""
    groups: dict[str, list[Operation]] = {}
    schemas: Json = document["components"]["schemas"]
    base = document["servers"][0]["url"]
    for path, operations in sorted(document["paths"].items()):
        for method, told in operations.items():
            operation = Operation(
                method=method.upper(),
                path=base + path,
                summary=told["summary"],
                who=_who(told),
                fields=[*_parameters(told), *_body(told, schemas)],
                answers=[(status, answer["description"]) for status, answer in sorted(told["responses"].items())],
            )
            groups.setdefault(told["tags"][0], []).append(operation)
    return dict(sorted(groups.items()))


def _who(told: Json) -> str:
    security = told["security"]
    if not security:
        return "Anyone."
    if {} in security:
        return "Anyone; a token may change the answer."
    return str(told.get("description", "Needs a token."))


def _parameters(told: Json) -> list[Field]:
    return [Field(one["name"], one["in"], kind(one["schema"]), one["required"]) for one in told["parameters"]]


def _body(told: Json, schemas: Json) -> list[Field]:
    fields: dict[str, Field] = {}
    for content in told.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        for name, one in schema.get("properties", {}).items():
            fields[name] = Field(name, "body", kind(one), name in schema.get("required", []))
    return list(fields.values())


def kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(str(one) for one in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    limits = [text.format(schema[key]) for key, text in _LIMITS.items() if key in schema]
    what = str(schema.get("format") or schema.get("type") or "anything")
    if what == "array":
        what = f"list of {kind(schema.get('items', {}))}"
    return f"{what} ({', '.join(limits)})" if limits else what
