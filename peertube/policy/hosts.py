"""One spelling for each host: the name by which pods know each other."""

import ipaddress

import idna

from peertube.errors import Invalid


def normalise(host: str, *, https: bool) -> str:
    """The canonical spelling of ``name[:port]``.

    Lower case, no trailing dot, internationalised names in their ASCII form (RFC 5891), and no port where it is the
    default one (443 with https, 80 without), so that one pod has one name.

    :raises Invalid: code ``invalid_host``, for anything that is not a bare host with an optional port.
    """
    text = host.strip()
    if not text or len(text) > 300 or any(c in text for c in "/@?#\\% \t\r\n"):
        raise _invalid(host)
    name, port = _split(text, host)
    default = 443 if https else 80
    shown = _name(name.removesuffix("."), host)
    return shown if port in (None, default) else f"{shown}:{port}"


def _split(text: str, host: str) -> tuple[str, int | None]:
    if text.startswith("["):
        name, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise _invalid(host)
        return f"[{name}]", _port(rest[1:], host) if rest else None
    name, colon, port = text.partition(":")
    return name, _port(port, host) if colon else None


def _port(text: str, host: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise _invalid(host)
    return int(text)


def _name(name: str, host: str) -> str:
    if name.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(name[1:-1]).compressed}]"
        except ValueError:
            raise _invalid(host) from None
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        pass
    try:
        return idna.encode(name.lower(), uts46=True, std3_rules=True).decode("ascii").lower()
    except idna.IDNAError:
        raise _invalid(host) from None


def _invalid(host: str) -> Invalid:
    return Invalid(f"Not a host name: {host[:80]!r}", code="invalid_host", fields={"host": "must be name or name:port"})
