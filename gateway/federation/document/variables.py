"""Variables' values: those given, coerced to their types, and the defaults (specification, section 6.1.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLSchema,
    NamedTypeNode,
    NonNullTypeNode,
    VariableDefinitionNode,
    get_variable_values,
    value_from_ast,
)
from graphql.type import specified_scalar_types

from gateway.federation.errors import BAD_VARIABLES, DocumentError

Coerce = Callable[[Mapping[str, Any]], dict[str, Any]]
"""The coerced values of what a client gave. Raises `DocumentError` with BAD_USER_INPUT."""

ERRORS_LIMIT: Final = 20

AS_THEY_ARE: Final[Mapping[str, type]] = {"ID": str, "String": str, "Boolean": bool}
"""Built-in scalars, and the class whose values they take unchanged."""

_ABSENT: Final = object()


def compile_variables(schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode] | None) -> Coerce:
    """How an operation's variables are coerced.

    Texts and booleans that are what they should be are looked at in half a microsecond each; graphql-core
    takes ten, since it works out the types anew. Whatever else there is goes its way.
    """
    if not definitions:
        return lambda given: {}
    simple = [_simple(each) for each in definitions]

    def coerce(given: Mapping[str, Any]) -> dict[str, Any]:
        coerced = get_variable_values(schema, definitions, dict(given), max_errors=ERRORS_LIMIT)
        if isinstance(coerced, list):
            raise DocumentError(BAD_VARIABLES, [error.formatted for error in coerced])
        return dict(coerced.coerced)

    known = [each for each in simple if each is not None]
    if len(known) < len(simple):
        return coerce

    def coerce_simple(given: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, kind, default, required in known:
            value = given.get(name, _ABSENT)
            if value.__class__ is kind or (value is None and not required):
                values[name] = value
            elif value is not _ABSENT or (required and default is _ABSENT):
                return coerce(given)
            elif default is not _ABSENT:
                values[name] = default
        return values

    return coerce_simple


def _simple(definition: VariableDefinitionNode) -> tuple[str, type, Any, bool] | None:
    """Name, class, default and whether null is refused, of a variable of one of the simple types."""
    type_ = definition.type
    required = isinstance(type_, NonNullTypeNode)
    if isinstance(type_, NonNullTypeNode):
        type_ = type_.type
    if not isinstance(type_, NamedTypeNode) or type_.name.value not in AS_THEY_ARE:
        return None
    default: Any = _ABSENT
    if definition.default_value is not None:
        default = value_from_ast(definition.default_value, specified_scalar_types[type_.name.value])
    return definition.variable.name.value, AS_THEY_ARE[type_.name.value], default, required
