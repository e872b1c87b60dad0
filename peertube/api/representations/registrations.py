"""Requests for an account as JSON (PeerTube's REST API: UserRegistration)."""

from typing import Any

from peertube.api.representations.times import iso
from peertube.model.registrations import Registration


def registration(one: Registration) -> dict[str, Any]:
    """One request."""
    return {
        "id": one.id,
        "state": {"id": int(one.state), "label": one.state.label},
        "registrationReason": one.reason,
        "moderationResponse": one.moderation_response,
        "username": one.username,
        "email": one.email,
        "emailVerified": one.email_verified,
        "accountDisplayName": one.display_name,
        "channelHandle": one.channel_name,
        "channelDisplayName": one.channel_display_name,
        "createdAt": iso(one.created_ms),
        "updatedAt": iso(one.updated_ms),
        "user": None if one.user_id is None else {"id": one.user_id},
    }
