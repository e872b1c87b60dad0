"""The table of endpoints in ``docs/rest-api.rst``, beside the routes that a node has.

``python -m tests.rest_api_table`` marks the rows whose routes exist as done.
"""

import re
from pathlib import Path

from attrs import frozen

from tests.network import Network

PAGE = Path(__file__).parent.parent / "docs" / "rest-api.rst"
_ROW = re.compile(r'^   "(GET|POST|PUT|DELETE)", "(/[^"]*)", "([^"]*)"$', re.MULTILINE)

Endpoint = tuple[str, str]
"""A method and a path below ``/api/v1`` whose parameters have no names: ``/videos/{}``."""


@frozen
class Row:
    """One row: ``done``, ``later: <area>`` or ``never: <why>``."""

    method: str
    path: str
    state: str

    @property
    def endpoint(self) -> Endpoint:
        """What it is about."""
        return endpoint(self.method, self.path)


def endpoint(method: str, path: str) -> Endpoint:
    """A method and a path in the form in which they are compared."""
    return method.upper(), re.sub(r"\{\w+\}", "{}", path)


def rows() -> list[Row]:
    """The table as it is written."""
    return [Row(*match.groups()) for match in _ROW.finditer(PAGE.read_text())]


def offered() -> set[Endpoint]:
    """What a node of ours answers, as its own description says."""
    network = Network(1)
    network.discard()
    paths = network.pods[0].node.api_document["paths"]
    return {endpoint(method, path) for path, operations in paths.items() for method in operations}


def main() -> None:
    """Mark what is done."""
    have = offered()

    def marked(match: re.Match[str]) -> str:
        row = Row(*match.groups())
        return f'   "{row.method}", "{row.path}", "{"done" if row.endpoint in have else row.state}"'

    PAGE.write_text(_ROW.sub(marked, PAGE.read_text()))


if __name__ == "__main__":
    main()
