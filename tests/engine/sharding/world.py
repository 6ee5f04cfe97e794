"""What these tests stand on: nodes behind a transport, and fetches made from operation text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
    parse_type,
)

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.document.operation import Condition
from gateway.federation.planning.plan import Fetch, Representation, SelectedField, SelectedFragment, Selection
from gateway.federation.sharding.coverage import Coverage, Gathered
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.sharding.facts import ShardedSubgraph
from gateway.federation.sharding.read_facts import read_facts
from gateway.federation.sharding.shards import Standing
from gateway.federation.sharding.skew import NOTHING, Lacks
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from tests.engine.sharding.parcels import SCHEMA, SDL, Node, Parcel


@cache
def facts() -> dict[str, ShardedSubgraph]:
    return read_facts(read_supergraph(compose([Subgraph("parcels", "", SDL)]).sdl()))


@dataclass
class Context:
    headers: Mapping[str, str] = field(default_factory=dict)
    deadline_s: float = math.inf
    coverage: Coverage = field(default_factory=Coverage)


@dataclass
class Nodes:
    """A transport to nodes in this process, and the registry that lists them. `faults` fail by shard.

    `told` are the shards whose members are known, each with customers that it is taken to hold wrongly.
    """

    nodes: Mapping[str, Node]
    faults: dict[str, TransportFailure | Reply] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    sent: list[ShardRequest] = field(default_factory=list)
    older: dict[str, Lacks] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)

    def may_hold(self, subgraph: str, type_name: str, key: str, shards: Sequence[str]) -> Sequence[str]:
        assert type_name == "Customer"
        return [
            name
            for name in shards
            if name not in self.told or key in self.told[name] or self.nodes[name].holds(key)
        ]

    def lacks(self, subgraph: str, shard: str) -> Lacks:
        return self.older.get(shard, NOTHING)

    async def send(self, request: ShardRequest) -> Reply:
        self.sent.append(request)
        fault = self.faults.get(request.shard)
        if isinstance(fault, TransportFailure):
            raise fault
        if fault is not None:
            return fault
        answer = self.nodes[request.shard].answer(request.query, request.variables)
        return Reply(answer.get("data"), tuple(answer.get("errors", ())))

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        return {name: self.standings.get(name, "ACTIVE") for name in sorted(self.nodes)}

    @property
    def asked(self) -> list[str]:
        return [request.shard for request in self.sent]

    async def ask(
        self, text: str, variables: Mapping[str, Any] | None = None, context: Context | None = None
    ) -> Gathered:
        dispatcher = Dispatcher(self, facts(), self, contracts=self, memberships=self)
        return await dispatcher.fetch(fetch_of(text), variables or {}, [], context or Context())

    async def entities(
        self, fragments: str, representations: Sequence[Mapping[str, Any]], context: Context | None = None
    ) -> Gathered:
        field = f"_entities(representations: $representations) {{ {fragments} }}"
        text = f"query($representations: [_Any!]!) {{ {field} }}"
        dispatcher = Dispatcher(self, facts(), self, contracts=self, memberships=self)
        return await dispatcher.fetch(fetch_of(text), {}, [representations], context or Context())


def split(parcels: Sequence[Parcel], shards: Sequence[str], **more: Any) -> Nodes:
    """One node for each shard, with the parcels whose ID begins with its name."""
    return Nodes(
        {
            shard: Node([shard], [p for p in parcels if p.id.startswith(f"{shard}-")], **more)
            for shard in shards
        }
    )


def oracle(parcels: Sequence[Parcel], shards: Sequence[str], **more: Any) -> Node:
    """One node that holds everything."""
    return Node(shards, list(parcels), **more)


def fetch_of(text: str) -> Fetch:
    """The fetch that a plan would have for an operation on the parcels subgraph."""
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    kind: Any = operation.operation.value
    variables = tuple(each.variable.name.value for each in operation.variable_definitions or ())
    selections = _selections(operation.selection_set, "Query" if kind == "query" else "Mutation")
    first = selections[0]
    if isinstance(first, SelectedField) and first.name == "_entities":
        named = tuple(name for name in variables if name != "representations")
        return Fetch(
            0,
            "parcels",
            kind,
            text,
            first.selections,
            named,
            representations=(Representation(None, None, ()),),
        )
    return Fetch(0, "parcels", kind, text, selections, variables)


def _selections(node: SelectionSetNode | None, parent: str) -> tuple[Selection, ...]:
    return tuple(_selection(each, parent) for each in (node.selections if node else ()))


def _selection(node: Any, parent: str) -> Selection:
    conditions = tuple(_condition(each) for each in node.directives or ())
    if isinstance(node, InlineFragmentNode):
        on = node.type_condition.name.value if node.type_condition else parent
        return SelectedFragment(on, conditions, _selections(node.selection_set, on))
    assert isinstance(node, FieldNode)
    name = node.name.value
    type_ = SCHEMA.type_map[parent]
    declared = "String!"
    if name != "__typename":
        assert isinstance(type_, GraphQLObjectType)
        declared = str(type_.fields[name].type)
    bottom = declared.translate({ord(mark): None for mark in "[]!"})
    return SelectedField(
        node.alias.value if node.alias else name,
        name,
        parent,
        parse_type(declared),
        {argument.name.value: argument.value for argument in node.arguments or ()},
        conditions,
        _selections(node.selection_set, bottom),
    )


def _condition(node: DirectiveNode) -> Condition:
    (argument,) = node.arguments or ()
    value = argument.value
    assert isinstance(value, VariableNode)
    return Condition(value.name.value, node.name.value == "include")
