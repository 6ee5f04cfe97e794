"""A client that wants all or nothing gets an error instead of a part (docs/SHARDING.md, 6.5)."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_introspection_query
from hypothesis import given
from hypothesis import strategies as st

from gateway.federation.engine import Delivered, Engine, Request, RequestContext, Response
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.sharding.read_facts import read_facts
from gateway.federation.sharding.skew import lacks
from gateway.federation.transport import Reply, TransportFailure
from tests.engine.sharding.parcels import SDL
from tests.engine.sharding.strategies import FEW
from tests.engine.sharding.test_engine import ROWS, SUPERGRAPH, World, world
from tests.engine.sharding.world import facts

DOWN = TransportFailure("SHARD_UNREACHABLE", "Down.")


def engine(asked: World) -> Engine:
    return Engine(SUPERGRAPH, Dispatcher(asked, read_facts(SUPERGRAPH), asked, contracts=asked))


async def run(asked: World, text: str, complete: bool = False) -> Response:
    extensions = {"complete": True} if complete else {}
    return await engine(asked).run(Request(text, extensions=extensions), RequestContext())


def refusals(response: Response) -> list[tuple[Any, list[str]]]:
    return [
        (error.get("path"), error["extensions"]["shards"])
        for error in response.errors
        if error["extensions"]["code"] == "INCOMPLETE"
    ]


@pytest.fixture
def without_north() -> World:
    asked = world()
    asked.faults["north"] = DOWN
    return asked


@pytest.mark.parametrize(
    ("text", "data", "refused"),
    [
        ("{ depots { id } }", {"depots": [{"id": "east"}, {"id": "south"}]}, []),
        ("{ depots @complete { id } }", None, [(["depots"], ["north"])]),
        ('{ depot(id: "east") @complete { id } }', {"depot": {"id": "east"}}, []),
        ('{ here: depot(id: "north") @complete { id } }', {"here": None}, [(["here"], ["north"])]),
        (
            '{ customer(id: "ann") { all: parcels @complete { id } some: parcels { id } } }',
            {
                "customer": {
                    "all": None,
                    "some": [{"id": row.id} for row in ROWS if not row.id.startswith("north")],
                }
            },
            [(["customer", "all"], ["north"])],
        ),
        (
            '{ customer(id: "ann") @complete { parcelCount } }',
            {"customer": None},
            [(["customer"], ["north"])],
        ),
        (
            '{ customer(id: "ann") { parcelCount ...W } } fragment W on Customer { parcelCount @complete }',
            {"customer": {"parcelCount": None}},
            [(["customer", "parcelCount"], ["north"])],
        ),
    ],
)
async def test_a_field_is_whole_or_null_with_an_error(
    without_north: World, text: str, data: Any, refused: list[Any]
) -> None:
    response = await run(without_north, text)
    assert (response.data, refusals(response)) == (data, refused)


@pytest.mark.parametrize(
    "text", ["{ depots @complete { id } }", '{ customer(id: "ann") @complete { name } }']
)
async def test_what_is_whole_is_given(text: str) -> None:
    response = await run(world(), text)
    assert response.errors == ()
    assert response.data is not None
    assert (await run(world(), text, complete=True)).data == response.data


async def test_the_whole_response_can_be_wanted_whole(without_north: World) -> None:
    response = await run(without_north, '{ depots { id } depot(id: "east") { id } }', complete=True)
    assert (response.data, refusals(response)) == (None, [(None, ["north"])])
    assert response.extensions["coverage"]["missing"][0]["shard"] == "north"
    elsewhere = await run(without_north, '{ depot(id: "east") { id } }', complete=True)
    assert (elsewhere.data, elsewhere.errors) == ({"depot": {"id": "east"}}, ())


async def test_a_shard_is_not_overlooked_behind_many_other_errors() -> None:
    asked = world()
    many = tuple({"message": f"{number}"} for number in range(1_000))
    asked.faults = {"east": Reply(None, many), "north": DOWN}
    response = await run(asked, "{ depots { id } }", complete=True)
    assert (response.data, refusals(response)) == (None, [(None, ["east", "north"])])


async def test_a_field_of_which_one_entity_is_missing_is_whole_nowhere(without_north: World) -> None:
    response = await run(without_north, "{ bills { parcels { id size label @complete } } }")
    assert response.data is None
    nullable = await run(without_north, "{ bills { parcels { id label @complete } payer { discount } } }")
    assert {path[3] for path, _ in refusals(nullable)} == set(range(len(ROWS)))


async def test_a_refusal_in_a_shards_own_words_is_a_gap_at_every_entity() -> None:
    asked = world()
    words = {"message": "Who are you?", "extensions": {"code": "UNAUTHENTICATED"}}
    asked.faults["north"] = Reply(None, (words,))
    response = await run(asked, "{ bills { parcels { id label @complete } } }")
    assert {path[3] for path, _ in refusals(response)} == set(range(len(ROWS)))


async def test_what_a_shard_does_not_support_is_missing_from_it() -> None:
    asked = world()
    asked.older["south"] = lacks(
        facts()["parcels"], SDL.replace("  longestLabel: String @aggregate(op: MAX)\n", "")
    )
    text = '{ customer(id: "ann") { longestLabel %s name } depots { id } }'
    plain = await run(asked, text % "")
    assert plain.data is not None
    assert plain.data["customer"]["longestLabel"] is not None
    whole = await run(asked, text % "@complete")
    assert whole.data is not None
    assert whole.data["customer"] == {"longestLabel": None, "name": None}
    assert refusals(whole) == [(["customer", "longestLabel"], ["south"])]


async def test_an_error_inside_one_shards_answer_is_a_gap_where_it_stands() -> None:
    asked = world()
    asked.nodes["east"].broken.add("east-1")
    text = (
        '{ torn: parcel(id: "east-1") { label @complete } whole: parcel(id: "east-0") { label @complete } }'
    )
    response = await run(asked, text)
    assert response.data == {"torn": {"label": None}, "whole": {"label": "east0"}}
    assert refusals(response) == [(["torn", "label"], ["east"])]


@pytest.mark.parametrize("option", [True, False])
async def test_a_change_cannot_be_wanted_whole(option: bool) -> None:
    asked = world()
    mark = "" if option else "@complete"
    response = await run(asked, f'mutation {{ relabel(id: "north-1", label: "x") {mark} {{ id }} }}', option)
    assert (response.refused, asked.sent) == (True, [])
    assert response.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_what_is_wanted_whole_does_not_come_in_parts(without_north: World) -> None:
    text = '{ depot(id: "east") { id } ... @defer { customer(id: "ann") { parcels %s { id } } } }'
    for mark, extensions in (("@complete", {}), ("", {"complete": True})):
        request = Request(text % mark, extensions=extensions)
        answered = await engine(without_north).stream(request, RequestContext())
        assert isinstance(answered, Response)
    parts = await engine(world()).stream(Request(text % ""), RequestContext())
    assert isinstance(parts, Delivered)
    await parts.rest.aclose()


async def test_the_directive_is_described_where_shards_can_be_missing() -> None:
    response = await run(world(), get_introspection_query())
    assert response.data is not None
    found = {one["name"]: one for one in response.data["__schema"]["directives"]}
    assert found["complete"]["locations"] == ["FIELD"]
    assert "完整" in found["complete"]["description"]


FIELDS = (
    "depots %s { id }",
    'customer(id: "ann") %s { parcelCount parcels { id } }',
    "parcels(first: 3) %s { edges { node { id } } }",
    'depot(id: "south") %s { name }',
    "statistics %s { parcels }",
)


@FEW
@given(st.sets(st.sampled_from(("east", "north", "south"))), st.lists(st.sampled_from(FIELDS), min_size=1))
async def test_a_field_that_is_given_is_as_it_would_be_with_every_shard_there(
    down: set[str], fields: list[str]
) -> None:
    asked = world()
    asked.faults = dict.fromkeys(down, DOWN)
    for number, one in enumerate(dict.fromkeys(fields)):
        text = f"{{ f{number}: {one} }}"
        marked = await run(asked, text % "@complete")
        there = await run(world(), text % "")
        given_whole = (marked.data or {}).get(f"f{number}")
        assert given_whole is None or marked.data == there.data
        assert (given_whole is None) is bool(refusals(marked))
