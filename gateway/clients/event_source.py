"""What every protocol for a subgraph's events is to `events.py`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gateway.clients.exchange import Headers
from gateway.clients.failures import NodeFailure
from gateway.federation.transport import Reply


class NotSpoken(Exception):  # noqa: N818 - says what the subgraph does, which need not be an error
    """The subgraph does not answer by this protocol; what it `said` instead."""

    def __init__(self, said: Reply | NodeFailure) -> None:
        super().__init__(said)
        self.said = said


class EventProtocol(Protocol):
    """Opens a subscription, and closes it with the block."""

    @abstractmethod
    def open(
        self, url: str, headers: Headers, body: bytes, wait_s: float
    ) -> AbstractAsyncContextManager[AsyncGenerator[Reply, None]]:
        """The events that the GraphQL request `body` asks of `url`; `wait_s` is for the first sign of them.

        Raises `NotSpoken` before the first event, `NodeFailure` at any time.
        """
