"""Pages of rows between two sort keys: what is asked of a repository, and what it answers.

A page is the rows whose keys follow `after` and precede `before`, so rows inserted meanwhile
make no other row appear twice or not at all (docs/SHARDING.md, 5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

KeyValue = str | int | date

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order: the attribute's name, in rows and values alike, and what it holds."""

    name: str
    type: type[str] | type[int] | type[date]
    descending: bool = False


Order = tuple[SortKey, ...]
"""The most significant key first; the last one is the row's ID."""


def order_by(name: str, type_: type[str] | type[int] | type[date], *, descending: bool = False) -> Order:
    """Order by one attribute and then by ID in the same direction, so that one index serves both ways."""
    return SortKey(name, type_, descending), SortKey("id", str, descending)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`limit` rows, from the start or (`backward`) from the end, between two keys of `order`.

    `with_total` and `with_neighbours` ask for what costs a statement more: the count of all
    rows of the filter, and whether rows lie beyond the given keys.
    """

    order: Order
    limit: int
    backward: bool = False
    after: tuple[KeyValue, ...] | None = None
    before: tuple[KeyValue, ...] | None = None
    with_total: bool = False
    with_neighbours: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    rows: tuple[T, ...] = ()
    has_next: bool = False
    has_previous: bool = False
    total: int | None = None

    def map(self, change: Callable[[T], U]) -> Page[U]:
        return Page(tuple(change(row) for row in self.rows), self.has_next, self.has_previous, self.total)
