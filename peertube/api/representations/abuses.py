"""Reports as JSON (`rest-api.md` B.12)."""

from typing import Any

from peertube.api.representations.times import iso
from peertube.model.abuses import Abuse, AbuseMessage


def abuse(found: Abuse, own_host: str) -> dict[str, Any]:
    """A report, for moderators."""
    return {**abuse_of_mine(found, own_host), "moderationComment": found.moderation_comment}


def abuse_message(found: AbuseMessage, own_host: str) -> dict[str, Any]:
    """What somebody says about a report."""
    account = None
    if found.account_id is not None:
        account = {
            "id": found.account_id,
            "name": found.name,
            "displayName": found.display_name,
            "host": own_host,
        }
    return {
        "id": found.id,
        "message": found.message,
        "byModerator": found.by_moderator,
        "account": account,
        "createdAt": iso(found.created_ms),
    }


def abuse_of_mine(found: Abuse, own_host: str) -> dict[str, Any]:
    """A report, for whoever made it."""
    report = found.report
    return {
        "id": found.id,
        "reason": report.reason,
        "predefinedReasons": [reason.value for reason in report.predefined_reasons],
        "reporterAccount": {
            "id": report.reporter_id,
            "name": report.reporter_name,
            "displayName": report.reporter_name,
            "host": report.host or own_host,
        },
        "state": {"id": int(found.state), "label": found.state.label},
        "countMessages": found.messages,
        "video": {
            "id": report.video_id,
            "uuid": report.video_uuid,
            "name": report.video_name,
            "host": report.video_host or own_host,
            "deleted": report.video_id is None,
            "startAt": report.start_at,
            "endAt": report.end_at,
        },
        "comment": None,
        "createdAt": iso(found.created_ms),
        "updatedAt": iso(found.updated_ms),
    }


def abuse_of_2017(found: Abuse, own_host: str) -> dict[str, Any]:
    """A report as the pods of 2017 showed it."""
    report = found.report
    return {
        "id": found.id,
        "reason": report.reason,
        "reporterUsername": report.reporter_name,
        "reporterPodHost": report.host or own_host,
        "videoId": report.video_id,
        "videoUUID": report.video_uuid,
        "videoName": report.video_name,
        "createdAt": iso(found.created_ms),
    }
