"""Counters and counted events in what pods tell each other (pods' protocol A.3.5, docs/pods-protocol.rst).

Counters (``/remote/videos/qadu``) are the newest absolute values of a video of the sender. Events
(``/remote/videos/events``) tell the origin of a video what happened to it at the sender's.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from attrs import frozen
from msgspec import Meta, Struct

from peertube.errors import Invalid
from peertube.model.deliveries import DeliveryKind
from peertube.model.videos import Video
from peertube.pods.messages import Count, Uuid

MOST_OF_AN_EVENT = 1_000_000
"""So many views, likes or dislikes one event may add or take back."""

EVENT_TYPES: Mapping[DeliveryKind, str] = {
    DeliveryKind.EVENT_VIEWS: "views",
    DeliveryKind.EVENT_LIKES: "likes",
    DeliveryKind.EVENT_DISLIKES: "dislikes",
}


class _Counters(Struct):
    uuid: Uuid
    views: Count | None = None
    likes: Count | None = None
    dislikes: Count | None = None


class _Event(Struct, rename={"event_type": "eventType"}):
    uuid: Uuid
    event_type: Literal["views", "likes", "dislikes"]
    count: Annotated[int, Meta(ge=-MOST_OF_AN_EVENT, le=MOST_OF_AN_EVENT)]
    id: Uuid | None = None


class _CountersItem(Struct):
    data: _Counters


class _EventItem(Struct):
    data: _Event


@frozen
class Counters:
    """The newest counters of a video of the sender; None stays as it is."""

    uuid: str
    views: int | None
    likes: int | None
    dislikes: int | None


@frozen
class Event:
    """What happened at the sender's to a video of ours. `id` tells repetitions; pods of 2017 give none."""

    id: str | None
    uuid: str
    views: int = 0
    likes: int = 0
    dislikes: int = 0


def parse_counters(item: object) -> Counters:
    """Read one item. `Invalid` with the reason in words when it is not to be taken."""
    try:
        sent = msgspec.convert(item, _CountersItem).data
    except msgspec.ValidationError as error:
        raise Invalid(str(error)[:300], code="invalid_item") from error
    return Counters(sent.uuid, sent.views, sent.likes, sent.dislikes)


def parse_event(item: object) -> Event:
    """Read one item. `Invalid` with the reason in words when it is not to be taken."""
    try:
        sent = msgspec.convert(item, _EventItem).data
    except msgspec.ValidationError as error:
        raise Invalid(str(error)[:300], code="invalid_item") from error
    if sent.event_type == "views" and sent.count < 0:
        raise Invalid("Views are not taken back", code="invalid_item")
    return Event(sent.id, sent.uuid, **{sent.event_type: sent.count})


def counters(video: Video) -> Mapping[str, Any]:
    """The counters of a video of ours as an item."""
    return {
        "data": {"uuid": video.uuid, "views": video.views, "likes": video.likes, "dislikes": video.dislikes}
    }  # fmt: skip


def event(kind: DeliveryKind, uuid: str, count: int, event_id: str) -> Mapping[str, Any]:
    """The data of an event; a count over the limit of one event is cut."""
    cut = max(-MOST_OF_AN_EVENT, min(MOST_OF_AN_EVENT, count))
    return {"id": event_id, "uuid": uuid, "eventType": EVENT_TYPES[kind], "count": cut}
