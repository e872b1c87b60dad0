"""Whose address a request comes from.

The socket's own, unless it is a proxy that the operator named in `trust_proxy`: then the rightmost hop of
``X-Forwarded-For`` that is not such a proxy. What stands further left was written by the client.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

MAXIMUM_HOPS = 16
"""More hops than this are not read."""

_NAMED = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "linklocal": ("169.254.0.0/16", "fe80::/10"),
    "uniquelocal": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
}


class ClientAddresses:
    """Finds the client's address behind the proxies of `trust_proxy`.

    :param trusted: networks as ``10.0.0.0/8`` or the names loopback, linklocal, uniquelocal.
    """

    def __init__(self, trusted: Sequence[str]) -> None:
        networks = [network for entry in trusted for network in _NAMED.get(entry.strip().lower(), (entry,))]
        self._networks = [ip_network(network.strip(), strict=False) for network in networks]

    def client(self, peer: str, forwarded_for: str | None) -> str:
        """The address of the client.

        :param peer: the other end of the socket.
        :param forwarded_for: all ``X-Forwarded-For`` headers, joined with commas.
        """
        if not forwarded_for or not self._networks or not self._trusts(peer):
            return peer
        address = peer
        for hop in [part.strip() for part in forwarded_for.split(",")][: -MAXIMUM_HOPS - 1 : -1]:
            parsed = _parse(hop)
            if parsed is None:
                return address
            address = str(parsed)
            if not self._trusts(address):
                return address
        return address

    def is_proxy_or_local(self, address: str) -> bool:
        """Whether an address is a trusted proxy, or this machine."""
        parsed = _parse(address)
        return parsed is None or parsed.is_loopback or self._trusts(address)

    def _trusts(self, address: str) -> bool:
        parsed = _parse(address)
        return parsed is not None and any(parsed in network for network in self._networks)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
