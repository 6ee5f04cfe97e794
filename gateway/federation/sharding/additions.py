"""Fields that the gateway asks of shards for itself, under response keys the client has not used."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from graphql import FieldNode, SelectionSetNode

from gateway.federation.planning.plan import SelectedField
from gateway.federation.sharding.facts import ShardedSubgraph, name_of


class Additions:
    """Makes added fields for one fetch, whose own response keys are `taken`."""

    def __init__(self, facts: ShardedSubgraph, taken: Collection[str]) -> None:
        self._facts = facts
        self._taken = taken
        self._count = 0

    def field(self, type_name: str, name: str) -> SelectedField:
        """The field under a new key; without selections."""
        return self._field(type_name, name, self._new_key())

    def key(self, type_name: str) -> tuple[SelectedField, ...]:
        """The fields of the type's first key, its outermost ones under new keys."""
        key = self._facts.key_of(type_name)
        return tuple(self._key(type_name, key, nested=False)) if key else ()

    def _key(self, type_name: str, key: SelectionSetNode, nested: bool) -> Iterator[SelectedField]:
        for node in key.selections:
            if isinstance(node, FieldNode):
                name = node.name.value
                field = self._field(type_name, name, name if nested else self._new_key())
                inner = node.selection_set
                below = tuple(self._key(name_of(field.type), inner, nested=True)) if inner else ()
                yield SelectedField(field.key, name, type_name, field.type, {}, (), below)

    def _field(self, type_name: str, name: str, key: str) -> SelectedField:
        field = self._facts.supergraph.types[type_name].fields[name]
        return SelectedField(key, name, type_name, self._facts.type_of(field), {})

    def _new_key(self) -> str:
        while True:
            key = f"_s{self._count}"
            self._count += 1
            if key not in self._taken:
                return key
