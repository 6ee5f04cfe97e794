"""FIRST, CONCAT, MERGE, SUM and the aggregates against what one node would say (docs/SHARDING.md, 4)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.federation.sharding.gathers import Aggregate, Run
from gateway.federation.sharding.values import UnfitValueError, mean, number, order_key, total
from gateway.federation.transport import Reply
from tests.engine.sharding.parcels import Parcel
from tests.engine.sharding.strategies import DEPOTS, FEW, parcels
from tests.engine.sharding.world import Nodes, oracle, split

CUSTOMER = """
{ customer(id: "ann") {
    __typename id name kilos: totalWeight lightest longestLabel parcelCount meanSize
    labels { label uses } parcels { id }
} }
"""


def same_number(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return Decimal(str(left)) == Decimal(str(right))


def uses(labels: list[dict[str, Any]]) -> Counter[str]:
    return Counter({each["label"]: each["uses"] for each in labels})


@FEW
@given(parcels())
async def test_a_spanning_entity_merges_to_what_one_node_says(rows: list[Parcel]) -> None:
    names = {"ann": "Ann Lee"}
    reply = await split(rows, DEPOTS, names=names).ask(CUSTOMER)
    one = oracle(rows, DEPOTS, names=names).answer(CUSTOMER, {})["data"]["customer"]
    assert reply.errors == ()
    assert reply.data is not None
    merged = reply.data["customer"]
    assert merged.keys() == one.keys()
    for key in ("kilos", "lightest"):
        assert same_number(merged.pop(key), one.pop(key))
    if one["meanSize"] is not None:
        assert merged.pop("meanSize") == pytest.approx(one.pop("meanSize"))
    assert uses(merged.pop("labels")) == uses(one.pop("labels"))
    assert merged.pop("parcels") == sorted(one.pop("parcels"), key=lambda p: (p["id"][:-3],))
    assert merged == one


@FEW
@given(parcels())
async def test_statistics_sum_to_what_one_node_says(rows: list[Parcel]) -> None:
    text = "{ statistics { parcels weight smallest greatest asOf } }"
    reply = await split(rows, DEPOTS).ask(text)
    one = oracle(rows, DEPOTS).answer(text, {})["data"]["statistics"]
    assert reply.data is not None
    merged = reply.data["statistics"]
    assert same_number(merged.pop("weight"), one.pop("weight"))
    assert merged == one


@FEW
@given(parcels())
async def test_concat_sorts_by_the_order_it_is_given_and_strips_what_it_asked(rows: list[Parcel]) -> None:
    text = "{ largestFirst { label weight } }"
    reply = await split(rows, DEPOTS).ask(text)
    assert reply.data == oracle(rows, DEPOTS).answer(text, {})["data"]


async def test_concat_is_in_shard_order_and_null_lists_are_passed_over() -> None:
    rows = [Parcel("west-1", 1, None, None, "ann"), Parcel("east-1", 1, None, None, "ann")]
    reply = await split(rows, DEPOTS).ask('{ customer(id: "ann") { parcels { id } } }')
    assert reply.data == {"customer": {"parcels": [{"id": "east-1"}, {"id": "west-1"}]}}


async def test_first_is_the_first_shard_with_a_value() -> None:
    nodes = split([], DEPOTS)
    nodes.nodes["north"].tariffs = {"express": "9.00"}
    nodes.nodes["west"].tariffs = {"express": "8.00", "slow": "1.00"}
    text = "query($code: ID!) { tariff(code: $code) { price } }"
    assert (await nodes.ask(text, {"code": "express"})).data == {"tariff": {"price": "9.00"}}
    assert (await nodes.ask(text, {"code": "slow"})).data == {"tariff": {"price": "1.00"}}
    assert (await nodes.ask(text, {"code": "none"})).data == {"tariff": None}


async def test_null_items_stay_in_a_list_and_are_no_rows_of_a_merge() -> None:
    nodes = split([], ("east", "north"))
    label = {"_s0": "cold", "uses": 1}
    nodes.faults["east"] = Reply({"depots": [None, {"id": "east"}], "customer": {"labels": [None, label]}})
    reply = await nodes.ask('{ depots { id } customer(id: "ann") { labels { uses } } }')
    assert reply.data == {
        "depots": [None, {"id": "east"}, {"id": "north"}],
        "customer": {"labels": [{"uses": 1}]},
    }


async def test_null_items_sort_as_rows_whose_fields_are_null() -> None:
    nodes = split([Parcel("north-1", 1, "b", None, "ann")], ("east", "north"))
    nodes.faults["east"] = Reply({"largestFirst": [None, {"_s0": 2, "_s1": "east-1", "label": "a"}]})
    reply = await nodes.ask("{ largestFirst { label } }")
    assert reply.data == {"largestFirst": [{"label": "a"}, {"label": "b"}, None]}


async def test_the_specifications_example_of_a_merge() -> None:
    def told(name: str | None, count: int, **uses: int) -> Reply:
        labels = [{"_s0": label, "label": label, "uses": number} for label, number in uses.items()]
        return Reply({"customer": {"id": "ann", "name": name, "parcelCount": count, "labels": labels}})

    nodes = split([], ("north", "south"))
    nodes.faults = {"north": told(None, 2, fragile=2), "south": told("Ann", 3, cold=1, fragile=1)}
    reply = await nodes.ask('{ customer(id: "ann") { id name parcelCount labels { label uses } } }')
    labels = [{"label": "fragile", "uses": 3}, {"label": "cold", "uses": 1}]
    assert reply.data == {"customer": {"id": "ann", "name": "Ann", "parcelCount": 5, "labels": labels}}


async def test_nested_objects_merge_field_by_field() -> None:
    nodes = split([], ("east", "north"))
    nodes.nodes["north"].names = {"ann": "Dock Street"}
    nodes.faults["east"] = Reply({"customer": {"id": "ann", "address": {"street": None, "city": "Eastport"}}})
    reply = await nodes.ask('{ customer(id: "ann") { id address { street city } } }')
    assert reply.data == {"customer": {"id": "ann", "address": {"street": "Dock Street", "city": "Eastport"}}}


@given(st.lists(st.decimals(-(10**15), 10**15, places=4).map(str) | st.integers(-(10**9), 10**9), min_size=1))
def test_decimal_strings_add_exactly(values: list[Any]) -> None:
    result = total([number(value) for value in values])
    assert Fraction(result) == sum((Fraction(value) for value in values), Fraction(0))
    if any(isinstance(value, str) for value in values):
        assert len(str(result).partition(".")[2]) == 4


@given(st.lists(st.tuples(st.decimals(0, 100, places=2).map(str), st.integers(0, 50)), min_size=1))
def test_a_weighted_mean_of_decimals_is_rounded_once(pairs: list[tuple[str, int]]) -> None:
    values, weights = [number(value) for value, _ in pairs], [weight for _, weight in pairs]
    result = mean(values, weights)
    if not sum(weights):
        assert result is None
        return
    assert result is not None
    exact = sum((Fraction(v) * w for v, w in pairs), Fraction(0)) / sum(weights)
    assert abs(Fraction(result) - exact) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("op", "values", "expected"),
    [
        ("SUM", ["5.6", "2.40"], "8.00"),
        ("MIN", ["1.0", "1.00"], "1.0"),
        ("MAX", ["10", "9", "none"], "none"),
        ("MAX", [True, 5, False], 5),
        ("SUM", ["0.1"] * 10, "1.0"),
        ("SUM", [1, None, 2], 3),
        ("SUM", [None, None], None),
        ("SUM", [0.1] * 10, 1.0),
        ("SUM", ["-0.5", "0.25"], "-0.25"),
        ("MIN", ["10.0", "9.5"], "9.5"),
        ("MAX", ["10.0", "9.5"], "10.0"),
        ("MAX", ["2026-05-31", "2026-06-01"], "2026-06-01"),
        ("MIN", [None, 3, 2], 2),
        ("MIN", [None], None),
    ],
)
def test_aggregates(op: str, values: list[Any], expected: Any) -> None:
    run = Run({})
    parents = [(shard, {"x": value}) for shard, value in enumerate(values)]
    assert Aggregate("x", ("x",), op).gather(parents, run) == expected
    assert run.unfit == {}


def test_a_value_that_cannot_be_added_is_its_shards_fault() -> None:
    run = Run({})
    parents: Any = [(0, {"x": 4}), (1, {"x": "many"}), (2, {"x": True}), (3, {"x": "1e999999999"})]
    assert Aggregate("x", ("x",), "SUM").gather(parents, run) == 4
    assert sorted(run.unfit) == [1, 2, 3]


def test_a_sum_that_no_int_can_hold_is_null_and_told() -> None:
    run = Run({})
    parents = [(0, {"x": 2**31 - 1}), (1, {"x": 1})]
    assert Aggregate("x", ("x",), "SUM", is_int=True).gather(parents, run) is None
    assert run.overflows == [("x",)]


def test_the_least_int_is_an_int() -> None:
    run = Run({})
    parents = [(0, {"x": -(2**31 - 1)}), (1, {"x": -1})]
    assert Aggregate("x", ("x",), "SUM", is_int=True).gather(parents, run) == -(2**31)
    assert run.overflows == []


@pytest.mark.parametrize(
    ("values", "least"), [([3, [1], 2], 2), (["b", {}, "a"], "a"), ([True, [], False], False)]
)
def test_what_cannot_be_compared_is_its_shards_fault(values: list[Any], least: Any) -> None:
    run = Run({})
    parents = [(shard, {"x": value}) for shard, value in enumerate(values)]
    assert Aggregate("x", ("x",), "MIN").gather(parents, run) == least
    assert list(run.unfit) == [1]


def test_a_mean_has_no_places_of_a_value_without_weight() -> None:
    assert mean([number("1.5"), number("1.123")], [2, 0]) == "1.5"
    assert mean([number("1.5")], [0]) is None


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)


@given(st.lists(SCALARS, max_size=8))
def test_descending_is_exactly_the_reverse(values: list[Any]) -> None:
    up = sorted(order_key(value, False) for value in values)
    down = sorted(values, key=lambda value: order_key(value, True))
    assert [order_key(value, False) for value in reversed(down)] == up


def test_a_list_has_no_order() -> None:
    with pytest.raises(UnfitValueError):
        order_key([], False)


async def test_shard_requests_do_not_grow_with_fields() -> None:
    nodes: Nodes = split([Parcel("east-1", 1, None, None, "ann")], DEPOTS)
    await nodes.ask(
        '{ statistics { parcels } depots { id } customer(id: "ann") { parcels { id } totalWeight } }'
    )
    assert nodes.asked == sorted(DEPOTS)
