"""How well friends are told as JSON."""

from typing import Any

from peertube.api.representations.times import iso, iso_or_none
from peertube.model.delivery_health import LaneHealth


def lane_health(lane: LaneHealth, now_ms: int) -> dict[str, Any]:
    """One friend; `queueAge` in seconds."""
    return {
        "id": lane.pod_id,
        "host": lane.host,
        "state": lane.state.value,
        "waiting": lane.waiting,
        "oldestWaitingAt": iso_or_none(lane.oldest_ms),
        "queueAge": 0 if lane.oldest_ms is None else max(0, now_ms - lane.oldest_ms) // 1000,
        "failures": lane.failures,
        "nextTryAt": iso(lane.next_try_ms) if lane.next_try_ms else None,
        "lastSuccessAt": iso_or_none(lane.last_success_ms),
        "lastErrorAt": iso_or_none(lane.last_error_ms),
        "lastError": lane.last_error,
    }
