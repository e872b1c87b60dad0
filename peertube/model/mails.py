"""Mails: what is written to whom. The words are found when it is sent, in the language of the one who reads it."""

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen


class MailKind(Enum):
    """What a mail is about; the variables that its text needs."""

    RESET_PASSWORD = "reset-password"
    """username, link"""
    FIRST_PASSWORD = "first-password"
    """username, link"""
    PASSWORD_CHANGED = "password-changed"
    """username"""
    VERIFY_EMAIL = "verify-email"
    """username, link"""
    EMAIL_CHANGED = "email-changed"
    """username, email"""
    TWO_FACTOR_ENABLED = "two-factor-enabled"
    """username"""
    TWO_FACTOR_DISABLED = "two-factor-disabled"
    """username"""
    REGISTRATION_REQUESTED = "registration-requested"
    """username, reason, link; to the staff"""
    REGISTRATION_ACCEPTED = "registration-accepted"
    """username, response, link"""
    REGISTRATION_REJECTED = "registration-rejected"
    """username, response"""
    USER_BLOCKED = "user-blocked"
    """username, reason"""
    USER_UNBLOCKED = "user-unblocked"
    """username"""
    CONTACT = "contact"
    """name, subject, body; to the admin"""


@frozen
class Mail:
    """A mail to be sent.

    :param language: the code of a language, or what an ``Accept-Language`` header says; empty for the pod's own.
    :param reply_to: whom an answer goes to, when that is not the pod.
    """

    kind: MailKind
    to: str
    variables: Mapping[str, str] = field(factory=dict)
    language: str = ""
    reply_to: str | None = None


@frozen
class KeptMail:
    """A mail in the outbox. Times in ms since 1970 UTC."""

    id: int
    message_id: str
    sealed: str
    created_ms: int
    expires_ms: int
