"""Compiles a validated query: text to plans, one for each set of values that @skip and @include depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from graphql.type.introspection import TypeNameMetaFieldDef

from edge.execution.leaves import leaf
from edge.execution.plan import Field, Items, Leaf, Objects, Plan, Selection, Shape
from edge.execution.strawberry_fields import resolve_of
from edge.execution.variables import Variables
from edge.parsing import INCREMENTAL

VARIANTS_LIMIT: Final = 64
"""Plans of one operation. With more flags than six in use, graphql-core executes the rest."""

INTROSPECTION: Final = frozenset({"__schema", "__type"})
CONDITIONS: Final = frozenset({GraphQLSkipDirective.name, GraphQLIncludeDirective.name})


class Compiled:
    """One operation that is taken on, and its plans so far."""

    def __init__(
        self,
        schema: GraphQLSchema,
        root: GraphQLObjectType,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> None:
        self._schema = schema
        self._root = root
        self.operation = operation
        self.variables = Variables(schema, operation.variable_definitions or ())
        self._fragments = dict(fragments)
        directives = [
            one for root in (operation, *fragments.values()) for one in _directives(root.selection_set)
        ]
        self._flags = tuple(dict.fromkeys(name for one in directives for name in _variables(one)))
        self._plans: dict[tuple[Any, ...], Plan] = {}

    def plan(self, variables: VariableValues) -> Plan | None:
        """Return the plan for these values; None where graphql-core is to execute them."""
        flags = tuple(variables.coerced.get(name, Undefined) for name in self._flags)
        plan = self._plans.get(flags)
        if plan is None and len(self._plans) < VARIANTS_LIMIT:
            plan = _Compiler(self._schema, self.operation, self._fragments, variables).plan(self._root)
            if plan is not None:
                self._plans[flags] = plan
        return plan


def compile_document(schema: GraphQLSchema, document: DocumentNode) -> dict[int, Compiled]:
    """Return the operations that are taken on, by their nodes' identity (`id`).

    Left to graphql-core are mutations and subscriptions, introspection, incremental delivery, and what
    is experimental: arguments of fragments, directives on the operation.
    """
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    root = schema.query_type
    if root is None or not all(map(_taken_on, fragments.values())):
        return {}
    return {
        id(one): Compiled(schema, root, one, fragments)
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
        and one.operation is OperationType.QUERY
        and not one.directives
        and _taken_on(one)
    }


def _taken_on(root: OperationDefinitionNode | FragmentDefinitionNode) -> bool:
    if isinstance(root, FragmentDefinitionNode) and root.variable_definitions:
        return False
    return all(one.name.value not in INCREMENTAL for one in _directives(root.selection_set)) and all(
        one.name.value not in INTROSPECTION for one in _fields(root.selection_set)
    )


class _Compiler:
    """Compiles one plan. Selections of the same nodes on the same type are one, so none is met twice."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._definitions = fragments
        self._fragments = {name: FragmentDetails(one, None) for name, one in fragments.items()}
        self._variables = variables
        self._selections: dict[tuple[str, tuple[int, ...]], Selection] = {}
        self._number = 0

    def plan(self, root: GraphQLObjectType) -> Plan | None:
        try:
            collected = collect_fields(self._schema, self._fragments, self._variables, root, self._operation)
            selection = self._selection(root, collected.grouped_field_set)
        except (GraphQLError, RecursionError):
            # A condition without a value, or a document deeper than Python goes: graphql-core says so.
            return None
        return Plan(self._schema, self._operation, self._definitions, selection)

    def _selection(self, type_: GraphQLObjectType, grouped: Mapping[str, list[FieldDetails]]) -> Selection:
        template: dict[str, Any] = {}
        fields: list[Field] = []
        for key, details in grouped.items():
            definition = self._schema.get_field(type_, details[0].node.name.value)
            if definition is None:
                continue
            template[key] = None
            if definition is TypeNameMetaFieldDef:
                template[key] = type_.name
                continue
            self._number += 1
            fields.append(
                Field(
                    number=self._number,
                    order=len(template),
                    key=key,
                    definition=definition,
                    nodes=[one.node for one in details],
                    parent=type_,
                    resolve=resolve_of(self._schema, definition),
                    shape=self._shape(definition.type, details),
                    non_null=tuple(_nullability(definition.type)),
                )
            )
        return Selection(type_, template, fields)

    def _shape(self, type_: GraphQLOutputType, details: list[FieldDetails]) -> Shape:
        non_null = isinstance(type_, GraphQLNonNull)
        named = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        return Shape(self._of(named, details), non_null)

    def _of(self, type_: Any, details: list[FieldDetails]) -> Leaf | Items | Objects:
        if isinstance(type_, GraphQLList):
            return Items(self._shape(type_.of_type, details))
        if is_leaf_type(type_):
            return leaf(type_)
        possible = self._schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        return Objects(type_, {one.name: self._below(one, details) for one in possible})

    def _below(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> Selection:
        key = type_.name, tuple(id(one.node) for one in details)
        found = self._selections.get(key)
        if found is None:
            collected = collect_subfields(
                self._schema, self._fragments, self._variables, self._operation, type_, details
            )
            found = self._selections[key] = self._selection(type_, collected.grouped_field_set)
        return found


def _nullability(type_: GraphQLOutputType) -> Iterator[bool]:
    non_null = isinstance(type_, GraphQLNonNull)
    yield non_null
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLList):
        yield from _nullability(inner.of_type)


def _walk(selection_set: SelectionSetNode) -> Iterator[Any]:
    pending = [selection_set]
    while pending:
        for node in pending.pop().selections:
            yield node
            inner = getattr(node, "selection_set", None)
            if inner is not None:
                pending.append(inner)


def _fields(selection_set: SelectionSetNode) -> Iterator[FieldNode]:
    return (node for node in _walk(selection_set) if isinstance(node, FieldNode))


def _directives(selection_set: SelectionSetNode) -> Iterator[DirectiveNode]:
    return (one for node in _walk(selection_set) for one in node.directives or ())


def _variables(directive: DirectiveNode) -> Iterator[str]:
    """The variables that say whether something is selected."""
    if directive.name.value in CONDITIONS:
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                yield argument.value.name.value
