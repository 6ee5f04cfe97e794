"""What every pass of a merge shares: the subgraphs with their fields' uses, and what was found wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from graphql import StringValueNode, print_ast

from gateway.federation.composition.definitions import (
    Applied,
    Element,
    Field,
    Link,
    SubgraphSchema,
    TypeDefinition,
)
from gateway.federation.composition.errors import CompositionError, CompositionHint
from gateway.federation.composition.field_uses import FieldUses

E = TypeVar("E", bound=Element)

TypeSource: TypeAlias = tuple[SubgraphSchema, TypeDefinition]
FieldSource: TypeAlias = tuple[SubgraphSchema, Field]
ComposedBy: TypeAlias = tuple[SubgraphSchema, Link]


@dataclass(slots=True)
class Findings:
    """Errors and hints, in the order found."""

    errors: list[CompositionError] = field(default_factory=list)
    hints: list[CompositionHint] = field(default_factory=list)

    def error(
        self,
        code: str,
        coordinate: str,
        message: str,
        hint: str,
        subgraph: SubgraphSchema | None = None,
        at: Element | Applied | None = None,
    ) -> None:
        """Note an error; `subgraph` and `at` say where, when it has one place."""
        name = subgraph.name if subgraph else ""
        self.errors.append(CompositionError(code, message, hint, name, coordinate, at.line if at else 0))

    def hint(self, code: str, coordinate: str, message: str) -> None:
        """Note something that composes but may not be meant."""
        self.hints.append(CompositionHint(code, message, coordinate))


@dataclass(frozen=True, slots=True)
class Override:
    """A field taken over by another subgraph. `used`: this one still needs it for its own field sets."""

    by: str
    used: bool
    label: str | None


@dataclass(frozen=True, slots=True)
class Overrides:
    """Both by (subgraph, coordinate): `taken`, the fields taken over; `taking`, their new places."""

    taken: Mapping[tuple[str, str], Override]
    taking: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MergeContext:
    """`subgraphs` in order of name; `subtypes` by abstract type."""

    subgraphs: tuple[SubgraphSchema, ...]
    uses: Mapping[str, FieldUses]
    overrides: Overrides
    subtypes: Mapping[str, frozenset[str]]
    composed: Mapping[str, tuple[ComposedBy, ...]]
    """Subgraphs' own directives that `@composeDirective` keeps, by name."""
    findings: Findings

    def sources(self, type_name: str) -> list[TypeSource]:
        """The subgraphs that define a type, with their definitions."""
        return [(s, s.types[type_name]) for s in self.subgraphs if type_name in s.types]

    def is_external(self, subgraph: SubgraphSchema, coordinate: str) -> bool:
        """Whether the field is resolved elsewhere."""
        return coordinate in self.uses[subgraph.name].external

    def is_subtype(self, narrow: str, wide: str) -> bool:
        """Whether every value of type `narrow` is one of type `wide` (GraphQL's covariance)."""
        if narrow == wide:
            return True
        if narrow.endswith("!"):
            return self.is_subtype(narrow[:-1], wide.removesuffix("!"))
        if wide.endswith("!") or narrow.startswith("[") != wide.startswith("["):
            return False
        if narrow.startswith("["):
            return self.is_subtype(narrow[1:-1], wide[1:-1])
        return narrow in self.subtypes.get(wide, ())


def find_subtypes(subgraphs: Iterable[SubgraphSchema]) -> dict[str, frozenset[str]]:
    """For each abstract type, the types that any subgraph says belong to it."""
    found: dict[str, set[str]] = {}
    for subgraph in subgraphs:
        for definition in subgraph.types.values():
            for interface in definition.interfaces:
                found.setdefault(interface, set()).add(definition.name)
            if definition.kind == "UNION":
                found.setdefault(definition.name, set()).update(definition.members)
    return {name: frozenset(members) for name, members in found.items()}


def string(text: str) -> str:
    """A string as a GraphQL literal."""
    return print_ast(StringValueNode(value=text))


def join(directive: str, /, **arguments: str | None) -> Applied:
    """A directive of the join specification; arguments that are None are left out."""
    given = tuple((key, text) for key, text in arguments.items() if text is not None)
    return Applied(f"join__{directive}", given)


def listed(names: Iterable[str]) -> str:
    """Names for a message: '"a", "b" and "c"'."""
    quoted = [f'"{name}"' for name in names]
    return " and ".join(part for part in (", ".join(quoted[:-1]), quoted[-1] if quoted else "") if part)


def named_by(sources: Sequence[tuple[SubgraphSchema, object]]) -> str:
    """The subgraphs of some sources, for a message."""
    return listed(subgraph.name for subgraph, _ in sources)


def described(sources: Iterable[tuple[SubgraphSchema, Element]]) -> str | None:
    """The first description that says anything."""
    return next((item.description for _, item in sources if item.description), None)
