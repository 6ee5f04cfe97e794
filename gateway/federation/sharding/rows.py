"""Rows that come whole from one shard, less what that shard alone cannot know (docs/SHARDING.md, 3.4).

A row that refers to a spanning entity can give its key and its own shard's slice. Fields of it that
are gathered from every shard are cut out here, and asked of all by a fetch that follows (`Hop`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphql import FieldNode

from gateway.federation.planning.plan import Fetch, Representation, SelectedField, SelectedFragment, Selection
from gateway.federation.sharding.additions import Additions
from gateway.federation.sharding.facts import ShardedSubgraph
from gateway.federation.sharding.programme import Hop
from gateway.federation.sharding.text import print_operation, print_selections, variables_of

Path = tuple[str, ...]


class Rows:
    """Cuts the rows of one fetch, and keeps the hops that bring back what was cut."""

    def __init__(self, facts: ShardedSubgraph, additions: Additions, types: Mapping[str, str]) -> None:
        self._facts = facts
        self._additions = additions
        self._types = types
        self._keys: dict[tuple[Path, str], tuple[SelectedField, ...]] = {}
        self._cut_out: dict[tuple[Path, str], list[SelectedField]] = {}

    @property
    def hops(self) -> tuple[Hop, ...]:
        """One for each place and type, with all that was cut out there, in whatever fragments it stood."""
        return tuple(self._hop(path, type_name) for path, type_name in self._keys)

    def cut(
        self, selections: Sequence[Selection], path: Path, gathered: bool = False
    ) -> tuple[Selection, ...]:
        """`selections` of an object at `path`, without what needs a hop, and with the keys that hops need.

        `gathered`: the object's fields are gathered one by one, so all of its own stay.
        """
        kept: list[Selection] = []
        cut_out: list[SelectedField] = []
        for selection in selections:
            if isinstance(selection, SelectedFragment):
                kept.append(replace(selection, selections=self.cut(selection.selections, path, gathered)))
            elif not gathered and self._is_everywhere(selection):
                cut_out.append(selection)
            else:
                below = gathered and self._is_gathered(selection)
                inner = self.cut(selection.selections, (*path, selection.key), below)
                kept.append(replace(selection, selections=inner))
        if cut_out:
            kept.extend(self._left_behind(cut_out[0].parent, cut_out, path))
        return tuple(kept)

    def _is_gathered(self, field: SelectedField) -> bool:
        """Whether the field's own fields are gathered one by one, given that its parent's are."""
        scatter = self._facts.scatters.get((field.parent, field.name))
        if scatter is not None:
            return scatter.gather in ("MERGE", "SUM", "CONNECTION")
        return field.name != "edges" and self._facts.merges(field.type)

    def _is_everywhere(self, field: SelectedField) -> bool:
        """Whether the field belongs to a spanning entity and needs every candidate's answer."""
        if field.parent not in self._facts.spanning or field.name == "__typename":
            return False
        place = (field.parent, field.name)
        is_gathered = place in self._facts.scatters or place in self._facts.aggregations
        return is_gathered or (self._facts.merges(field.type) and not self._is_key(field))

    def _is_key(self, field: SelectedField) -> bool:
        key = self._facts.key_of(field.parent)
        names = {node.name.value for node in key.selections if isinstance(node, FieldNode)} if key else set()
        return field.name in names

    def _left_behind(
        self, type_name: str, fields: Sequence[SelectedField], path: Path
    ) -> tuple[SelectedField, ...]:
        """Note what a hop will bring back; returns what the row must give for it."""
        place = (path, type_name)
        if place not in self._keys:
            self._keys[place] = self._additions.key(type_name)
        known = self._cut_out.setdefault(place, [])
        known.extend(field for field in fields if field not in known)
        return self._keys[place]

    def _hop(self, path: Path, type_name: str) -> Hop:
        key = self._keys[path, type_name]
        named = tuple((field.name, field.key) for field in key)
        composite = frozenset(field.name for field in key if field.selections)
        fetch = self._fetch(type_name, tuple(self._cut_out[path, type_name]))
        return Hop(path, type_name, named, composite, fetch)

    def _fetch(self, type_name: str, fields: tuple[SelectedField, ...]) -> Fetch:
        fragment = SelectedFragment(type_name, selections=fields)
        variables = tuple(dict.fromkeys(variables_of((fragment,))))
        types = {**self._types, "representations": "[_Any!]!"}
        body = f"_entities(representations: $representations) {print_selections((fragment,))}"
        operation = print_operation("query", body, (*variables, "representations"), types)
        entity = Representation(None, type_name, ())
        return Fetch(
            -1, self._facts.name, "query", operation, (fragment,), variables, representations=(entity,)
        )
