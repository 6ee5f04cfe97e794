"""One shard fails and costs its own rows only; what is missing is told (docs/SHARDING.md, 6)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.federation.sharding.coverage import Missing
from gateway.federation.sharding.dispatch import Dispatcher, DispatchLimits
from gateway.federation.transport import FailureCode, Reply, ShardRequest, TransportFailure
from tests.engine.sharding.parcels import Parcel
from tests.engine.sharding.test_routing import codes
from tests.engine.sharding.world import Context, Nodes, facts, fetch_of, split

DEPOTS = ("east", "north", "south")
ROWS = [Parcel(f"{depot}-{n}", n, f"{depot}{n}", f"{n}.5", "ann") for depot in DEPOTS for n in range(2)]
EVERYTHING = """
{
  depots { id }
  customer(id: "ann") { totalWeight parcels { id } history(first: 9) { totalCount edges { node { id } } } }
  statistics { parcels }
  parcel(id: "north-1") { id }
  other: parcel(id: "south-1") { id }
}
"""
FAILURES: list[FailureCode] = [
    "SHARD_TIMEOUT",
    "SHARD_UNREACHABLE",
    "SHARD_REJECTED",
    "SHARD_INVALID_REPLY",
    "SHARD_BREAKER_OPEN",
]


@pytest.mark.parametrize("code", FAILURES)
async def test_one_shard_down_leaves_the_others_rows_and_tells_each_field(
    code: FailureCode,
) -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults["north"] = TransportFailure(code, "It did not work.")
    context = Context()
    reply = await nodes.ask(EVERYTHING, context=context)
    assert reply.data == {
        "depots": [{"id": "east"}, {"id": "south"}],
        "customer": {
            "totalWeight": "4.0",
            "parcels": [{"id": name} for name in ("east-0", "east-1", "south-0", "south-1")],
            "history": {
                "totalCount": 4,
                "edges": [{"node": {"id": i}} for i in ("east-0", "south-0", "east-1", "south-1")],
            },
        },
        "statistics": {"parcels": 4},
        "parcel": None,
        "other": {"id": "south-1"},
    }
    poorer = ("depots", "customer", "statistics", "parcel")
    assert codes(reply.errors) == [(code, "north", (field,)) for field in poorer]
    assert reply.missing == tuple(Missing("north", code, (field,)) for field in poorer)
    assert nodes.asked == ["east", "north", "south"]


async def test_every_shard_down_is_null_and_an_error_for_each() -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults = {depot: TransportFailure("SHARD_UNREACHABLE", "It is down.") for depot in DEPOTS}
    reply = await nodes.ask("{ depots { id } statistics { parcels } }")
    assert reply.data == {"depots": None, "statistics": None}
    assert codes(reply.errors) == [
        ("SHARD_UNREACHABLE", depot, (field,)) for depot in DEPOTS for field in ("depots", "statistics")
    ]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(None),
        Reply({}),
        Reply({"depots": None}),
        Reply({"depots": [], "parcel": None, "_entities": []}),
        Reply({"depots": "no list", "customer": {}, "statistics": {}}),
        Reply([]),  # type: ignore[arg-type]  # a lie about the shape is what is tested
    ],
)
async def test_a_reply_of_another_shape_is_a_missing_shard(reply: Reply) -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults["north"] = reply
    gathered = await nodes.ask("{ depots { id } statistics { parcels } }")
    assert gathered.data == {
        "depots": [{"id": "east"}, {"id": "south"}],
        "statistics": {"parcels": 4},
    }
    assert {code for code, _, _ in codes(gathered.errors)} == {"SHARD_INVALID_REPLY"}
    assert {each.shard for each in gathered.missing} == {"north"}


async def test_a_routed_field_of_another_kind_is_a_missing_shard() -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults["north"] = Reply({"parcel": "text"})
    reply = await nodes.ask('{ parcel(id: "north-1") { id } }')
    assert reply.data == {"parcel": None}
    assert codes(reply.errors) == [("SHARD_INVALID_REPLY", "north", ("parcel",))]


async def test_an_answer_that_its_gather_cannot_read_costs_that_gather_alone() -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults["north"] = Reply(
        {"customer": {"address": ["Elm"], "name": "Ann"}, "depots": [{"id": "north"}]}
    )
    reply = await nodes.ask('{ customer(id: "ann") { address { city } name } depots { id } }')
    assert reply.data is not None
    assert reply.data["customer"] == {"address": {"city": "east"}, "name": "Ann"}
    assert reply.data["depots"] == [{"id": depot} for depot in DEPOTS]
    assert codes(reply.errors) == [("SHARD_INVALID_REPLY", "north", ("customer", "address"))]
    assert reply.missing == (Missing("north", "SHARD_INVALID_REPLY", ("customer", "address")),)


async def test_a_row_whose_customer_has_no_key_is_told_and_not_followed() -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults["north"] = Reply({"parcel": {"sender": {"_s0": None}}})
    reply = await nodes.ask('{ parcel(id: "north-1") { sender { parcelCount } } }')
    assert codes(reply.errors) == [("SHARD_INVALID_REPLY", None, ("parcel", "sender"))]
    assert nodes.asked == ["north"]


async def test_an_error_in_a_value_that_another_shard_gave_ends_at_the_field() -> None:
    nodes = split([], DEPOTS, tariffs={"standard": "2.50"})
    error = {"message": "The price is torn.", "path": ["tariff", "price"]}
    nodes.faults["south"] = Reply({"tariff": {"price": None}}, (error,))
    reply = await nodes.ask('{ tariff(code: "standard") { price } }')
    assert reply.data == {"tariff": {"price": "2.50"}}
    assert [(each["path"], each["extensions"]) for each in reply.errors] == [(["tariff"], {"shard": "south"})]


async def test_a_refusal_keeps_the_nodes_own_words() -> None:
    nodes = split(ROWS, DEPOTS)
    refusal = {"message": "Who are you?", "extensions": {"code": "UNAUTHENTICATED", "hint": "token"}}
    nodes.faults["north"] = Reply(None, (refusal, {"message": "And why?"}))
    reply = await nodes.ask("{ depots { id } }")
    assert reply.errors == (
        {
            "message": "Who are you?",
            "path": ["depots"],
            "extensions": {"code": "UNAUTHENTICATED", "hint": "token", "shard": "north"},
        },
        {
            "message": "And why?",
            "path": ["depots"],
            "extensions": {"code": "SHARD_REJECTED", "shard": "north"},
        },
    )
    assert reply.missing == (Missing("north", "SHARD_REJECTED", ("depots",)),)


async def test_a_refusal_is_told_at_each_field_that_is_poorer_for_it() -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults["north"] = Reply(None, ({"message": "Who are you?"},))
    reply = await nodes.ask(
        '{ depots { id } parcel(id: "north-1") { id } east: parcel(id: "east-1") { id } }'
    )
    assert codes(reply.errors) == [("SHARD_REJECTED", "north", (field,)) for field in ("depots", "parcel")]
    assert [each.path for each in reply.missing] == [("depots",), ("parcel",)]
    assert nodes.asked == ["east", "north", "south"]


def value_at(data: Any, path: Any) -> Any:
    for step in path:
        data = data[step]
    return data


@pytest.mark.parametrize(
    "text",
    [
        "{ largestFirst { id label } }",
        "{ largestFirst { size label } }",
        "{ parcels(first: 9) { edges { node { id label } } } }",
        "{ parcels(last: 9) { edges { node { id label } } } }",
        '{ customer(id: "ann") { parcels { id label } } }',
        '{ customer(id: "ann") { history(first: 9) { all: edges { row: node { id label } } } } }',
        '{ parcel(id: "south-1") { id label } }',
    ],
)
async def test_an_error_inside_an_answer_moves_to_where_its_row_now_is(text: str) -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.nodes["south"].broken = {"south-1"}
    reply = await nodes.ask(text)
    (error,) = reply.errors
    assert error["extensions"] == {"code": "TORN", "shard": "south"}
    assert error["message"] == "The label is torn."
    assert error["path"][-1] == "label"
    row = value_at(reply.data, error["path"][:-1])
    assert row["label"] is None
    assert row.get("id", "south-1") == "south-1"
    assert reply.missing == ()


async def test_an_error_of_a_row_cut_away_ends_at_its_list() -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.nodes["south"].broken = {"south-1"}
    reply = await nodes.ask("{ parcels(first: 2) { edges { node { label } } } }")
    assert [error["path"] for error in reply.errors] == [["parcels", "edges"]]


@pytest.mark.parametrize(
    "path", [None, [], ["elsewhere"], ["parcels", "edges", 99], ["parcels", 5, "x"], "parcels"]
)
async def test_a_path_that_lies_still_names_the_field(path: Any) -> None:
    nodes = split(ROWS, DEPOTS)
    info = {"hasNextPage": False, "hasPreviousPage": False}
    error = {"message": "Oh.", "path": path}
    nodes.faults["north"] = Reply({"parcels": {"edges": [], "_s1": info}}, (error,))
    reply = await nodes.ask("{ parcels(first: 2) { edges { node { id } } } }")
    assert [(error["path"][0], error["extensions"]) for error in reply.errors] == [
        ("parcels", {"shard": "north"})
    ]


async def test_coverage_counts_shards_once_and_places_what_is_missing() -> None:
    nodes = split(ROWS, DEPOTS)
    nodes.faults["north"] = TransportFailure("SHARD_TIMEOUT", "Late.")
    context = Context()
    for text in ("{ depots { id } }", '{ parcel(id: "north-1") { id } }', '{ parcel(id: "east-1") { id } }'):
        for missing in (await nodes.ask(text, context=context)).missing:
            context.coverage.miss(missing, ("at", *missing.path))
    assert context.coverage.extension() == {
        "asked": 3,
        "answered": 2,
        "missing": [
            {"shard": "north", "reason": "SHARD_TIMEOUT", "path": ["at", "depots"]},
            {"shard": "north", "reason": "SHARD_TIMEOUT", "path": ["at", "parcel"]},
        ],
    }


async def test_a_shard_that_does_not_exist_is_in_no_coverage() -> None:
    context = Context()
    reply = await split(ROWS, DEPOTS).ask('{ parcel(id: "mars-1") { id } }', context=context)
    assert codes(reply.errors) == [("UNKNOWN_SHARD", "mars", ("parcel",))]
    assert context.coverage.extension() is None


async def test_a_request_that_touched_no_shard_has_no_coverage() -> None:
    assert Context().coverage.extension() is None


class Stuck(Nodes):
    """A transport in which some shards never answer, and which counts what is open."""

    open = 0
    most = 0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.waiting = asyncio.Event()

    async def send(self, request: ShardRequest) -> Reply:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await asyncio.sleep(0)
            if request.shard in self.standings:
                self.waiting.set()
                await asyncio.Event().wait()
            return await super().send(request)
        finally:
            self.open -= 1


@pytest.mark.parametrize("text", ["{ depots { id } }", '{ depot(id: "north") { id } }'])
async def test_nobody_waits_beyond_the_deadline(text: str) -> None:
    nodes = Stuck(split(ROWS, DEPOTS).nodes, standings={"north": "ACTIVE"})
    deadline_s = asyncio.get_running_loop().time() + 0.02
    reply = await nodes.ask(text, context=Context(deadline_s=deadline_s))
    assert [code for code, _, _ in codes(reply.errors)] == ["SHARD_TIMEOUT"]
    assert reply.data in ({"depots": [{"id": "east"}, {"id": "south"}]}, {"depot": None})
    assert nodes.open == 0


async def test_a_cancelled_fetch_cancels_its_requests() -> None:
    nodes = Stuck(split(ROWS, DEPOTS).nodes, standings={"north": "ACTIVE"})
    context = Context()
    task = asyncio.ensure_future(nodes.ask("{ depots { id } }", context=context))
    await nodes.waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert nodes.open == 0
    assert context.coverage.extension() == {"asked": 3, "answered": 0, "missing": []}


async def test_the_fan_out_has_a_limit() -> None:
    names = tuple(f"d{number:03}" for number in range(100))
    nodes = Stuck(split([], names).nodes)
    dispatcher = Dispatcher(nodes, facts(), nodes, DispatchLimits(fan_out=7))
    reply = await dispatcher.fetch(fetch_of("{ depots { id } }"), {}, [], Context())
    assert reply.data == {"depots": [{"id": name} for name in names]}
    assert nodes.most == 7
    assert len(nodes.sent) == 100


async def test_a_fault_of_the_transport_itself_is_not_hidden() -> None:
    class Broken(Nodes):
        async def send(self, request: ShardRequest) -> Reply:
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        await Broken(split(ROWS, DEPOTS).nodes).ask("{ depots { id } }")
