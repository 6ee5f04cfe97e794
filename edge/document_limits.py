"""Checks the limits of a parsed document, before validation spends time on it.

Pure functions over graphql-core's AST. What a fragment holds is measured once and then
reused at each spread, so that fragments which spread each other twice over cost no more
than their text. A fragment cycle, which validation will refuse, counts as empty inside
itself: nothing hangs. Sums are capped, since nobody needs the exact size of an explosion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from edge.errors import coded_error
from edge.limits import Limits

DocumentCheck = Callable[[DocumentNode], list[GraphQLError]]

PAGE_SIZE_ARGUMENTS: Final = frozenset({"first", "last"})
COUNT_CAP: Final = 1_000_000
"""Counts stop here: 40 fragments that spread the next one twice have 2^40 fields."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a selection set holds, its fragments spread out. `fields` are those at its own level."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0


@dataclass(frozen=True, slots=True)
class PageSizeVariable:
    """A variable that is used as a page size, and so must be checked with each request's values."""

    name: str
    argument: str
    default: int | None


def document_check(limits: Limits) -> DocumentCheck:
    """The one function that checks all limits of a document that do not need variables' values."""

    def check(document: DocumentNode) -> list[GraphQLError]:
        return [
            *_extent_errors(document, limits),
            *(
                _page_size_error(argument, value, limits)
                for argument, value in _literal_page_sizes(document)
                if value > limits.page_size
            ),
        ]

    return check


def page_size_variables(document: DocumentNode) -> tuple[PageSizeVariable, ...]:
    """The variables used as page sizes, to be kept with the document; without duplicates, in order."""
    defaults = {
        definition.variable.name.value: _int_value(definition.default_value)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        for definition in node.variable_definitions or ()
    }
    used = dict.fromkeys(
        (argument.value.name.value, argument.name.value)
        for field in _fields(document)
        for argument in field.arguments or ()
        if argument.name.value in PAGE_SIZE_ARGUMENTS and isinstance(argument.value, VariableNode)
    )
    return tuple(PageSizeVariable(name, argument, defaults.get(name)) for name, argument in used)


def check_page_sizes(
    used: tuple[PageSizeVariable, ...], variables: Mapping[str, Any], limits: Limits
) -> list[GraphQLError]:
    """Checks this request's values of the variables that `page_size_variables` found."""
    values = ((variable, variables.get(variable.name, variable.default)) for variable in used)
    return [
        _page_size_error(variable.argument, value, limits)
        for variable, value in values
        if isinstance(value, int | float) and value > limits.page_size
    ]


def _extent_errors(document: DocumentNode, limits: Limits) -> Iterator[GraphQLError]:
    measure = _Measure(document)
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        extent = measure.selection_set(operation.selection_set)
        directives = extent.directives + len(operation.directives or ())
        for code, found, limit in (
            ("LIMIT_DEPTH", extent.depth, limits.depth),
            ("LIMIT_ALIASES", extent.aliases, limits.aliases),
            ("LIMIT_DIRECTIVES", directives, limits.directives),
            ("LIMIT_ROOT_FIELDS", extent.fields, limits.root_fields),
        ):
            if found > limit:
                yield coded_error(code, limit=limit, found=found)


class _Measure:
    """Measures selection sets, each fragment once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, Extent] = {}

    def selection_set(self, selection_set: SelectionSetNode | None) -> Extent:
        depth = aliases = directives = fields = 0
        for node in selection_set.selections if selection_set else ():
            directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                inner = self.selection_set(node.selection_set)
                depth, fields = max(depth, inner.depth + 1), fields + 1
                aliases += node.alias is not None
            else:
                inner = self._fragment(node)
                depth, fields = max(depth, inner.depth), fields + inner.fields
            aliases, directives = aliases + inner.aliases, directives + inner.directives
        return Extent(depth, min(aliases, COUNT_CAP), min(directives, COUNT_CAP), min(fields, COUNT_CAP))

    def _fragment(self, node: Any) -> Extent:
        if isinstance(node, InlineFragmentNode):
            return self.selection_set(node.selection_set)
        name = node.name.value if isinstance(node, FragmentSpreadNode) else ""
        if name not in self._measured:
            # Spread again within itself, it finds this and adds nothing: a cycle ends here.
            self._measured[name] = Extent()
            fragment = self._fragments.get(name)
            self._measured[name] = self.selection_set(fragment.selection_set if fragment else None)
        return self._measured[name]


def _fields(document: DocumentNode) -> Iterator[FieldNode]:
    """Every field of the document's text, each fragment's once, in order of the text."""
    pending = [
        node.selection_set
        for node in reversed(document.definitions)
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while pending:
        inner = []
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                inner.append(node.selection_set)
        pending.extend(reversed(inner))


def _literal_page_sizes(document: DocumentNode) -> Iterator[tuple[str, int]]:
    for field in _fields(document):
        for argument in field.arguments or ():
            value = _int_value(argument.value) if argument.name.value in PAGE_SIZE_ARGUMENTS else None
            if value is not None:
                yield argument.name.value, value


def _int_value(node: Any) -> int | None:
    """The literal's value. One of more digits than any real number counts as the cap; Python would raise."""
    if not isinstance(node, IntValueNode):
        return None
    return int(node.value) if len(node.value) <= len(str(COUNT_CAP)) else COUNT_CAP


def _page_size_error(argument: str, value: Any, limits: Limits) -> GraphQLError:
    return coded_error("LIMIT_PAGE_SIZE", limit=limits.page_size, found=value, argument=argument)
