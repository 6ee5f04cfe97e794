"""Whole requests through the engine: sharded and plain subgraphs, one response, true coverage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine, Request, RequestContext, Response
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.sharding.read_facts import read_facts
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from tests.engine.sharding.parcels import SDL, Parcel
from tests.engine.sharding.world import Nodes, split

DEPOTS = ("east", "north", "south")
ROWS = [Parcel(f"{depot}-{n}", n, f"{depot}{n}", "1.5", "ann") for depot in DEPOTS for n in range(2)]
BILLING = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
scalar Decimal
type Query { bills: [Bill!]! }
type Bill @key(fields: "number") { number: ID! parcels: [Parcel!]! payer: Customer! }
type Parcel @key(fields: "id", resolvable: false) { id: ID! }
type Customer @key(fields: "id") {
  id: ID!
  parcelCount: Int @external
  discount: Int! @requires(fields: "parcelCount")
}
"""
SUPERGRAPH = read_supergraph(compose([Subgraph("parcels", "", SDL), Subgraph("billing", "", BILLING)]).sdl())


class World(Nodes):
    """The parcels' nodes, and billing as an ordinary subgraph beside them."""

    async def send(self, request: ShardRequest) -> Reply:
        if request.subgraph == "parcels":
            return await super().send(request)
        self.sent.append(request)
        if "_entities" in request.query:
            found = [{"discount": (r["parcelCount"] or 0) * 10} for r in request.variables["representations"]]
            return Reply({"_entities": found})
        parcels = [{"__typename": "Parcel", "id": row.id} for row in ROWS[::-1]]
        payer = {"__typename": "Customer", "id": "ann"}
        return Reply({"bills": [{"number": "1", "parcels": parcels, "payer": payer}]})

    async def run(self, query: str, **variables: Any) -> Response:
        engine = Engine(SUPERGRAPH, Dispatcher(self, read_facts(SUPERGRAPH), self))
        return await engine.run(Request(query, variables), RequestContext())


def world() -> World:
    return World(split(ROWS, DEPOTS).nodes)


def error_codes(errors: tuple[Mapping[str, Any], ...]) -> list[tuple[Any, ...]]:
    return [(e["extensions"]["code"], e["extensions"]["shard"], e.get("path")) for e in errors]


async def test_entities_of_a_plain_subgraph_come_from_their_shards() -> None:
    nodes = world()
    response = await nodes.run(
        "{ bills { parcels { id label } payer { totalWeight discount parcels { id } } } }"
    )
    assert response.errors == ()
    assert response.data == {
        "bills": [
            {
                "parcels": [{"id": row.id, "label": row.label} for row in ROWS[::-1]],
                "payer": {
                    "totalWeight": "9.0",
                    "discount": 60,
                    "parcels": [{"id": row.id} for row in ROWS],
                },
            }
        ]
    }
    assert response.extensions["coverage"] == {"asked": 3, "answered": 3, "missing": []}
    assert nodes.asked.count("north") == 1, "the parcels and the payer travel in one request"


async def test_a_shard_that_is_down_is_told_at_the_clients_own_path() -> None:
    nodes = world()
    nodes.faults["north"] = TransportFailure("SHARD_TIMEOUT", "Late.")
    response = await nodes.run('{ who: customer(id: "ann") { all: parcels { key: id } totalWeight } }')
    assert response.data == {
        "who": {"all": [{"key": i} for i in ("east-0", "east-1", "south-0", "south-1")], "totalWeight": "6.0"}
    }
    assert error_codes(response.errors) == [("SHARD_TIMEOUT", "north", ["who"])]
    assert response.extensions["coverage"] == {
        "asked": 3,
        "answered": 2,
        "missing": [{"shard": "north", "reason": "SHARD_TIMEOUT", "path": ["who"]}],
    }


async def test_a_shard_that_never_answers_delays_the_others_to_the_deadline_and_no_further() -> None:
    class Silent(World):
        async def send(self, request: ShardRequest) -> Reply:
            if request.shard == "north":
                await asyncio.Event().wait()
            return await super().send(request)

    nodes = Silent(split(ROWS, DEPOTS).nodes)
    engine = Engine(SUPERGRAPH, Dispatcher(nodes, read_facts(SUPERGRAPH), nodes))
    context = RequestContext(deadline_s=asyncio.get_running_loop().time() + 0.2)
    response = await engine.run(Request("{ depots { id } statistics { parcels } }"), context)
    assert response.data == {"depots": [{"id": "east"}, {"id": "south"}], "statistics": {"parcels": 4}}
    assert error_codes(response.errors) == [
        ("SHARD_TIMEOUT", "north", ["depots"]),
        ("SHARD_TIMEOUT", "north", ["statistics"]),
    ]


async def test_every_shard_down_is_still_a_response() -> None:
    nodes = world()
    nodes.faults = {depot: TransportFailure("SHARD_UNREACHABLE", "Down.") for depot in DEPOTS}
    response = await nodes.run('{ customer(id: "ann") { name } tariff(code: "x") { price } }')
    assert response.data == {"customer": None, "tariff": None}
    assert error_codes(response.errors) == [
        ("SHARD_UNREACHABLE", depot, [field]) for depot in DEPOTS for field in ("customer", "tariff")
    ]
    assert response.extensions["coverage"]["answered"] == 0


async def test_a_page_of_the_clients_own_shape() -> None:
    response = await world().run(
        """
        query($n: Int!, $full: Boolean!) {
          parcels(first: $n) {
            rows: edges { it: node { ...Row } }
            pageInfo { hasNextPage }
          }
        }
        fragment Row on Parcel { id label @include(if: $full) sender { id lightest @skip(if: $full) } }
        """,
        n=2,
        full=False,
    )
    assert response.errors == ()
    assert response.data == {
        "parcels": {
            "rows": [
                {"it": {"id": "east-0", "sender": {"id": "ann", "lightest": "1.5"}}},
                {"it": {"id": "north-0", "sender": {"id": "ann", "lightest": "1.5"}}},
            ],
            "pageInfo": {"hasNextPage": True},
        }
    }


async def test_mutations_reach_their_shard_and_read_across_shards() -> None:
    nodes = world()
    response = await nodes.run(
        'mutation { relabel(id: "north-0", label: "new") { label sender { parcelCount } } }'
    )
    assert response.data == {"relabel": {"label": "new", "sender": {"parcelCount": 6}}}
    assert nodes.asked == ["north", *DEPOTS]


async def test_what_names_no_shard_is_the_clients_fault() -> None:
    nodes = world()
    response = await nodes.run('{ parcel(id: "mars-1") { id } }')
    assert response.data == {"parcel": None}
    assert error_codes(response.errors) == [("UNKNOWN_SHARD", "mars", ["parcel"])]
    assert nodes.asked == []
