"""What a change of a sharded contract does while shards are brought to it one by one (docs/SHARDING.md, 7).

A gateway on the new contract meets shards on the old one, and while nodes are updated before it, a gateway
on the old contract meets shards on the new one. Both are told: what is left out there, and what is not as
the gateway expects it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.federation.composition.change import Change
from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.errors import CompositionFailedError
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.sharding.facts import ShardedSubgraph
from gateway.federation.sharding.read_facts import unchecked_facts
from gateway.federation.sharding.skew import DEMANDED, UNSUPPORTED, lacks

Shards = Literal["older", "newer"]

INVALID_REPLY: Final = "SHARD_INVALID_REPLY"
INVALID_VALUE: Final = "INVALID_SUBGRAPH_VALUE"
REJECTED: Final = "SHARD_REJECTED"
NULL: Final = "NULL_IN_NON_NULL"

_ANSWERS: Final[dict[str, dict[Shards, tuple[str, str]]]] = {
    "FIELD_CHANGED_KIND": {
        "older": (INVALID_REPLY, "they answer with the old type"),
        "newer": (INVALID_REPLY, "they answer with the new type"),
    },
    "TYPE_CHANGED_KIND": {
        "older": (INVALID_REPLY, "they have the old kind of type"),
        "newer": (INVALID_REPLY, "they have the new kind of type"),
    },
    "FIELD_CHANGED_KIND_SAFE": {"older": (NULL, "they may answer null, which makes its parent null")},
    "ARG_CHANGED_KIND": {
        "older": (REJECTED, "they refuse requests that give it as its new type"),
        "newer": (REJECTED, "they refuse requests that give it as its old type"),
    },
    "VALUE_REMOVED_FROM_ENUM": {"older": (INVALID_VALUE, "they may still answer it, and it becomes null")},
    "VALUE_ADDED_TO_ENUM": {"newer": (INVALID_VALUE, "they may answer it, and it becomes null")},
    "TYPE_REMOVED_FROM_UNION": {"older": (INVALID_VALUE, "they may still answer it, and it becomes null")},
    "TYPE_ADDED_TO_UNION": {"newer": (INVALID_VALUE, "they may answer it, and it becomes null")},
}
"""What comes of answers that are not as expected, by the change's code."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What `shards` of the other version do to `coordinate`, with the code of the error that says so."""

    shards: Shards
    code: str
    coordinate: str
    message: str

    def __str__(self) -> str:
        return f"{self.code} {self.coordinate}: {self.message}"


def effects(old_sdl: str, new_sdl: str, changes: Sequence[Change]) -> list[Effect]:
    """The effects of the `changes` between two versions of one subgraph; none unless both are sharded."""
    old, new = _facts(old_sdl), _facts(new_sdl)
    if old is None or new is None:
        return []
    found = [*_left_out("older", new, old_sdl), *_left_out("newer", old, new_sdl)]
    told = {(one.shards, one.coordinate) for one in found}
    found += [one for one in _answered(changes) if (one.shards, one.coordinate) not in told]
    return sorted(found, key=lambda one: (one.shards == "newer", one.code, one.coordinate))


def _facts(sdl: str) -> ShardedSubgraph | None:
    """The subgraph by itself; None where it is not sharded, or rests on others."""
    name = "shards"
    try:
        supergraph = read_supergraph(compose([Subgraph(name, "", sdl)]).sdl())
    except CompositionFailedError:
        return None
    return unchecked_facts(supergraph).get(name)


def _left_out(shards: Shards, facts: ShardedSubgraph, sdl: str) -> Iterator[Effect]:
    """What a gateway on `facts` leaves out of requests to shards on `sdl`."""
    for one in lacks(facts, sdl):
        yield Effect(shards, UNSUPPORTED, one.removesuffix(DEMANDED), _told(facts, one))


def _told(facts: ShardedSubgraph, coordinate: str) -> str:
    type_name, _, rest = coordinate.partition(".")
    type_ = facts.supergraph.types.get(type_name)
    if coordinate.endswith(DEMANDED):
        return "they demand it, so a field without it is not asked of them"
    if not rest:
        return "they have no such type; where it is selected nothing is asked of them"
    if "(" in rest:
        return "a field that is given it is not asked of them"
    if type_name in facts.supergraph.roots.values():
        return "not asked of them"
    if type_ is not None and (type_.inputs or type_.values):
        return "a field whose arguments use it is not asked of them"
    return "null there"


def _answered(changes: Sequence[Change]) -> Iterator[Effect]:
    for change in changes:
        for shards, (code, message) in _ANSWERS.get(change.code, {}).items():
            yield Effect(shards, code, change.coordinate, message)
