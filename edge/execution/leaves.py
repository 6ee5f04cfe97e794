"""Whole columns of leaf values as the response has them: by the type's own coercion, or quicker and alike."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

from edge.execution.plan import Column, Leaf

INT_MIN: Final = -(2**31)
INT_MAX: Final = 2**31 - 1
NULLS: Final = frozenset({type(None), type(Undefined)})


def leaf(type_: GraphQLLeafType) -> Leaf:
    def one(value: Any) -> Any:
        coerced = type_.coerce_output_value(value)
        if coerced is None or coerced is Undefined:
            raise TypeError(
                f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})` to return"
                f" non-nullable value, returned: {inspect(coerced)}"
            )
        return coerced

    def by_coercion(values: Column) -> Column:
        coerced = list(map(type_.coerce_output_value, values))
        if not NULLS.isdisjoint(map(type, coerced)):
            raise ValueError("a null, whose place is still to be found")
        return coerced

    as_is = _as_is(type_)
    names: dict[type, dict[Any, str]] = {}

    def column(values: Column, kinds: set[type]) -> Column:
        kind = next(iter(kinds)) if len(kinds) == 1 else None
        if kind is None:
            return by_coercion(values)
        if as_is is not None and kind is as_is[0]:
            return values if as_is[1](values) else by_coercion(values)
        if isinstance(type_, GraphQLEnumType) and issubclass(kind, Enum):
            if kind not in names:
                names[kind] = _names(type_, kind)
            return list(map(names[kind].__getitem__, values))
        return by_coercion(values)

    return Leaf(type_.name, column, one)


def _names(type_: GraphQLEnumType, kind: type[Enum]) -> dict[Any, str]:
    """Raises what the type raises for a member that it cannot represent: its place is then sought."""
    return {member: type_.coerce_output_value(member) for member in kind}


def _as_is(type_: GraphQLLeafType) -> tuple[type, Callable[[Column], bool]] | None:
    """The Python type whose values the response has unchanged, and what must hold of all of them."""
    if type_ is GraphQLString or type_ is GraphQLID:
        return str, lambda _: True
    if type_ is GraphQLBoolean:
        return bool, lambda _: True
    if type_ is GraphQLInt:
        return int, lambda values: min(values) >= INT_MIN and max(values) <= INT_MAX
    return None
