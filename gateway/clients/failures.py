"""A transport's failure with what the guards must know of it: whose fault it is, and whether to try again."""

from __future__ import annotations

from gateway.federation.transport import FailureCode, TransportFailure


class NodeFailure(TransportFailure):
    """`is_sick`: the node or its network is at fault, and the breaker counts it (transport errors, 5xx).

    `is_transient`: another try may succeed: the request was not answered, or by a server that said so.
    """

    def __init__(
        self, code: FailureCode, message: str, *, is_sick: bool = False, is_transient: bool = False
    ) -> None:
        super().__init__(code, message)
        self.is_sick = is_sick
        self.is_transient = is_transient


def timed_out() -> NodeFailure:
    return NodeFailure("SHARD_TIMEOUT", "It did not answer in time.", is_sick=True)


def unreachable(message: str) -> NodeFailure:
    return NodeFailure("SHARD_UNREACHABLE", message, is_sick=True, is_transient=True)


def invalid(message: str) -> NodeFailure:
    return NodeFailure("SHARD_INVALID_REPLY", message)


def rejected(message: str) -> NodeFailure:
    return NodeFailure("SHARD_REJECTED", message)
