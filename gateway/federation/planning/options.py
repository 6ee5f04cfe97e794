"""Which subgraphs can give a field where it is wanted, and at what price."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.federation.composition.supergraph import FieldJoin
from gateway.federation.planning.capability import Capabilities
from gateway.federation.planning.draft import Branch, Node
from gateway.federation.planning.estimate import Estimates
from gateway.federation.planning.positions import Positions
from gateway.federation.planning.routes import Route, Routes

Price = tuple[int, int, int, int]
"""Fetches to be added; branches that could share them, negative; waves to wait; order of subgraphs."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one operation's fields. `is_query`: not a mutation or subscription."""

    capabilities: Capabilities
    positions: Positions
    estimates: Estimates
    routes: Routes
    is_query: bool

    def all(self, branch: Branch, node: Node) -> dict[str, Price]:
        """The subgraphs that can give the node, each with its price.

        The price is the fetches to be added, then whether other branches cannot share them, then how
        late the answer comes.
        """
        options = {}
        by_route = self.by_route(branch)
        client = self.positions.fields.get(node)
        for order, subgraph in enumerate(self.capabilities.supergraph.subgraphs):
            join = self.capabilities.join(subgraph, branch.type, node.name)
            if join is None or (join.external and not by_route):
                continue
            cost, level = 0, 0
            provided = None
            if by_route:
                route = self.route(branch, node, subgraph, join)
                if route is None:
                    continue
                cost, level = route.price
                if route.visit is not None:
                    provided = self.capabilities.provided(route.visit.provided, branch.type, node.name)
            below = self.estimates.below(subgraph, branch.type, client, provided) if client else 0
            options[subgraph] = (cost + below, -self._shared(branch, node, subgraph), level, order)
        return options

    def route(self, branch: Branch, node: Node, subgraph: str, join: FieldJoin) -> Route | None:
        """The route by which the subgraph can give the node."""
        providing = self._providing(branch, node, subgraph)
        if providing is not None or join.external:
            return providing
        if join.needs_more:
            return self.routes.by_key(branch, subgraph)
        return self.routes.all(branch).get(subgraph)

    def _providing(self, branch: Branch, node: Node, subgraph: str) -> Route | None:
        for visit in branch.visits:
            if visit.draft.subgraph == subgraph and self.routes.can_select(
                visit, subgraph, branch, node.name
            ):
                return Route(subgraph, frozenset(), visit.draft.level, visit=visit)
        return None

    def _shared(self, branch: Branch, node: Node, subgraph: str) -> int:
        """How many branches of the position could have their field of this name from the same fetch."""
        joins = (self.capabilities.join(subgraph, one.type, node.name) for one in branch.position.branches)
        return sum(1 for join in joins if join is not None and not join.external)

    def members(self, branch: Branch, node: Node, subgraph: str) -> tuple[str, ...]:
        """The object types that the node can have from the subgraph.

        Of a union that others could give here as well, only the members that all of them have: it
        must not be visible which of them was asked.
        """
        members = self.capabilities.members(branch.type, node.name, subgraph)
        if not self.capabilities.is_union(branch.type, node.name) or not self.by_route(branch):
            return members
        here = self.routes.all(branch)
        for other, _ in self.capabilities.resolvers(branch.type, node.name):
            if other in here:
                theirs = self.capabilities.members(branch.type, node.name, other)
                members = tuple(member for member in members if member in theirs)
        return members

    def by_route(self, branch: Branch) -> bool:
        """Whether the branch's fields may come from anywhere: a mutation's root fields run once, in order."""
        return self.is_query or bool(branch.position.path)
