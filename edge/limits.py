"""How much one request may ask for. Every limit is on by default and is a setting.

The defaults are what a generous portal page needs, several times over; a document beyond
them is a mistake or an attack. `edge.document_limits` checks the limits of a document,
the HTTP endpoint those of the request around it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Named limits. A request or document that has more than a limit is refused with that limit's code."""

    body_limit_bytes: int = 1_048_576
    """BODY_TOO_LARGE. 500 recognition inputs are about 200 kB."""
    json_depth: int = 64
    """JSON_TOO_DEEP, the request's envelope included. Input objects of the contract nest 6 deep."""
    operation_batch: int = 10
    """BATCH_TOO_LARGE: operations in one JSON array."""
    tokens: int = 4_000
    """LIMIT_TOKENS, for the parser. The whole introspection query has about 400."""
    depth: int = 16
    """LIMIT_DEPTH: nested fields. The introspection query has 13 levels."""
    aliases: int = 60
    """LIMIT_ALIASES, fragments counted where they are spread."""
    directives: int = 60
    """LIMIT_DIRECTIVES, on the operation and all within it, fragments counted where they are spread."""
    root_fields: int = 30
    """LIMIT_ROOT_FIELDS, fragments counted where they are spread."""
    page_size: int = 200
    """LIMIT_PAGE_SIZE: the arguments `first` and `last`."""
    time_ms: int = 10_000
    """DEADLINE_EXCEEDED, REQUEST_TIMEOUT: first byte to last. X-Deadline-Ms can only lower it."""
    in_flight: int = 512
    """OVERLOADED: requests to /graphql being answered at once, however idle the process: what its memory
    holds, at up to 1 MB for a question to every region. `edge.concurrency` finds the limit at work below."""
    in_flight_first: int = 64
    """The limit at work begins here and doubles in 1.5 s if need be: a flood is felt before it is let in."""
    in_flight_fewest: int = 16
    """The limit at work never falls below this: so many waits for nodes keep one process busy."""
    loop_delay_ms: int = 20
    """The limit at work falls when the event loop is later than this, and not for a moment only: a request
    takes some ten turns of the loop, so that it then loses 0.2 s to others."""
    loop_delay_interval_ms: int = 100
    """What counts as not for a moment only: some turns of an overloaded loop."""
    sockets: int = 256
    """WebSocket connections open at once; one more is refused."""
    subscriptions_per_socket: int = 20
    """Operations running at once on one WebSocket connection; one more is refused."""
    drain_ms: int = 1_000
    """How long a program that is told to stop (SIGTERM) still answers while `/health/ready` says no, so that
    whoever looks at it once a second or so sends no more; what is on its way then has its time as ever."""
    streams: int = 256
    """OVERLOADED: subscriptions over HTTP open at once. They take no place of `in_flight` once they run."""
