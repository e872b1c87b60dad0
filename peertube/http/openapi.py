"""The description of the API, made of the routes themselves (OpenAPI 3.1).

Whatever a route says as data is in the document: its path, who may call it, the models of its query and body, the
first sentence of its docstring. Nothing is written twice, so nothing can be wrong in one place only.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_type_hints

from apispec import APISpec
from pydantic import BaseModel

from peertube.http.authentication import Access
from peertube.http.chunks import ChunkRoute
from peertube.http.routing import Route
from peertube.http.sinks import SinkRoute
from peertube.model.users import Right

AnyRoute = Route | SinkRoute | ChunkRoute
Json = dict[str, Any]

_BEARER = "bearer"
_REFERENCE = "#/components/schemas/{model}"
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 7807",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "error": {"type": "string", "description": "A copy of the detail"},
        "message": {"type": "string", "description": "On 401 only"},
        "invalid-params": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"type": {"const": "field"}, "msg": {"type": "string"}, "path": {"type": "string"}},
            },
        },
    },
}
_PROBLEMS = {
    400: "Malformed; the wrong fields are in invalid-params",
    401: "Without a token that is valid",
    403: "Not allowed for this user",
    404: "There is no such thing",
    409: "Not in this state, or taken",
    413: "Larger than allowed, or over the quota",
    415: "A type of content that is not taken",
    422: "Not what it claims to be",
    429: "Too many requests; see Retry-After",
    503: "Not now; see Retry-After",
    507: "The server has no room left",
}


def describe(routes: Iterable[AnyRoute], *, title: str, version: str, prefix: str) -> Json:
    """The document.

    :param prefix: where the routes are mounted, e.g. ``/api/v1``; the paths of sinks and chunks begin with it.
    """
    spec = APISpec(title=title, version=version, openapi_version="3.1.0", servers=[{"url": prefix}])
    spec.components.security_scheme(_BEARER, {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _PROBLEM)
    schemas = _Schemas(spec)
    paths: dict[str, Json] = {}
    for route in routes:
        path = path_of(route, prefix)
        operations = paths.setdefault(path, {})
        method = route.method.lower()
        made = _operation(route, path, schemas)
        operations[method] = _joined(operations[method], made) if method in operations else made
    for path, operations in paths.items():
        spec.path(path=path, operations=operations)
    return dict(spec.to_dict())


def path_of(route: AnyRoute, prefix: str) -> str:
    """The path of a route below `prefix`, as OpenAPI writes it: ``/videos/{identifier}``."""
    if isinstance(route, Route):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.template)
    path = re.sub(r"\(\?![^)]*\)", "", route.path)
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path).removeprefix(prefix)


class _Schemas:
    """Models as schemas: each once, by its name."""

    def __init__(self, spec: APISpec) -> None:
        self._spec = spec
        self._models: dict[str, type[BaseModel]] = {}

    def of(self, model: type[BaseModel]) -> Json:
        """The schema itself; what it refers to is in the document from now on."""
        schema = model.model_json_schema(by_alias=True, ref_template=_REFERENCE)
        for name, inner in schema.pop("$defs", {}).items():
            if name not in self._spec.components.schemas:
                self._spec.components.schema(name, inner)
        return schema

    def reference(self, model: type[BaseModel]) -> Json:
        """A reference to the schema."""
        name = model.__name__
        if self._models.setdefault(name, model) is not model:
            name = f"{model.__module__.rpartition('.')[2]}.{name}"
        if name not in self._spec.components.schemas:
            self._spec.components.schema(name, self.of(model))
        return {"$ref": _REFERENCE.format(model=name)}


def _operation(route: AnyRoute, path: str, schemas: _Schemas) -> Json:
    function = route.check if isinstance(route, ChunkRoute) else route.handler
    named = re.findall(r"\{(\w+)\}", path)
    words = re.findall(r"[A-Za-z0-9]+", path)
    made: Json = {
        "operationId": "_".join([route.method.lower(), *words]),
        "summary": _summary(function),
        "tags": [words[0] if words else "pod"],
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in named],
        "responses": _responses(route, bool(named)),
        "security": _security(route.access),
    }
    if isinstance(route.access, Right):
        made["description"] = f"Needs the right {route.access.value}."
    query = None if isinstance(route, SinkRoute) else route.query
    if query is not None:
        made["parameters"] += _query(query, schemas)
    content = _content(route, schemas)
    if content:
        made["requestBody"] = {"content": content}
    return made


def _query(model: type[BaseModel], schemas: _Schemas) -> list[Json]:
    schema = schemas.of(model)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": one}
        for name, one in schema.get("properties", {}).items()
    ]


def _content(route: AnyRoute, schemas: _Schemas) -> Json:
    if isinstance(route, ChunkRoute):
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    if isinstance(route, SinkRoute):
        fields: Json = {"type": "object", "properties": {}} if route.form is None else schemas.of(route.form)
        files = {name: {"type": "string", "format": "binary"} for name in sorted(route.file_fields)}
        return {"multipart/form-data": {"schema": {**fields, "properties": {**fields["properties"], **files}}}}
    if route.body is None:
        return {}
    reference = {"schema": schemas.reference(route.body)}
    return {"application/json": reference, "application/x-www-form-urlencoded": reference}


def _responses(route: AnyRoute, has_parameters: bool) -> Json:
    made: Json = {"200": {"description": "Done", "content": {"application/json": {"schema": {}}}}}
    if not isinstance(route, ChunkRoute) and get_type_hints(route.handler).get("return") is type(None):
        made = {"204": {"description": "Done"}}
    for status in sorted(_possible(route, has_parameters)):
        made[str(status)] = _problem(status)
    return made


def _possible(route: AnyRoute, has_parameters: bool) -> set[int]:
    possible = {429, 503}
    if isinstance(route, Route):
        takes_body = route.body is not None
        takes_query = route.query is not None
    else:
        takes_body, takes_query = True, False
        possible |= {422}
    if takes_query or takes_body or has_parameters:
        possible.add(400)
    if takes_body:
        possible |= {413, 415}
    if has_parameters:
        possible.add(404)
    if route.access is not Access.ANYONE:
        possible |= {401, 403}
    if route.method != "GET":
        possible |= {409, 507}
    return possible


def _problem(status: int) -> Json:
    schema = {"$ref": _REFERENCE.format(model="Problem")}
    return {"description": _PROBLEMS[status], "content": {"application/problem+json": {"schema": schema}}}


def _security(access: Access | Right) -> list[Mapping[str, list[str]]]:
    if access is Access.ANYONE:
        return []
    return [{}, {_BEARER: []}] if access is Access.OPTIONAL else [{_BEARER: []}]


def _joined(one: Json, other: Json) -> Json:
    """Two ways to ask for the same: as a form with files, and without."""
    content = {**one.get("requestBody", {}).get("content", {}), **other.get("requestBody", {}).get("content", {})}
    return {
        **other,
        **one,
        "requestBody": {"content": content},
        "responses": {**other["responses"], **one["responses"]},
    }


def _summary(function: object) -> str:
    return " ".join((function.__doc__ or "").strip().partition("\n\n")[0].split())
