"""A request to a subgraph as bytes; what a wave asks of every shard alike is encoded once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.federation.transport import ShardRequest


class Bodies:
    """Encodes requests, and keeps the latest: the next of its wave has the very same text and variables.

    So the representations of a fetch are encoded once, not once for each of its shards.
    """

    def __init__(self) -> None:
        self._latest: ShardRequest | None = None
        self._encoded = b""

    def of(self, request: ShardRequest) -> bytes:
        """The request as a GraphQL request's JSON."""
        latest = self._latest
        if (
            latest is None
            or request.variables is not latest.variables
            or request.query is not latest.query
            or request.operation_name != latest.operation_name
        ):
            self._encoded, self._latest = body_of(request), request
        return self._encoded


def body_of(request: ShardRequest) -> bytes:
    """The request as a GraphQL request's JSON."""
    body: dict[str, Any] = {"query": request.query}
    if request.variables:
        body["variables"] = request.variables
    if request.operation_name is not None:
        body["operationName"] = request.operation_name
    return orjson.dumps(body, default=_as_json)


def _as_json(value: Any) -> Any:
    """Mappings that are no dicts; everything else in a request is plain JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
