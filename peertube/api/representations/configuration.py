"""Settings and the audit log as JSON."""

from peertube.api.representations.times import iso
from peertube.config.schema import Settings
from peertube.model.audit import AuditEntry

Json = dict[str, object]


def custom(settings: Settings) -> Json:
    """``/config/custom``: the part of PeerTube's tree that this pod has, and `upload` of ours."""
    instance, signup = settings.instance, settings.signup
    return {
        "instance": {
            "name": instance.name,
            "shortDescription": instance.short_description,
            "description": instance.description,
            "terms": instance.terms,
            "isNSFW": instance.is_nsfw,
            "defaultNSFWPolicy": instance.default_nsfw_policy,
            "languages": list(instance.languages),
            "categories": list(instance.categories),
        },
        "admin": {"email": settings.admin.email},
        "contactForm": {"enabled": settings.contact_form.enabled},
        "signup": {
            "enabled": signup.enabled,
            "limit": signup.limit,
            "requiresApproval": signup.requires_approval,
            "requiresEmailVerification": signup.requires_email_verification,
            "minimumAge": signup.minimum_age,
        },
        "user": {"videoQuota": settings.user.video_quota, "videoQuotaDaily": settings.user.video_quota_daily},
        "upload": {"maxFileSize": settings.upload.max_file_size},
    }


def audit_entry(entry: AuditEntry) -> Json:
    """One line of the audit log."""
    return {
        "timestamp": iso(entry.created_ms),
        "level": "audit",
        "user": entry.username,
        "domain": entry.domain,
        "action": entry.action,
        "detail": entry.detail,
    }
