"""Shards that certainly hold nothing of what is asked are not asked (docs/SHARDING.md, 10)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.sharding.parcels import Node, Parcel
from tests.engine.sharding.test_entities import customer
from tests.engine.sharding.test_routing import codes
from tests.engine.sharding.world import Context, Nodes, split

DEPOTS = ("east", "north", "south", "west")


def known(*rows: Parcel) -> Nodes:
    """Depots that have all said who is in them."""
    nodes = split(rows, DEPOTS)
    nodes.told = {name: set() for name in DEPOTS}
    return nodes


def row(depot: str, sender: str) -> Parcel:
    return Parcel(f"{depot}-{sender}", 1, None, "1.5", sender)


@pytest.mark.parametrize(
    ("text", "variables", "asked"),
    [
        ('{ customer(id: "ann") { parcelCount } }', {}, ["east", "west"]),
        ("query($id: ID!) { customer(id: $id) { parcelCount } }", {"id": "bo"}, ["north"]),
        ('{ sentBy(input: {customers: ["bo", "ann"]}) { id } }', {}, ["east", "north", "west"]),
        ('{ sentBy(input: {customers: ["bo", "nobody"]}) { id } }', {}, ["north"]),
        ("{ sentBy(input: {customers: null}) { id } }", {}, list(DEPOTS)),
        ("{ sentBy(input: {customers: []}) { id } }", {}, list(DEPOTS)),
        ("{ sentBy(input: {}) { id } }", {}, list(DEPOTS)),
        ("{ depots { id } }", {}, list(DEPOTS)),
    ],
)
async def test_a_root_field_is_sent_to_those_who_hold_what_it_is_about(
    text: str, variables: dict[str, Any], asked: list[str]
) -> None:
    nodes = known(row("east", "ann"), row("west", "ann"), row("north", "bo"))
    reply = await nodes.ask(text, variables)
    assert (nodes.asked, reply.errors) == (asked, ())


async def test_each_spanning_entity_is_sent_to_its_own_holders() -> None:
    nodes = known(row("east", "ann"), row("west", "ann"), row("north", "bo"))
    keys = ["ann", "bo", "ann"]
    reply = await nodes.entities("... on Customer { id parcelCount }", [customer(key) for key in keys])
    counts = {"ann": 2, "bo": 1}
    assert reply.data == {"_entities": [{"id": key, "parcelCount": counts[key]} for key in keys]}
    sent = {request.shard: [r["id"] for r in request.variables["representations"]] for request in nodes.sent}
    assert sent == {"east": ["ann", "ann"], "north": ["bo"], "west": ["ann", "ann"]}


async def test_who_has_not_said_is_asked() -> None:
    nodes = known(row("east", "ann"))
    del nodes.told["south"]
    await nodes.ask('{ customer(id: "ann") { id } }')
    assert nodes.asked == ["east", "south"]


async def test_one_taken_wrongly_for_a_holder_changes_the_cost_and_not_the_answer() -> None:
    nodes = known(row("east", "ann"))
    nodes.told["west"] = {"ann"}
    reply = await nodes.ask('{ customer(id: "ann") { totalWeight } }')
    assert (reply.data, nodes.asked) == ({"customer": {"totalWeight": "1.5"}}, ["east", "west"])


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ('{ customer(id: "nobody") { id } }', {"customer": None}),
        ('{ sentBy(input: {customers: ["nobody"]}) { id } }', {"sentBy": []}),
    ],
)
async def test_what_nobody_holds_is_asked_of_one_who_says_what_nothing_is(text: str, nothing: Any) -> None:
    nodes = known()
    nodes.standings["east"] = "SUSPENDED"
    reply = await nodes.ask(text)
    assert (reply.data, reply.errors, nodes.asked) == (nothing, (), ["north"])


async def test_a_skipped_shard_is_neither_asked_nor_missing() -> None:
    nodes = known(row("east", "ann"), row("west", "ann"))
    context = Context()
    await nodes.ask('{ customer(id: "ann") { id } }', context=context)
    assert context.coverage.extension() == {"asked": 2, "answered": 2, "missing": []}


async def test_a_suspended_holder_is_missing_and_another_suspended_shard_is_not() -> None:
    nodes = known(row("east", "ann"), row("west", "ann"))
    nodes.standings |= {"west": "SUSPENDED", "north": "SUSPENDED"}
    reply = await nodes.ask('{ customer(id: "ann") { id } }')
    assert (reply.data, nodes.asked) == ({"customer": {"id": "ann"}}, ["east"])
    assert codes(reply.errors) == [("SHARD_SUSPENDED", "west", ("customer",))]


async def test_one_holder_alone_is_asked_what_the_client_asked() -> None:
    nodes = known(row("east", "ann"))
    await nodes.ask('{ customer(id: "ann") { history(first: 1) { totalCount } } }')
    assert nodes.sent[0].query == 'query { customer(id: "ann") { history(first: 1) { totalCount } } }'


async def test_the_path_of_a_row_to_its_customer_leads_only_to_holders() -> None:
    nodes = known(row("east", "ann"), row("west", "ann"), row("north", "bo"))
    reply = await nodes.ask('{ parcel(id: "east-ann") { sender { parcelCount } } }')
    assert reply.data == {"parcel": {"sender": {"parcelCount": 2}}}
    assert nodes.asked == ["east", "east", "west"]


async def test_a_customer_of_three_of_a_thousand_depots_costs_three_requests() -> None:
    names = [f"d{number:03}" for number in range(1_000)]
    homes = {"d007", "d500", "d999"}
    nodes = Nodes({name: Node([name], [row(name, "ann")] if name in homes else []) for name in names})
    nodes.told = {name: set() for name in names}
    context = Context()
    reply = await nodes.ask('{ customer(id: "ann") { parcelCount } }', context=context)
    assert (reply.data, nodes.asked) == ({"customer": {"parcelCount": 3}}, sorted(homes))
    assert context.coverage.extension() == {"asked": 3, "answered": 3, "missing": []}
