"""A supergraph as frozen data: every type and field, and which subgraph can say what about it.

This is the engine's one description of the world. `read_supergraph` makes it from SDL; the
planner asks it questions; the sharding stage reads the applied directives it keeps untouched.
Names follow the join specification (https://specs.apollo.dev/join/v0.5). A subgraph is known
by its service name (`@join__graph(name:)`), never by its enum value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import DocumentNode, SelectionSetNode, TypeNode, ValueNode

from gateway.federation.composition.guards import ListSize, Requirement


class Kind(Enum):
    """What a type is in the supergraph. An interface object is an INTERFACE here (see `TypeJoin`)."""

    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    INPUT = "input"
    SCALAR = "scalar"


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One subgraph. `graph` is its `join__Graph` value; `url` may be empty."""

    name: str
    graph: str
    url: str


@dataclass(frozen=True, slots=True)
class AppliedDirective:
    """A `@join__directive`: some subgraph's own directive, passed on as it stood there.

    `subgraphs` are those that applied it; `args` are plain values. On an argument, `argument`
    names it (the join specification has no place for these, so the SDL says it on the field).
    """

    subgraphs: tuple[str, ...]
    name: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldSet:
    """Fields as `@key`, `@requires` and `@provides` name them: the text, and its parsed selections."""

    text: str
    selections: SelectionSetNode


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key` of a type in a subgraph. Not `resolvable`: the subgraph has no reference resolver for it."""

    fields: FieldSet
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class TypeJoin:
    """What one subgraph knows of a type."""

    keys: tuple[Key, ...] = ()
    is_interface_object: bool = False
    extension: bool = False


@dataclass(frozen=True, slots=True)
class FieldJoin:
    """What one subgraph knows of a field. `type` is the field's type there."""

    type: TypeNode
    external: bool = False
    requires: FieldSet | None = None
    provides: FieldSet | None = None
    override: str | None = None
    override_label: str | None = None
    used_overridden: bool = False
    context_arguments: tuple[ContextArgument, ...] = ()

    @property
    def resolvable(self) -> bool:
        """Whether the subgraph resolves the field wherever it has the parent (not only where provided)."""
        return not self.external and not self.used_overridden

    @property
    def needs_more(self) -> bool:
        """Whether the subgraph must be told something of the object, or of those above it, to resolve it."""
        return self.requires is not None or bool(self.context_arguments)


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument of a subgraph's field that the gateway fills from an ancestor (`@fromContext`)."""

    name: str
    type: TypeNode
    context: str
    selection: str


@dataclass(frozen=True, slots=True)
class InputValue:
    """An argument, or a field of an input object. No `subgraphs`: all that have the parent have it."""

    name: str
    type: TypeNode
    default: ValueNode | None = None
    inaccessible: bool = False
    subgraphs: tuple[str, ...] = ()
    directives: tuple[AppliedDirective, ...] = ()
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object or interface type, with what each subgraph knows of it.

    `requirement` says who may see it; `cost` and `list_size` what asking for it is worth.
    """

    name: str
    type: TypeNode
    arguments: Mapping[str, InputValue]
    joins: Mapping[str, FieldJoin]
    inaccessible: bool = False
    directives: tuple[AppliedDirective, ...] = ()
    requirement: Requirement | None = None
    cost: int | None = None
    list_size: ListSize | None = None


@dataclass(frozen=True, slots=True)
class Type:
    """A named type. Members that its kind does not have are empty.

    `implements`, `members` and `values` map a name to the subgraphs that have it;
    `hidden_values` are an enum's inaccessible values. `requirement` says who may see the type at all;
    `cost` what one value of it is worth.
    """

    name: str
    kind: Kind
    joins: Mapping[str, TypeJoin]
    fields: Mapping[str, Field] = field(default_factory=dict)
    inputs: Mapping[str, InputValue] = field(default_factory=dict)
    implements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden_values: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()
    inaccessible: bool = False
    directives: tuple[AppliedDirective, ...] = ()
    requirement: Requirement | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Supergraph:
    """Everything the engine knows. `roots` maps "query", "mutation", "subscription" to type names.

    `possible` maps an abstract type to its object types; `possible_in` answers the same for one
    subgraph. `document` is the SDL it was read from.
    """

    subgraphs: Mapping[str, Subgraph]
    types: Mapping[str, Type]
    roots: Mapping[str, str]
    possible: Mapping[str, tuple[str, ...]]
    possible_by_subgraph: Mapping[tuple[str, str], tuple[str, ...]]
    document: DocumentNode
    directives: tuple[AppliedDirective, ...] = ()

    def possible_in(self, subgraph: str, type_name: str) -> tuple[str, ...]:
        """The object types a value of `type_name` can have when `subgraph` gives it.

        An interface object stands for every object type of its interface.
        """
        return self.possible_by_subgraph.get((subgraph, type_name), ())
