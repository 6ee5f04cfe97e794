"""Planning is bounded: what would explode is refused with a code, and refusals are not remembered."""

from __future__ import annotations

from functools import partial

import pytest

from gateway.federation.document.cache import LruCache
from gateway.federation.engine import Engine, EngineLimits
from gateway.federation.errors import DocumentError, FederationError, PlanningError
from tests.engine.federation import Nobody, supergraph

KINDS = [f"K{i}" for i in range(40)]
FIELDS = "id: ID! next: Node other(x: Int): Any"
WIDE = "\n".join(
    [
        "type Query { any: Node one: Any }",
        f"interface Node {{ {FIELDS} }}",
        f"union Any = {' | '.join(KINDS)}",
        *(
            f'type {kind} implements Node @key(fields: "id") {{ {FIELDS} own{kind}: {kind} }}'
            for kind in KINDS
        ),
    ]
)
DOUBLING = (
    "query { any { ...F0 } } "
    + " ".join(
        f"fragment F{i} on Node {{ a: next {{ ...F{i + 1} }} b: next {{ ...F{i + 1} }} }}" for i in range(40)
    )
    + " fragment F40 on Node { id }"
)


def engine(**limits: int) -> Engine:
    stock = "\n".join(f'type {kind} @key(fields: "id") {{ id: ID! extra{kind}: Int }}' for kind in KINDS)
    return Engine(supergraph(nodes=WIDE, stock=stock), Nobody(), limits=EngineLimits(**limits))


def test_fragments_that_double_at_each_level_are_refused() -> None:
    with pytest.raises(DocumentError) as refusal:
        engine().plan(DOUBLING)
    assert refusal.value.code == "DOCUMENT_LIMIT_EXCEEDED"


def test_an_operation_that_costs_too_much_planning_is_refused() -> None:
    spread = " ".join(f"... on {kind} {{ extra{kind} own{kind} {{ next {{ id }} }} }}" for kind in KINDS)
    operation = f"{{ any {{ next {{ {spread} next {{ {spread} }} }} }} }}"
    assert engine().plan(operation).requests == 2
    with pytest.raises(PlanningError) as refusal:
        engine(planning_work=500).plan(operation)
    assert refusal.value.code == "PLAN_LIMIT_EXCEEDED"


def test_types_that_are_alike_cost_as_one() -> None:
    deep = "{ any " + "{ next " * 30 + "{ id }" + " }" * 31
    assert engine(planning_work=4_000).plan(deep).requests == 1


@pytest.mark.parametrize("levels", [100, 300, 1_000])
def test_deep_operations_are_planned_or_refused(levels: int) -> None:
    deep = "{ any " + "{ next " * levels + "{ id }" + " }" * (levels + 1)
    try:
        assert engine().plan(deep).requests == 1
    except FederationError as refusal:
        assert refusal.code in {"GRAPHQL_PARSE_FAILED", "DOCUMENT_LIMIT_EXCEEDED", "PLAN_LIMIT_EXCEEDED"}  # noqa: PT017 # either is right


def test_fragments_in_fragments_in_fragments_are_refused() -> None:
    chain = " ".join(f"fragment F{i} on Node {{ next {{ id }} ...F{i + 1} }}" for i in range(500))
    with pytest.raises(DocumentError) as refusal:
        engine().plan(f"{{ any {{ ...F0 }} }} {chain} fragment F500 on Node {{ id }}")
    assert refusal.value.code == "DOCUMENT_LIMIT_EXCEEDED"


def test_a_thousand_aliases_are_planned() -> None:
    aliases = " ".join(f"a{i}: other(x: {i}) {{ __typename }}" for i in range(1_000))
    assert engine().plan(f"{{ any {{ {aliases} }} }}").requests == 1


def test_plans_are_remembered_up_to_a_limit() -> None:
    one = engine(plans=2)
    first = one.plan("{ any { id } }")
    assert one.plan("{ any { id } }") is first
    one.plan("{ a: any { id } }")
    one.plan("{ b: any { id } }")
    assert one.plan("{ any { id } }") is not first


def test_a_cache_keeps_what_was_used_last() -> None:
    cache: LruCache[int, int] = LruCache(2)
    made: list[int] = []

    def make(key: int) -> int:
        made.append(key)
        return key

    for key in (1, 2, 1, 3, 1, 2):
        assert cache.get(key, partial(make, key)) == key
    assert made == [1, 2, 3, 2]
    assert len(cache) == 2


def test_a_refusal_is_not_remembered() -> None:
    cache: LruCache[int, int] = LruCache(2)
    with pytest.raises(ZeroDivisionError):
        cache.get(1, lambda: 1 // 0)
    assert cache.get(1, lambda: 5) == 5
