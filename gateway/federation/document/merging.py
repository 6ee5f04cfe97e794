"""Whether all fields of a document can be merged, found in about as many steps as it has fields.

graphql-core's rule compares every two fields of one response key, and every two fragments: two hundred
fragments side by side take it half a second and a hundred thousand objects. Fields that all agree with the
first of them agree with each other, so that one look at each is enough:

  A. fields of one key must have one shape, whatever types they are for, and so must what is below them;
  B. those that can meet in one object must be one field with the same arguments, and below it likewise.

Here is only said that all is well. Where it is not, or it cannot be said, the rule itself looks again: it has
the words for it, and a limit.
Source: Simon Adameit, "Optimizing the GraphQL OverlappingFieldsCanBeMerged validation", 2018.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLStreamDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from gateway.federation.document.normalise import field_signature

LOOKS_LIMIT: Final = 100_000
"""Looks at fields: those of an interface are looked at with each of its types."""


class _CannotSay(Exception):  # noqa: N818 # no error of the program: the rule itself must look
    """Two fields differ, or something else is wrong with the document."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A field where it is written, on type `parent`."""

    node: FieldNode
    parent: GraphQLCompositeType
    type: GraphQLOutputType


_Sets = Iterable[tuple[SelectionSetNode, GraphQLCompositeType]]


def all_fields_merge(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """True when no two fields of the document conflict; False says nothing."""
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    if any(one.variable_definitions for one in fragments.values()):
        return False
    look = _Look(schema, fragments)
    try:
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                root = schema.get_root_type(node.operation)
                if root is None:
                    return False
                fields = look.collect([(node.selection_set, root)])
                look.shapes(fields)
                look.meetings(fields)
    except (_CannotSay, RecursionError):
        return False
    return look.spread == fragments.keys()


@dataclass(slots=True)
class _Look:
    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    left: int = LOOKS_LIMIT
    spread: set[str] = field(default_factory=set)

    def collect(self, sets: _Sets) -> dict[str, list[_Written]]:
        """The fields of selection sets by response key, those of fragments among them."""
        found: dict[str, list[_Written]] = {}
        spread: set[str] = set()
        for selections, parent in sets:
            for one in self._flat(selections, parent, spread):
                found.setdefault((one.node.alias or one.node.name).value, []).append(one)
        self.spread |= spread
        return found

    def _flat(
        self, selections: SelectionSetNode, parent: GraphQLCompositeType, spread: set[str]
    ) -> Iterator[_Written]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                self.left -= 1
                definition = self.schema.get_field(parent, node.name.value)
                if definition is None or self.left < 0 or _is_streamed(node):
                    raise _CannotSay
                yield _Written(node, parent, definition.type)
            elif isinstance(node, InlineFragmentNode):
                on = self._type(node.type_condition.name.value) if node.type_condition else parent
                yield from self._flat(node.selection_set, on, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self.fragments.get(node.name.value)
                if fragment is None:
                    raise _CannotSay
                on = self._type(fragment.type_condition.name.value)
                yield from self._flat(fragment.selection_set, on, spread)

    def _type(self, name: str) -> GraphQLCompositeType:
        found = self.schema.type_map.get(name)
        if not is_composite_type(found):
            raise _CannotSay
        return found

    # A

    def shapes(self, fields: dict[str, list[_Written]]) -> None:
        """Raise unless fields of one key have one shape, at each level below, too."""
        for same in fields.values():
            first = _shape(same[0].type)
            if any(_shape(one.type) != first for one in same[1:]):
                raise _CannotSay
            if below := _below(same):
                self.shapes(self.collect(below))

    # B

    def meetings(self, fields: dict[str, list[_Written]]) -> None:
        """Raise unless fields of one key that can be asked of one object are the same field."""
        for same in fields.values():
            for those in _meeting(same):
                first = those[0].node
                if any(_differ(first, one.node) for one in those[1:]):
                    raise _CannotSay
                if below := _below(those):
                    self.meetings(self.collect(below))


def _meeting(same: list[_Written]) -> Iterable[list[_Written]]:
    """Divide fields of one key into those that one object may be asked: of each object type, and abstract."""
    if len(same) == 1:
        return (same,)
    by_object: dict[str, list[_Written]] = {}
    abstract = []
    for one in same:
        if is_object_type(one.parent):
            by_object.setdefault(one.parent.name, []).append(one)
        else:
            abstract.append(one)
    return [[*those, *abstract] for those in by_object.values()] or [abstract]


def _below(same: list[_Written]) -> list[tuple[SelectionSetNode, GraphQLCompositeType]]:
    found = []
    for one in same:
        named = get_named_type(one.type)
        if one.node.selection_set is not None and is_composite_type(named):
            found.append((one.node.selection_set, named))
    return found


def _shape(type_: GraphQLOutputType) -> str:
    """What two types must have in common: their lists and nulls, and a leaf's own name."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return str(type_)
    shape = ""
    while is_list_type(type_) or is_non_null_type(type_):
        shape += "[" if is_list_type(type_) else "!"
        type_ = type_.of_type
    return shape


def _differ(one: FieldNode, other: FieldNode) -> bool:
    if one is other:
        return False
    if one.name.value != other.name.value:
        return True
    return bool(one.arguments or other.arguments) and field_signature(one) != field_signature(other)


def _is_streamed(node: FieldNode) -> bool:
    return any(one.name.value == GraphQLStreamDirective.name for one in node.directives or ())
