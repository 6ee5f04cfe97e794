"""Guesses how many more fetches a selection will need if a given subgraph begins it.

The planner asks this to choose between subgraphs that could all give a field: what matters is not
the field but everything below it. The guess looks only at the schema and the selection, never at
what has been drafted, so it can be remembered; each (selection, subgraph) is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.federation.document.operation import Field, SelectionSet
from gateway.federation.planning.capability import Capabilities, Provided

UNREACHABLE: Final = 1_000
"""The price of a field to which no key leads: more than any number of fetches that a plan may have."""


class Estimates:
    """Guesses for the selections of one operation. `tick` is called for each piece of work done."""

    def __init__(self, capabilities: Capabilities, tick: Callable[[], None]) -> None:
        self._capabilities = capabilities
        self._tick = tick
        self._selections: dict[tuple[int, str, tuple[str, ...], tuple[int, ...]], int] = {}
        self._kinds: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
        self._jumps: dict[tuple[str, str], dict[str, frozenset[str]]] = {}

    def below(self, subgraph: str, type_name: str, field: Field, provided: Provided | None = None) -> int:
        """The fetches needed below `field` of an object of the type when `subgraph` gives the field."""
        if field.selections is None:
            return 0
        members = self._capabilities.members(type_name, field.name, subgraph)
        join = self._capabilities.join(subgraph, type_name, field.name)
        below = provided or ()
        if join is not None and join.provides is not None:
            below = (*below, join.provides.selections)
        return self.selection(subgraph, field.selections, members, below)

    def selection(
        self, subgraph: str, selections: SelectionSet, members: tuple[str, ...], provided: Provided
    ) -> int:
        """The fetches needed beyond the one to `subgraph` that gives objects of types `members`."""
        ask = (id(selections), subgraph, members, tuple(map(id, provided)))
        if ask not in self._selections:
            self._tick()
            visited: set[str] = set()
            total = 0
            given = set(members)
            for group in selections.groups:
                for name in self._unlike(tuple(name for name in group.types if name in given), group.fields):
                    total += self._group(subgraph, name, group.fields, provided, visited)
            self._selections[ask] = total + len(visited)
        return self._selections[ask]

    def _unlike(self, types: tuple[str, ...], fields: tuple[Field, ...]) -> list[str]:
        """One of all types for which the fields are resolved alike everywhere."""
        ask = (types, tuple(field.name for field in fields))
        if ask not in self._kinds:
            can = self._capabilities
            names = [field.name for field in fields if not field.name.startswith("__")]
            alike: dict[object, str] = {}
            for one in types:
                signature = can.type_signature(one), tuple(can.signature(one, name) for name in names)
                alike.setdefault(signature, one)
            self._kinds[ask] = list(alike.values())
        return self._kinds[ask]

    def _group(
        self, subgraph: str, type_name: str, fields: tuple[Field, ...], provided: Provided, visited: set[str]
    ) -> int:
        total = 0
        away: list[Field] = []
        for field in fields:
            if field.name.startswith("__"):
                if not self._capabilities.is_typed(subgraph, type_name):
                    visited.add("")  # some other subgraph must tell the type
                continue
            given = self._capabilities.provided(provided, type_name, field.name)
            join = self._capabilities.join(subgraph, type_name, field.name)
            if join is None or (join.external and given is None):
                away.append(field)
            elif join.needs_more:
                visited.add(f"{subgraph} again")
                total += self.below(subgraph, type_name, field)
            else:
                total += self.below(subgraph, type_name, field, given)
        for field in away:
            total += self._elsewhere(subgraph, type_name, field, visited)
        return total

    def _elsewhere(self, subgraph: str, type_name: str, field: Field, visited: set[str]) -> int:
        jumps = self.jumps(subgraph, type_name)
        best: tuple[int, frozenset[str]] | None = None
        for name, _ in self._capabilities.resolvers(type_name, field.name):
            if name not in jumps:
                continue
            below = self.below(name, type_name, field)
            if best is None or len(jumps[name] - visited) + below < len(best[1] - visited) + best[0]:
                best = (below, jumps[name])
        if best is None:
            return UNREACHABLE
        visited |= best[1]
        return best[0]

    def jumps(self, start: str, type_name: str) -> dict[str, frozenset[str]]:
        """The subgraphs that keys lead to from `start`, each with those visited on the cheapest way."""
        ask = (start, type_name)
        if ask not in self._jumps:
            self._jumps[ask] = self._find_jumps(start, type_name)
        return self._jumps[ask]

    def _find_jumps(self, start: str, type_name: str) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {start: frozenset()}
        changed = True
        while changed:
            changed = False
            self._tick()
            for subgraph in self._capabilities.supergraph.subgraphs:
                for entry in self._capabilities.entries(subgraph, type_name):
                    way = self._way(found, subgraph, type_name, entry.key.selections.selections)
                    if way is not None and (subgraph not in found or len(way) < len(found[subgraph])):
                        found[subgraph] = way
                        changed = True
        return found

    def _way(
        self, found: dict[str, frozenset[str]], to: str, type_name: str, key: tuple[object, ...]
    ) -> frozenset[str] | None:
        way = frozenset((to,))
        for node in key:
            name: str = node.name.value  # type: ignore[attr-defined] # a key has fields only
            ways = [
                found[subgraph]
                for subgraph, join in self._capabilities.resolvers(type_name, name)
                if subgraph in found and to not in found[subgraph] and not join.needs_more
            ]
            if not ways:
                return None
            way |= min(ways, key=lambda one: len(one - way))  # used at once
        return way
