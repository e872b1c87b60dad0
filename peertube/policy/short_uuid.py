"""UUIDs in 22 characters: their 128 bits as a number in flickr's base 58, as PeerTube's short links have them."""

import re
from functools import lru_cache
from uuid import UUID

ALPHABET = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 22

_DIGITS = {character: value for value, character in enumerate(ALPHABET)}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@lru_cache(maxsize=10_000)
def shorten(uuid: str) -> str:
    """The short form of a UUID."""
    number = UUID(uuid).int
    digits = []
    while number:
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits)).rjust(LENGTH, ALPHABET[0])


def lengthen(short: str) -> str | None:
    """The UUID of a short form; None when it is none."""
    if len(short) != LENGTH:
        return None
    number = 0
    for character in short:
        digit = _DIGITS.get(character)
        if digit is None:
            return None
        number = number * len(ALPHABET) + digit
    return str(UUID(int=number)) if number < 1 << 128 else None


def identify(text: str) -> int | str | None:
    """What names a video in a path: its number, or its UUID (lower case), also when given short; None for neither."""
    if _NUMBER.fullmatch(text):
        return int(text)
    return identify_uuid(text)


def identify_uuid(text: str) -> str | None:
    """The UUID (lower case) that a text names, in its long or short form."""
    return text.lower() if _UUID.fullmatch(text) else lengthen(text)
