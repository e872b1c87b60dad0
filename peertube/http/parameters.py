"""What a request says, parsed once into pydantic models: query strings, form bodies and JSON bodies.

Whatever cannot be a parameter (invalid UTF-8, NUL bytes, numbers no database holds) is `Invalid`, never a failure
further in. Form and query keys follow PeerTube's habits: ``tagsOneOf=a&tagsOneOf=b``, ``tags[]=a``, ``tags[0]=a``
and ``scheduleUpdate[privacy]=1``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard, TypeVar, get_args, get_origin
from urllib.parse import unquote_to_bytes

import msgspec
from pydantic import BaseModel, ValidationError

from peertube.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)

MAXIMUM_PAIRS = 1000
"""More keys than this in one query or form are refused."""

MAXIMUM_INTEGER = 2**53
"""Larger whole numbers cannot be said exactly in JSON and fit no column."""

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])?)")
_LISTS = (list, tuple, set, frozenset)


def query_of(model: type[Model], query: bytes) -> Model:
    """Parse the part of a URL after the question mark."""
    return from_pairs(model, pairs(query))


def json_of(model: type[Model], body: bytes) -> Model:
    """Parse a JSON body. An empty body counts as an empty object."""
    try:
        given = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Invalid("The body is not valid JSON", code="malformed_body") from error
    if not isinstance(given, dict):
        raise Invalid("The body is not a JSON object", code="malformed_body")
    return validate(model, given)


def pairs(text: bytes) -> list[tuple[str, str]]:
    """The decoded keys and values of ``application/x-www-form-urlencoded``, in order."""
    parts = [part for part in text.split(b"&") if part]
    if len(parts) > MAXIMUM_PAIRS:
        raise Invalid("Too many parameters")
    decoded = []
    for part in parts:
        key, _, value = part.partition(b"=")
        decoded.append((_text(key), _text(value)))
    return decoded


def from_pairs(model: type[Model], given: Iterable[tuple[str, str]]) -> Model:
    """Sort keys and values (of a query, a form or a multipart body) into the fields of a model."""
    lists = _list_fields(model)
    gathered: dict[str, Any] = {}
    for key, value in given:
        match = _KEY.fullmatch(key)
        name, bracket = (match[1], match[2]) if match else (key, "")
        inner = bracket[1:-1]
        if name in lists:
            gathered.setdefault(name, []).append(value)
        elif bracket and inner and not inner.isdigit():
            nested = gathered.setdefault(name, {})
            if not isinstance(nested, dict) or inner in nested:
                raise _repeated(name)
            nested[inner] = value
        elif name in gathered:
            raise _repeated(name)
        else:
            gathered[name] = value
    return validate(model, gathered)


def validate(model: type[Model], given: Mapping[str, Any]) -> Model:
    """The model, or `Invalid` with every wrong field by its name on the wire."""
    try:
        checked = model.model_validate(given)
    except ValidationError as error:
        fields: dict[str, str] = {}
        for one in error.errors(include_url=False, include_context=False, include_input=False):
            name = _field_name(model, one["loc"])
            fields.setdefault(name, one["msg"])
        raise _incorrect(fields) from error
    wrong = {name: text for name in checked.model_fields_set if (text := _unstorable(getattr(checked, name, None)))}
    if wrong:
        fields_of = model.model_fields
        raise _incorrect({fields_of[name].alias or name: wrong[name] for name in fields_of if name in wrong})
    return checked


def _field_name(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Where an error is, as the wire names it: ``name``, or ``instance.name`` in a model within a model."""
    if not location:
        return "body"
    first, *rest = location
    for name, field in model.model_fields.items():
        if first in (name, field.alias):
            inner = next((one for one in (field.annotation, *get_args(field.annotation)) if _is_model(one)), None)
            if inner is not None and rest and isinstance(rest[0], str):
                return f"{first}.{_field_name(inner, tuple(rest))}"
    return str(first)


def _is_model(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _unstorable(value: object) -> str | None:
    """Why no database would take the value, or None."""
    match value:
        case bool():
            return None
        case int() if abs(value) > MAXIMUM_INTEGER:
            return "Value is out of range"
        case float() if value != value or value in (float("inf"), float("-inf")):
            return "Value is not a number"
        case str() if "\0" in value or not _is_unicode(value):
            return "Text has characters that are not allowed"
        case list() | tuple() | set() | frozenset():
            return next((text for one in value if (text := _unstorable(one)) is not None), None)
        case dict():
            return next((text for pair in value.items() if (text := _unstorable(pair)) is not None), None)
        case BaseModel():
            return _unstorable(dict(value))
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(raw: bytes) -> str:
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("A parameter is not valid UTF-8") from error
    if "\0" in text:
        raise Invalid("A parameter holds a NUL byte")
    return text


def _list_fields(model: type[BaseModel]) -> frozenset[str]:
    known = _LIST_FIELDS.get(model)
    if known is None:
        known = frozenset(
            name
            for field_name, field in model.model_fields.items()
            if _takes_list(field.annotation)
            for name in (field_name, field.alias)
            if name is not None
        )
        _LIST_FIELDS[model] = known
    return known


_LIST_FIELDS: dict[type[BaseModel], frozenset[str]] = {}
"""The fields of each model class that hold lists; as many entries as there are classes."""


def _takes_list(annotation: Any) -> bool:
    if annotation in _LISTS or get_origin(annotation) in _LISTS:
        return True
    return any(_takes_list(part) for part in get_args(annotation) if not isinstance(part, str | int))


def _repeated(name: str) -> Invalid:
    return _incorrect({name: "Given more than once"})


def _incorrect(fields: Mapping[str, str]) -> Invalid:
    return Invalid(f"Incorrect request parameters: {', '.join(fields)}", fields=fields)
