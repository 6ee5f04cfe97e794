"""What a change of the contract does to shards that are not yet, or already, on the new one."""

from __future__ import annotations

import pytest

from gateway.federation.composition.check_change import compare
from gateway.federation.sharding.check_skew import effects
from tests.engine.sharding.parcels import SDL

NEW = (
    SDL.replace("type Tariff {", "type Tariff { tax: Decimal")
    .replace("  depots: [Depot!]!", "  stamps: [Stamp] @scatter(gather: CONCAT)\n  depots: [Depot!]!")
    .replace("input PriceInput {", "type Stamp { colour: String }\n\ninput PriceInput { express: Boolean")
    .replace("order: ParcelOrder = BY_SIZE", "order: ParcelOrder!")
    .replace("depot: ID\n", "depot: ID\n    heavy: Boolean\n")
    .replace("BY_LABEL_DOWN }", "BY_LABEL_DOWN BY_WEIGHT }")
    .replace("  label: String\n", "  label: String!\n")
    .replace("asOf: String", "asOf: Int")
)


def told(old: str, new: str, shards: str) -> set[tuple[str, str]]:
    return {
        (one.code, one.coordinate) for one in effects(old, new, compare(old, new)) if one.shards == shards
    }


def test_a_change_is_told_for_shards_still_on_the_old_contract() -> None:
    assert told(SDL, NEW, "older") == {
        ("UNSUPPORTED_BY_SHARD", "Query.stamps"),
        ("UNSUPPORTED_BY_SHARD", "Stamp"),
        ("UNSUPPORTED_BY_SHARD", "Stamp.colour"),
        ("UNSUPPORTED_BY_SHARD", "Tariff.tax"),
        ("UNSUPPORTED_BY_SHARD", "PriceInput.express"),
        ("UNSUPPORTED_BY_SHARD", "Query.parcels(heavy:)"),
        ("UNSUPPORTED_BY_SHARD", "ParcelOrder.BY_WEIGHT"),
        ("NULL_IN_NON_NULL", "Parcel.label"),
        ("SHARD_INVALID_REPLY", "Statistics.asOf"),
        ("SHARD_REJECTED", "Query.parcels(order:)"),
    }


def test_and_for_shards_already_on_the_new_one() -> None:
    assert told(SDL, NEW, "newer") == {
        ("UNSUPPORTED_BY_SHARD", "Query.parcels(order:)"),
        ("INVALID_SUBGRAPH_VALUE", "ParcelOrder.BY_WEIGHT"),
        ("SHARD_INVALID_REPLY", "Statistics.asOf"),
    }


@pytest.mark.parametrize(
    ("coordinate", "message"),
    [
        ("Query.stamps", "not asked of them"),
        ("Tariff.tax", "null there"),
        ("Query.parcels(heavy:)", "a field that is given it is not asked of them"),
        ("PriceInput.express", "a field whose arguments use it is not asked of them"),
        ("Query.parcels(order:)", "they demand it"),
        ("Stamp", "they have no such type"),
    ],
)
def test_each_is_told_in_words(coordinate: str, message: str) -> None:
    found = [str(one) for one in effects(SDL, NEW, compare(SDL, NEW)) if one.coordinate == coordinate]
    assert any(message in one for one in found), found


def test_nothing_is_told_of_what_is_not_sharded_or_does_not_change() -> None:
    plain = "type Query { depots: [String!]! }"
    assert effects(plain, plain.replace("!]!", "!]"), []) == []
    assert effects(SDL, SDL, compare(SDL, SDL)) == []
