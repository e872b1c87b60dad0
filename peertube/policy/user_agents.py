"""What somebody watches with, from the User-Agent header: names of short lists, so that nobody can make up more."""

from peertube.model.watching import Agent

OTHER = "Other"

_CLIENTS = (
    ("PeerTube", ("PeerTube",)),
    ("NewPipe", ("NewPipe",)),
    ("Kodi", ("Kodi",)),
    ("VLC", ("VLC", "LibVLC")),
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/")),
    ("Opera", ("OPR/", "Opera")),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Vivaldi", ("Vivaldi/",)),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "CriOS/", "Chromium/")),
    ("Safari", ("Safari/",)),
)
_SYSTEMS = (
    ("Android", ("Android",)),
    ("iOS", ("iPhone", "iPad", "iPod")),
    ("Windows", ("Windows",)),
    ("macOS", ("Macintosh", "Mac OS X")),
    ("Chrome OS", ("CrOS",)),
    ("Tizen", ("Tizen",)),
    ("webOS", ("Web0S", "webOS")),
    ("FreeBSD", ("FreeBSD",)),
    ("Linux", ("Linux", "X11")),
)
_DEVICES = (
    ("smarttv", ("SmartTV", "SMART-TV", "Tizen", "Web0S", "webOS", "AppleTV", "GoogleTV", "BRAVIA", "HbbTV", "Kodi")),
    ("console", ("PlayStation", "Xbox", "Nintendo")),
    ("xr", ("OculusBrowser", "Quest")),
    ("tablet", ("iPad", "Tablet", "Kindle")),
    ("mobile", ("Mobi", "iPhone", "iPod")),
)
DEVICES = frozenset({"console", "desktop", "embedded", "mobile", "smarttv", "tablet", "wearable", "xr"})
"""PeerTube's words for devices."""

CLIENTS = frozenset(name for name, _ in _CLIENTS)
SYSTEMS = frozenset(name for name, _ in _SYSTEMS)


def agent_of(
    user_agent: str, *, client: str | None = None, device: str | None = None, system: str | None = None
) -> Agent:
    """What a viewer watches with.

    :param client: what the player says itself, as `device` and `system`; counted as ``Other`` when it is in no list.
    """
    found = _first(_DEVICES, user_agent)
    if found == OTHER and _first(_SYSTEMS, user_agent) == "Android":
        found = "tablet"
    elif found == OTHER and _first(_SYSTEMS, user_agent) != OTHER:
        found = "desktop"
    return Agent(
        client=_listed(client, CLIENTS) or _first(_CLIENTS, user_agent),
        device=_listed(device, DEVICES) or found,
        system=_listed(system, SYSTEMS) or _first(_SYSTEMS, user_agent),
    )


def _listed(said: str | None, known: frozenset[str]) -> str | None:
    if not said:
        return None
    return next((name for name in known if name.lower() == said.lower()), OTHER)


def _first(table: tuple[tuple[str, tuple[str, ...]], ...], user_agent: str) -> str:
    return next((name for name, marks in table if any(mark in user_agent for mark in marks)), OTHER)
