"""The events of a sharded subgraph come from the one shard that the field's argument names."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

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
EVENTS = """
type Subscription {
  arrived(id: ID!): Parcel @route(argument: "id")
  arrivedAt(depot: ID): Parcel @route(argument: "depot")
}
"""
SUPERGRAPH = read_supergraph(compose([Subgraph("parcels", "", SDL + EVENTS)]).sdl())


class Arrivals:
    """An event source of one shard: each parcel that arrives, as its shard would send it."""

    def __init__(self, *sent: Reply | TransportFailure) -> None:
        self._sent = sent
        self.asked: list[ShardRequest] = []

    async def events(self, request: ShardRequest) -> AsyncGenerator[Reply, None]:
        self.asked.append(request)
        for one in self._sent:
            if isinstance(one, TransportFailure):
                raise one
            yield one


async def subscribed(
    arrivals: Arrivals, nodes: Nodes, text: str, **variables: Any
) -> Response | AsyncGenerator[Response, None]:
    dispatcher = Dispatcher(nodes, read_facts(SUPERGRAPH), nodes)
    engine = Engine(SUPERGRAPH, dispatcher, events=arrivals)
    answer = await engine.subscribe(Request(text, variables), RequestContext())
    assert isinstance(answer, Response | AsyncGenerator)
    return answer


async def responses(arrivals: Arrivals, nodes: Nodes, text: str, **variables: Any) -> list[Response]:
    stream = await subscribed(arrivals, nodes, text, **variables)
    assert not isinstance(stream, Response), stream.errors
    return [response async for response in stream]


@pytest.fixture
def nodes() -> Nodes:
    return split(ROWS, DEPOTS)


async def test_one_shard_is_asked_and_each_event_counted(nodes: Nodes) -> None:
    arrivals = Arrivals(Reply({"arrived": {"size": 1}}), Reply({"arrived": {"size": 2}}))
    text = "subscription($id: ID!) { arrived(id: $id) { size } }"
    first, second = await responses(arrivals, nodes, text, id="north-1")
    assert first.formatted() == {
        "data": {"arrived": {"size": 1}},
        "extensions": {"coverage": {"asked": 1, "answered": 1, "missing": []}},
    }
    assert second.data == {"arrived": {"size": 2}}
    (asked,) = arrivals.asked
    assert (asked.shard, asked.kind, asked.variables) == ("north", "subscription", {"id": "north-1"})
    assert asked.query.startswith("subscription")
    assert nodes.asked == []


async def test_what_one_shard_cannot_say_is_asked_of_all_for_each_event(nodes: Nodes) -> None:
    sender = {"_s0": "ann"}  # the key that the dispatcher added to the request
    arrivals = Arrivals(Reply({"arrived": {"size": 1, "sender": sender}}))
    text = 'subscription { arrived(id: "north-1") { size sender { parcels { id } } } }'
    (response,) = await responses(arrivals, nodes, text)
    assert response.data == {"arrived": {"size": 1, "sender": {"parcels": [{"id": row.id} for row in ROWS]}}}
    assert sorted(nodes.asked) == list(DEPOTS)


async def test_an_event_that_is_none_is_told_of_and_does_not_end_the_stream(nodes: Nodes) -> None:
    arrivals = Arrivals(Reply({"arrived": 7}), Reply({"arrived": {"size": 2}}))
    wrong, right = await responses(arrivals, nodes, 'subscription { arrived(id: "north-1") { size } }')
    assert wrong.data == {"arrived": None}
    (error,) = wrong.errors
    assert (error["path"], error["extensions"]["code"]) == (["arrived"], "SHARD_INVALID_REPLY")
    assert error["extensions"]["shard"] == "north"
    assert right.data == {"arrived": {"size": 2}}


async def test_a_draining_shard_still_sends_events(nodes: Nodes) -> None:
    nodes.standings["north"] = "DRAINING"
    arrivals = Arrivals(Reply({"arrived": {"size": 1}}))
    (response,) = await responses(arrivals, nodes, 'subscription { arrived(id: "north-1") { size } }')
    assert response.data == {"arrived": {"size": 1}}


async def test_a_stream_that_breaks_names_its_shard(nodes: Nodes) -> None:
    arrivals = Arrivals(TransportFailure("SHARD_UNREACHABLE", "The line is dead."))
    (response,) = await responses(arrivals, nodes, 'subscription { arrived(id: "north-1") { size } }')
    assert response.errors[0]["extensions"] == {
        "code": "SHARD_UNREACHABLE",
        "service": "parcels",
        "shard": "north",
    }


async def test_events_cannot_be_wanted_whole(nodes: Nodes) -> None:
    arrivals = Arrivals()
    text = 'subscription { arrived(id: "north-1") @complete { size } }'
    response = await subscribed(arrivals, nodes, text)
    assert isinstance(response, Response)
    assert (response.refused, arrivals.asked) == (True, [])


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ('arrived(id: "west-1")', "UNKNOWN_SHARD"),
        ("arrivedAt", "ROUTE_ARGUMENT_MISSING"),
        ('arrived(id: "south-1")', "SHARD_SUSPENDED"),
    ],
)
async def test_where_no_one_shard_is_named_nobody_is_asked(nodes: Nodes, field: str, code: str) -> None:
    nodes.standings["south"] = "SUSPENDED"
    arrivals = Arrivals()
    response = await subscribed(arrivals, nodes, f"subscription {{ {field} {{ size }} }}")
    assert isinstance(response, Response)
    assert response.refused
    assert [error["extensions"]["code"] for error in response.errors] == [code]
    assert arrivals.asked == []
