"""Searches that name one object: the address of a page, or a handle."""

import re
from enum import Enum
from urllib.parse import unquote, urlsplit

from attrs import frozen

from peertube.policy.short_uuid import identify_uuid

MAXIMUM_LENGTH = 500


class Kind(Enum):
    """What an address leads to."""

    VIDEO = "video"
    CHANNEL = "channel"
    ACCOUNT = "account"
    PLAYLIST = "playlist"


@frozen
class Address:
    """One object: `name` is a UUID (lower case) of a video or playlist, else a name.

    `host` is that of the address as it was written, None where it has none. An object that is not its own may be shown
    there: a name can have a host itself (``name@host``), a UUID stands for itself.
    """

    kind: Kind
    host: str | None
    name: str


_PATHS = (
    (Kind.PLAYLIST, re.compile(r"/(?:w/p|videos/watch/playlist|video-playlists|video-playlists/embed)/([^/]+)/?")),
    (Kind.VIDEO, re.compile(r"/(?:w|videos/watch|videos/embed|videos|api/v1/videos)/([^/]+)/?")),
    (Kind.CHANNEL, re.compile(r"/(?:c|video-channels)/([^/]+)(?:/[^/]*)?/?")),
    (Kind.ACCOUNT, re.compile(r"/(?:a|accounts)/([^/]+)(?:/[^/]*)?/?")),
)
_HANDLE = re.compile(r"@?([\w.-]{1,120})@([^\s@/]{1,255})", re.IGNORECASE)
_BY_UUID = {Kind.VIDEO, Kind.PLAYLIST}


def address_of(search: str) -> Address | None:
    """The object that a search names; None for words.

    ``https://pod.example/w/2i6vFWZ7…``, ``/c/name``, ``@name@pod.example``. A handle is that of a channel.
    """
    text = search.strip()
    if not text or len(text) > MAXIMUM_LENGTH:
        return None
    handle = _HANDLE.fullmatch(text)
    if handle:
        return Address(Kind.CHANNEL, handle[2].lower(), handle[1].lower())
    if not text.lower().startswith(("http://", "https://", "/")):
        return None
    try:
        parts = urlsplit(text)
        host, path = parts.netloc.rpartition("@")[2].lower(), unquote(parts.path)
    except ValueError:
        return None
    for kind, pattern in _PATHS:
        found = pattern.fullmatch(path)
        if found:
            return _address(kind, host or None, found[1])
    return None


def is_address(search: str) -> bool:
    """Whether somebody pasted an address, be it one that leads nowhere here."""
    return search.strip().lower().startswith(("http://", "https://"))


def _address(kind: Kind, host: str | None, name: str) -> Address | None:
    if kind in _BY_UUID:
        uuid = identify_uuid(name)
        return None if uuid is None else Address(kind, host, uuid)
    own_name, _, own_host = name.lower().removeprefix("@").partition("@")
    return Address(kind, own_host or host, own_name) if own_name else None
