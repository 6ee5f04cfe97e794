"""Completes columns: what resolvers gave becomes what the response has ("Value Completion").

Values are looked at by their Python types, of which a column has few. What is null, failed or still to
be awaited is set apart; the rest is completed together, and one by one only to find which of it fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Sequence
from enum import Enum, auto
from functools import lru_cache
from itertools import islice
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final

from graphql import GraphQLError, Undefined
from graphql.pyutils import is_awaitable, is_iterable

from edge.execution.level import Awaited, Indices, Places
from edge.execution.objects import complete_objects
from edge.execution.plan import Column, Items, Leaf, Shape
from edge.execution.together import Together

if TYPE_CHECKING:
    from edge.execution.run import Request

TYPES_LIMIT: Final = 4_096


class Kind(Enum):
    """What a value's type says of it."""

    PLAIN = auto()
    NULL = auto()
    FAILED = auto()
    NEED = auto()
    AWAITABLE = auto()
    GENERATOR = auto()
    STREAM = auto()


PLAIN: Final = {Kind.PLAIN}


@lru_cache(maxsize=TYPES_LIMIT)
def _kind(type_: type) -> Kind:
    if type_ is type(None) or type_ is type(Undefined):
        return Kind.NULL
    if issubclass(type_, Exception):
        return Kind.FAILED
    if issubclass(type_, Together):
        return Kind.NEED
    if hasattr(type_, "__await__"):
        return Kind.AWAITABLE
    if issubclass(type_, GeneratorType):
        return Kind.GENERATOR
    return Kind.STREAM if hasattr(type_, "__aiter__") else Kind.PLAIN


def complete(request: Request, places: Places, shape: Shape, values: Column) -> Column:
    """Return what goes to `places`; null where it failed, as `request` is told, or is still to come."""
    types: set[type] = set(map(type, values))
    if {_kind(one) for one in types} <= PLAIN:
        return _plain(request, places, shape, values, types)
    plain = _set_apart(request, places, shape, values)
    completed: Column = [None] * len(values)
    if plain:
        rest = [values[place] for place in plain]
        done = _plain(request, places.only(plain), shape, rest, set(map(type, rest)))
        for place, value in zip(plain, done, strict=True):
            completed[place] = value
    return completed


def _set_apart(request: Request, places: Places, shape: Shape, values: Column) -> list[int]:
    """See to all that is no plain value; return where the plain ones are."""
    plain: list[int] = []
    later: dict[int, Any] = {}
    needs: dict[type[Together[Any]], list[int]] = {}
    for place, value in enumerate(values):
        type_: type = type(value)
        kind = _kind(type_)
        if kind is Kind.NULL:
            if shape.non_null:
                request.fail(places.at(place), null_error(places))
        elif kind is Kind.FAILED:
            request.fail(places.at(place), value)
        elif kind is Kind.NEED:
            needs.setdefault(type_, []).append(place)
        elif kind is Kind.AWAITABLE or (kind is Kind.GENERATOR and is_awaitable(value)):
            later[place] = value
        elif kind is Kind.STREAM and isinstance(shape.of, Items):
            later[place] = _collected(value)
        else:
            plain.append(place)
    for type_, asked in needs.items():
        column = Awaited(places.only(asked), shape)
        request.awaiting.need(type_, column, [values[place] for place in asked])
    if later:
        request.awaiting.begin(Awaited(places.only(list(later)), shape), list(later.values()))
    return plain


def null_error(places: Places) -> TypeError:
    field = places.field
    return TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")


async def _collected(values: AsyncIterable[Any]) -> list[Any]:
    return [value async for value in values]


def _plain(request: Request, places: Places, shape: Shape, values: Column, types: set[type]) -> Column:
    of = shape.of
    if isinstance(of, Leaf):
        return _leaves(request, places, of, values, types)
    if isinstance(of, Items):
        return _lists(request, places, of, values)
    return complete_objects(request, places, shape, of, values, types)


def _leaves(request: Request, places: Places, leaf: Leaf, values: Column, types: set[type]) -> Column:
    try:
        return leaf.column(values, types)
    except Exception:  # one of them at least: each by itself tells which, and its error goes to its place
        completed: Column = []
    for place, value in enumerate(values):
        try:
            completed.append(leaf.one(value))
        except Exception as error:
            request.fail(places.at(place), error)
            completed.append(None)
    return completed


def _lists(request: Request, places: Places, of: Items, values: Sequence[Iterable[Any]]) -> Column:
    """Items of all the lists are one column."""
    flat: Column = []
    owners: list[int] = []
    indices: list[Indices] = []
    lengths: list[int | None] = []
    for place, value in enumerate(values):
        try:
            items = _items(value, places)
        except Exception as error:
            request.fail(places.at(place), error)
            lengths.append(None)
            continue
        within = places.indices[place] if places.indices else ()
        flat += items
        owners += [places.owners[place]] * len(items)
        indices += [(*within, index) for index in range(len(items))]
        lengths.append(len(items))
    completed = iter(complete(request, Places(places.level, places.field, owners, indices), of.item, flat))
    return [None if length is None else list(islice(completed, length)) for length in lengths]


def _items(value: Iterable[Any], places: Places) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return value
    if not is_iterable(value):
        field = places.field
        raise GraphQLError(
            f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
        )
    return list(value)
