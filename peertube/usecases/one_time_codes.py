"""Codes of an app that change with the time (TOTP, RFC 6238)."""

import hmac

import pyotp

STEP_MS = 30_000
PURPOSE = "two-factor"
"""What secrets are sealed for."""


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """The 30 seconds (counted from 1970) that a code belongs to: the present ones or those beside; None for no code."""
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    maker, present = pyotp.TOTP(secret), now_ms // STEP_MS
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(maker.generate_otp(step), typed):
            return step
    return None
