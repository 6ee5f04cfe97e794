"""Reads the sharding directives that the supergraph carries, and refuses their misuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.federation.composition.errors import CompositionFailedError
from gateway.federation.composition.supergraph import AppliedDirective, Supergraph
from gateway.federation.sharding.check_facts import check_facts
from gateway.federation.sharding.facts import Aggregation, Coordinate, Member, Scatter, ShardedSubgraph

DIRECTIVES = ("route", "shardKey", "spanning", "scatter", "aggregate", "member")


def read_facts(supergraph: Supergraph) -> dict[str, ShardedSubgraph]:
    """The sharded subgraphs by name; empty when none is sharded.

    Raises `CompositionFailedError` with every misuse (docs/SHARDING.md, section 2).
    """
    sharded = unchecked_facts(supergraph)
    errors = [error for subgraph in sharded.values() for error in check_facts(subgraph)]
    if errors:
        raise CompositionFailedError(errors)
    return sharded


def unchecked_facts(supergraph: Supergraph) -> dict[str, ShardedSubgraph]:
    """As `read_facts`, whatever the misuse: for what is said of a contract, and never asked by it."""
    names = {name for _, _, use in _uses(supergraph) if use.name in DIRECTIVES for name in use.subgraphs}
    return {name: _read(supergraph, name) for name in supergraph.subgraphs if name in names}


def _uses(supergraph: Supergraph) -> Iterator[tuple[str, str, AppliedDirective]]:
    """Each application with its type and field, the field "" for one on a type."""
    for type_ in supergraph.types.values():
        for use in type_.directives:
            yield type_.name, "", use
        for field in type_.fields.values():
            for use in field.directives:
                yield type_.name, field.name, use


def _read(supergraph: Supergraph, subgraph: str) -> ShardedSubgraph:
    found: dict[str, dict[Coordinate, Mapping[str, Any]]] = {name: {} for name in DIRECTIVES}
    for type_name, field_name, use in _uses(supergraph):
        if use.name in found and subgraph in use.subgraphs:
            found[use.name][type_name, field_name] = use.args
    return ShardedSubgraph(
        subgraph,
        supergraph,
        routes={place: tuple(str(args["argument"]).split(".")) for place, args in found["route"].items()},
        scatters={
            place: Scatter(args["gather"], tuple(args.get("orderBy") or ()))
            for place, args in found["scatter"].items()
        },
        aggregations={
            place: Aggregation(args["op"], args.get("weight")) for place, args in found["aggregate"].items()
        },
        shard_keys={type_name: str(args["field"]) for (type_name, _), args in found["shardKey"].items()},
        spanning=frozenset(type_name for type_name, _ in found["spanning"]),
        members={
            place: Member(str(args["of"]), tuple(str(args["argument"]).split(".")))
            for place, args in found["member"].items()
        },
    )
