"""Whatever a shard says, the others' answer comes, and nothing raises."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.sharding.coverage import Gathered
from gateway.federation.transport import Reply, ShardRequest
from tests.engine.sharding.parcels import Parcel
from tests.engine.sharding.world import Nodes, split

DEPOTS = ("east", "north", "south")
ROWS = [Parcel(f"{depot}-{n}", n, f"{depot}{n}", f"{n}.5", "ann") for depot in DEPOTS for n in range(2)]
EVERYTHING = """
query($n: Int) {
  depots { id name }
  largestFirst { label sender { totalWeight } }
  statistics { parcels weight smallest greatest }
  tariff(code: "standard") { price }
  parcels(first: $n) { totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
  customer(id: "ann") {
    name meanSize totalWeight lightest parcels { id } labels { label uses } address { city }
    history(first: $n) { edges { node { id sender { parcelCount } } } }
  }
  one: parcel(id: "north-1") { id sender { lightest } }
}
"""
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
ERRORS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"message": JUNK, "path": JUNK | st.lists(JUNK, max_size=4), "extensions": JUNK}
    ),
    max_size=2,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the value itself included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    value = copy.copy(value)
    value[path[0]] = replaced(value[path[0]], path[1:], junk)
    return value


class Liar(Nodes):
    """The north's replies are spoilt somewhere."""

    data: st.DataObject

    async def send(self, request: ShardRequest) -> Reply:
        reply = await super().send(request)
        if request.shard != "north":
            return reply
        place = self.data.draw(st.sampled_from(places(reply.data)))
        spoilt = replaced(reply.data, place, self.data.draw(JUNK))
        return Reply(spoilt, tuple(self.data.draw(ERRORS)))


def check(gathered: Gathered) -> None:
    for error in gathered.errors:
        assert isinstance(error["message"], str)
        assert all(isinstance(step, (str, int)) for step in error["path"])
        assert error["extensions"].get("shard", "north") == "north"


@settings(max_examples=50)
@given(st.data(), st.integers(0, 4))
async def test_a_lie_anywhere_in_a_reply(data: st.DataObject, size: int) -> None:
    nodes = Liar(split(ROWS, DEPOTS, names={"ann": "Ann"}, tariffs={"standard": "1.00"}).nodes)
    nodes.data = data
    gathered = await nodes.ask(EVERYTHING, {"n": size})
    check(gathered)
    assert gathered.data is not None
    assert {"id": "east", "name": "East"} in gathered.data["depots"]
    assert gathered.data["customer"]["totalWeight"] is not None


@settings(max_examples=25)
@given(st.data())
async def test_a_lie_about_entities(data: st.DataObject) -> None:
    nodes = Liar(split(ROWS, DEPOTS).nodes)
    nodes.data = data
    asked = [{"__typename": "Customer", "id": "ann"}, {"__typename": "Parcel", "id": "north-1"}]
    fragments = "... on Parcel { id label } ... on Customer { labels { label } parcels { id } parcelCount }"
    gathered = await nodes.entities(fragments, asked)
    check(gathered)
    assert gathered.data is not None
    assert len(gathered.data["_entities"]) == 2
