"""How fields are resolved: straight to the attribute or the method where Strawberry would only wrap it.

Strawberry wraps every resolver to build its `Info`, convert arguments and run the field's extensions.
What of that is the same for all objects is done once in a request. A field with extensions (permissions
are), or one that is not as Strawberry made it, is called as graphql-core calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    default_field_resolver,
)
from graphql.pyutils import Path
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE as TYPE_CAST
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info

from edge.execution.arguments import arguments_of
from edge.execution.level import Level, Place
from edge.execution.plan import Column, Field, Resolve

if TYPE_CHECKING:
    from edge.execution.run import Request

__all__ = ["TYPE_CAST", "own_type", "resolve_of"]

DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF
OWN_TYPES_LIMIT: Final = 4_096
_MADE_BY_STRAWBERRY: Final = "strawberry.schema.schema_converter"


def resolve_of(schema: GraphQLSchema, definition: GraphQLField) -> Resolve:
    """Return what gives a field's column."""
    strawberry_schema = getattr(schema, "_strawberry_schema", None)
    field = definition.extensions.get(DEFINITION)
    if strawberry_schema is None or not isinstance(field, StrawberryField):
        return _as_graphql_core
    if _is_wrapped(definition, field) or strawberry_schema.schema_converter._exception_handler_specs:
        return _as_graphql_core
    base = field.base_resolver
    if base is None:
        return _attribute(field.python_name) if field.default_resolver is getattr else _as_graphql_core
    if strawberry_schema.config.info_class is not Info or not callable(base.wrapped_func):
        return _as_graphql_core
    return _method(field, base, base.wrapped_func, strawberry_schema)


def _is_wrapped(definition: GraphQLField, field: StrawberryField) -> bool:
    """Is there more to the field than its resolver?"""
    return (
        field.is_subscription
        or bool(field.extensions)
        or type(field).get_result is not StrawberryField.get_result
        or getattr(definition.resolve, "__module__", None) != _MADE_BY_STRAWBERRY
    )


def _as_graphql_core(request: Request, level: Level, field: Field) -> Column:
    resolve = field.definition.resolve or default_field_resolver

    def value(owner: int, source: Any) -> Any:
        info = request.info(field, Place(level, field, owner))
        return resolve(source, info, **request.arguments(field))

    return [_attempt(value, owner, source) for owner, source in enumerate(level.sources)]


def _attribute(name: str) -> Resolve:
    get = attrgetter(name)

    def resolve(_request: Request, level: Level, _field: Field) -> Column:
        try:
            return list(map(get, level.sources))
        except Exception:  # each by itself keeps its own error as its value
            return [_attempt(get, source) for source in level.sources]

    return resolve


def _method(
    field: StrawberryField,
    base: StrawberryResolver[Any],
    function: Callable[..., Any],
    strawberry_schema: Any,
) -> Resolve:
    takes_self = base.self_parameter is not None
    named = [one.name for one in (base.parent_parameter, base.root_parameter) if one is not None]
    info_name = None if base.info_parameter is None else base.info_parameter.name

    arguments = arguments_of(field, strawberry_schema)

    def converted(request: Request, plan_field: Field) -> dict[str, Any]:
        coerced = request.arguments(plan_field)
        if arguments is not None:
            return arguments(coerced)
        return convert_arguments(
            coerced,
            field.arguments,
            scalar_registry=strawberry_schema.schema_converter.scalar_registry,
            config=strawberry_schema.config,
            info=Info(_raw_info=request.info(plan_field), _field=field),
        )

    def resolve(request: Request, level: Level, plan_field: Field) -> Column:
        taken = request.once(plan_field, lambda: _attempt(converted, request, plan_field))
        if isinstance(taken, Exception):
            return [taken] * len(level.sources)
        raw, given = request.info(plan_field), dict(taken)
        column: Column = []
        for owner, source in enumerate(level.sources):
            for name in named:
                given[name] = source
            if info_name is not None:
                given[info_name] = PlacedInfo(raw, field, Place(level, plan_field, owner))
            try:
                column.append(function(source, **given) if takes_self else function(**given))
            except Exception as error:
                column.append(error)
        return column

    return resolve


def _attempt(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return its value, or the exception that it raised."""
    try:
        return function(*arguments)
    except Exception as error:
        return error


class PlacedInfo(Info[Any, Any]):
    """Strawberry's info, whose path is made when it is asked for. Its `_raw_info` has none."""

    def __init__(self, raw: Any, field: StrawberryField, place: Place) -> None:
        self._raw_info = raw
        self._field = field
        self._place = place

    @property
    def path(self) -> Path:
        return self._place.path()


@lru_cache(maxsize=OWN_TYPES_LIMIT)
def own_type(schema: GraphQLSchema, of: GraphQLObjectType | GraphQLAbstractType, class_: type) -> str | None:
    """The name of the type that a Strawberry class defines, where every instance is of that type.

    None where only the schema's own type resolvers can say: generic classes, types with an
    `is_type_of` of their own, and classes that are not of this schema.
    """
    found = get_object_definition(class_)
    if found is None or found.origin is not class_ or not _plainly_typed(found):
        return None
    own = schema.get_type(found.name) if isinstance(found.name, str) else None
    if not isinstance(own, GraphQLObjectType) or own.extensions.get(DEFINITION) is not found:
        return None
    if isinstance(of, GraphQLObjectType):
        return own.name if own is of else None
    by_strawberry = str(getattr(of.resolve_type, "__module__", "")).startswith("strawberry.")
    return own.name if by_strawberry and schema.is_sub_type(of, own) else None


def _plainly_typed(definition: StrawberryObjectDefinition) -> bool:
    return (
        not definition.is_graphql_generic
        and definition.concrete_of is None
        and definition.is_type_of is None
        and definition.resolve_type is None
    )
