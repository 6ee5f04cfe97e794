"""Makes a validated operation plain: fragments flattened, fields merged, conditions kept.

  A. flatten a selection set into its fields, each with the object types it is for and its conditions;
  B. collect, for each object type the parent can have, its fields by response key, in order;
  C. treat alike the object types with the same fields of the same types;
  D. merge fields of one response key: conditions become alternatives, sub-selections are flattened together.

Deferred fragments are flattened like the others; their fields remember them.

The specification's CollectFields and MergeSelectionSets (section 6.3), done once for all variables' values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLDeferDirective,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLStreamDirective,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    print_ast,
)

from gateway.federation.document.operation import (
    Condition,
    Conditions,
    Conjunction,
    Defer,
    Field,
    Group,
    Operation,
    Place,
    SelectionSet,
    Stream,
)
from gateway.federation.errors import (
    DOCUMENT_LIMIT_EXCEEDED,
    OPERATION_UNRESOLVED,
    VALIDATION_FAILED,
    DocumentError,
)

FIELDS_LIMIT: Final = 10_000
"""Fields of one operation once its fragments are flattened: nested fragments grow exponentially."""

COMPLETE: Final = "complete"
"""The directive by which a field is wanted whole or not at all."""
INTROSPECTION_FIELDS: Final = ("__schema", "__type")
META_FIELDS: Final = {
    "__typename": TypeNameMetaFieldDef,
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}


def normalise(
    schema: GraphQLSchema,
    document: DocumentNode,
    definition: OperationDefinitionNode,
    fields_limit: int = FIELDS_LIMIT,
) -> Operation:
    """The plain form of `definition`, an operation of the valid `document`.

    Raises `DocumentError` (DOCUMENT_LIMIT_EXCEEDED) when it has more than `fields_limit` fields.
    """
    root = schema.get_root_type(definition.operation)
    if root is None:  # validation accepts an operation whose root type the schema lacks
        message = f"The schema has no {definition.operation.value} operations."
        raise DocumentError(OPERATION_UNRESOLVED, [{"message": message}])
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    normaliser = _Normaliser(schema, definition.operation, fragments, fields_limit)
    selections = normaliser.selection_set(root, [_Part(definition.selection_set)])
    introspection = normaliser.introspection_document(definition)
    deferred = normaliser.defers > 0 or normaliser.streams
    return Operation(definition.operation, selections, definition, document, introspection, deferred)


def complete_refusal() -> DocumentError:
    """The refusal of a change or a subscription that is to be answered whole or not at all."""
    message = "Only a query can be wanted whole or not at all: what a mutation did, it did."
    return DocumentError(VALIDATION_FAILED, [{"message": message}])


def too_many_fields() -> DocumentError:
    """The refusal of an operation that is larger than it looks."""
    message = "The operation has too many fields once its fragments are written out. Ask for less at once."
    return DocumentError(DOCUMENT_LIMIT_EXCEEDED, [{"message": message}])


@dataclass(frozen=True, slots=True)
class _Part:
    """A selection set node, to be included when `when` holds; what it selects is in the fragment `defer`."""

    node: SelectionSetNode
    when: Conjunction = ()
    defer: Defer | None = None


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A field node written on type `on`, for objects of `types`, when `when` holds; in fragment `defer`."""

    node: FieldNode
    on: str
    types: frozenset[str]
    when: Conjunction
    defer: Defer | None
    order: int = 0


_Visit = tuple[str, frozenset[str], Conjunction, Defer | None]
_Alike = list[tuple[tuple[str, ...], tuple[int, ...]]]
_Asked = tuple[tuple[frozenset[str], str], ...]
"""Of each occurrence in a selection set, its types and its field's name: they alone decide who is alike."""


@dataclass(slots=True)
class _Normaliser:
    schema: GraphQLSchema
    kind: OperationType
    fragments: dict[str, FragmentDefinitionNode]
    fields_left: int
    signatures: dict[int, str] = field(default_factory=dict)
    divisions: dict[tuple[str, _Asked], _Alike] = field(default_factory=dict)
    names: dict[str, frozenset[str]] = field(default_factory=dict)
    introspection: list[_Occurrence] = field(default_factory=list)
    defers: int = 0
    streams: bool = False
    depth: int = 0

    def selection_set(self, parent: GraphQLCompositeType, parts: list[_Part]) -> SelectionSet:
        types = self._possible_names(parent.name)
        seen: set[_Visit] = set()
        flat = [one for part in parts for one in self._flatten(part, parent.name, types, seen)]
        occurrences = [replace(one, order=order) for order, one in enumerate(flat)]
        groups = tuple(
            Group(alike, self._fields(alike[0], [occurrences[i] for i in mine]))
            for alike, mine in self._alike(parent, occurrences)
        )
        return SelectionSet(parent.name, groups)

    def _alike(self, parent: GraphQLCompositeType, occurrences: list[_Occurrence]) -> _Alike:
        """The object types in sets that are treated alike, with the positions of their occurrences."""
        asked = tuple((one.types, one.node.name.value) for one in occurrences)
        found = self.divisions.get((parent.name, asked))
        if found is None:
            alike: dict[tuple[tuple[int, str], ...], list[str]] = {}
            for name in self._possible(parent):
                mine = tuple(
                    (i, str(self._definition(name, field_name).type))
                    for i, (types, field_name) in enumerate(asked)
                    if name in types
                )
                alike.setdefault(mine, []).append(name)
            found = [(tuple(types), tuple(i for i, _ in mine)) for mine, types in alike.items()]
            self.divisions[parent.name, asked] = found
        return found

    # A

    def _flatten(
        self, part: _Part, on: str, types: frozenset[str], seen: set[_Visit]
    ) -> Iterator[_Occurrence]:
        for node in part.node.selections:
            when = _add_conditions(part.when, node)
            if when is None:
                continue
            if isinstance(node, FieldNode):
                yield _Occurrence(node, on, types, when, part.defer)
            elif isinstance(node, InlineFragmentNode):
                within = node.type_condition.name.value if node.type_condition else None
                inner = types if within is None else types & self._possible_names(within)
                if inner:
                    below = _Part(node.selection_set, when, self._defer(node, part.defer))
                    yield from self._flatten(below, within or on, inner, seen)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                within = fragment.type_condition.name.value
                inner = types & self._possible_names(within)
                if inner and (node.name.value, inner, when, part.defer) not in seen:
                    below = _Part(fragment.selection_set, when, self._defer(node, part.defer))
                    seen.add((node.name.value, inner, when, below.defer))
                    yield from self._flatten(below, within, inner, seen)

    def _defer(self, node: InlineFragmentNode | FragmentSpreadNode, within: Defer | None) -> Defer | None:
        """The deferred fragment that `node` is, or else the one that it is in."""
        arguments = _in_force(node, GraphQLDeferDirective.name)
        if arguments is None:
            return within
        self.defers += 1
        return Defer(self.defers, self.depth, _label(arguments), _condition(arguments), within)

    def _stream(self, node: FieldNode) -> Stream | None:
        """How the items of the list that `node` asks for may come."""
        arguments = _in_force(node, GraphQLStreamDirective.name)
        if arguments is None:
            return None
        self.streams = True
        count = arguments.get("initialCount")
        initial_count: int | str = 0
        if isinstance(count, VariableNode):
            initial_count = count.name.value
        elif isinstance(count, IntValueNode):
            initial_count = int(count.value)
        return Stream(_label(arguments), _condition(arguments), initial_count)

    # B, C

    def _fields(self, type_name: str, occurrences: list[_Occurrence]) -> tuple[Field, ...]:
        by_key: dict[str, list[_Occurrence]] = {}
        for one in occurrences:
            key = (one.node.alias or one.node.name).value
            by_key.setdefault(key, []).append(one)
        self.fields_left -= len(by_key)
        if self.fields_left < 0:
            raise too_many_fields()
        return tuple(self._field(type_name, key, same) for key, same in by_key.items())

    # D

    def _field(self, type_name: str, key: str, occurrences: list[_Occurrence]) -> Field:
        node = occurrences[0].node
        name = node.name.value
        if name in INTROSPECTION_FIELDS:
            self.introspection.extend(occurrences)
        definition = self._definition(type_name, name)
        conditions = alternatives([one.when for one in occurrences])
        named = get_named_type(definition.type)
        selections = None
        if is_composite_type(named) and not name.startswith("__"):
            # A single alternative has been tested at the field itself; of several, each part keeps its own.
            tested = conditions[0] if len(conditions) == 1 else ()
            parts = [
                _Part(one.node.selection_set, tuple(c for c in one.when if c not in tested), one.defer)
                for one in occurrences
                if one.node.selection_set
            ]
            self.depth += 1
            selections = self.selection_set(named, parts)
            self.depth -= 1
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        places = tuple(Place(one.when, one.order, one.defer) for one in occurrences)
        written_on = tuple(dict.fromkeys(one.on for one in occurrences))
        complete = any(
            each.name.value == COMPLETE for one in occurrences for each in one.node.directives or ()
        )
        if complete and self.kind is not OperationType.QUERY:
            raise complete_refusal()
        return Field(
            key,
            name,
            self._signature(node),
            arguments,
            definition.type,
            conditions,
            selections,
            places,
            written_on,
            stream=self._stream(node),
            complete=complete,
        )

    def introspection_document(self, definition: OperationDefinitionNode) -> DocumentNode | None:
        """The operation with its introspection fields only, each under its conditions."""
        if not self.introspection:
            return None
        fields = tuple(_conditioned(one) for one in self.introspection)
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            variable_definitions=definition.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=fields),
        )
        return DocumentNode(definitions=(operation, *self.fragments.values()))

    def _signature(self, node: FieldNode) -> str:
        signature = self.signatures.get(id(node))
        if signature is None:
            signature = self.signatures[id(node)] = field_signature(node)
        return signature

    def _definition(self, type_name: str, name: str) -> GraphQLField:
        found = META_FIELDS.get(name)
        return found or cast("GraphQLObjectType", self.schema.type_map[type_name]).fields[name]

    def _possible(self, parent: GraphQLCompositeType) -> list[str]:
        if is_abstract_type(parent) and (possible := self.schema.get_possible_types(parent)):
            return [one.name for one in possible]
        return [parent.name]  # also an interface that nothing visible implements: it stands for itself

    def _possible_names(self, name: str) -> frozenset[str]:
        if name not in self.names:
            type_ = self.schema.type_map[name]
            self.names[name] = frozenset(self._possible(cast("GraphQLCompositeType", type_)))
        return self.names[name]


def _in_force(node: SelectionNode, directive: str) -> dict[str, ValueNode] | None:
    """The arguments of the node's `@defer` or `@stream`; None without one, or where it says `if: false`."""
    found = next((one for one in node.directives or () if one.name.value == directive), None)
    if found is None:
        return None
    arguments = {argument.name.value: argument.value for argument in found.arguments or ()}
    condition = arguments.get("if")
    return None if isinstance(condition, BooleanValueNode) and not condition.value else arguments


def _label(arguments: Mapping[str, ValueNode]) -> str | None:
    label = arguments.get("label")
    return label.value if isinstance(label, StringValueNode) else None


def _condition(arguments: Mapping[str, ValueNode]) -> Condition | None:
    condition = arguments.get("if")
    return Condition(condition.name.value, True) if isinstance(condition, VariableNode) else None


def field_signature(node: FieldNode) -> str:
    """A field's name and arguments as one text, the same for the same arguments in any order."""
    arguments = sorted(f"{a.name.value}: {print_ast(a.value)}" for a in node.arguments or ())
    return f"{node.name.value}({', '.join(arguments)})" if arguments else node.name.value


def alternatives(conjunctions: list[Conjunction]) -> Conditions:
    """The conjunctions without those that another one implies."""
    distinct = list(dict.fromkeys(conjunctions))
    sets = [frozenset(one) for one in distinct]
    return tuple(
        one for one, its in zip(distinct, sets, strict=True) if not any(other < its for other in sets)
    )


def _conditioned(one: _Occurrence) -> SelectionNode:
    directives = tuple(
        DirectiveNode(
            name=NameNode(value="include" if condition.value else "skip"),
            arguments=(
                ArgumentNode(
                    name=NameNode(value="if"), value=VariableNode(name=NameNode(value=condition.variable))
                ),
            ),
        )
        for condition in one.when
    )
    selections = SelectionSetNode(selections=(one.node,))
    return InlineFragmentNode(directives=directives, selection_set=selections)


def _add_conditions(when: Conjunction, node: SelectionNode) -> Conjunction | None:
    """`when` and the node's own `@skip` and `@include`; None when they can never hold together."""
    found = set(when)
    for directive in node.directives or ():
        name = directive.name.value
        if name not in ("skip", "include") or not directive.arguments:
            continue
        value = directive.arguments[0].value
        if isinstance(value, BooleanValueNode):
            if value.value is (name == "skip"):
                return None
        elif isinstance(value, VariableNode):
            found.add(Condition(value.name.value, name == "include"))
    if any(Condition(one.variable, not one.value) in found for one in found):
        return None
    return tuple(sorted(found))
