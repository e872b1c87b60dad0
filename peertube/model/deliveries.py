"""Deliveries: what friends have not been told yet."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import frozen


class DeliveryKind(Enum):
    """What a friend is told (types of the pods' protocol, third generation)."""

    ADD_AUTHOR = "add-author"
    REMOVE_AUTHOR = "remove-author"
    ADD_CHANNEL = "add-channel"
    UPDATE_CHANNEL = "update-channel"
    REMOVE_CHANNEL = "remove-channel"
    ADD_VIDEO = "add-video"
    UPDATE_VIDEO = "update-video"
    REMOVE_VIDEO = "remove-video"


@frozen
class Delivery:
    """One thing to tell one pod: an object (by uuid) in a version.

    The body is built when it is sent, from the newest state; a removal carries its own (`body`).
    """

    id: int
    pod_id: int
    kind: DeliveryKind
    object_uuid: str
    version: int
    body: Mapping[str, Any] | None
    attempts: int
    created_ms: int
