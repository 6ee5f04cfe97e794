"""What clients of the simulated gateway ask, and what one node would say that holds all rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from gateway.federation.sharding.shards import Standing
from tests.engine.sharding.parcels import Node, Parcel

SHARDS: Final = ("east", "north", "south", "west")
ROWS: Final = tuple(
    Parcel(f"{shard}-{n}", n % 3, "label", "1.5", "ann") for shard in SHARDS for n in range(3)
)
CHANGED: Final = "west-3"
"""The row that mutations change; no query reads its label."""
NODE_ROWS: Final = (*ROWS, Parcel(CHANGED, 1, "label", "2.5", "bob"))
LACKING: Final = frozenset({"Parcel.label"})

EVERYWHERE: Final = tuple[str, ...]()
QUERIES: Final[Mapping[str, tuple[str, ...]]] = {
    "{ depots { id name } }": EVERYWHERE,
    "{ statistics { parcels weight smallest greatest } depots { id } }": EVERYWHERE,
    '{ customer(id: "ann") { totalWeight history(first: 4) { edges { node { id } } } } }': EVERYWHERE,
    '{ customer(id: "ann") { parcelCount parcels { id label } } tariff(code: "none") { price } }': EVERYWHERE,
    "{ parcels(first: 5) { totalCount edges { cursor node { id } } pageInfo { hasNextPage } } }": EVERYWHERE,
    "{ parcels(last: 3) { edges { node { id } } pageInfo { hasPreviousPage startCursor } } }": EVERYWHERE,
    '{ parcel(id: "north-1") { id label } }': ("north",),
    '{ parcelsById(ids: ["south-0", "east-2"]) { id label size } }': ("east", "south"),
}
"""Each with the shards that it names; none means all that there are."""
MUTATION: Final = 'mutation ($label: String) { relabel(id: "west-3", label: $label) { id label } }'
FORWARDS: Final = (
    "query ($size: Int, $from: String) { parcels(first: $size, after: $from)"
    " { edges { node { id } } pageInfo { hasNextPage endCursor } } }"
)
BACKWARDS: Final = (
    "query ($size: Int, $from: String) { parcels(last: $size, before: $from)"
    " { edges { node { id } } pageInfo { hasPreviousPage startCursor } } }"
)
READS_LABELS: Final = frozenset(text for text in (*QUERIES, MUTATION) if " label " in text)


def named(text: str) -> tuple[str, ...]:
    return ("west",) if text == MUTATION else QUERIES.get(text, EVERYWHERE)


def asked_of(text: str, standings: Mapping[str, Standing]) -> dict[str, str | None]:
    """The shards that a question concerns, each with the code by which its standing keeps it out."""
    concerned = named(text) or tuple(standings)
    is_kept = {"SUSPENDED"} | ({"DRAINING"} if text == MUTATION else set())
    return {
        shard: f"SHARD_{standings[shard]}" if standings[shard] in is_kept else None
        for shard in concerned
        if shard in standings
    }


@cache
def oracle(text: str, covered: frozenset[str], older: frozenset[str]) -> Any:
    """What one node says that holds the rows of these shards; older ones know no label."""
    rows = [row for row in NODE_ROWS if _shard(row) in covered]
    known = [replace(row, label=None) if _shard(row) in older else row for row in rows]
    return Node(sorted(covered), known).answer(text, {})["data"]


def _shard(row: Parcel) -> str:
    return row.id.partition("-")[0]
