"""Read one subgraph's SDL: check it as GraphQL, then fold it into `SubgraphSchema`.

The SDL is checked against what its links define, whether or not it repeats those definitions, with
extensions of types it does not define taken as definitions, as federation allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    Undefined,
    Visitor,
    build_ast_schema,
    parse,
    print_ast,
    validate_schema,
    value_from_ast,
    visit,
)
from graphql.language import ast
from graphql.validation.validate import validate_sdl

from gateway.federation.composition.collect_definitions import Collector
from gateway.federation.composition.definitions import ROOT_TYPES, SubgraphSchema
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.read_links import Names, read_links, schema_directives
from gateway.federation.composition.specifications import LINK_DIRECTIVE, SUPPORT_TYPES

# A subgraph may add entities only: a gateway still asks its Query for `_service` and `_entities`.
_TOLERATED = ("Query root type must be provided.", "Type Query must define one or more fields.")


def parse_subgraph(
    name: str, url: str, graph: str, sdl: str
) -> tuple[SubgraphSchema | None, list[CompositionError]]:
    """Read a subgraph; None when it is not valid, with every reason why."""
    try:
        document = parse(sdl)
    except GraphQLError as error:
        return None, [_invalid(name, error)]
    names, errors = read_links(name, document)
    if errors:
        return None, errors
    own = _own_definitions(document, names)
    roots = _roots(own)
    errors = [
        *_definition_faults(name, document, names),
        *_graphql_faults(name, own, names),
        *_root_faults(name, own, roots),
    ]
    if errors:
        return None, errors
    collector = Collector(names, roots)
    schema = SubgraphSchema(
        name=name,
        url=url,
        graph=graph,
        federation=names.federation,
        links=names.links,
        types=collector.types(own),
        directives=collector.directive_definitions(own),
        applied=collector.applied(schema_directives(document)),
    )
    return schema, []


def _invalid(subgraph: str, error: GraphQLError) -> CompositionError:
    line = error.locations[0].line if error.locations else 0
    hint = "Mend the SDL so that it is valid GraphQL by itself."
    return CompositionError("INVALID_GRAPHQL", error.message, hint, subgraph, "", line)


def _own_definitions(document: DocumentNode, names: Names) -> list[DefinitionNode]:
    """The subgraph's definitions without those that a linked specification brings."""
    return [
        node
        for node in document.definitions
        if not (isinstance(node, DirectiveDefinitionNode) and node.name.value in names.directives)
        and not (
            isinstance(node, TypeDefinitionNode | TypeExtensionNode)
            and (node.name.value in names.types or node.name.value in SUPPORT_TYPES)
        )
    ]


def _roots(definitions: Sequence[DefinitionNode]) -> dict[str, str]:
    """The root types: name here → Query, Mutation or Subscription."""
    roots = {
        operation.type.name.value: operation.operation.value.capitalize()
        for node in definitions
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)
        for operation in node.operation_types or ()
    }
    return roots or {name: name for name in ROOT_TYPES}


def _root_faults(
    subgraph: str, definitions: Sequence[DefinitionNode], roots: dict[str, str]
) -> Iterator[CompositionError]:
    renamed = {canonical: local for local, canonical in roots.items() if canonical != local}
    for node in definitions:
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode) and node.name.value in renamed:
            name = node.name.value
            yield CompositionError(
                f"ROOT_{name.upper()}_USED",
                f"{name} is an ordinary type here, while the schema's {name.lower()} root is {renamed[name]}",
                f"Name the root type {name}, or give the ordinary type another name.",
                subgraph,
                name,
                node.loc.start_token.line if node.loc else 0,
            )


def _definition_faults(subgraph: str, document: DocumentNode, names: Names) -> Iterator[CompositionError]:
    """Directives and types of a specification that the SDL repeats otherwise than they are there."""
    for node in document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and node.name.value in names.known:
            known = names.known[node.name.value]
            expected = cast("DirectiveDefinitionNode", parse(f"directive @{known.sdl}").definitions[0])
            allowed = {argument.name.value for argument in expected.arguments or ()}
            needed = {a.name.value for a in expected.arguments or () if print_ast(a.type).endswith("!")}
            written = {argument.name.value for argument in node.arguments or ()}
            places = {place.value for place in node.locations} - {place.value for place in expected.locations}
            if written - allowed or needed - written or places:
                yield CompositionError(
                    "DIRECTIVE_DEFINITION_INVALID",
                    f"@{node.name.value} is defined otherwise than its specification has it",
                    f"Leave the definition out, or write: directive @{known.sdl}",
                    subgraph,
                    f"@{node.name.value}",
                    node.loc.start_token.line if node.loc else 0,
                )
        elif isinstance(node, TypeDefinitionNode) and node.name.value in names.types:
            canonical = names.types[node.name.value]
            if SUPPORT_TYPES[canonical].split()[0] != node.kind.split("_")[0]:
                yield CompositionError(
                    "TYPE_DEFINITION_INVALID",
                    f"{node.name.value} is defined otherwise than its specification has it",
                    f"Leave the definition out, or write: {SUPPORT_TYPES[canonical]}",
                    subgraph,
                    node.name.value,
                    node.loc.start_token.line if node.loc else 0,
                )


def _complete(definitions: Sequence[DefinitionNode], names: Names) -> DocumentNode:
    """The document as one that stands by itself: extensions promoted, specifications' definitions added."""
    defined = {node.name.value for node in definitions if isinstance(node, TypeDefinitionNode)}
    complete: list[DefinitionNode] = []
    for node in definitions:
        if isinstance(node, TypeExtensionNode) and node.name.value not in defined:
            defined.add(node.name.value)
            complete.append(_definition_of(node))
        else:
            complete.append(node)
    added = [*SUPPORT_TYPES.values(), f"directive @{names.link_directive}{LINK_DIRECTIVE}"]
    added += [f"scalar {local}" for local in names.types if local not in SUPPORT_TYPES]
    for local, known in names.known.items():
        added.append(f"directive @{local}{known.sdl.removeprefix(known.name)}")
    complete.extend(parse("\n".join(added), no_location=True).definitions)
    return DocumentNode(definitions=tuple(complete))


def _definition_of(extension: TypeExtensionNode) -> DefinitionNode:
    """The definition that says what the extension says."""
    shape: type[Node] = getattr(ast, type(extension).__name__.replace("Extension", "Definition"))
    values = {key: getattr(extension, key) for key in extension.keys}
    return cast("DefinitionNode", shape(**values))


def _graphql_faults(
    subgraph: str, definitions: Sequence[DefinitionNode], names: Names
) -> Iterator[CompositionError]:
    document = _complete(definitions, names)
    faults = validate_sdl(document)
    if faults:
        yield from (_invalid(subgraph, fault) for fault in faults)
        return
    schema = build_ast_schema(document, assume_valid_sdl=True)
    try:
        found = validate_schema(schema)
    except (
        TypeError
    ) as error:  # graphql-core reads a default value before it checks that the type is an input
        found = [GraphQLError(str(error))]
    yield from (_invalid(subgraph, fault) for fault in found if fault.message not in _TOLERATED)
    yield from _argument_faults(subgraph, document, schema)


def _argument_faults(
    subgraph: str, document: DocumentNode, schema: GraphQLSchema
) -> Iterator[CompositionError]:
    """Directive arguments of the wrong type, which graphql-core's SDL rules let pass."""
    faults: list[CompositionError] = []

    class Check(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            definition = schema.get_directive(node.name.value)
            for argument in node.arguments or ():
                expected = definition.args.get(argument.name.value) if definition else None
                if expected and value_from_ast(argument.value, expected.type) is Undefined:
                    message = (
                        f"@{node.name.value}({argument.name.value}:) takes a {expected.type},"
                        f" not {print_ast(argument.value)}"
                    )
                    faults.append(_invalid(subgraph, GraphQLError(message, argument)))

    visit(document, Check())
    yield from faults
