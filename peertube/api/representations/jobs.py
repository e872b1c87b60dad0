"""Work as JSON: PeerTube's jobs, with how often it was tried beside."""

from typing import Any

from peertube.api.representations.times import iso, iso_or_none
from peertube.model.work import WorkItem


def job(item: WorkItem) -> dict[str, Any]:
    """One piece of work."""
    return {
        "id": item.id,
        "state": item.state.value,
        "type": item.kind,
        "data": item.data,
        "priority": item.priority,
        "progress": item.progress,
        "attempts": item.attempts,
        "error": item.error,
        "createdAt": iso(item.created_ms),
        "finishedOn": iso_or_none(item.finished_ms),
        "processedOn": iso_or_none(item.started_ms),
    }
