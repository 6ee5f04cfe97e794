"""A request's variables as shards of another contract can take them (docs/SHARDING.md, section 7).

What a variable holds is known only when a request comes, and clients put whole inputs into variables: a
new input field must not cost those who do not use it the regions that do not know it yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import TypeNode, parse_type
from graphql.utilities import value_from_ast_untyped

from gateway.federation.composition.supergraph import InputValue, Type
from gateway.federation.sharding.facts import ShardedSubgraph, item_of
from gateway.federation.sharding.skew import DEMANDED, Held, Lacks

NOTHING_HELD: Final = Held()


@dataclass(frozen=True, slots=True)
class Fitted:
    """Variables for shards of one contract.

    `values` are without the input fields that those shards lack and that say nothing: their value is the
    supergraph's default.
    """

    values: Mapping[str, Any]
    held: Held = NOTHING_HELD


def fit(facts: ShardedSubgraph, lacks: Lacks, types: Mapping[str, str], values: Mapping[str, Any]) -> Fitted:
    """Fit `values`, coerced, of variables of these printed `types`, to shards that lack `lacks`."""
    fitted: dict[str, Any] = {}
    unfit: list[tuple[str, str]] = []
    for name, value in values.items():
        if name not in types:
            continue
        fitting = _Fitting(facts, lacks)
        fitted[name] = fitting.value(value, parse_type(types[name], no_location=True))
        unfit += [(name, coordinate) for coordinate in fitting.missing[:1]]
    absent = frozenset(name for name in types if name not in values)
    null = frozenset(name for name, value in fitted.items() if value is None)
    return Fitted(fitted, Held(absent, null, tuple(unfit)))


@dataclass(slots=True)
class _Fitting:
    facts: ShardedSubgraph
    lacks: Lacks
    missing: list[str] = field(default_factory=list)

    def value(self, value: Any, node: TypeNode) -> Any:
        type_ = self.facts.type_named(node)
        if type_ is None or not (type_.inputs or type_.values):
            return value
        if isinstance(value, list):
            return [self.value(item, item_of(node)) for item in value]
        if isinstance(value, Mapping):
            return self._object(value, type_)
        if f"{type_.name}.{value}" in self.lacks:
            self.missing.append(f"{type_.name}.{value}")
        return value

    def _object(self, given: Mapping[str, Any], type_: Type) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, value in given.items():
            known = type_.inputs[name]
            coordinate = f"{type_.name}.{name}"
            if coordinate not in self.lacks:
                kept[name] = self.value(value, known.type)
            elif value != _default(known):
                self.missing.append(coordinate)
        self.missing += [one for one in self._demanded(type_) if kept.get(_name(one)) is None]
        return kept

    def _demanded(self, type_: Type) -> Iterator[str]:
        of_type = f"{type_.name}."
        return (one for one in sorted(self.lacks) if one.startswith(of_type) and one.endswith(DEMANDED))


def _name(demanded: str) -> str:
    return demanded.removesuffix(DEMANDED).partition(".")[2]


def _default(known: InputValue) -> Any:
    return None if known.default is None else value_from_ast_untyped(known.default)
