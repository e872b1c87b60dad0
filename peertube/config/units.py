"""Lengths of time and sizes as people write them in PeerTube's configuration: ``5 minutes``, ``10GB``."""

import re

_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
}
_BYTES = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
_NUMBER_AND_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")


def seconds(value: object) -> object:
    """Turn ``2 hours`` into a number of seconds; whatever is not written so is left for the schema to judge."""
    if isinstance(value, str) and (match := _NUMBER_AND_UNIT.fullmatch(value)):
        unit = _SECONDS.get(match[2].lower().removesuffix("s"))
        if unit is not None:
            return _whole(float(match[1]) * unit)
    return value


def size(value: object) -> object:
    """Turn ``1.5 GB`` into a number of bytes (1 KB is 1,024, as in PeerTube); whatever is not written so is left."""
    if isinstance(value, str) and (match := _NUMBER_AND_UNIT.fullmatch(value)):
        unit = _BYTES.get(match[2].upper())
        if unit is not None:
            return _whole(float(match[1]) * unit)
    return value


def size_or_none(value: object) -> object:
    """As `size`; nothing at all (``null``) is 0."""
    return 0 if value is None else size(value)


def _whole(number: float) -> float | int:
    return int(number) if number.is_integer() else number
