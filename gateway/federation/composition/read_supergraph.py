"""Reads a supergraph SDL, of whichever version of the join specification, into a `Supergraph`.

join v0.1 (Federation 1, `@core`, `@join__owner`) says who owns an entity and which fields others
add; v0.2 and later say for each field who has it. Both end as the same data here:
  A. name the subgraphs (`join__Graph`) and the roots;
  B. read each type with what each subgraph knows of it;
  C. read its fields: a field without `@join__field` belongs to every subgraph of its type, one whose
     `@join__field` names no graph comes from an interface object and belongs to none;
  D. for each subgraph and abstract type, list the object types it can give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    FieldNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    SchemaDefinitionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    parse_type,
)
from graphql.utilities import value_from_ast_untyped

from gateway.federation.composition.read_guards import GuardReader
from gateway.federation.composition.supergraph import (
    AppliedDirective,
    ContextArgument,
    Field,
    FieldJoin,
    FieldSet,
    InputValue,
    Key,
    Kind,
    Subgraph,
    Supergraph,
    Type,
    TypeJoin,
)
from gateway.federation.errors import SupergraphError

KINDS = {
    "object_type_definition": Kind.OBJECT,
    "interface_type_definition": Kind.INTERFACE,
    "union_type_definition": Kind.UNION,
    "enum_type_definition": Kind.ENUM,
    "input_object_type_definition": Kind.INPUT,
    "scalar_type_definition": Kind.SCALAR,
}
MACHINERY = ("join__", "link__", "core__")

Args = dict[str, Any]


def read_supergraph(sdl: str | DocumentNode) -> Supergraph:
    """The supergraph that `sdl` describes.

    Raises `SupergraphError` when it is no GraphQL, names no subgraph, or refers to one it does not name.
    """
    try:
        document = parse(sdl) if isinstance(sdl, str) else sdl
        return _Reader(document).read()
    except GraphQLError as error:
        raise SupergraphError(f"The supergraph is not valid GraphQL: {error.message}") from error


def read_field_set(text: str) -> FieldSet:
    """`text` as in `@key(fields: "id owner { id }")`, parsed once here so that nobody parses it again."""
    operation = parse(
        text if text.lstrip().startswith("{") else f"{{ {text} }}", no_location=True
    ).definitions[0]
    if not isinstance(operation, OperationDefinitionNode):
        raise SupergraphError(f"{text!r} is not a set of fields")
    return FieldSet(text, operation.selection_set)


def is_machinery(name: str) -> bool:
    """Whether a type or directive belongs to the specifications and not to the schema itself."""
    return name.startswith(MACHINERY)


class _Reader:
    def __init__(self, document: DocumentNode) -> None:
        self._document = document
        self._definitions = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, TypeDefinitionNode)
        }
        self._subgraph_of_graph: dict[str, str] = {}
        self._federation_1 = False
        self._guards = GuardReader(document)

    def read(self) -> Supergraph:
        subgraphs = self._subgraphs()
        self._federation_1 = "@join__owner" in _directive_names(self._definitions.values())
        schema, roots = self._roots()
        types = {
            name: self._type(definition)
            for name, definition in self._definitions.items()
            if not is_machinery(name)
        }
        possible = _possible(types)
        return Supergraph(
            subgraphs=subgraphs,
            types=types,
            roots=roots,
            possible=possible,
            possible_by_subgraph=_possible_by_subgraph(types, possible, subgraphs),
            document=self._document,
            directives=self._applied(schema),
        )

    # A

    def _subgraphs(self) -> dict[str, Subgraph]:
        graphs = self._definitions.get("join__Graph")
        if not isinstance(graphs, EnumTypeDefinitionNode):
            raise SupergraphError("The SDL has no enum join__Graph: it is a schema, but not a supergraph")
        subgraphs = {}
        for value in graphs.values or ():
            args = next(_uses(value, "join__graph"), {})
            graph = value.name.value
            name = str(args.get("name", graph))
            subgraphs[name] = Subgraph(name, graph, str(args.get("url", "")))
            self._subgraph_of_graph[graph] = name
        return subgraphs

    def _roots(self) -> tuple[Any, dict[str, str]]:
        schema = next((d for d in self._document.definitions if isinstance(d, SchemaDefinitionNode)), None)
        if schema is not None:
            return schema, {o.operation.value: o.type.name.value for o in schema.operation_types}
        conventional = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
        return None, {kind: name for kind, name in conventional.items() if name in self._definitions}

    def _subgraph(self, graph: str) -> str:
        try:
            return self._subgraph_of_graph[graph]
        except KeyError:
            raise SupergraphError(
                f"{graph!r} is used in a join directive but is no value of join__Graph"
            ) from None

    # B

    def _type(self, node: TypeDefinitionNode) -> Type:
        joins = self._type_joins(node)
        members: dict[str, list[str]] = {}
        for args in _uses(node, "join__unionMember"):
            members.setdefault(args["member"], []).append(self._subgraph(args["graph"]))
        if isinstance(node, UnionTypeDefinitionNode) and not members:
            members = {member.name.value: list(joins) for member in node.types or ()}
        values: dict[str, tuple[str, ...]] = {}
        hidden: set[str] = set()
        if isinstance(node, EnumTypeDefinitionNode):
            for value in node.values or ():
                graphs = [self._subgraph(args["graph"]) for args in _uses(value, "join__enumValue")]
                values[value.name.value] = tuple(graphs or joins)
                if _has(value, "inaccessible"):
                    hidden.add(value.name.value)
        return Type(
            name=node.name.value,
            kind=KINDS[node.kind],
            joins=joins,
            fields=self._fields(node, joins),
            inputs=self._inputs(node),
            implements=self._implements(node, joins),
            members={member: tuple(graphs) for member, graphs in members.items()},
            values=values,
            hidden_values=frozenset(hidden),
            contexts=frozenset(str(args["name"]) for args in _uses(node, "context") if "name" in args),
            inaccessible=_has(node, "inaccessible"),
            directives=self._applied(node),
            requirement=self._guards.requirement(node, node.name.value),
            cost=self._guards.cost(node),
        )

    def _type_joins(self, node: TypeDefinitionNode) -> dict[str, TypeJoin]:
        joins: dict[str, TypeJoin] = {}
        for args in _uses(node, "join__type"):
            subgraph = self._subgraph(args["graph"])
            known = joins.get(subgraph, TypeJoin())
            key = (Key(read_field_set(args["key"]), args.get("resolvable", True)),) if args.get("key") else ()
            joins[subgraph] = TypeJoin(
                known.keys + key,
                known.is_interface_object or args.get("isInterfaceObject", False),
                known.extension or args.get("extension", False),
            )
        for args in _uses(node, "join__owner"):
            joins.setdefault(self._subgraph(args["graph"]), TypeJoin())
        if not joins:  # join v0.1 says nothing of value types and roots: everyone may have them
            joins = {name: TypeJoin() for name in self._subgraph_of_graph.values()}
        return joins

    def _implements(
        self, node: TypeDefinitionNode, joins: Mapping[str, TypeJoin]
    ) -> dict[str, tuple[str, ...]]:
        if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            return {}
        implements: dict[str, list[str]] = {}
        for args in _uses(node, "join__implements"):
            implements.setdefault(args["interface"], []).append(self._subgraph(args["graph"]))
        if not implements and not any(_uses(node, "join__implements")):
            implements = {interface.name.value: list(joins) for interface in node.interfaces or ()}
        return {interface: tuple(graphs) for interface, graphs in implements.items()}

    def _inputs(self, node: TypeDefinitionNode) -> dict[str, InputValue]:
        if not isinstance(node, InputObjectTypeDefinitionNode):
            return {}
        inputs = {}
        for field in node.fields or ():
            graphs = tuple(self._subgraph(a["graph"]) for a in _uses(field, "join__field") if "graph" in a)
            inputs[field.name.value] = self._input(field, graphs)
        return inputs

    def _input(self, node: InputValueDefinitionNode, graphs: tuple[str, ...] = ()) -> InputValue:
        return InputValue(
            node.name.value,
            node.type,
            node.default_value,
            _has(node, "inaccessible"),
            graphs,
            self._applied(node),
            self._guards.cost(node),
        )

    # C

    def _fields(self, node: TypeDefinitionNode, joins: Mapping[str, TypeJoin]) -> dict[str, Field]:
        if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            return {}
        owner = next((self._subgraph(args["graph"]) for args in _uses(node, "join__owner")), None)
        return {
            field.name.value: Field(
                name=field.name.value,
                type=field.type,
                arguments={argument.name.value: self._input(argument) for argument in field.arguments or ()},
                joins=self._field_joins(field, joins, owner),
                inaccessible=_has(field, "inaccessible"),
                directives=self._applied(field),
                requirement=self._guards.requirement(field, f"{node.name.value}.{field.name.value}"),
                cost=self._guards.cost(field),
                list_size=self._guards.list_size(field),
            )
            for field in node.fields or ()
        }

    def _field_joins(
        self, node: FieldDefinitionNode, joins: Mapping[str, TypeJoin], owner: str | None
    ) -> dict[str, FieldJoin]:
        uses = list(_uses(node, "join__field"))
        if not uses:
            return {name: FieldJoin(node.type) for name in ((owner,) if owner else joins)}
        found = {self._subgraph(args["graph"]): _field_join(node, args) for args in uses if "graph" in args}
        if self._federation_1:
            for name, join in joins.items():
                if name not in found and _in_a_key(node.name.value, join.keys):
                    found[name] = FieldJoin(node.type)
        return found

    def _applied(self, node: Any) -> tuple[AppliedDirective, ...]:
        return tuple(
            AppliedDirective(
                tuple(self._subgraph(graph) for graph in args.get("graphs") or ()),
                args["name"],
                args.get("args") or {},
            )
            for args in (_uses(node, "join__directive") if node is not None else ())
        )


def _field_join(node: FieldDefinitionNode, args: Args) -> FieldJoin:
    return FieldJoin(
        type=parse_type(args["type"], no_location=True) if args.get("type") else node.type,
        external=args.get("external", False),
        requires=read_field_set(args["requires"]) if args.get("requires") else None,
        provides=read_field_set(args["provides"]) if args.get("provides") else None,
        override=args.get("override"),
        override_label=args.get("overrideLabel"),
        used_overridden=args.get("usedOverridden", False),
        context_arguments=tuple(
            ContextArgument(
                one["name"], parse_type(one["type"], no_location=True), one["context"], one["selection"]
            )
            for one in args.get("contextArguments") or ()
        ),
    )


def _in_a_key(field: str, keys: Iterable[Key]) -> bool:
    def names(selections: SelectionSetNode) -> Iterator[str]:
        return (node.name.value for node in selections.selections if isinstance(node, FieldNode))

    return any(field in names(key.fields.selections) for key in keys)


# D


def _possible(types: Mapping[str, Type]) -> dict[str, tuple[str, ...]]:
    possible: dict[str, list[str]] = {
        name: list(type_.members) for name, type_ in types.items() if type_.kind is Kind.UNION
    }
    possible |= {name: [] for name, type_ in types.items() if type_.kind is Kind.INTERFACE}
    for type_ in types.values():
        if type_.kind is Kind.OBJECT:
            for interface in type_.implements:
                possible.setdefault(interface, []).append(type_.name)
    return {name: tuple(members) for name, members in possible.items()}


def _possible_by_subgraph(
    types: Mapping[str, Type], possible: Mapping[str, tuple[str, ...]], subgraphs: Iterable[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for subgraph in subgraphs:
        for name, type_ in types.items():
            join = type_.joins.get(subgraph)
            if join is None:
                continue
            if type_.kind is Kind.OBJECT:
                found[subgraph, name] = (name,)
            elif join.is_interface_object:
                found[subgraph, name] = possible[name]
            elif type_.kind is Kind.UNION:
                found[subgraph, name] = tuple(m for m, graphs in type_.members.items() if subgraph in graphs)
            elif type_.kind is Kind.INTERFACE:
                found[subgraph, name] = tuple(
                    member for member in possible[name] if subgraph in types[member].implements[name]
                )
    return found


def _uses(node: Any, name: str) -> Iterator[Args]:
    """The arguments of each application of directive `name` on `node`, as plain values."""
    directives: tuple[ConstDirectiveNode, ...] = node.directives or ()
    for directive in directives:
        if directive.name.value == name:
            yield {
                argument.name.value: value
                for argument in directive.arguments or ()
                if (value := value_from_ast_untyped(argument.value)) is not None
            }


def _has(node: Any, name: str) -> bool:
    return any(directive.name.value == name for directive in node.directives or ())


def _directive_names(nodes: Iterable[TypeDefinitionNode]) -> set[str]:
    return {f"@{directive.name.value}" for node in nodes for directive in node.directives or ()}
