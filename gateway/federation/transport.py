"""The engine's one door to the outside: a request to one running holder of a subgraph.

The engine knows no HTTP. It hands a `ShardRequest` to a `Transport` and gets a
`Reply`, or a `TransportFailure` that says which kind of failure it was. Real HTTP,
an in-process subgraph and a simulated network are all transports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

FailureCode = Literal[
    "SHARD_TIMEOUT",
    "SHARD_UNREACHABLE",
    "SHARD_REJECTED",
    "SHARD_INVALID_REPLY",
    "SHARD_BREAKER_OPEN",
    "SHARD_BUSY",
    "SUBSCRIBER_TOO_SLOW",
]


class ShardRequest(NamedTuple):
    """One GraphQL request to one shard of one subgraph.

    `shard` is "" for a subgraph that is not sharded. `deadline_s` is a point on the
    event loop's clock (`loop.time()`), after which nobody waits for the answer.
    A tuple: two are made for each shard that is asked, and a frozen dataclass takes three times as long.
    """

    subgraph: str
    shard: str
    query: str
    variables: Mapping[str, Any]
    kind: Literal["query", "mutation", "subscription"] = "query"
    operation_name: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    deadline_s: float = float("inf")

    def until(self, deadline_s: float) -> ShardRequest:
        """The same request, waited for no longer. (`_replace` costs three times as much.)"""
        return ShardRequest(
            self.subgraph,
            self.shard,
            self.query,
            self.variables,
            self.kind,
            self.operation_name,
            self.headers,
            deadline_s,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A GraphQL response as it came: `data` may be partial when `errors` is not empty."""

    data: Mapping[str, Any] | None
    errors: tuple[Mapping[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)


class TransportFailure(Exception):  # noqa: N818 - a node that fails is no error of ours
    """No usable answer came. `code` is stable; `message` says what to do, without internals."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Unparsed(NamedTuple):
    """A reply still in bytes. Parsing one while others arrive costs both sides a third more CPU, so a
    wave's replies are parsed when all have come. `parse` raises `TransportFailure` for what is no reply."""

    body: bytes
    parse: Callable[[bytes], Reply]

    def read(self) -> Reply:
        return self.parse(self.body)


class Transport(Protocol):
    """Sends one request, once. Raises `TransportFailure`; cancellation stops the request."""

    async def send(self, request: ShardRequest) -> Reply | Unparsed: ...
