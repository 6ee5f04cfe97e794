"""Does a selection ask for this? Asked before a statement is run that only that would need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionNode

ResolveInfo = GraphQLResolveInfo[Any]


def selects(info: ResolveInfo, *path: str) -> bool:
    """Return whether the field being resolved selects a field at `path` below it.

    @skip and @include are not weighed: at worst something is loaded that is left out of the answer.
    """
    nodes = [node.selection_set for node in info.field_nodes if node.selection_set]
    return _selects(info, [selection for one in nodes for selection in one.selections], path)


def _selects(info: ResolveInfo, selections: Iterable[SelectionNode], path: tuple[str, ...]) -> bool:
    name, *rest = path
    for field in _fields(info, selections):
        if field.name.value != name:
            continue
        if not rest:
            return True
        if field.selection_set and _selects(info, field.selection_set.selections, tuple(rest)):
            return True
    return False


def _fields(info: ResolveInfo, selections: Iterable[SelectionNode]) -> Iterator[FieldNode]:
    for selection in selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(info, selection.selection_set.selections)
        elif isinstance(selection, FragmentSpreadNode):
            fragment = info.fragments[selection.name.value]
            yield from _fields(info, fragment.selection_set.selections)
