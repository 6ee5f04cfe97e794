"""What is known of an operation before its variables' values: fields, how they resolve, what they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)

if TYPE_CHECKING:
    from edge.execution.level import Level
    from edge.execution.run import Request

Column = list[Any]
"""The values of one field for many objects. An exception in it is the failure of its place."""

Resolve = Callable[["Request", "Level", "Field"], Column]
"""Gives the column of a field for a level's objects; some of it may have to be awaited."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A scalar or an enum. `column` is quick and may raise; `one` gives each value its own error."""

    name: str
    column: Callable[[Column, set[type]], Column]
    one: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list."""

    item: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """Objects of one type, or of the possible types of an abstract one."""

    type: GraphQLObjectType | GraphQLAbstractType
    selections: Mapping[str, Selection]
    """What is selected on each possible type, by its name; filled while the plan is compiled."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What the values of a field become."""

    of: Leaf | Items | Objects
    non_null: bool


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One response key of a selection, its nodes merged."""

    number: int
    """Its own within the plan: what a request makes for it once is kept by this."""
    order: int
    """Its place within its selection, in which errors are told."""
    key: str
    definition: GraphQLField
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    resolve: Resolve
    shape: Shape
    non_null: tuple[bool, ...]
    """For the field itself, for the items of its list, for their items…"""

    @property
    def name(self) -> str:
        return self.nodes[0].name.value


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The fields selected on one object type. `template` has all keys in order, `__typename` filled in."""

    type: GraphQLObjectType
    template: dict[str, Any]
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One operation, for one set of values of the variables that @skip and @include depend on."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    root: Selection
