"""Arguments as resolvers take them: what Strawberry works out anew for every value, worked out once.

Converting 500 inputs of forty fields each took Strawberry most of a request's time: it asks each time
which type a field has and what it is called. The conversion itself is Strawberry's (`convert_argument`);
its rarer forms (`Maybe`, `GlobalID`, inputs that build themselves) are left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import lru_cache
from typing import Any, Final

from strawberry.relay.types import GlobalID
from strawberry.schema.compat import is_scalar
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

FIELDS_LIMIT: Final = 4_096

Convert = Callable[[Any], Any]
Arguments = Callable[[Mapping[str, Any]], dict[str, Any]]


class _Rare(Exception):  # noqa: N818 - a form that is Strawberry's to convert
    pass


@lru_cache(maxsize=FIELDS_LIMIT)
def arguments_of(field: StrawberryField, strawberry_schema: Any) -> Arguments | None:
    """Return what turns a field's coerced arguments into its resolver's; None where Strawberry must."""
    converters = _Converters(strawberry_schema)
    try:
        each = [
            (converters.name_of(argument), argument.python_name, converters.of(argument.type))
            for argument in field.arguments
        ]
    except _Rare:
        return None

    def converted(given: Mapping[str, Any]) -> dict[str, Any]:
        return {python: convert(given[name]) for name, python, convert in each if name in given}

    return converted


class _Converters:
    def __init__(self, strawberry_schema: Any) -> None:
        self.name_of: Callable[[Any], str] = strawberry_schema.config.name_converter.from_argument
        self._field_name: Callable[[Any], str] = strawberry_schema.config.name_converter.from_field
        self._scalars = strawberry_schema.schema_converter.scalar_registry
        self._inputs: dict[type, Convert] = {}

    def of(self, type_: Any) -> Convert:
        """Raises `_Rare`."""
        if isinstance(type_, StrawberryMaybe) or type_ is GlobalID:
            raise _Rare
        if isinstance(type_, StrawberryOptional):
            return self.of(type_.of_type)
        if isinstance(type_, StrawberryList):
            item = self.of(type_.of_type)
            return _unless_absent(list if item is _as_it_is else lambda values: [item(one) for one in values])
        if isinstance(type_, LazyType):
            return self.of(type_.resolve_type())
        if is_scalar(type_, self._scalars) or isinstance(type_, StrawberryEnumDefinition):
            return _as_it_is
        if has_enum_definition(type_):
            return _as_it_is
        return self._input(type_)

    def _input(self, type_: Any) -> Convert:
        definition = get_object_definition(type_)
        if definition is None or not definition.is_input or definition.from_input is not None:
            raise _Rare
        if type_ in self._inputs:
            return lambda value: self._inputs[type_](value)  # it may hold itself
        self._inputs[type_] = _as_it_is  # until all of its fields are known
        fields = [
            (self._field_name(one), one.python_name, self.of(one.resolve_type(type_definition=definition)))
            for one in definition.fields
        ]
        as_they_are = [(name, python) for name, python, convert in fields if convert is _as_it_is]
        converted = [one for one in fields if one[2] is not _as_it_is]
        absent = {
            one.python_name: None
            for one in definition.fields
            if one.default_value is MISSING and one.default_factory is MISSING
        }

        def make(value: Mapping[str, Any]) -> Any:
            given = absent.copy()
            for name, python in as_they_are:
                if name in value:
                    given[python] = value[name]
            for name, python, convert in converted:
                if name in value:
                    given[python] = convert(value[name])
            return type_(**given)

        self._inputs[type_] = _unless_absent(make)
        return self._inputs[type_]


def _as_it_is(value: Any) -> Any:
    return value


def _unless_absent(convert: Convert) -> Convert:
    return lambda value: value if value is None or value is UNSET else convert(value)
