"""Sends the requests of one wave at once, so many and so long and no more."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from gateway.federation.transport import Reply, ShardRequest, Transport, TransportFailure, Unparsed

Outcome = Reply | TransportFailure
Sent = Reply | Unparsed | TransportFailure
Arrived = Callable[[int, Outcome], None]
"""Is told of an outcome as soon as there is one, by its request's place."""

TOO_LATE = "It did not answer in time."


async def scatter(
    transport: Transport,
    requests: Sequence[ShardRequest],
    fan_out_limit: int,
    arrived: Arrived | None = None,
) -> list[Outcome]:
    """Send each request once; one outcome for each, in their order, none later than its wave's deadline.

    At most `fan_out_limit` are open at a time. When the caller is cancelled, so are they.
    """
    if not requests:
        return []
    if len(requests) == 1:
        only = _read(await _send_in_time(transport, requests[0]))
        if arrived is not None:
            arrived(0, only)
        return [only]
    outcomes: list[Sent | None] = [None] * len(requests)
    waiting = iter(enumerate(requests))
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    working = min(fan_out_limit, len(requests))

    def end() -> None:
        if not over.done():
            over.set_result(None)

    async def work() -> None:
        # It counts itself out: `asyncio.wait` costs two microseconds more for each worker.
        nonlocal working
        try:
            for index, request in waiting:
                try:
                    outcomes[index] = await transport.send(request)
                except TransportFailure as failure:
                    outcomes[index] = failure
                if arrived is not None:
                    outcome = outcomes[index] = _read(outcomes[index] or _timeout())
                    arrived(index, outcome)
        finally:
            working -= 1
            if not working:
                end()

    workers = [loop.create_task(work()) for _ in range(working)]
    deadline_s = min([request.deadline_s for request in requests])
    timer = None if math.isinf(deadline_s) else loop.call_at(deadline_s, end)
    try:
        await over
    finally:
        if timer is not None:
            timer.cancel()
        late = [worker for worker in workers if worker.cancel()] if working else []
        if late:
            await asyncio.wait(late)
    for worker in workers:
        if not worker.cancelled():
            worker.result()
    if arrived is not None:
        for index, sent in enumerate(outcomes):
            if sent is None:
                arrived(index, _timeout())
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
