"""SQL texts that run on both engines.

Placeholders are ``:name``. ``$list(name)`` stands for the rows of a list parameter, as in
``where category in $list(categories)``. Where the engines must differ, the second text stands beside the first.
Queries are module constants; those with optional parts are put together from constants with ``+``. No value from
outside is ever part of a text.
"""

import re
from functools import lru_cache

from attrs import field, frozen

_PLACEHOLDER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_LIST = re.compile(r"\$list\(([a-z_][a-z0-9_]*)\)")
_IN_LIST = re.compile(r"\bin\s+\$list\(([a-z_][a-z0-9_]*)\)", re.IGNORECASE)
_WRITTEN = re.compile(r"\b(?:insert(?:\s+or\s+\w+)?\s+into|delete\s+from)\s+(\w+)", re.IGNORECASE)
_UPDATED = re.compile(
    r"\bupdate\s+(?!set\b)(\w+)(?:\s+as\s+\w+)?\s+set\s+(.*?)(?=\bwhere\b|\bfrom\b|\breturning\b|;|\Z)", re.I | re.S
)
_COLUMN = re.compile(r"(?:\A|,)\s*(\w+)\s*=")
_NOT_IN_LIST = re.compile(r"\bnot\s+in\s+\$list\(([a-z_][a-z0-9_]*)\)", re.IGNORECASE)

_TEXTS = 2_000
"""How many texts are remembered as the engines take them; there are fewer, however their parts are put together."""


@frozen
class Query:
    """One SQL text, or two that mean the same.

    :param text: for both engines, or for SQLite alone when `postgresql` is given.
    """

    text: str
    postgresql_text: str | None = field(default=None, alias="postgresql")

    def __add__(self, other: "Query") -> "Query":
        """The two texts, one after the other."""
        both = f"{self.text}\n{other.text}"
        if self.postgresql_text is None and other.postgresql_text is None:
            return Query(both)
        return Query(both, f"{self.postgresql_text or self.text}\n{other.postgresql_text or other.text}")

    @property
    def changes(self) -> frozenset[str]:
        """What it changes: tables whose rows it adds or removes, and ``table.column`` of what it sets."""
        return _changes(self.text)

    @property
    def for_sqlite(self) -> str:
        """As the sqlite3 module takes it; list parameters arrive as JSON texts."""
        return _for_sqlite(self.text)

    @property
    def for_postgresql(self) -> str:
        """As psycopg2 takes it; list parameters arrive as arrays.

        An empty array has no type of its own: compared with a column it takes that of the column; where a list stands
        for rows, it is one of texts.
        """
        return _for_postgresql(self.postgresql_text or self.text)


@lru_cache(maxsize=_TEXTS)
def _for_sqlite(text: str) -> str:
    return _LIST.sub(r"(select value from json_each(:\1))", text)


@lru_cache(maxsize=_TEXTS)
def _for_postgresql(text: str) -> str:
    text = text.replace("%", "%%")
    text = _NOT_IN_LIST.sub(r"<> all (:\1)", text)
    text = _IN_LIST.sub(r"= any (:\1)", text)
    text = _LIST.sub(r"(select unnest(cast(:\1 as text[])))", text)
    return _PLACEHOLDER.sub(r"%(\1)s", text)


@lru_cache(_TEXTS)
def _changes(text: str) -> frozenset[str]:
    found = set(_WRITTEN.findall(text))
    for table, columns in _UPDATED.findall(text):
        found.update(f"{table}.{column}" for column in _COLUMN.findall(columns))
    return frozenset(found)
