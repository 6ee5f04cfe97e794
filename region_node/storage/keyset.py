"""Pages by key: the rows between two sort keys, for one list or for many parents in one statement.

The one statement for many parents numbers the rows of each parent in a window; a list of
its own is cut by LIMIT, which an index serves without sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.service.paging import KeyValue, Order, Page, PageRequest
from region_node.storage.among import among
from region_node.storage.snapshots import fetch

T = TypeVar("T")
_RANK: Final = "rank_in_parent"
_PARENT: Final = "parent_of_row"
_PARENTS: Final = "parents"
_STATEMENTS_LIMIT: Final = 256

Where = Sequence[sa.ColumnElement[bool]]


def asked(*conditions: tuple[Callable[[Any, Any], Any], sa.Column[Any], object]) -> Where:
    """Return the comparisons whose value is not None: a filter's fields that were given."""
    return [compare(column, value) for compare, column, value in conditions if value is not None]


@dataclass(frozen=True, eq=False)
class Rows(Generic[T]):
    """Rows of one table that become values of one kind."""

    table: sa.Table
    columns: tuple[sa.ColumnElement[Any], ...]
    build: Callable[[Any], T]
    """Makes a value of a row's columns by their place (`reading.reader`)."""

    async def page(self, connection: AsyncConnection, where: Where, request: PageRequest) -> Page[T]:
        """Return one page of the whole table: 1 statement, and 1 each for total and neighbours."""
        rows = (
            await connection.execute(self._listed(where, request))
            if where
            else await fetch(connection, _listed(self, request), {})
        )
        found = list(map(self.build, rows))
        total = await self._total(connection, where) if request.with_total else None
        beyond = (False, False)
        if request.with_neighbours and (request.after or request.before):
            beyond = await self._neighbours(connection, where, request)
        return _page(found, request, total, beyond)

    async def pages(
        self,
        connection: AsyncConnection,
        parent: sa.Column[str],
        parents: Collection[str],
        where: Where,
        request: PageRequest,
    ) -> Mapping[str, Page[T]]:
        """Return the same page of each parent's rows, with as many statements as one page costs."""
        asked = list(parents)
        found = await self._of_parents(connection, parent, asked, where, request)
        totals: Mapping[str, int] | None = None
        if request.with_total:
            totals = await self._totals(connection, parent, [parent.in_(asked), *where])
        beyond: Mapping[str, tuple[bool, bool]] = {}
        if request.with_neighbours and (request.after or request.before):
            beyond = await self._neighbours_of_each(connection, parent, [parent.in_(asked), *where], request)
        return {
            one: _page(
                found.get(one, []),
                request,
                None if totals is None else totals.get(one, 0),
                beyond.get(one, (False, False)),
            )
            for one in asked
        }

    async def _of_parents(
        self,
        connection: AsyncConnection,
        parent: sa.Column[str],
        parents: Sequence[str],
        where: Where,
        request: PageRequest,
    ) -> Mapping[str, list[T]]:
        if len(parents) == 1 and not where:
            rows = await fetch(connection, _listed_of(self, parent, request), {_PARENT: parents[0]})
            return {parents[0]: list(map(self.build, rows))}
        given = {_PARENTS: parents}
        ranked = (
            await connection.execute(self._ranked(parent, tuple(where), request), given)
            if where
            else await fetch(connection, _ranked(self, parent, request), given)
        )
        found: defaultdict[str, list[T]] = defaultdict(list)
        for row in ranked:
            found[row[-2]].append(self.build(row))
        return found

    def _listed(self, where: Where, request: PageRequest) -> sa.Select[Any]:
        return (
            sa.select(*self.columns)
            .where(*where, *self._between(request))
            .order_by(*self._ordering(request))
            .limit(request.limit + 1)
        )

    def _ranked(self, parent: sa.Column[str], where: Where, request: PageRequest) -> sa.Select[Any]:
        """The page of each parent in `_PARENTS`, whose key and the row's place are its last columns."""
        rank = sa.func.row_number().over(partition_by=parent, order_by=self._ordering(request))
        ranked = (
            sa.select(*self.columns, parent.label(_PARENT), rank.label(_RANK))
            .where(among(parent, _PARENTS), *where, *self._between(request))
            .subquery()
        )
        select = sa.select(ranked).where(ranked.c[_RANK] <= request.limit + 1)
        return select.order_by(ranked.c[_PARENT], ranked.c[_RANK])

    def _column(self, name: str) -> sa.Column[Any]:
        return self.table.c[name]

    def _ordering(self, request: PageRequest) -> list[sa.ColumnElement[Any]]:
        return [
            self._column(key.name).desc()
            if key.descending is not request.backward
            else self._column(key.name).asc()
            for key in request.order
        ]

    def _between(self, request: PageRequest) -> list[sa.ColumnElement[bool]]:
        bounds = []
        if request.after is not None:
            bounds.append(self._beyond(request.order, request.after, follows=True))
        if request.before is not None:
            bounds.append(self._beyond(request.order, request.before, follows=False))
        return bounds

    def _beyond(
        self, order: Order, keys: tuple[KeyValue, ...], *, follows: bool, inclusive: bool = False
    ) -> sa.ColumnElement[bool]:
        """The rows whose keys follow (precede) `keys`: one comparison, all keys being of one direction."""
        columns = sa.tuple_(*(self._column(key.name) for key in order))
        given = sa.tuple_(
            *(sa.literal(value, self._column(key.name).type) for key, value in zip(order, keys, strict=True))
        )
        upwards = follows is not order[0].descending
        if inclusive:
            return columns >= given if upwards else columns <= given
        return columns > given if upwards else columns < given

    async def _total(self, connection: AsyncConnection, where: Where) -> int:
        count = sa.select(sa.func.count()).select_from(self.table).where(*where)
        return int((await connection.execute(count)).scalar_one())

    async def _totals(
        self, connection: AsyncConnection, parent: sa.Column[str], within: Where
    ) -> dict[str, int]:
        counts = sa.select(parent, sa.func.count()).where(*within).group_by(parent)
        return {one: count for one, count in await connection.execute(counts)}  # noqa: C416 - rows, not tuples

    def _outside(self, request: PageRequest) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
        """The conditions of a row at or before `after`, and of one at or behind `before`."""
        after, before = request.after, request.before
        return (
            sa.false()
            if after is None
            else self._beyond(request.order, after, follows=False, inclusive=True),
            sa.false()
            if before is None
            else self._beyond(request.order, before, follows=True, inclusive=True),
        )

    async def _neighbours(
        self, connection: AsyncConnection, where: Where, request: PageRequest
    ) -> tuple[bool, bool]:
        outside = [
            sa.exists(sa.select(sa.literal(1)).select_from(self.table).where(*where, condition))
            for condition in self._outside(request)
        ]
        row = (await connection.execute(sa.select(outside[0], outside[1]))).one()
        return bool(row[0]), bool(row[1])

    async def _neighbours_of_each(
        self, connection: AsyncConnection, parent: sa.Column[str], within: Where, request: PageRequest
    ) -> dict[str, tuple[bool, bool]]:
        flags = [sa.func.max(sa.case((condition, 1), else_=0)) for condition in self._outside(request)]
        rows = await connection.execute(sa.select(parent, flags[0], flags[1]).where(*within).group_by(parent))
        return {row[0]: (bool(row[1]), bool(row[2])) for row in rows}


@lru_cache(maxsize=_STATEMENTS_LIMIT)
def _listed(rows: Rows[Any], request: PageRequest) -> sa.Select[Any]:
    return rows._listed((), request)


@lru_cache(maxsize=_STATEMENTS_LIMIT)
def _listed_of(rows: Rows[Any], parent: sa.Column[str], request: PageRequest) -> sa.Select[Any]:
    """A single parent's page needs no ranks, and is planned once (keyed.py)."""
    return rows._listed((parent == sa.bindparam(_PARENT, type_=parent.type),), request)


@lru_cache(maxsize=_STATEMENTS_LIMIT)
def _ranked(rows: Rows[Any], parent: sa.Column[str], request: PageRequest) -> sa.Select[Any]:
    """Without a filter the statement depends on the request alone; making one takes half a millisecond."""
    return rows._ranked(parent, (), request)


def _page(found: list[T], request: PageRequest, total: int | None, beyond: tuple[bool, bool]) -> Page[T]:
    overflow = len(found) > request.limit
    rows = found[: request.limit]
    previous, following = beyond
    if request.backward:
        return Page(tuple(reversed(rows)), following, overflow or previous, total)
    return Page(tuple(rows), overflow or following, previous, total)
