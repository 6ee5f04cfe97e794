"""A subgraph that runs in this program, behind the same door as those that do not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from gateway.clients.replies import check_reply
from gateway.federation.transport import Reply, ShardRequest

Answer = Callable[[ShardRequest], Awaitable[Mapping[str, Any]]]
"""Executes a request; returns a GraphQL response as plain data: `data`, `errors`, `extensions`."""


class InProcessTransport:
    """A `Transport` to `answer`. Its response is checked like any other's."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def send(self, request: ShardRequest) -> Reply:
        return check_reply(dict(await self._answer(request)))
