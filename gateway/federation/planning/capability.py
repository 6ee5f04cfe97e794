"""What each subgraph can do for an object: the questions that the planner asks of the supergraph.

All of them are about object types. A subgraph may know an object by another name: where its
interface is an interface object, the subgraph knows every implementation as that one type.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from graphql import (
    FieldNode,
    InlineFragmentNode,
    ListTypeNode,
    NonNullTypeNode,
    SelectionNode,
    SelectionSetNode,
    TypeNode,
    print_ast,
)

from gateway.federation.composition.supergraph import FieldJoin, FieldSet, Kind, Supergraph, Type

Provided = tuple[SelectionSetNode, ...]
"""What a `@provides` above an object adds to what the subgraph can resolve on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A way into a subgraph: by `key`, as an entity called `typename` (None: by the object's own type)."""

    key: FieldSet
    typename: str | None


class Capabilities:
    """Answers, remembered, about one supergraph with the progressive overrides `labels` active."""

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self._labels = labels
        self._joins: dict[tuple[str, str, str], FieldJoin | None] = {}
        self._known_as: dict[tuple[str, str], str | None] = {}
        self._entries: dict[tuple[str, str], tuple[Entry, ...]] = {}
        self._signatures: dict[tuple[str, str], Hashable] = {}
        mentioned = list(_nodes_of_field_sets(supergraph))
        self._mentioned_fields = frozenset(
            node.name.value for node in mentioned if isinstance(node, FieldNode)
        )
        self._mentioned_conditions = sorted(
            {
                node.type_condition.name.value
                for node in mentioned
                if isinstance(node, InlineFragmentNode) and node.type_condition
            }
        )

    def known_as(self, subgraph: str, type_name: str) -> str | None:
        """What `subgraph` calls an object of this type; None when it does not know it."""
        ask = (subgraph, type_name)
        if ask not in self._known_as:
            self._known_as[ask] = self._find_name(subgraph, self.supergraph.types[type_name])
        return self._known_as[ask]

    def _find_name(self, subgraph: str, type_: Type) -> str | None:
        for interface in (*type_.implements, type_.name):
            join = self.supergraph.types[interface].joins.get(subgraph)
            if join is not None and join.is_interface_object:
                return interface
        return type_.name if subgraph in type_.joins else None

    def is_typed(self, subgraph: str, type_name: str) -> bool:
        """Whether the subgraph can tell the object's own type."""
        return self.known_as(subgraph, type_name) == type_name

    def join(self, subgraph: str, type_name: str, field: str) -> FieldJoin | None:
        """What `subgraph` knows of the field on such an object, overrides applied; None when nothing."""
        ask = (subgraph, type_name, field)
        if ask not in self._joins:
            self._joins[ask] = self._find_join(*ask)
        return self._joins[ask]

    def _find_join(self, subgraph: str, type_name: str, field: str) -> FieldJoin | None:
        name = self.known_as(subgraph, type_name)
        definition = self.supergraph.types[name].fields.get(field) if name else None
        join = definition.joins.get(subgraph) if definition else None
        if definition is None or join is None:
            return None
        # The side that is overridden carries the label too: it resolves the field while the label is off.
        if join.override is not None and join.override_label not in (None, *self._labels):
            return None
        for other in definition.joins.values():
            if other.override == subgraph and other.override_label in self._labels:
                return None
        if join.used_overridden and not any(
            other.override == subgraph and other.override_label for other in definition.joins.values()
        ):
            return None
        return join

    def resolvers(self, type_name: str, field: str) -> Iterator[tuple[str, FieldJoin]]:
        """The subgraphs that resolve the field wherever they have the object, perhaps with `requires`."""
        for subgraph in self.supergraph.subgraphs:
            join = self.join(subgraph, type_name, field)
            if join is not None and not join.external:
                yield subgraph, join

    def entries(self, subgraph: str, type_name: str) -> tuple[Entry, ...]:
        """The ways into `subgraph` with an object of this type, by the type's own keys first."""
        ask = (subgraph, type_name)
        if ask not in self._entries:
            self._entries[ask] = tuple(self._find_entries(subgraph, self.supergraph.types[type_name]))
        return self._entries[ask]

    def _find_entries(self, subgraph: str, type_: Type) -> Iterator[Entry]:
        for name in (type_.name, *type_.implements):
            known = self.supergraph.types[name]
            join = known.joins.get(subgraph)
            if join is None or not (
                join.is_interface_object or type_.name in self.supergraph.possible_in(subgraph, name)
            ):
                continue
            by = None if known.kind is Kind.OBJECT else name
            for key in join.keys:
                if key.resolvable:
                    yield Entry(key.fields, by)

    def field_type(self, type_name: str, field: str) -> TypeNode:
        """The field's type in the supergraph."""
        return self.supergraph.types[type_name].fields[field].type

    def members(self, type_name: str, field: str, subgraph: str) -> tuple[str, ...]:
        """The object types that the field can give when `subgraph` resolves it."""
        join = self.join(subgraph, type_name, field)
        return self._possible(subgraph, join) if join is not None else ()

    def is_union(self, type_name: str, field: str) -> bool:
        """Whether the field is of a union type."""
        return self.supergraph.types[named_type(self.field_type(type_name, field))].kind is Kind.UNION

    def _possible(self, subgraph: str, join: FieldJoin) -> tuple[str, ...]:
        name = named_type(join.type)
        possible = self.supergraph.possible_in(subgraph, name)
        if possible or self.supergraph.possible.get(name):
            return possible
        return (name,)  # an interface that nothing implements stands for itself

    def signature(self, type_name: str, field: str) -> Hashable:
        """Equal for two types whose fields of this name are resolved alike everywhere."""
        ask = (type_name, field)
        if ask not in self._signatures:
            joins = [(name, self.join(name, type_name, field)) for name in self.supergraph.subgraphs]
            self._signatures[ask] = tuple(
                (
                    name,
                    print_ast(join.type),
                    join.external,
                    join.requires.text if join.requires else None,
                    join.provides.text if join.provides else None,
                    tuple((one.context, one.selection) for one in join.context_arguments),
                )
                for name, join in joins
                if join is not None
            )
        return self._signatures[ask]

    def type_signature(self, type_name: str) -> Hashable:
        """Equal for two types that are entered alike everywhere."""
        ask = (type_name, "")
        if ask not in self._signatures:
            self._signatures[ask] = tuple(
                (
                    subgraph,
                    self.known_as(subgraph, type_name) is not None,
                    self.is_typed(subgraph, type_name),
                    tuple((entry.key.text, entry.typename) for entry in self.entries(subgraph, type_name)),
                )
                for subgraph in self.supergraph.subgraphs
            )
        return self._signatures[ask]

    def internal_fields(self, type_name: str) -> frozenset[str]:
        """The fields of a type that some key or requirement may ask for, whatever the client asks."""
        return self._mentioned_fields & self.supergraph.types[type_name].fields.keys()

    def conditions_met(self, type_name: str) -> Hashable:
        """Equal for two types that no fragment in a key or requirement tells apart."""
        return tuple(self.fits(condition, type_name) for condition in self._mentioned_conditions)

    def fits(self, condition: str, type_name: str) -> bool:
        """Whether objects of the type match a fragment's type condition."""
        return condition == type_name or type_name in self.supergraph.possible.get(condition, ())

    def provided(self, provided: Provided, type_name: str, field: str) -> Provided | None:
        """What is provided below the field, if the field itself is; None when it is not."""
        found = list(self._provided_nodes(provided, type_name, field))
        return tuple(node.selection_set for node in found if node.selection_set) if found else None

    def _provided_nodes(self, provided: Provided, type_name: str, field: str) -> Iterator[FieldNode]:
        for selections in provided:
            for node in self.flat(selections, type_name):
                if node.name.value == field:
                    yield node

    def flat(self, selections: SelectionSetNode, type_name: str) -> Iterator[FieldNode]:
        """The fields of a field set for objects of the type, fragments opened."""
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self.fits(condition.name.value, type_name):
                    yield from self.flat(node.selection_set, type_name)


def named_type(node: TypeNode) -> str:
    """The name within a type's wrappers."""
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    name: str = node.name.value  # type: ignore[attr-defined] # what is no wrapper is named
    return name


def _nodes_of_field_sets(supergraph: Supergraph) -> Iterator[SelectionNode]:
    for type_ in supergraph.types.values():
        for type_join in type_.joins.values():
            for key in type_join.keys:
                yield from _nodes(key.fields.selections)
        for field in type_.fields.values():
            for join in field.joins.values():
                for field_set in (join.requires, join.provides):
                    if field_set is not None:
                        yield from _nodes(field_set.selections)


def _nodes(selections: SelectionSetNode) -> Iterator[SelectionNode]:
    for node in selections.selections:
        yield node
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            yield from _nodes(node.selection_set)
