"""Variables' values, coerced by closures that are made once for an operation.

graphql-core asks anew of every value what its type is: for 500 inputs of forty fields each that was the
greater part of a request. What these closures do not take, for whatever reason, they say nothing of:
graphql-core is then asked, and it gives the value or the errors, in its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.type import is_required_input_field
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce = Callable[[Any], Any]
"""Gives the coerced value, or raises `_NotTaken` or what a scalar raises."""

_AS_THEY_ARE: Final[Mapping[GraphQLInputType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}
"""Scalars whose coercion leaves values of this very type as they are."""
_REQUIRED: Final = object()


class _NotTaken(Exception):  # noqa: N818 - a value, or a type, that is left to graphql-core
    pass


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._each = _compiled(schema, definitions)

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Return what graphql-core's `get_variable_values` would, or None: then it must be asked."""
        if self._each is None:
            return None
        sources: dict[str, VariableValueSource] = {}
        values: dict[str, Any] = {}
        try:
            for name, absent, present, coerce, default in self._each:
                value = given.get(name, Undefined)
                if value is not Undefined:
                    sources[name] = present(value)
                    values[name] = coerce(value)
                elif default is _REQUIRED:
                    return None
                else:
                    sources[name] = absent
                    if default is not Undefined:
                        values[name] = default
        except Exception:  # what is wrong with it, graphql-core says
            return None
        return VariableValues(sources, values)


_Each = tuple[str, VariableValueSource, Callable[[Any], VariableValueSource], Coerce, Any]


def _compiled(schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> list[_Each] | None:
    each: list[_Each] = []
    for definition in definitions:
        signature = get_variable_signature(schema, definition)
        if isinstance(signature, GraphQLError):
            return None
        try:
            coerce = coercion(signature.type, ())
        except _NotTaken:
            return None
        default: Any = Undefined
        if definition.default_value is not None:
            alone = get_variable_values(schema, [definition], {})
            if isinstance(alone, list):
                return None
            default = alone.coerced.get(signature.name, Undefined)
        elif isinstance(signature.type, GraphQLNonNull):
            default = _REQUIRED

        def present(value: Any, signature: Any = signature) -> VariableValueSource:
            return VariableValueSource(signature, value)

        each.append((signature.name, VariableValueSource(signature), present, coerce, default))
    return each


def coercion(type_: GraphQLInputType, within: tuple[GraphQLInputType, ...]) -> Coerce:
    """Return what coerces values of a type. `within` are the input objects around it.

    Raises `_NotTaken` for input objects that hold themselves, whose depth graphql-core bounds, and for
    those of which one field alone may be given.
    """
    if isinstance(type_, GraphQLNonNull):
        return _non_null(coercion(type_.of_type, within))
    if isinstance(type_, GraphQLList):
        return _list(coercion(type_.of_type, within))
    if isinstance(type_, GraphQLInputObjectType):
        if type_ in within or type_.is_one_of:
            raise _NotTaken
        return _input_object(type_, (*within, type_))
    return _leaf(type_)


def _as_it_is(type_: GraphQLInputType) -> tuple[type, ...]:
    """The Python types whose values of `type_` are coerced to themselves."""
    if isinstance(type_, GraphQLNonNull):
        return tuple(one for one in _as_it_is(type_.of_type) if one is not NoneType)
    return (NoneType, _AS_THEY_ARE[type_]) if type_ in _AS_THEY_ARE else (NoneType,)


def _non_null(coerce: Coerce) -> Coerce:
    def non_null(value: Any) -> Any:
        if value is None:
            raise _NotTaken
        return coerce(value)

    return non_null


def _list(coerce: Coerce) -> Coerce:
    def items(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            raise _NotTaken
        return list(map(coerce, value))

    return items


def _leaf(type_: GraphQLLeafType) -> Coerce:
    if isinstance(type_, GraphQLEnumType):
        members: dict[Any, Any] = {name: type_.coerce_input_value(name) for name in type_.values}
        return (members | {None: None}).__getitem__
    as_it_is = _as_it_is(type_)
    by_type = type_.coerce_input_value

    def leaf(value: Any) -> Any:
        if type(value) in as_it_is:
            return value
        coerced = by_type(value)
        if coerced is Undefined:
            raise _NotTaken
        return coerced

    return leaf


def _input_object(type_: GraphQLInputObjectType, within: tuple[GraphQLInputType, ...]) -> Coerce:
    fields = [
        (
            name,
            field.out_name or name,
            _as_it_is(field.type),
            coercion(field.type, within),
            _REQUIRED if is_required_input_field(field) else coerce_default_value(field),
        )
        for name, field in type_.fields.items()
    ]
    out_type = type_.out_type

    def input_object(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not dict:
            raise _NotTaken
        coerced: dict[str, Any] = {}
        unknown = len(value)
        for name, out_name, as_it_is, coerce, default in fields:
            given = value.get(name, Undefined)
            if given is not Undefined:
                unknown -= 1
                coerced[out_name] = given if type(given) in as_it_is else coerce(given)
            elif default is _REQUIRED:
                raise _NotTaken
            elif default is not Undefined:
                coerced[out_name] = default
        if unknown:
            raise _NotTaken
        return out_type(coerced)

    return input_object
