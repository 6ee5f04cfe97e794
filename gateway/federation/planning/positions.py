"""Lays out the places of the result tree as the planner reaches them.

A position's object types are split into branches: types stay together only if the client selects the
same on them and every field that may be asked of them is resolved alike everywhere. So a wide
interface whose members are alike stays one branch, and differences between members cost only where
they are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from graphql import ValueNode, print_ast

from gateway.federation.composition.supergraph import Kind
from gateway.federation.document.operation import Conditions, Field, Group, SelectionSet
from gateway.federation.planning.capability import Capabilities, named_type
from gateway.federation.planning.draft import Branch, Node, Position
from gateway.federation.planning.plan import Step


@dataclass(slots=True)
class Positions:
    """Makes positions. `tick` is called for each branch; `fields` finds the client's field of a node."""

    capabilities: Capabilities
    tick: Callable[[], None]
    fields: dict[Node, Field] = field(default_factory=dict)
    _names: dict[tuple[str, ...], dict[str, object]] = field(default_factory=dict)
    _splits: dict[Hashable, list[tuple[str, ...]]] = field(default_factory=dict)

    def root(self, selections: SelectionSet) -> Position:
        return self._fill(Position(selections.type, False, (), None, None), selections)

    def below(self, node: Node) -> Position:
        """The position that `node` leads to, made when first asked for."""
        if node.child is None:
            client = self.fields.get(node)
            selections = client.selections if client else None
            declared = named_type(self.capabilities.field_type(node.branch.type, node.name))
            abstract = self.capabilities.supergraph.types[declared].kind is not Kind.OBJECT
            path = (*node.branch.path, Step(node.key))
            # Positions that differ in their parents' types only are written into the same fields of a reply.
            names = self._names.setdefault(tuple(step.key for step in path), {})
            position = Position(declared, abstract, path, node.branch, node, names=names)
            node.child = self._fill(position, selections)
        return node.child

    def wanted(
        self, branch: Branch, name: str, arguments: Mapping[str, ValueNode], conditions: Conditions
    ) -> Node:
        """The node of a field that the planner itself wants: the client's where that is the same."""
        signature = signature_of(name, arguments)
        node = branch.by_signature.get(signature)
        if node is None:
            key = self._key(branch, None if arguments else name, name, signature)
            node = self._node(branch, key, name, signature, arguments, conditions)
        return node

    def _fill(self, position: Position, selections: SelectionSet | None) -> Position:
        groups = selections.groups if selections is not None else ()
        known = {name for group in groups for name in group.types}
        # Types that clients cannot see, or do not ask about, may still matter to keys and requirements.
        everyone = self.capabilities.supergraph.possible.get(position.type) or (position.type,)
        others = tuple(name for name in everyone if name not in known)
        if others:
            groups = (*groups, Group(others, ()))
        position.told_apart = selections is not None and len(selections.groups) > 1
        for group in groups:
            for types in self._alike(position, group):
                self.tick()
                branch = Branch(position, types)
                position.branches.append(branch)
                for one in group.fields:
                    self._client_field(branch, one)
        return position

    def _alike(self, position: Position, group: Group) -> list[tuple[str, ...]]:
        if not position.abstract or len(group.types) == 1:
            return [group.types]
        parent, node = position.parent, position.node
        asked = frozenset(one.name for one in group.fields if not one.name.startswith("__"))
        ask = (parent.type if parent else "", node.name if node else "", group.types, asked)
        if ask not in self._splits:
            alike: dict[Hashable, list[str]] = {}
            for name in group.types:
                alike.setdefault(self._signature(parent, node, asked, name), []).append(name)
            self._splits[ask] = [tuple(types) for types in alike.values()]
        return self._splits[ask]

    def _signature(
        self, parent: Branch | None, node: Node | None, asked: frozenset[str], name: str
    ) -> Hashable:
        can = self.capabilities
        seen = (
            tuple(
                name in can.members(parent.type, node.name, subgraph) for subgraph in can.supergraph.subgraphs
            )
            if parent and node
            else ()
        )
        fields = sorted(asked | can.internal_fields(name))
        return (
            seen,
            can.type_signature(name),
            can.conditions_met(name),
            tuple((one, can.signature(name, one)) for one in fields),
        )

    def _client_field(self, branch: Branch, one: Field) -> None:
        if one.name == "__typename":
            branch.typename = True
        elif not one.name.startswith("__"):
            key = self._key(branch, one.key, one.name, one.signature)
            node = self._node(branch, key, one.name, one.signature, one.arguments, one.conditions)
            node.wanted_as = one.key
            node.stream = one.stream
            self.fields[node] = one

    def _node(
        self,
        branch: Branch,
        key: str,
        name: str,
        signature: str,
        arguments: Mapping[str, ValueNode],
        conditions: Conditions,
    ) -> Node:
        node = Node(branch, key, name, signature, arguments, conditions)
        branch.nodes[key] = node
        branch.by_signature.setdefault(signature, node)
        return node

    def _key(self, branch: Branch, wish: str | None, name: str, signature: str) -> str:
        """`wish`, unless it stands for something else at this position already; then an alias."""
        means = (signature, self.capabilities.signature(branch.type, name))
        names = branch.position.names
        if wish is not None and _shape(names.setdefault(wish, means)) == _shape(means):
            return wish
        for number in count(1):
            alias = f"_{name}_{number}"
            if names.setdefault(alias, means) == means and alias not in branch.nodes:
                break
        return alias


def _shape(meaning: Any) -> Hashable:
    """What two uses of one key must have in common: name, arguments, and type in every subgraph."""
    signature, joins = meaning
    return signature, frozenset(join[1] for join in joins)


def signature_of(name: str, arguments: Mapping[str, ValueNode]) -> str:
    """As `document.normalise.field_signature`, of a field that is not in a document."""
    texts = sorted(f"{argument}: {print_ast(value)}" for argument, value in arguments.items())
    return f"{name}({', '.join(texts)})" if texts else name
