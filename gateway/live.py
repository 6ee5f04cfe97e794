"""A new supergraph takes the old one's place between two operations, and never during one.

    files changed ─▶ composed, validated, made an engine in a thread ─▶ current, in one assignment
                       └─ a bad one is refused with its reasons, and the old one goes on

An operation stays to its end with the executor that it began with, and so with one engine and its
plans; the old engine goes when its last operation has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.operation import CallContext, ExecutionResult, Executor, Operation, ResultStream
from gateway.clients.contracts import NodeContracts
from gateway.federation.engine import Engine

REFUSALS: Final = (Exception,)
"""What keeps a new supergraph from being served: whatever composing it or making an engine of it raises.
Nothing in somebody's file may end the task that follows it, nor the gateway."""


@dataclass(frozen=True, slots=True)
class Serving:
    """One supergraph being served, which never changes. `contracts` says what single shards lack of it;
    `version` are the first digits of its SHA-256; `spanning` are the types, each after its subgraph, of
    which it is worth knowing which shards hold them."""

    version: str
    engine: Engine
    executor: Executor
    contracts: NodeContracts
    spanning: tuple[tuple[str, str], ...] = ()


class LiveExecutor:
    """Hands each operation to whatever executor is current when it begins (`edge.operation.Executor`)."""

    def __init__(self, current: Executor) -> None:
        self.current = current

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult | ResultStream:
        return await self.current.execute(operation, context)
