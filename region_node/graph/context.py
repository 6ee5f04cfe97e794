"""What the resolvers of one request share: one snapshot of the books, and batched loads from it.

Everything a request reads comes from one transaction, so a balance always equals the entries
shown beside it. Statements take turns on it; the loaders keep them few.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from catalogue.lookup import Catalogue
from edge.caller import Caller
from edge.errors import PublicError
from edge.operation import CallContext, Locale
from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from region_node.service.paging import PageRequest
from region_node.service.perform import UseCase, perform
from region_node.service.ports import Bank, Unit
from schema.codes import RefusalCode
from schema.details import DetailCode, detail

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
C = TypeVar("C")
A = TypeVar("A")

BATCH_LIMIT: Final = 5_000
"""Keys of one statement: both engines take some 32,000 parameters."""

Batch = Callable[..., Awaitable[Mapping[K, V]]]
"""`batch(unit, keys, *arguments)` loads many keys by one statement. It must be a module's function."""


class Context:
    """Who asks, in which language, of which bank. To be used as a context manager."""

    def __init__(self, call: CallContext, bank: Bank) -> None:
        self.caller: Caller = call.caller
        self.locale: Locale = call.locale
        self.bank = bank
        self.moment: Moment = bank.moment(call.caller.subject or call.caller.role.value)
        self._turn = asyncio.Lock()
        self._snapshot: AbstractAsyncContextManager[Unit] | None = None
        self._unit: Unit | None = None
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}
        self._rows: dict[Hashable, dict[Any, Any]] = {}
        self.page_requests: dict[Hashable, PageRequest] = {}
        """What the fields with pages ask for, by their nodes and arguments (connections.py)."""
        self._loading: set[asyncio.Task[None]] = set()

    @property
    def catalogue(self) -> Catalogue:
        return self.bank.catalogue

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Unit, None]:
        """The request's one snapshot, opened when it is first needed. Raises `StorageFailure`."""
        async with self._turn:
            if self._unit is None:
                snapshot = self.bank.units.read()
                self._unit = await snapshot.__aenter__()
                self._snapshot = snapshot
            try:
                yield self._unit
            except Exception as error:
                await self._end_snapshot(type(error), error, error.__traceback__)
                raise

    async def load(self, batch: Batch[K, V], key: K, *arguments: Hashable) -> V | None:
        """Load one key together with all others that are asked for meanwhile; None where there is none."""
        return await self._loader(batch, arguments).load(key)

    async def rows(self, batch: Batch[K, V], keys: Collection[K], *arguments: Hashable) -> list[V | None]:
        """Load many keys by one statement, less those that this request has had; None where there is none."""
        had = self._rows.setdefault((batch, arguments), {})
        if any(key not in had for key in keys):
            async with self.reading() as unit:  # others may have loaded some while this awaited its turn
                missing = [key for key in dict.fromkeys(keys) if key not in had]
                for first in range(0, len(missing), BATCH_LIMIT):
                    asked = missing[first : first + BATCH_LIMIT]
                    found = await batch(unit, asked, *arguments)
                    had.update((key, found.get(key)) for key in asked)
        return [had[key] for key in keys]

    async def load_many(self, batch: Batch[K, V], keys: Iterable[K], *arguments: Hashable) -> list[V | None]:
        return list(await self._loader(batch, arguments).load_many(keys))

    async def perform(self, use_case: UseCase[C, A], command: C, key: str) -> A | Refusal:
        """Make a change; what is read afterwards is read from the books as they are then."""
        answer = await perform(self.bank, use_case, command, key=key, moment=self.moment)
        await self.release()
        return answer

    async def release(self) -> None:
        """End the snapshot: what is read next is read from the books as they are then."""
        async with self._turn:
            await self._end_snapshot(None, None, None)

    def time(self, as_of: date | None, known_at: datetime | None) -> tuple[date, datetime | None]:
        """Return what is asked about: the day, which without one is that of `known_at`, or today."""
        return as_of or (self.bank.day_of(known_at) if known_at else self.moment.day), known_at

    def require(self, permitted: bool) -> None:
        """Raise what `refusal` says, located at the field that asked, unless `permitted`."""
        if not permitted:
            raise self.refusal()

    def refusal(self) -> PublicError:
        """Why this caller may not see something: UNAUTHENTICATED without a token, else FORBIDDEN."""
        return PublicError("UNAUTHENTICATED" if self.caller.is_public else "FORBIDDEN")

    def require_region(self, region: str) -> None:
        """Raise UNKNOWN_REGION for any region but this node's own: it has no other's books."""
        if region != self.bank.region:
            raise PublicError("UNKNOWN_REGION", region=region)

    def may_read(self, learner_id: str) -> bool:
        """May the caller see what this region's books say of this learner?"""
        return self.caller.may_read_learner(learner_id, self.bank.region)

    def not_permitted(self) -> Refusal:
        """The answer to a change that this caller may not make."""
        return refuse(RefusalCode.NOT_PERMITTED, detail=detail(DetailCode.ROLE, role=self.caller.role.value))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._loading:
            task.cancel()
        if self._loading:
            # Each batch is loaded in a task of its own, and no snapshot may end under its statement.
            await asyncio.wait(self._loading)
        await self._end_snapshot(kind, error, trace)

    def _loader(self, batch: Batch[K, V], arguments: tuple[Hashable, ...]) -> DataLoader[K, V | None]:
        loader = self._loaders.get((batch, arguments))
        if loader is None:

            async def load(keys: list[K]) -> list[V | None]:
                task = asyncio.current_task()
                assert task is not None  # noqa: S101 - a coroutine runs in a task
                self._loading.add(task)
                task.add_done_callback(self._loading.discard)
                return await self.rows(batch, keys, *arguments)

            loader = DataLoader(load_fn=load, max_batch_size=BATCH_LIMIT)
            self._loaders[batch, arguments] = loader
        return loader

    async def _end_snapshot(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        snapshot, self._snapshot, self._unit = self._snapshot, None, None
        self._loaders.clear()
        self._rows.clear()
        if snapshot is not None:
            await snapshot.__aexit__(kind, error, trace)


Info = strawberry.Info[Context, None]
