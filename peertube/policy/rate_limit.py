"""Whom a limit on attempts counts together."""

import ipaddress


def address_group(address: str) -> str:
    """The key under which attempts of an address are counted.

    An IPv4 address counts alone; of IPv6 the /64, because one subscriber has (at least) all of it; an IPv4 address
    inside IPv6 counts as the IPv4 address. What is no address counts as itself.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
