"""What the staff did."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen
class AuditEntry:
    """One deed of `username`. `domain` is what it was about (``config``), `action` what was done (``update``)."""

    username: str
    domain: str
    action: str
    detail: Mapping[str, Any]
    created_ms: int
