"""Friends and attempts at making friends as JSON."""

from typing import Any

from peertube.api.representations.times import iso, iso_or_none
from peertube.model.admin_events import AdminEvent
from peertube.model.friend_proposals import FriendProposal
from peertube.model.pods import Pod
from peertube.usecases.friend_attempts import Attempt


def pod(friend: Pod) -> dict[str, Any]:
    """A friend as the pods of 2017 showed it to everyone."""
    return {
        "id": friend.id,
        "host": friend.host,
        "email": friend.email,
        "score": friend.score,
        "createdAt": iso(friend.created_ms),
    }


def pod_health(friend: Pod) -> dict[str, Any]:
    """A friend with how well it is reached, for the admin."""
    return {
        **pod(friend),
        "state": friend.state.value,
        "failures": friend.failures,
        "nextTryAt": iso(friend.next_try_ms) if friend.next_try_ms else None,
        "lastSuccessAt": iso_or_none(friend.last_success_ms),
        "lastErrorAt": iso_or_none(friend.last_error_ms),
        "lastError": friend.last_error,
        "protocol": friend.protocol,
        "failingSince": iso_or_none(friend.failing_since_ms),
        "lastHeardAt": iso_or_none(friend.last_heard_ms),
        "ejectedAt": iso_or_none(friend.ejected_ms),
        "mutedUntil": iso(friend.muted_until_ms) if friend.muted_until_ms else None,
    }


def attempt(made: Attempt) -> dict[str, Any]:
    """An attempt at making friends, with what came of each host."""
    return {
        "hosts": made.hosts,
        "startedAt": iso(made.started_ms),
        "finishedAt": iso_or_none(made.finished_ms),
        "error": made.error,
        "results": [{"host": one.host, "result": one.result, "detail": one.detail} for one in made.results],
    }


def proposal(found: FriendProposal) -> dict[str, Any]:
    """A pod that asks for friendship."""
    return {
        "host": found.host,
        "email": found.email,
        "protocol": found.protocol,
        "createdAt": iso(found.created_ms),
    }


def event(found: AdminEvent) -> dict[str, Any]:
    """What the admin should know about."""
    return {
        "id": found.id,
        "kind": found.kind.value,
        "subject": found.subject,
        "detail": found.detail,
        "createdAt": iso(found.created_ms),
    }
