"""What accounts and channels of this pod may be called, and what an e-mail address looks like.

Limits are those of PeerTube's REST API (user and channel names share one alphabet).
"""

import re

MAXIMUM_NAME = 50
MAXIMUM_DISPLAY_NAME = 120
MINIMUM_TEXT = 3
MAXIMUM_TEXT = 1000
MAXIMUM_EMAIL = 254

_NAME = re.compile(r"[a-z0-9_]+([a-z0-9_.-]+[a-z0-9_]+)?")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}", re.IGNORECASE)


def name_fault(name: str) -> str | None:
    """What is wrong with the name of a user, account or channel; None when it may be used."""
    if not 1 <= len(name) <= MAXIMUM_NAME or not _NAME.fullmatch(name):
        return f"Should be 1 to {MAXIMUM_NAME} lower case letters, digits, _ . or -, not starting or ending with . or -"
    return None


def email_fault(email: str) -> str | None:
    """What is wrong with an e-mail address; None when mail could be sent there."""
    if len(email) > MAXIMUM_EMAIL or not _EMAIL.fullmatch(email) or ".." in email:
        return "Should be an e-mail address"
    return None


def display_name_fault(display_name: str) -> str | None:
    """What is wrong with a name for people; None when it may be used."""
    if not 1 <= len(display_name.strip()) <= MAXIMUM_DISPLAY_NAME or len(display_name) > MAXIMUM_DISPLAY_NAME:
        return f"Should be 1 to {MAXIMUM_DISPLAY_NAME} characters long"
    return None


def length_fault(text: str, low: int, high: int) -> str | None:
    """What is wrong with a text that must have `low` to `high` characters, blanks around it not counted."""
    if not low <= len(text.strip()) <= high or len(text) > high:
        return f"Should be {low} to {high} characters long"
    return None


def text_fault(text: str | None) -> str | None:
    """What is wrong with a description or support text; None when it may be used (no text at all may)."""
    if text is not None and not MINIMUM_TEXT <= len(text) <= MAXIMUM_TEXT:
        return f"Should be {MINIMUM_TEXT} to {MAXIMUM_TEXT} characters long"
    return None


def split_handle(handle: str) -> tuple[str, str | None]:
    """The name and the host (None when absent) of ``name`` or ``name@host``; a leading ``@`` is passed over."""
    name, _, host = handle.removeprefix("@").partition("@")
    return name, host or None
