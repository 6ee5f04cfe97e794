"""Whether an address lies in the public internet.

Where only such ones are allowed, this is asked of the address that a connection is made to, not of its
name: a name may lead elsewhere tomorrow than when it was checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from gateway.clients.failures import rejected


def is_public(address: str) -> bool:
    """Raises ValueError for what is no IP address."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (inner or found).is_global and not found.is_multicast


async def public_addresses(host: str, port: int) -> list[str]:
    """The addresses that `host` leads to now. Raises `NodeFailure` where one is private, OSError for none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not all(map(is_public, addresses)):
        raise rejected("Its name leads to a private address, which is not allowed here.")
    return addresses
