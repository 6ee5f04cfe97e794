"""An operation made plain: no fragments, no literal conditions, fields merged, types spelled out.

It depends on the operation's text and the API schema only; variables' values come later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, GraphQLOutputType, OperationDefinitionNode, OperationType, ValueNode


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """True when the Boolean variable's value is `value`: `@include` for True, `@skip` for False."""

    variable: str
    value: bool


Conjunction = tuple[Condition, ...]
Conditions = tuple[Conjunction, ...]
"""Any of these, each all of its conditions."""

ALWAYS: Conditions = ((),)


@dataclass(frozen=True, slots=True)
class Defer:
    """A fragment under `@defer`: its fields may come later than those around it.

    `number` tells it from the others of the operation. `depth` is how many fields stand above the fragment;
    `parent` is the deferred fragment that it is in. It is in force when `when` holds, if that is given.
    """

    number: int
    depth: int
    label: str | None = None
    when: Condition | None = None
    parent: Defer | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A list under `@stream`: items after the first `initial_count` (a number, or a variable) may come later.

    It is in force when `when` holds, if that is given.
    """

    label: str | None = None
    when: Condition | None = None
    initial_count: int | str = 0

    def first(self, variables: Mapping[str, Any]) -> int | None:
        """How many items come with the list itself; None when all do."""
        if self.when is not None and variables.get(self.when.variable, True) is not self.when.value:
            return None
        count = self.initial_count
        found = variables.get(count, 0) if isinstance(count, str) else count
        return max(0, found or 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field was written: under which conditions, at which place, in which deferred fragment."""

    when: Conjunction
    order: int
    defer: Defer | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """What the caller may not see (`coordinate`), `path` below the field that is null because of it."""

    path: tuple[str, ...]
    coordinate: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field as the client asked for it. `key` is its response key; `signature` its name and arguments.

    `selections` is None for a leaf. `type` is the field's type in the API schema. `places` are where
    the field was written: the first whose conditions hold is its place in the response, and it comes
    late when all of these are deferred.
    `written_on` are the types on which it was written: the parent's, or those of fragments around it.
    `withheld` says why it is null without being asked for; it has no selections then. `complete`: it is
    wanted whole or not at all.
    """

    key: str
    name: str
    signature: str
    arguments: Mapping[str, ValueNode]
    type: GraphQLOutputType
    conditions: Conditions
    selections: SelectionSet | None
    places: tuple[Place, ...] = ()
    written_on: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    stream: Stream | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The fields for objects of any of `types`, in the order of the response."""

    types: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class SelectionSet:
    """What is selected on a value of `type`: one group for each set of object types treated alike."""

    type: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to be planned. `definition` and `document` are what it was made of.

    `introspection` is a document with nothing but its `__schema` and `__type` fields, if it has any.
    `deferred`: some of it, a fragment or items of a list, may come later than the rest.
    """

    kind: OperationType
    selections: SelectionSet
    definition: OperationDefinitionNode
    document: DocumentNode
    introspection: DocumentNode | None = None
    deferred: bool = False
