"""What the engine's tests stand on: subgraphs in this process, composed as real ones are.

A subgraph is an SDL and data. `Subgraphs` executes what the engine sends with graphql-core, as any
Federation 2 subgraph would, and keeps what was sent.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    SchemaExtensionNode,
    Visitor,
    build_ast_schema,
    execute_sync,
    parse,
    print_ast,
    validate,
    visit,
)

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.composition.supergraph import Supergraph
from gateway.federation.engine import Claims, Engine, Request, RequestContext, Response
from gateway.federation.execution.request import NOBODY
from gateway.federation.planning.print_plan import print_plan
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest, TransportFailure

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", '
    '"@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject", "@tag", '
    '"@context", "@fromContext", "@authenticated", "@requiresScopes", "@policy", "@cost", "@listSize"])\n'
)


def supergraph(**sdls: str) -> Supergraph:
    """The supergraph composed of subgraphs given by name as Federation 2 SDL (without the `@link`)."""
    parts = [Subgraph(name, "", LINK + textwrap.dedent(sdl)) for name, sdl in sdls.items()]
    return read_supergraph(compose(parts).sdl())


def planned(world: Supergraph, text: str, claims: Claims = NOBODY) -> str:
    """The printed plan of an operation; the test says what it should be."""
    return "\n" + print_plan(Engine(world, Nobody()).plan(text, claims=claims))


def golden(text: str) -> str:
    return textwrap.dedent(text)


class Nobody:
    """Dispatches nothing: for tests that only plan."""

    async def fetch(self, *_: object) -> Any:
        raise AssertionError("a test that only plans sent a request")

    fetch_piecewise = fetch

    def origin(self, *_: object) -> Any:
        raise AssertionError("a test that only plans subscribed to something")


Entity = Callable[[Mapping[str, Any]], Any]


class LocalSubgraph:
    """A subgraph in this process. `root` holds the values (or resolvers) of the root fields, `entity`
    resolves a representation to an object: a mapping with `__typename`, whose values may be resolvers."""

    def __init__(self, sdl: str, root: Mapping[str, Any], entity: Entity | None = None) -> None:
        self.schema = executable(sdl)
        self._root = root
        self._entity = entity

    def answer(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        document = parse(query)
        errors = validate(self.schema, document)
        if errors:
            return {"errors": [error.formatted for error in errors]}
        result = execute_sync(
            self.schema,
            document,
            root_value=self._root,
            variable_values=dict(variables),
            context_value=self._entity,
            field_resolver=_resolve,
            type_resolver=lambda value, *_: value["__typename"],
        )
        return dict(result.formatted)


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    if info.field_name == "_entities":
        return [info.context(one) for one in arguments["representations"]]
    value = source.get(info.field_name) if isinstance(source, Mapping) else None
    return value(**arguments) if callable(value) else value


def executable(sdl: str) -> GraphQLSchema:
    """The schema that a subgraph of this SDL serves: without federation's directives, with `_entities`."""
    document = parse(sdl)
    keyed = [
        node.name.value
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode)
        and any(d.name.value == "key" for d in node.directives or ())
    ]
    text = print_ast(visit(document, _WithoutFederation()))
    if "type Query" not in text:
        text += "\ntype Query"
    if keyed:
        text += f"\nscalar _Any union _Entity = {' | '.join(keyed)}"
        text += "\nextend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
    return build_ast_schema(parse(text), assume_valid_sdl=True)


class _WithoutFederation(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> Any:
        return None if node.name.value == "deprecated" else self.REMOVE

    def enter_schema_extension(self, _node: SchemaExtensionNode, *_: object) -> Any:
        return self.REMOVE


@dataclass
class Subgraphs:
    """A transport to subgraphs in this process. `faults` fail by subgraph; `sent` is what was asked."""

    parts: Mapping[str, LocalSubgraph]
    faults: dict[str, TransportFailure | Reply] = field(default_factory=dict)
    sent: list[ShardRequest] = field(default_factory=list)

    async def send(self, request: ShardRequest) -> Reply:
        self.sent.append(request)
        fault = self.faults.get(request.subgraph)
        if isinstance(fault, TransportFailure):
            raise fault
        if fault is not None:
            return fault
        answer = self.parts[request.subgraph].answer(request.query, request.variables)
        return Reply(answer.get("data"), tuple(answer.get("errors", ())))

    @property
    def asked(self) -> list[str]:
        return [request.subgraph for request in self.sent]


@dataclass
class World:
    """A supergraph, an engine on it, and the subgraphs it asks."""

    engine: Engine
    subgraphs: Subgraphs

    async def ask(
        self, text: str, variables: Mapping[str, Any] | None = None, context: RequestContext | None = None
    ) -> Response:
        return await self.engine.run(Request(text, variables or {}), context or RequestContext())


def world(parts: Mapping[str, tuple[str, Mapping[str, Any], Entity | None]], **options: Any) -> World:
    """A world of subgraphs: of each its SDL, root values and entity resolver; `options` are the engine's."""
    subgraphs = Subgraphs({name: LocalSubgraph(*part) for name, part in parts.items()})
    sdls = {name: part[0] for name, part in parts.items()}
    return World(Engine(supergraph(**sdls), Dispatcher(subgraphs), **options), subgraphs)


def by_key(objects: Iterable[Mapping[str, Any]], *keys: str) -> Entity:
    """Finds the object that has a representation's values of these fields."""

    def find(representation: Mapping[str, Any]) -> Any:
        found = (one for one in objects if all(one[key] == representation.get(key) for key in keys))
        return next(found, None)

    return find
