"""A transport's failure with what the guards must know of it: whose fault it is, and whether to try again."""

from __future__ import annotations

from typing import Final

from gateway.federation.transport import FailureCode, TransportFailure

AGAIN_AFTER_S: Final = 1
"""Where a node gives a date, which another clock's word would be needed for."""


class NodeFailure(TransportFailure):
    """`is_sick`: the node or its network is at fault, and the breaker counts it (transport errors, 5xx).

    `is_transient`: another try may succeed: the request was not answered, or by a server that said so.
    `again_after_s`: the node is well and has too much to do; so long it asks to be spared.
    """

    def __init__(
        self,
        code: FailureCode,
        message: str,
        *,
        is_sick: bool = False,
        is_transient: bool = False,
        again_after_s: float | None = None,
    ) -> None:
        super().__init__(code, message)
        self.is_sick = is_sick
        self.is_transient = is_transient
        self.again_after_s = again_after_s


def timed_out() -> NodeFailure:
    return NodeFailure("SHARD_TIMEOUT", "It did not answer in time.", is_sick=True)


def unreachable(message: str) -> NodeFailure:
    return NodeFailure("SHARD_UNREACHABLE", message, is_sick=True, is_transient=True)


def invalid(message: str) -> NodeFailure:
    return NodeFailure("SHARD_INVALID_REPLY", message)


def rejected(message: str) -> NodeFailure:
    return NodeFailure("SHARD_REJECTED", message)


def overloaded(retry_after: str) -> NodeFailure:
    """It answered 503 with this Retry-After (RFC 9110, 10.2.3), of which whole seconds are understood."""
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else AGAIN_AFTER_S
    return NodeFailure("SHARD_BUSY", "It has too much to do, and asks to wait.", again_after_s=seconds)
