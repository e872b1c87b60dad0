"""What the admin should know about: things that the pod did by itself, or that wait for a decision."""

from enum import Enum

from attrs import frozen


class AdminEventKind(Enum):
    """What happened."""

    POD_DORMANT = "pod-dormant"
    POD_RETURNED = "pod-returned"
    POD_EJECTED = "pod-ejected"
    POD_FORGOTTEN = "pod-forgotten"
    POD_RESTORED = "pod-restored"
    POD_INCOMPATIBLE = "pod-incompatible"
    POD_MUTED = "pod-muted"
    POD_ASKS = "pod-asks"
    POD_KEY_CHANGED = "pod-key-changed"
    KEY_OUTDATED = "key-outdated"
    POD_MOVED = "pod-moved"
    CLOCKS_DIFFER = "clocks-differ"
    LANE_SHORTENED = "lane-shortened"


@frozen
class AdminEvent:
    """An event about `subject` (the host of a pod); `detail` is for people. Time in ms since 1970 UTC."""

    id: int
    kind: AdminEventKind
    subject: str
    detail: str
    created_ms: int
