"""Everything that is stored is stored alike on PostgreSQL: each test with a database runs there, too.

This makes a second class of each test class of the packages below. Tests of SQLite itself, and modules that have no
database, are left out.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from twisted.trial.unittest import TestCase

import tests.jobs
import tests.storage
import tests.usecases
from tests import servers
from tests.storage.databases import on_postgresql

_PACKAGES = (tests.storage, tests.usecases, tests.jobs)
_ONE_ENGINE = {"test_migrate", "test_query", "test_sqlite", "test_on_postgresql"}
_NO_DATABASE = {"test_states", "test_password_hashers", "test_real_upload"}


def _test_classes() -> Iterator[type[TestCase]]:
    for package in _PACKAGES:
        for found in pkgutil.iter_modules(package.__path__):
            if not found.name.startswith("test_") or found.name in _ONE_ENGINE | _NO_DATABASE:
                continue
            if found.name.startswith("test_postgresql"):
                continue
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, TestCase) and value.__module__ == module.__name__:
                    yield value


def _on_postgresql(original: type[TestCase]) -> type[TestCase]:
    class Variant(original):  # type: ignore[misc, valid-type]  # made from what is found
        """The same tests, on PostgreSQL."""

        def run(self, result: Any) -> Any:
            with on_postgresql():
                return super().run(result)

    module = original.__module__.rpartition(".")[2].removeprefix("test_")
    Variant.__name__ = f"{original.__name__}_{module}"
    Variant.__qualname__ = Variant.__name__
    Variant.__module__ = __name__
    Variant.skip = getattr(original, "skip", None) or servers.no_postgresql()
    return Variant


globals().update({variant.__name__: variant for variant in map(_on_postgresql, _test_classes())})
