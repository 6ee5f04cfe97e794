"""Whether an address can be listened on, said before anything is started there."""

from __future__ import annotations

import socket

from creditbank.failure import Failure


def require_free(host: str, port: int, program: str, cure: str) -> None:
    """Raise `Failure` where `port` is taken or `host` is no address here. Port 0 is always free."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Failure(f"port {port} (for {program}) is not free: {error.strerror}. {cure}") from None
