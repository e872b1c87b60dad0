"""What a password must be: 6 to 255 characters, as in PeerTube."""

MINIMUM_LENGTH = 6
MAXIMUM_LENGTH = 255


def fault(password: str) -> str | None:
    """What is wrong with a password, in words for the one who chose it; None when it may be used."""
    if len(password) < MINIMUM_LENGTH:
        return f"Should be at least {MINIMUM_LENGTH} characters long"
    if len(password) > MAXIMUM_LENGTH:
        return f"Should be at most {MAXIMUM_LENGTH} characters long"
    return None
