"""Magnet links (BEP 9, BEP 53 and the web seeds of BEP 19), in PeerTube's order of parameters."""

from collections.abc import Sequence
from urllib.parse import quote

_UNRESERVED = "!~*'()"
"""What JavaScript's encodeURIComponent leaves alone beside letters, digits and ``-_.``."""


def uri(
    *, info_hash: str, name: str, torrent_url: str | None, trackers: Sequence[str], web_seeds: Sequence[str]
) -> str:
    """The magnet link of a file.

    :param info_hash: 40 hex digits.
    :param name: what a client shows until it has the torrent: the video's name.
    :param torrent_url: where the torrent file can be fetched, left out when None.
    :param trackers: announce URLs (http, udp, ws).
    :param web_seeds: URLs of the whole file.
    """
    parts = [] if torrent_url is None else [f"xs={_quoted(torrent_url)}"]
    parts.append(f"xt=urn:btih:{info_hash}")
    parts.append(f"dn={_quoted(name).replace('%20', '+')}")
    parts.extend(f"tr={_quoted(tracker)}" for tracker in trackers)
    parts.extend(f"ws={_quoted(seed)}" for seed in web_seeds)
    return "magnet:?" + "&".join(parts)


def _quoted(text: str) -> str:
    return quote(text, safe=_UNRESERVED)
