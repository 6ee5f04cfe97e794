"""A connection paged through K shards is the connection one node would give (docs/SHARDING.md, 5)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.federation.sharding.cursors import CursorError, read_cursor
from gateway.federation.transport import Reply, ShardRequest
from tests.engine.sharding.parcels import ORDERS, Node, Parcel, encode
from tests.engine.sharding.strategies import DEPOTS, FEW, parcels
from tests.engine.sharding.world import Context, Nodes, oracle, split

PAGE = """
query($order: ParcelOrder, $first: Int, $after: String, $last: Int, $before: String) {
  parcels(order: $order, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    edges { cursor node { id size label } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def walk(nodes: Nodes, order: str, size: int, backward: bool = False) -> list[dict[str, Any]]:
    """Every page, from one end to the other."""
    pages: list[dict[str, Any]] = []
    count, cursor, start, more = (
        ("last", "before", "startCursor", "hasPreviousPage")
        if backward
        else ("first", "after", "endCursor", "hasNextPage")
    )
    variables: dict[str, Any] = {"order": order, count: size}
    while not pages or pages[-1]["pageInfo"][more]:
        reply = await nodes.ask(PAGE, variables)
        assert reply.errors == ()
        assert reply.data is not None
        pages.append(reply.data["parcels"])
        variables[cursor] = pages[-1]["pageInfo"][start]
        assert len(pages) < 99
    return pages


@FEW
@given(parcels(), st.sampled_from(sorted(ORDERS)), st.integers(1, 9), st.booleans())
async def test_paging_through_shards_equals_one_node(
    rows: list[Parcel], order: str, size: int, backward: bool
) -> None:
    one = Nodes({"all": oracle(rows, DEPOTS)})
    assert await walk(split(rows, DEPOTS), order, size, backward) == await walk(one, order, size, backward)


@FEW
@given(parcels(), st.sampled_from(sorted(ORDERS)), st.integers(0, 9), st.booleans(), st.data())
async def test_any_page_from_any_cursor_equals_one_node(
    rows: list[Parcel], order: str, size: int, backward: bool, data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from(rows)) if rows else None
    cursor = encode([(getattr(start, name), way) for name, way in ORDERS[order]]) if start else None
    pair = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
    variables = {"order": order, **pair}
    one = oracle(rows, DEPOTS).answer(PAGE, variables)
    reply = await split(rows, DEPOTS).ask(PAGE, variables)
    assert reply.errors == ()
    assert reply.data == one["data"]


@FEW
@given(parcels(), parcels(), st.integers(1, 5), st.integers(0, 2**32), st.booleans())
async def test_rows_that_stay_are_seen_once_while_others_come_and_go(
    rows: list[Parcel], arrivals: list[Parcel], size: int, seed: int, backward: bool
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    nodes = split(rows, DEPOTS)
    staying = {row.id for row in rows if chance.random() < 0.5}
    late = [Parcel(f"{row.id}x", row.size, row.label, row.weight, row.sender) for row in arrivals]
    seen: list[str] = []
    count, cursor, edge, more = (
        ("last", "before", "startCursor", "hasPreviousPage")
        if backward
        else ("first", "after", "endCursor", "hasNextPage")
    )
    variables: dict[str, Any] = {"order": "BY_SIZE_DOWN", count: size}
    for _ in range(99):
        reply = await nodes.ask(PAGE, variables)
        assert reply.data is not None
        page = reply.data["parcels"]
        seen += [each["node"]["id"] for each in page["edges"]]
        if not page["pageInfo"][more]:
            break
        variables[cursor] = page["pageInfo"][edge]
        for node in nodes.nodes.values():
            node.parcels[:] = [p for p in node.parcels if p.id in staying or chance.random() < 0.7]
            node.parcels += [late.pop()] if late and late[-1].id.startswith(f"{node.depots[0]}-") else []
    else:
        pytest.fail("the pages did not end")
    assert len(seen) == len(set(seen))
    assert staying <= set(seen)


@FEW
@given(parcels(), st.integers(1, 6))
async def test_nested_in_a_spanning_entity(rows: list[Parcel], size: int) -> None:
    text = """
    query($first: Int) { customer(id: "ann") {
      history(first: $first) { edges { cursor node { id } } totalCount pageInfo { hasNextPage } }
    } }
    """
    one = oracle(rows, DEPOTS).answer(text, {"first": size})
    assert (await split(rows, DEPOTS).ask(text, {"first": size})).data == one["data"]


@FEW
@given(parcels(), st.integers(1, 6))
async def test_aliases_and_what_the_client_did_not_ask(rows: list[Parcel], size: int) -> None:
    text = """
    query($first: Int) { all: parcels(first: $first) {
      _s0: edges { node { n: size } } again: edges { at: cursor }
      page: pageInfo { more: hasNextPage from: startCursor }
    } }
    """
    one = oracle(rows, DEPOTS).answer(text, {"first": size})
    assert (await split(rows, DEPOTS).ask(text, {"first": size})).data == one["data"]


async def test_page_info_without_edges_and_a_count_alone() -> None:
    rows = [Parcel(f"{depot}-{n}", n, None, None, "ann") for n in range(3) for depot in DEPOTS]
    for text in (
        "{ parcels(first: 5) { pageInfo { hasNextPage endCursor __typename } } }",
        "{ parcels(first: 5) { totalCount __typename } }",
    ):
        nodes = split(rows, DEPOTS)
        assert (await nodes.ask(text)).data == oracle(rows, DEPOTS).answer(text, {})["data"]
        assert nodes.asked == sorted(DEPOTS)
    assert "cursor" not in nodes.sent[0].query


async def test_a_default_page_size_of_the_contract_cuts_the_page() -> None:
    rows = [Parcel(f"{depot}-{n}", n, None, None, "ann") for n in range(3) for depot in DEPOTS]
    reply = await split(rows, DEPOTS).ask('{ customer(id: "ann") { history { edges { node { id } } } } }')
    assert reply.data is not None
    assert [e["node"]["id"] for e in reply.data["customer"]["history"]["edges"]] == ["east-0", "north-0"]


class Stingy(Node):
    """Gives at most two rows whatever is asked."""

    def page(self, parcels: Any, order: str, args: Any) -> dict[str, Any]:
        size = "last" if args.get("last") is not None and args.get("first") is None else "first"
        return super().page(parcels, order, {**args, size: min(args.get(size) or 2, 2)})


@FEW
@given(parcels(), st.integers(3, 9), st.booleans())
async def test_a_shard_that_gives_fewer_rows_than_asked_hides_none(
    rows: list[Parcel], size: int, backward: bool
) -> None:
    nodes = split(rows, DEPOTS)
    stingy = Nodes({**nodes.nodes, "east": Stingy(["east"], nodes.nodes["east"].parcels)})
    pages = await walk(stingy, "BY_SIZE", size, backward)
    seen = [edge["node"]["id"] for page in (reversed(pages) if backward else pages) for edge in page["edges"]]
    assert seen == [row.id for row in sorted(rows, key=lambda row: (row.size, row.id))]


def _page(*edges: dict[str, Any], more: bool = False) -> Reply:
    info = {"hasNextPage": more, "hasPreviousPage": False}
    return Reply({"parcels": {"edges": list(edges), "_s1": info, "_s0": info}})


def _edge(cursor: str) -> dict[str, Any]:
    return {"_s0": cursor, "node": {"id": "north-9"}}


UNSORTED = (_edge(encode([(5, "A"), ("north-9", "A")])), _edge(encode([(0, "A"), ("north-8", "A")])))


@pytest.mark.parametrize(
    "lie",
    [
        Reply({"parcels": []}),
        Reply({"parcels": {"edges": None, "_s1": {"hasNextPage": False, "hasPreviousPage": False}}}),
        Reply({"parcels": {"edges": []}}),
        _page({"node": {"id": "north-9"}}),
        _page(_edge("not a cursor")),
        _page(_edge(encode([([1], "A")]))),
        _page(_edge(encode([(1, "D"), ("north-9", "A")]))),
        _page(*UNSORTED),
        _page(more=True),
    ],
    ids=[
        "list",
        "no-edges",
        "no-info",
        "no-cursor",
        "bad-cursor",
        "list-key",
        "other-order",
        "unsorted",
        "stuck",
    ],
)
async def test_a_page_that_cannot_be_merged_is_left_out_and_told(lie: Reply) -> None:
    rows = [Parcel("east-1", 1, None, None, "ann"), Parcel("south-1", 9, None, None, "ann")]
    nodes = split(rows, ("east", "north", "south"))
    nodes.faults["north"] = lie
    reply = await nodes.ask("{ parcels(first: 9) { edges { node { id } } } }", context=Context())
    assert reply.data == {"parcels": {"edges": [{"node": {"id": "east-1"}}, {"node": {"id": "south-1"}}]}}
    assert [(e["extensions"], e["path"]) for e in reply.errors] == [
        ({"code": "SHARD_INVALID_REPLY", "shard": "north"}, ["parcels"])
    ]
    assert [(each.shard, each.reason) for each in reply.missing] == [("north", "SHARD_INVALID_REPLY")]


async def test_a_row_that_two_shards_hold_is_one_and_no_reason_for_another_page() -> None:
    row = Parcel("east-1", 1, None, None, "ann")
    nodes = Nodes({name: Node([name], [row]) for name in ("east", "north")})
    reply = await nodes.ask("{ parcels(first: 1) { edges { node { id } } pageInfo { hasNextPage } } }")
    assert reply.data == {
        "parcels": {"edges": [{"node": {"id": "east-1"}}], "pageInfo": {"hasNextPage": False}}
    }


async def test_the_specifications_example_of_a_frontier() -> None:
    def page(*keys: int, more: bool = False) -> Reply:
        edges = [{"_s0": encode([(key, "A")]), "node": {"id": f"{key}"}} for key in keys]
        return Reply({"parcels": {"edges": edges, "_s1": {"hasNextPage": more, "hasPreviousPage": False}}})

    nodes = split([], ("north", "south", "west"))
    nodes.faults = {"north": page(1, 4, 8, more=True), "south": page(2, more=True), "west": page(1, 7)}
    reply = await nodes.ask("{ parcels(first: 3) { edges { node { id } } pageInfo { hasNextPage } } }")
    edges = [{"node": {"id": "1"}}, {"node": {"id": "2"}}]
    assert reply.data == {"parcels": {"edges": edges, "pageInfo": {"hasNextPage": True}}}
    assert reply.errors == ()


class Miscounting(Nodes):
    """North gives a count that is no number."""

    async def send(self, request: ShardRequest) -> Reply:
        reply = await super().send(request)
        if request.shard == "north" and reply.data is not None:
            reply.data["customer"]["parcelCount"] = "many"
        return reply


@pytest.mark.parametrize("order", ["parcelCount %s", "%s parcelCount"])
async def test_a_value_that_is_unfit_costs_itself_and_not_the_page_beside_it(order: str) -> None:
    rows = [Parcel("east-1", 1, None, None, "ann"), Parcel("north-1", 2, None, None, "ann")]
    page = "history(first: 9) { edges { node { id } } }"
    reply = await Miscounting(split(rows, ("east", "north")).nodes).ask(
        f'{{ customer(id: "ann") {{ {order % page} }} }}'
    )
    edges = [{"node": {"id": "east-1"}}, {"node": {"id": "north-1"}}]
    assert reply.data == {"customer": {"parcelCount": 1, "history": {"edges": edges}}}
    assert [(each.shard, each.path) for each in reply.missing] == [("north", ("customer", "parcelCount"))]


@pytest.mark.parametrize("text", ["", "e30", "eyJrIjpbXX0", "eyJrIjpbWzEsIlgiXV19", "x" * 5000, None, 5])
def test_what_is_no_cursor(text: Any) -> None:
    with pytest.raises(CursorError):
        read_cursor(text, False)
