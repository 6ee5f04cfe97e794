"""The schema that clients see: the supergraph without its machinery and without what is inaccessible.

It validates operations and answers introspection; it resolves nothing.
"""

from __future__ import annotations

from typing import Any, Final

from graphql import (
    REMOVE,
    DirectiveDefinitionNode,
    DirectiveLocation,
    DirectiveNode,
    DocumentNode,
    GraphQLSchema,
    Node,
    SchemaDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    Visitor,
    build_ast_schema,
    parse,
    visit,
)

from gateway.federation.composition.read_supergraph import is_machinery
from gateway.federation.composition.specifications import SHARDING_DIRECTIVES
from gateway.federation.composition.supergraph import Supergraph

KEPT_DIRECTIVES: Final = frozenset({"deprecated", "specifiedBy", "oneOf"})
EXECUTABLE: Final = frozenset(
    location.name
    for location in (
        DirectiveLocation.QUERY,
        DirectiveLocation.MUTATION,
        DirectiveLocation.SUBSCRIPTION,
        DirectiveLocation.FIELD,
        DirectiveLocation.FRAGMENT_DEFINITION,
        DirectiveLocation.FRAGMENT_SPREAD,
        DirectiveLocation.INLINE_FRAGMENT,
        DirectiveLocation.VARIABLE_DEFINITION,
    )
)

INCREMENTAL: Final = parse(
    """
    "Lets a fragment come later than the rest of the answer (推迟送达的片段)"
    directive @defer(
      "Whether it may; a variable decides for each request (是否推迟)"
      if: Boolean! = true
      "Names it among the parts of the answer (标签)"
      label: String
    ) on FRAGMENT_SPREAD | INLINE_FRAGMENT

    "Lets items of a list come one after the other (逐项送达的列表)"
    directive @stream(
      "Whether they may; a variable decides for each request (是否逐项送达)"
      if: Boolean! = true
      "Names the list among the parts of the answer (标签)"
      label: String
      "How many items come with the list itself (首批项数)"
      initialCount: Int = 0
    ) on FIELD
    """,
    no_location=True,
).definitions
"""What the engine itself lets operations say, whatever the supergraph is.

Source: https://github.com/graphql/graphql-spec/pull/1110
"""
COMPLETENESS: Final = parse(
    """
    "Whole or not at all: null and an error where the part of any shard is missing (须完整，否则返回错误)"
    directive @complete on FIELD
    """,
    no_location=True,
).definitions
"""What operations may say besides where shards may be missing from an answer (docs/SHARDING.md, 6.5)."""
_OWN: Final = frozenset(
    one.name.value for one in (*INCREMENTAL, *COMPLETENESS) if isinstance(one, DirectiveDefinitionNode)
)


def api_document(supergraph: Supergraph) -> DocumentNode:
    """The public schema's SDL as a document."""
    namespaces = _specification_namespaces(supergraph.document)
    document: DocumentNode = visit(supergraph.document, _PublicPart(namespaces))
    own = (*INCREMENTAL, *COMPLETENESS) if _is_sharded(supergraph) else INCREMENTAL
    return DocumentNode(definitions=(*document.definitions, *own))


def build_api_schema(supergraph: Supergraph) -> GraphQLSchema:
    """The public schema of `supergraph`."""
    return build_ast_schema(api_document(supergraph), assume_valid_sdl=True)


def _is_sharded(supergraph: Supergraph) -> bool:
    types = supergraph.types.values()
    return any(
        use.name in SHARDING_DIRECTIVES
        for type_ in types
        for use in (*type_.directives, *(use for field in type_.fields.values() for use in field.directives))
    )


class _PublicPart(Visitor):
    """Removes inaccessible elements, the specifications' own definitions, and what was applied by them."""

    def __init__(self, namespaces: frozenset[str]) -> None:
        super().__init__()
        self._namespaces = namespaces

    def enter(self, node: Node, *_: Any) -> Any:
        if isinstance(node, DirectiveNode):
            return None if node.name.value in KEPT_DIRECTIVES else REMOVE
        if isinstance(node, DirectiveDefinitionNode):
            # Only directives that an operation can use are the clients' business.
            usable = any(location.value in EXECUTABLE for location in node.locations)
            return None if usable and node.name.value not in _OWN else REMOVE
        if isinstance(node, TypeDefinitionNode) and self._belongs_to_specification(node.name.value):
            return REMOVE
        directives = getattr(node, "directives", None) or ()
        if any(directive.name.value == "inaccessible" for directive in directives):
            return REMOVE
        return None

    def _belongs_to_specification(self, name: str) -> bool:
        prefix, separator, _ = name.partition("__")
        return is_machinery(name) or (bool(separator) and prefix in self._namespaces)


def _specification_namespaces(document: DocumentNode) -> frozenset[str]:
    """The names under which `@link`ed specifications put their types (`https://host/<name>/v1.0`)."""
    namespaces = set()
    for definition in document.definitions:
        if not isinstance(definition, SchemaDefinitionNode):
            continue
        for directive in definition.directives or ():
            args = {
                argument.name.value: argument.value.value
                for argument in directive.arguments or ()
                if isinstance(argument.value, StringValueNode)
            }
            url = args.get("url") or args.get("feature") or ""
            parts = url.rstrip("/").rsplit("/", 2)
            namespaces.add(args.get("as") or (parts[-2] if len(parts) == 3 else url))
    return frozenset(namespaces)
