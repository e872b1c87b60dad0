"""URLs in the environment that stand for several keys: ``DATABASE_URL`` and ``REDIS_URL``."""

from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Values = Mapping[tuple[str, ...], object]
"""Values by the path of their key."""

_WITH_SSL = {"require", "verify-ca", "verify-full"}
_WITHOUT_SSL = {"disable", "allow", "prefer"}
_SERVER = "postgresql://user:password@host:port/name"


def database(url: str) -> Values:
    """``sqlite:///relative``, ``sqlite:////absolute`` or ``postgresql://user:password@host:port/name?sslmode=…``.

    :raises ValueError: it is neither.
    """
    if url.startswith("sqlite:///") and url != "sqlite:///":
        return {("database", "engine"): "sqlite", ("database", "path"): url.removeprefix("sqlite:///")}
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    mode, folder = options.pop("sslmode", "prefer"), options.pop("host", "")
    name = unquote(parts.path[1:])
    if parts.scheme not in ("postgresql", "postgres") or not name or "/" in name or options:
        raise ValueError(f"expected sqlite:///path or {_SERVER}")
    if mode not in _WITH_SSL | _WITHOUT_SSL:
        raise ValueError(f"expected sslmode {', '.join(sorted(_WITH_SSL | _WITHOUT_SSL))}")
    values = {
        "engine": "postgresql",
        "name": name,
        "ssl": mode in _WITH_SSL,
        "hostname": folder or parts.hostname,
        "port": _port(parts),
        "username": _text(parts.username),
        "password": _text(parts.password),
    }
    return {("database", key): value for key, value in values.items() if value is not None}


def redis(url: str) -> Values:
    """``redis://:password@host:port/number``.

    :raises ValueError: it is not.
    """
    parts = urlsplit(url)
    number = parts.path.strip("/") or "0"
    if parts.scheme != "redis" or not parts.hostname or not number.isdigit() or parts.username:
        raise ValueError("expected redis://:password@host:port/number")
    values = {
        "enabled": True,
        "hostname": parts.hostname,
        "port": _port(parts),
        "auth": _text(parts.password),
        "db": int(number),
    }
    return {("redis", key): value for key, value in values.items() if value is not None}


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise ValueError("expected a port from 1 to 65535") from None


def _text(part: str | None) -> str | None:
    return None if part is None else unquote(part)
