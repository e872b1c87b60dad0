"""Which network addresses the pod may connect to when somebody else chose the name."""

import ipaddress
from collections.abc import Iterator

_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_WRAPPED_OR_SPECIAL_IPV6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # IETF protocol assignments, Teredo among them (RFC 2928, RFC 4380)
            "2001:db8::/32",  # documentation (RFC 3849)
            "2002::/16",  # 6to4: an IPv4 address inside (RFC 3056)
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
_SPECIAL_IPV4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet (RFC 6890): not ours, not a neighbour's, not one in disguise."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _SPECIAL_IPV4)
    if parsed.ipv4_mapped is not None:
        return is_public(str(parsed.ipv4_mapped))
    return parsed in _PUBLIC_IPV6 and not any(parsed in network for network in _WRAPPED_OR_SPECIAL_IPV6)


def special_ranges() -> Iterator[tuple[str, str]]:
    """First and last address of each range that `is_public` refuses, for programs that filter by themselves."""
    for ipv4 in _SPECIAL_IPV4:
        yield str(ipv4[0]), str(ipv4[-1])
    for ipv6 in _WRAPPED_OR_SPECIAL_IPV6:
        yield str(ipv6[0]), str(ipv6[-1])
    yield "::", str(_PUBLIC_IPV6[0] - 1)
    yield str(_PUBLIC_IPV6[-1] + 1), str(ipaddress.IPv6Address(2**128 - 1))
