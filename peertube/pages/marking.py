"""Texts that are named in one place and translated in another."""


def N_(message: str) -> str:
    """Mark a text for translation where it cannot be translated yet."""
    return message
