"""Statements that a connection reads with again and again are prepared: the server takes their text apart once.

Only reads are: a parameter may have another type for the server than a literal, and where it refuses a text for that, a
read is simply run again, with its text as it is.
"""

import re
from collections.abc import Mapping

from attrs import define, field, frozen

_OFTEN = 3
"""How often a connection is asked for a text before it prepares it."""

_MOST = 150
"""How many statements a connection prepares; each takes memory on the server."""

_TEXTS = 2_000

_PLACEHOLDER = re.compile(r"%\(([a-z_][a-z0-9_]*)\)s|%%")


@frozen
class Execution:
    """How a prepared statement is run: `preparation` comes first, "" when that was done."""

    key: str
    preparation: str
    text: str


@define
class Prepared:
    """What one connection has prepared. `refused` are texts that the server does not prepare."""

    refused: set[str] = field(factory=set)
    _asked: dict[str, int] = field(factory=dict)
    _executions: dict[str, str] = field(factory=dict)

    def execution(self, text: str, parameters: Mapping[str, object]) -> Execution | None:
        """How `text` is run with parameters like these; None when it is sent as it is."""
        kinds = [_kind(value) for value in parameters.values()]
        key = " ".join((*kinds, text))
        known = self._executions.get(key)
        if known is not None:
            return Execution(key, "", known)
        asked = self._asked[key] = self._asked.get(key, 0) + 1
        if len(self._asked) > _TEXTS:
            self._asked.clear()
        if asked < _OFTEN or len(self._executions) >= _MOST or key in self.refused:
            return None
        return self._prepare(key, text, dict(zip(parameters, kinds, strict=True)))

    def done(self, execution: Execution) -> None:
        """The server has prepared it."""
        self._executions[execution.key] = execution.text

    def _prepare(self, key: str, text: str, kinds: Mapping[str, str]) -> Execution:
        numbers: dict[str, int] = {}

        def numbered(found: re.Match[str]) -> str:
            return "%" if found[1] is None else f"${numbers.setdefault(found[1], len(numbers) + 1)}"

        name = f"read_{len(self._executions)}"
        body = _PLACEHOLDER.sub(numbered, text)
        if not numbers:
            return Execution(key, f"prepare {name} as {body}", f"execute {name}")
        types = ", ".join(kinds[one] for one in numbers)
        values = ", ".join(f"%({one})s" for one in numbers)
        return Execution(key, f"prepare {name} ({types}) as {body}", f"execute {name} ({values})")


def _kind(value: object) -> str:
    """The type that a literal of the value has for the server."""
    if isinstance(value, int):
        return "bigint"
    if isinstance(value, float):
        return "numeric"
    if isinstance(value, list) and value:
        return "bigint[]" if isinstance(value[0], int) else "text[]"
    return "unknown"
