"""Sends the requests of one wave at once, so many and so long and no more."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

from gateway.federation.transport import Reply, ShardRequest, Transport, TransportFailure, Unparsed

Outcome = Reply | TransportFailure
Sent = Reply | Unparsed | TransportFailure

TOO_LATE = "It did not answer in time."


async def scatter(
    transport: Transport, requests: Sequence[ShardRequest], fan_out_limit: int
) -> list[Outcome]:
    """Send each request once; one outcome for each, in their order, none later than its wave's deadline.

    At most `fan_out_limit` are open at a time. When the caller is cancelled, so are they.
    """
    if not requests:
        return []
    if len(requests) == 1:
        return [_read(await _send_in_time(transport, requests[0]))]
    outcomes: list[Sent | None] = [None] * len(requests)
    waiting = iter(enumerate(requests))

    async def work() -> None:
        for index, request in waiting:
            outcomes[index] = await _send(transport, request)

    loop = asyncio.get_running_loop()
    workers = [loop.create_task(work()) for _ in range(min(fan_out_limit, len(requests)))]
    deadline_s = min(request.deadline_s for request in requests)
    timeout_s = None if math.isinf(deadline_s) else max(deadline_s - loop.time(), 0.0)
    try:
        done, _ = await asyncio.wait(workers, timeout=timeout_s)
    finally:
        late = [worker for worker in workers if worker.cancel()]
        if late:
            await asyncio.wait(late)
    for worker in done:
        worker.result()
    return [_read(outcome or _timeout()) for outcome in outcomes]


def _read(sent: Sent) -> Outcome:
    if not isinstance(sent, Unparsed):
        return sent
    try:
        return sent.read()
    except TransportFailure as failure:
        return failure


async def _send(transport: Transport, request: ShardRequest) -> Sent:
    try:
        return await transport.send(request)
    except TransportFailure as failure:
        return failure


async def _send_in_time(transport: Transport, request: ShardRequest) -> Sent:
    if math.isinf(request.deadline_s):
        return await _send(transport, request)
    try:
        async with asyncio.timeout_at(request.deadline_s):
            return await _send(transport, request)
    except TimeoutError:
        return _timeout()


def _timeout() -> TransportFailure:
    return TransportFailure("SHARD_TIMEOUT", TOO_LATE)
