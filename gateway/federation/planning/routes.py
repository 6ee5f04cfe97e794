"""Finds the cheapest way for every subgraph to get at the objects of a branch.

A subgraph gets at them
  - by a visit that passes there already (free);
  - from above, by selecting the parent's field in that subgraph too, if it gets at the parent: the way
    to values without a key, and often a free one;
  - by a root fetch, where the objects are the query root itself;
  - by a key, whose fields are read from subgraphs that already get there. Keys chain: the search
    widens the set of subgraphs reached until nothing gets cheaper.

Nothing is drafted here; a `Route` says what would have to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graphql import FieldNode

from gateway.federation.planning.capability import Capabilities, Entry, Provided
from gateway.federation.planning.draft import Branch, Visit
from gateway.federation.planning.estimate import Estimates

Needs = frozenset[tuple[int, str]]
"""The fetches to be added: where (the id of the branch, or of a key's field), and to which subgraph."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where a field of a key, `node`, is read. No node stands for `__typename`."""

    node: FieldNode | None
    subgraph: str


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A way to the objects. Exactly one of `visit`, `above`, `entry` says how; none means a root fetch."""

    subgraph: str
    needs: Needs
    level: int
    visit: Visit | None = None
    above: bool = False
    entry: Entry | None = None
    by_type: bool = False
    sources: tuple[Source, ...] = ()

    @property
    def price(self) -> tuple[int, int]:
        return len(self.needs), self.level


@dataclass(slots=True)
class Routes:
    """The search. `tick` is called for each piece of work.

    What was found for a branch holds until it is visited once more or its parent's routes change.
    """

    capabilities: Capabilities
    estimates: Estimates
    query_root: str
    tick: Callable[[], None]
    _found: dict[Branch, tuple[int, dict[str, Route] | None, dict[str, Route]]] = field(default_factory=dict)

    def all(self, branch: Branch) -> dict[str, Route]:
        """The cheapest route for every subgraph that can get at the branch's objects."""
        above = self._above(branch)
        known = self._found.get(branch)
        if known is None or known[0] != len(branch.visits) or known[1] is not above:
            known = self._found[branch] = (len(branch.visits), above, self._search(branch, above))
        return known[2]

    def _above(self, branch: Branch) -> dict[str, Route] | None:
        """The routes to the parent, where the branch can be got at from there.

        Not where the type is open: another subgraph may give an object of another type there.
        """
        position = branch.position
        return None if position.parent is None or position.abstract else self.all(position.parent)

    def by_key(self, branch: Branch, subgraph: str) -> Route | None:
        """The cheapest route by a key, even where the subgraph gets there without one."""
        routes = self.all(branch)
        cheapest = routes.get(subgraph)
        if cheapest is not None and cheapest.entry is not None:
            return cheapest
        found = [
            route
            for entry in self.capabilities.entries(subgraph, branch.type)
            if (route := self._by_entry(branch, routes, subgraph, entry, again=True)) is not None
        ]
        return min(found, key=lambda route: route.price, default=None)

    def can_select(self, visit: Visit | None, subgraph: str, branch: Branch, name: str) -> bool:
        """Whether the subgraph gives the field, on this visit or any (None), without requirements."""
        join = self.capabilities.join(subgraph, branch.type, name)
        if join is None:
            return False
        if not join.external:
            return not join.needs_more
        return visit is not None and self.capabilities.provided(visit.provided, branch.type, name) is not None

    def _search(self, branch: Branch, above: dict[str, Route] | None) -> dict[str, Route]:
        routes: dict[str, Route] = {}
        for route in self._free(branch, above):
            known = routes.get(route.subgraph)
            if known is None or route.price < known.price:
                routes[route.subgraph] = route
        changed = True
        while changed:
            changed = False
            self.tick()
            for subgraph in self.capabilities.supergraph.subgraphs:
                for entry in self.capabilities.entries(subgraph, branch.type):
                    known = routes.get(subgraph)
                    if known is not None and not known.needs:
                        break
                    way = self._by_entry(branch, routes, subgraph, entry)
                    if way is not None and (known is None or way.price < known.price):
                        routes[subgraph] = way
                        changed = True
        return routes

    def _free(self, branch: Branch, above: dict[str, Route] | None) -> Iterator[Route]:
        for visit in branch.visits:
            yield Route(visit.draft.subgraph, frozenset(), visit.draft.level, visit=visit)
        position = branch.position
        if branch.type == self.query_root:
            here = id(branch)
            for subgraph in self.capabilities.supergraph.subgraphs:
                if self.capabilities.known_as(subgraph, branch.type):
                    yield Route(subgraph, frozenset(((here, subgraph),)), self._root_level(branch))
        node, parent = position.node, position.parent
        if node is None or parent is None or above is None:
            return
        for subgraph, route in above.items():
            if branch.type in self.capabilities.members(parent.type, node.name, subgraph) and self.can_select(
                route.visit, subgraph, parent, node.name
            ):
                yield Route(subgraph, route.needs, route.level, above=True)

    def _root_level(self, branch: Branch) -> int:
        node = branch.position.node
        return 1 + min(visit.draft.level for visit in node.sources) if node is not None else 0

    def _by_entry(
        self, branch: Branch, routes: dict[str, Route], subgraph: str, entry: Entry, again: bool = False
    ) -> Route | None:
        by_type = self._must_know_type(branch, entry)
        nodes: list[FieldNode | None] = list(self.capabilities.flat(entry.key.selections, branch.type))
        if by_type:
            nodes.append(None)
        here = (id(branch), subgraph)
        needs: Needs = frozenset((here,))
        level = 0
        sources = []
        for node in nodes:
            best: tuple[Route, Needs] | None = None
            for route in routes.values():
                below = None if here in route.needs and not again else self._reads(branch, route, node)
                if below is None:
                    continue
                both = route.needs | below
                if best is None or (len(both - needs), route.level) < (len(best[1] - needs), best[0].level):
                    best = (route, both)
            if best is None:
                return None
            level = max(level, best[0].level + (best[1] != best[0].needs))
            needs |= best[1]
            sources.append(Source(node, best[0].subgraph))
        return Route(subgraph, needs, level + 1, entry=entry, by_type=by_type, sources=tuple(sources))

    def _must_know_type(self, branch: Branch, entry: Entry) -> bool:
        if not branch.position.abstract:
            return False
        if entry.typename is None:
            return True
        everyone = [name for other in branch.position.branches for name in other.types]
        return not all(self.capabilities.fits(entry.typename, name) for name in everyone)

    def _reads(self, branch: Branch, route: Route, node: FieldNode | None) -> Needs | None:
        """What more is needed to read the key's field by the route; None when it cannot be."""
        if node is None:
            typed = self.capabilities.is_typed(route.subgraph, branch.type)
            return frozenset() if typed else None
        if not self.can_select(route.visit, route.subgraph, branch, node.name.value):
            return None
        given = route.visit.provided if route.visit is not None else ()
        provided = self.capabilities.provided(given, branch.type, node.name.value) or ()
        return self._reads_below(route.subgraph, branch.type, node, provided)

    def _reads_below(
        self, subgraph: str, type_name: str, node: FieldNode, provided: Provided
    ) -> Needs | None:
        """The same for what the key has below the field, where other keys may have to help."""
        needs: Needs = frozenset()
        if node.selection_set is None:
            return needs
        for member in self.capabilities.members(type_name, node.name.value, subgraph):
            for inner in self.capabilities.flat(node.selection_set, member):
                name = inner.name.value
                if name == "__typename":
                    continue
                join = self.capabilities.join(subgraph, member, name)
                given = self.capabilities.provided(provided, member, name)
                if join is not None and not join.needs_more and (given is not None or not join.external):
                    below = self._reads_below(subgraph, member, inner, given or ())
                else:
                    below = self._helped(subgraph, member, inner)
                if below is None:
                    return None
                needs |= below
        return needs

    def _helped(self, subgraph: str, type_name: str, node: FieldNode) -> Needs | None:
        """The fetches by which another subgraph gives the field, entered by keys from `subgraph`."""
        jumps = self.estimates.jumps(subgraph, type_name)
        ways = [
            jumps[name]
            for name, join in self.capabilities.resolvers(type_name, node.name.value)
            if name in jumps and not join.needs_more
        ]
        shortest = min(ways, key=len, default=None)
        return None if shortest is None else frozenset((id(node), name) for name in shortest)
