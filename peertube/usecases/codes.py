"""Codes for links in mails: each is good once and for a while, and only its hash is stored."""

from enum import Enum

from peertube.storage import user_codes
from peertube.storage.database import Transaction
from peertube.usecases.access_tokens import fingerprint

HOUR_MS = 3_600_000


class Purpose(Enum):
    """What a code proves."""

    RESET_PASSWORD = "reset-password"
    VERIFY_EMAIL = "verify-email"
    VERIFY_REGISTRATION = "verify-registration"
    TWO_FACTOR = "two-factor"


NOBODY = 0
"""The subject of codes that lead nowhere."""


async def keep(
    tx: Transaction,
    purpose: Purpose,
    subject_id: int,
    code: str,
    now_ms: int,
    *,
    detail: str = "",
    good_for_ms: int = HOUR_MS,
) -> None:
    """Let a code be good for a user or a request for an account; `detail` is what `take` gives for it."""
    await user_codes.add(
        tx,
        purpose.value,
        subject_id,
        fingerprint(code),
        detail=detail,
        now_ms=now_ms,
        expires_ms=now_ms + good_for_ms,
    )


async def take(tx: Transaction, purpose: Purpose, subject_id: int, code: str, now_ms: int) -> str | None:
    """The detail of a good code, which is used up with all of its kind; None for any other."""
    detail = await user_codes.find(tx, purpose.value, subject_id, fingerprint(code), now_ms)
    if detail is not None:
        await user_codes.remove(tx, purpose.value, subject_id)
    return detail


async def find(tx: Transaction, purpose: Purpose, subject_id: int, code: str, now_ms: int) -> str | None:
    """As `take`, but the code stays good."""
    return await user_codes.find(tx, purpose.value, subject_id, fingerprint(code), now_ms)


async def forget(tx: Transaction, purpose: Purpose, subject_id: int) -> None:
    """No code of this purpose is good for the subject any more."""
    await user_codes.remove(tx, purpose.value, subject_id)
