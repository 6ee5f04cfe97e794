"""Check `@authenticated`, `@requiresScopes` and `@policy`: no way around them may be left.

A requirement on an interface would not bind a query that names an implementation; and a field computed
from guarded fields, by `@requires` or `@fromContext`, would show what they guard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import SelectionSetNode

from gateway.federation.composition.definitions import (
    BUILT_IN,
    Applied,
    Element,
    Field,
    SubgraphSchema,
    TypeDefinition,
    named,
)
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.field_sets import parse_field_set, walk_field_set
from gateway.federation.composition.merge_contexts import read_reference

_DIRECTIVES = ("authenticated", "requiresScopes", "policy")


def interface_authorisation_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    """Requirements on interfaces, their fields, and interface objects."""
    for definition in schema.types.values():
        if definition.kind != "INTERFACE" and not definition.is_interface_object:
            continue
        fields = definition.fields.values() if definition.kind == "INTERFACE" else ()
        places: list[tuple[str, Element]] = [(definition.name, definition)]
        places += [(f"{definition.name}.{field.name}", field) for field in fields]
        for coordinate, element in places:
            for name in _DIRECTIVES:
                if element.has(name):
                    yield CompositionError(
                        "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
                        f"@{name} does not bind a query that names an implementation",
                        f"Put @{name} on the implementing types or their fields.",
                        schema.name,
                        coordinate,
                        element.line,
                    )


@dataclass(frozen=True, slots=True)
class _Requirement:
    """What must hold: alternatives of all-of sets, for scopes and for policies."""

    authenticated: bool
    scopes: tuple[frozenset[str], ...]
    policies: tuple[frozenset[str], ...]

    def implies(self, other: _Requirement) -> bool:
        """Whether whoever meets this one meets the other."""
        return (
            (self.authenticated or not other.authenticated)
            and _implies(self.scopes, other.scopes)
            and _implies(self.policies, other.policies)
        )


def _implies(given: Sequence[frozenset[str]], needed: Sequence[frozenset[str]]) -> bool:
    if not needed:
        return True
    return bool(given) and all(any(want <= have for want in needed) for have in given)


def _both(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
    if not left or not right:
        return tuple(left or right)
    return tuple(dict.fromkeys(a | b for a in left for b in right))


def _requirement(*elements: Element | None) -> _Requirement:
    """What several merged elements together demand."""
    authenticated = False
    scopes: tuple[frozenset[str], ...] = ()
    policies: tuple[frozenset[str], ...] = ()
    for element in elements:
        if element is None:
            continue
        authenticated = authenticated or element.has("authenticated", BUILT_IN)
        for applied in element.applied("requiresScopes", BUILT_IN):
            scopes = _both(scopes, [frozenset(group) for group in applied.value("scopes")])
        for applied in element.applied("policy", BUILT_IN):
            policies = _both(policies, [frozenset(group) for group in applied.value("policies")])
    return _Requirement(authenticated, scopes, policies)


def transitive_authorisation_faults(
    subgraphs: Sequence[SubgraphSchema], merged: Mapping[str, TypeDefinition]
) -> Iterator[CompositionError]:
    """Fields that read what their own requirements do not cover."""
    guarded = any(
        element.has(name, BUILT_IN)
        for definition in merged.values()
        for element in (definition, *definition.fields.values())
        for name in _DIRECTIVES
    )
    if not guarded:
        return
    for schema in subgraphs:
        for definition, field in schema.fields():
            own_type = merged[definition.name]
            own = _requirement(own_type, own_type.fields.get(field.name))
            for applied, root, selections in _accessed(schema, definition, field):
                for parent, needed, _ in walk_field_set(schema, root, selections):
                    there = merged[parent.name]
                    outer = there if parent.name != root else None
                    inner = merged.get(named(needed.type))
                    if own.implies(_requirement(outer, there.fields.get(needed.name), inner)):
                        continue
                    yield CompositionError(
                        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                        f"@{applied.name} reads {parent.name}.{needed.name}, whose authorisation it lacks",
                        "Give it the same @authenticated, @requiresScopes and @policy as"
                        f" {parent.name}.{needed.name}.",
                        schema.name,
                        f"{definition.name}.{field.name}",
                        applied.line,
                    )
                    break


def _accessed(
    schema: SubgraphSchema, definition: TypeDefinition, field: Field
) -> Iterator[tuple[Applied, str, SelectionSetNode]]:
    """The selections that a field reads besides its own object: what it requires, and contexts' values."""
    for applied in field.applied("requires"):
        yield applied, definition.name, parse_field_set(applied.value("fields"))
    for argument in field.arguments.values():
        for applied in argument.applied("fromContext"):
            reference = read_reference(applied.value("field"))
            for place in schema.types.values():
                names = [context.value("name") for context in place.applied("context")]
                if reference and reference.name in names:
                    yield applied, place.name, parse_field_set(reference.selection)
