"""What a request waits for. What has arrived goes on at once, in columns, and is not held up by the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any

from graphql.pyutils import is_awaitable

from edge.execution.level import Awaited
from edge.execution.together import Together

Arrived = tuple[Awaited, list[int], list[Any]]
"""Of this column these places, and their values: an exception where it failed."""


class Awaiting:
    """Awaitables begun and not yet handed out. Only of use within one task."""

    def __init__(self) -> None:
        self._needs: dict[type[Together[Any]], list[tuple[Awaited, Sequence[Together[Any]]]]] = {}
        self._running: set[asyncio.Future[Any]] = set()
        self._arrived: list[tuple[Awaited | None, int, asyncio.Future[Any]]] = []
        self._meeting: dict[asyncio.Future[Any], list[tuple[Awaited, Sequence[Together[Any]]]]] = {}
        self._settling: set[asyncio.Future[Any]] = set()
        self._wake: asyncio.Future[None] | None = None

    def __bool__(self) -> bool:
        return bool(self._needs or self._running or self._arrived)

    def need(self, kind: type[Together[Any]], column: Awaited, needs: Sequence[Together[Any]]) -> None:
        """Needs of one kind are met together, those of other columns included, by the next `arrivals`."""
        self._needs.setdefault(kind, []).append((column, needs))

    def begin(self, column: Awaited, awaitables: Sequence[Awaitable[Any]]) -> None:
        for place, awaitable in enumerate(awaitables):
            self._run(awaitable, column, place)

    async def arrivals(self) -> list[Arrived]:
        """Return what has arrived, at least something. Raises only what is no `Exception`."""
        needs, self._needs = self._needs, {}
        if len(needs) == 1 and not self._running and not self._arrived:
            ((kind, asked),) = needs.items()
            return _shared(asked, await _met(kind, asked))
        for kind, asked in needs.items():
            self._meeting[self._run(_met(kind, asked), None, 0)] = asked
        if not self._arrived:
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        arrived, self._arrived = self._arrived, []
        return self._columns(arrived)

    async def close(self) -> None:
        """End what is still running."""
        running = list(self._running)
        for future in running:
            future.cancel()
        if running:
            await asyncio.gather(*running, return_exceptions=True)

    def track(self, values: Sequence[Any]) -> None:
        """See awaitables through that nobody asks for any more, as graphql-core's helper of that name."""
        for value in filter(is_awaitable, values):
            self._settling.add(future := asyncio.ensure_future(value))
            future.add_done_callback(self._settled)

    def _settled(self, future: asyncio.Future[Any]) -> None:
        self._settling.discard(future)
        if not future.cancelled():
            future.exception()  # looked at, so that asyncio does not report it

    def _run(self, awaitable: Awaitable[Any], column: Awaited | None, place: int) -> asyncio.Future[Any]:
        future = asyncio.ensure_future(awaitable)
        self._running.add(future)
        future.add_done_callback(partial(self._arrive, column, place))
        return future

    def _arrive(self, column: Awaited | None, place: int, future: asyncio.Future[Any]) -> None:
        self._running.discard(future)
        self._arrived.append((column, place, future))
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _columns(self, arrived: list[tuple[Awaited | None, int, asyncio.Future[Any]]]) -> list[Arrived]:
        found: dict[Awaited, tuple[list[int], list[Any]]] = {}
        met: list[Arrived] = []
        for column, place, future in arrived:
            if column is None:
                met += _shared(self._meeting.pop(future), future.result())
                continue
            places, values = found.setdefault(column, ([], []))
            places.append(place)
            values.append(_outcome(future))
        return [*met, *((column, *rest) for column, rest in found.items())]


def _outcome(future: asyncio.Future[Any]) -> Any:
    """Its value, or its exception as a value. Raises CancelledError and the like."""
    error = future.exception()
    return error if isinstance(error, Exception) else future.result()


async def _met(
    kind: type[Together[Any]], asked: list[tuple[Awaited, Sequence[Together[Any]]]]
) -> Sequence[Any]:
    needs = [need for _, needs in asked for need in needs]
    try:
        return await kind.meet(needs)
    except Exception as error:
        return [error] * len(needs)


def _shared(asked: list[tuple[Awaited, Sequence[Together[Any]]]], values: Sequence[Any]) -> list[Arrived]:
    shared: list[Arrived] = []
    first = 0
    for column, needs in asked:
        last = first + len(needs)
        shared.append((column, list(range(len(needs))), list(values[first:last])))
        first = last
    return shared
