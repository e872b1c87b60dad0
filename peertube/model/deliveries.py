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
    QADU_VIDEO = "qadu-video"
    EVENT_VIEWS = "event-views"
    EVENT_LIKES = "event-likes"
    EVENT_DISLIKES = "event-dislikes"
    EVENT = "event"
    REPORT_ABUSE = "report-abuse"
    RESYNC = "resync"
    KEEP = "keep"
    MOVE = "move"


@frozen
class Delivery:
    """One thing to tell one pod: an object (by uuid) in a version.

    The body is built when it is sent, from the newest state; removals, events and reports carry their own (`body`).
    A ``qadu-video`` tells the counters of a video of ours. The ``version`` of an ``event-...`` is the count that has
    come together for a video of the pod; when it is about to be sent it becomes an ``event`` with an id of its own
    (`object_uuid`), whose count does not change any more. A ``resync`` stands for all that is ours; how far that was
    told is in its `body`. A ``move`` tells that our host is another one than that in its `body`.
    """

    id: int
    pod_id: int
    kind: DeliveryKind
    object_uuid: str
    version: int
    body: Mapping[str, Any] | None
    attempts: int
    created_ms: int
