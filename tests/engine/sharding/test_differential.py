"""Any query through the engine and four shards says what one node that holds all rows says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.engine import Engine, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher
from tests.engine.sharding.parcels import Parcel
from tests.engine.sharding.strategies import DEPOTS, parcels
from tests.engine.sharding.world import Nodes, facts, oracle, split

DEPTH = 5
PAGES = (
    "",
    "(first: 3)",
    "(last: 2)",
    "(first: $n, order: BY_LABEL)",
    "(order: BY_SIZE_DOWN)",
    '(depot: "north")',
)
IDS = ("east-00", "north-01", "south-02", "west-03")
FIELDS: dict[str, dict[str, tuple[tuple[str, ...], str]]] = {
    "Query": {
        "depot": (('(id: "south")', '(id: "east-9")'), "Depot"),
        "depots": (("",), "Depot"),
        "largestFirst": (("",), "Parcel"),
        "parcel": (tuple(f'(id: "{key}")' for key in IDS), "Parcel"),
        "parcelsById": (('(ids: ["east-00", "west-03", "east-01"])',), "Parcel"),
        "parcels": (PAGES, "ParcelConnection"),
        "tariff": (('(code: "none")', '(code: "standard")'), "Tariff"),
        "customer": (('(id: "ann")', "(id: $who)"), "Customer"),
        "sentBy": (('(input: {customers: ["bo", "nobody"]})', "(input: {customers: [$who]})"), "Parcel"),
        "statistics": (("",), "Statistics"),
    },
    "Depot": {"id": (("",), ""), "name": (("",), "")},
    "Tariff": {"code": (("",), ""), "price": (("",), "")},
    "Parcel": {
        "id": (("",), ""),
        "size": (("",), ""),
        "label": (("",), ""),
        "weight": (("",), ""),
        "sender": (("",), "Customer"),
        "__typename": (("",), ""),
    },
    "ParcelConnection": {
        "edges": (("",), "ParcelEdge"),
        "pageInfo": (("",), "PageInfo"),
        "totalCount": (("",), ""),
    },
    "ParcelEdge": {"cursor": (("",), ""), "node": (("",), "Parcel")},
    "PageInfo": dict.fromkeys(("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"), (("",), "")),
    "Customer": {
        "id": (("",), ""),
        "parcels": (("",), "Parcel"),
        "history": (("", "(first: 1)", "(first: $n)"), "ParcelConnection"),
        "totalWeight": (("",), ""),
        "lightest": (("",), ""),
        "longestLabel": (("",), ""),
        "meanSize": (("",), ""),
        "parcelCount": (("",), ""),
        "labels": (("",), "LabelUse"),
    },
    "LabelUse": {"label": (("",), ""), "uses": (("",), "")},
    "Statistics": dict.fromkeys(("parcels", "weight", "smallest", "greatest", "asOf"), (("",), "")),
}
VARIABLES = {"n": "Int", "who": "ID!", "yes": "Boolean!", "no": "Boolean!"}
CONDITIONS = ("", "", "", " @include(if: $yes)", " @skip(if: $no)", " @include(if: $no)")


@st.composite
def selection(draw: st.DrawFn, type_name: str, depth: int = 0) -> str:
    """A selection set of the type; response keys within it differ."""
    known = FIELDS[type_name]
    names = [name for name, (_, below) in known.items() if not below or depth < DEPTH]
    parts = []
    for number, name in enumerate(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))):
        arguments, below = known[name]
        alias = f"{name}{number}: " if number or draw(st.booleans()) else ""
        inner = f" {draw(selection(below, depth + 1))}" if below else ""
        field = f"{alias}{name}{draw(st.sampled_from(arguments))}{draw(st.sampled_from(CONDITIONS))}{inner}"
        in_fragment = depth > 0 and draw(st.integers(0, 5)) == 0
        parts.append(
            f"... on {type_name}{draw(st.sampled_from(CONDITIONS))} {{ {field} }}" if in_fragment else field
        )
    return f"{{ {' '.join(parts)} }}"


@st.composite
def operations(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    body = draw(selection("Query"))
    used = [name for name in VARIABLES if re.search(rf"\${name}\b", body)]
    head = ", ".join(f"${name}: {VARIABLES[name]}" for name in used)
    values: dict[str, Any] = {
        "n": draw(st.integers(0, 4)),
        "who": draw(st.sampled_from(("ann", "bo", "nobody"))),
        "yes": draw(st.booleans()),
        "no": draw(st.booleans()),
    }
    return f"query{f'({head})' if head else ''} {body}", {name: values[name] for name in used}


def alike(left: Any, right: Any) -> bool:
    """Equal, but for the last bits of floating-point means."""
    if isinstance(left, float) and isinstance(right, float):
        return left == pytest.approx(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    return bool(left == right)


TARIFFS = {"standard": "2.50"}
SOCKET = Nodes({})
ENGINE = Engine(facts()["parcels"].supergraph, Dispatcher(SOCKET, facts(), SOCKET, memberships=SOCKET))
TOLD = st.dictionaries(st.sampled_from(DEPOTS), st.sets(st.sampled_from(("ann", "bo", "nobody"))))
"""The shards whose members are known, each with customers that it is taken to hold wrongly."""


@settings(max_examples=80)
@given(parcels(), operations(), TOLD)
async def test_any_query_says_what_one_node_says(
    rows: list[Parcel], operation: tuple[str, dict[str, Any]], told: dict[str, set[str]]
) -> None:
    text, variables = operation
    SOCKET.told = told
    in_order = sorted(rows, key=lambda row: row.id.partition("-")[0])
    SOCKET.nodes = split(in_order, DEPOTS, tariffs=TARIFFS).nodes
    response = await ENGINE.run(Request(text, variables), RequestContext())
    one = oracle(in_order, DEPOTS, tariffs=TARIFFS).answer(text, variables)
    assert response.errors == ()
    assert alike(response.data, one["data"]), (response.data, one["data"])
