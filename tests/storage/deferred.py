"""Coroutines that run beside the test."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

Result = TypeVar("Result")


def deferred(coroutine: Coroutine[Any, Any, Result]) -> Deferred[Result]:
    """Begin `coroutine` now; the test goes on beside it."""
    return Deferred.fromCoroutine(coroutine)
