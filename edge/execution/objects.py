"""Completes objects: finds each one's type, and makes a level of those of one type."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    default_type_resolver,
)
from graphql.pyutils import inspect, is_awaitable

from edge.execution.level import Awaited, Level, Places
from edge.execution.plan import Column, Objects, Selection, Shape
from edge.execution.strawberry_fields import TYPE_CAST, own_type

if TYPE_CHECKING:
    from edge.execution.run import Request

Info = GraphQLResolveInfo[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """An object whose type had to be awaited."""

    name: str
    value: Any


def complete_objects(
    request: Request, places: Places, shape: Shape, of: Objects, values: Column, types: set[type]
) -> Column:
    """Return a result for each of `values`, whose fields the levels told to `request` will fill in."""
    if isinstance(of.type, GraphQLObjectType) and of.type.is_type_of is None:
        return _level(request, places, of.selections[of.type.name], values)
    found: dict[str, list[int]] = {}
    later: dict[int, Awaitable[Typed]] = {}
    own = {one: own_type(request.plan.schema, of.type, one) for one in types}
    info = request.info(places.field)
    for place, value in enumerate(values):
        name: str | Awaitable[Typed] | None = own[type(value)]
        if name is None or hasattr(value, TYPE_CAST):
            try:
                name = value.name if isinstance(value, Typed) else _type(of.type, value, info)
            except Exception as error:
                request.fail(places.at(place), error)
                continue
        if isinstance(name, str):
            found.setdefault(name, []).append(place)
        else:
            later[place] = name
    if later:
        request.awaiting.begin(Awaited(places.only(list(later)), shape), list(later.values()))
    completed: Column = [None] * len(values)
    for type_name, at in found.items():
        objects = [one.value if isinstance(one, Typed) else one for one in map(values.__getitem__, at)]
        done = _level(request, places.only(at), of.selections[type_name], objects)
        for place, result in zip(at, done, strict=True):
            completed[place] = result
    return completed


def _level(request: Request, places: Places, selection: Selection, sources: Sequence[Any]) -> Column:
    template = selection.template
    results = [template.copy() for _ in sources]
    if selection.fields:
        request.levels.append(Level(selection, sources, results, places))
    return results


def _type(of: GraphQLObjectType | GraphQLAbstractType, value: Any, info: Info) -> str | Awaitable[Typed]:
    """Raises what its type resolver raises, and GraphQLError for a type that it cannot have."""
    if isinstance(of, GraphQLObjectType):
        return _checked(of, value, info)
    name = (of.resolve_type or default_type_resolver)(value, info, of)
    if is_awaitable(name):
        return _awaited(name, of, value, info)
    return _checked(_valid(name, of, value, info), value, info)


def _checked(type_: GraphQLObjectType, value: Any, info: Info) -> str | Awaitable[Typed]:
    if type_.is_type_of is None:
        return type_.name
    is_of_type = type_.is_type_of(value, info)
    if is_awaitable(is_of_type):
        return _awaited_check(is_of_type, type_, value, info)
    if not is_of_type:
        raise _unexpected(type_, value, info)
    return type_.name


async def _awaited(name: Awaitable[Any], of: GraphQLAbstractType, value: Any, info: Info) -> Typed:
    checked = _checked(_valid(await name, of, value, info), value, info)
    return Typed(checked, value) if isinstance(checked, str) else await checked


async def _awaited_check(
    is_of_type: Awaitable[bool], type_: GraphQLObjectType, value: Any, info: Info
) -> Typed:
    if not await is_of_type:
        raise _unexpected(type_, value, info)
    return Typed(type_.name, value)


def _unexpected(type_: GraphQLObjectType, value: Any, info: Info) -> GraphQLError:
    return GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", info.field_nodes)


def _valid(name: Any, of: GraphQLAbstractType, value: Any, info: Info) -> GraphQLObjectType:
    """Return the object type of that name. Raises GraphQLError, in graphql-core's words."""
    field = f"{info.parent_type}.{info.field_name}"
    if name is None:
        raise GraphQLError(
            f"Abstract type '{of}' must resolve to an Object type at runtime for field '{field}'."
            f" Either the '{of}' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function.",
            info.field_nodes,
        )
    if not isinstance(name, str):
        raise GraphQLError(
            f"Abstract type '{of}' must resolve to an Object type at runtime for field '{field}'"
            f" with value {inspect(value)}, received '{inspect(name)}',"
            " which is not a valid Object type name.",
            info.field_nodes,
        )
    type_ = info.schema.get_type(name)
    if type_ is None:
        wrong = f"Abstract type '{of}' was resolved to a type '{name}' that does not exist inside the schema."
    elif not isinstance(type_, GraphQLObjectType):
        wrong = f"Abstract type '{of}' was resolved to a non-object type '{name}'."
    elif not info.schema.is_sub_type(of, type_):
        wrong = f"Runtime Object type '{type_}' is not a possible type for '{of}'."
    else:
        return type_
    raise GraphQLError(wrong, info.field_nodes)
