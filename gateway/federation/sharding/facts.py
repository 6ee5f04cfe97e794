"""What the sharding directives of one subgraph say, as frozen data read once from the supergraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from graphql import FieldNode, ListTypeNode, NamedTypeNode, NonNullTypeNode, SelectionSetNode, TypeNode

from gateway.federation.composition.supergraph import Field, Kind, Supergraph, Type

GatherKind = Literal["FIRST", "CONCAT", "CONNECTION", "MERGE", "SUM"]
Operation = Literal["SUM", "MIN", "MAX", "MEAN"]
Coordinate = tuple[str, str]
"""A type's name and a field's."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """`@scatter`: asked of every candidate shard. `order_by` names fields of the row, "-" for descending."""

    gather: GatherKind
    order_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregation:
    """`@aggregate`."""

    op: Operation
    weight: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """`@member`: only shards that hold the entity of `type_name` whose key `path` leads to can answer."""

    type_name: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShardedSubgraph:
    """One sharded subgraph: where its fields and entities live, and how their answers are gathered.

    `routes` holds the dotted path of each `@route`, split; `shard_keys` the field of each `@shardKey`.
    """

    name: str
    supergraph: Supergraph
    routes: Mapping[Coordinate, tuple[str, ...]]
    scatters: Mapping[Coordinate, Scatter]
    aggregations: Mapping[Coordinate, Aggregation]
    shard_keys: Mapping[str, str]
    spanning: frozenset[str]
    members: Mapping[Coordinate, Member]

    def field(self, type_name: str, name: str) -> Field | None:
        """The field, where this subgraph resolves it."""
        field = self.supergraph.types[type_name].fields.get(name)
        join = field.joins.get(self.name) if field else None
        return field if join is not None and join.resolvable else None

    def type_of(self, field: Field) -> TypeNode:
        """The field's type as this subgraph has it."""
        return field.joins[self.name].type

    def type_named(self, node: TypeNode) -> Type | None:
        """The type at the bottom of `node`; None for a built-in scalar."""
        return self.supergraph.types.get(name_of(node))

    def key_of(self, type_name: str) -> SelectionSetNode | None:
        """The fields of the type's first key here; None for a type without."""
        type_ = self.supergraph.types.get(type_name)
        join = type_.joins.get(self.name) if type_ else None
        return join.keys[0].fields.selections if join and join.keys else None

    def member_key_of(self, type_name: str) -> str | None:
        """The field by whose value shards tell who is a member; None where the first key is no one leaf."""
        match self.key_of(type_name):
            case SelectionSetNode(selections=(FieldNode(name=name, selection_set=None),)):
                return name.value
            case _:
                return None

    def member_types(self) -> Iterator[str]:
        """The spanning types of which shards can tell who is a member."""
        return (name for name in sorted(self.spanning) if self.member_key_of(name) is not None)

    def merges(self, node: TypeNode) -> bool:
        """Whether values of this type merge where nothing else is said (docs/SHARDING.md, 4.4)."""
        type_ = self.type_named(node)
        if type_ is None or type_.kind is not Kind.OBJECT:
            return False
        if is_list(node):
            return self.key_of(type_.name) is not None and not is_list(item_of(node))
        return type_.name not in self.shard_keys


def nullable(node: TypeNode) -> TypeNode:
    return node.type if isinstance(node, NonNullTypeNode) else node


def is_list(node: TypeNode) -> bool:
    return isinstance(nullable(node), ListTypeNode)


def item_of(node: TypeNode) -> TypeNode:
    """The type of a list's items; the node itself when it is no list."""
    bare = nullable(node)
    return bare.type if isinstance(bare, ListTypeNode) else bare


def name_of(node: TypeNode) -> str:
    """The name at the bottom of a type, whatever lists and non-nulls wrap it."""
    while not isinstance(node, NamedTypeNode):
        assert isinstance(node, (ListTypeNode, NonNullTypeNode))  # noqa: S101 - narrows for the type checker
        node = node.type
    return node.name.value
