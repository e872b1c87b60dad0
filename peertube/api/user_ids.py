"""Numbers in the paths of routes about users."""

from peertube.errors import Invalid


def number(text: str) -> int:
    """The id of a user, session or request; `Invalid` for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Invalid("Incorrect request parameters: id", fields={"id": "Should have a valid id"})
    return int(text)
