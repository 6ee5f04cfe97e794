"""What composes can be asked: the planner finds a way for every query of a supergraph that was accepted."""

from __future__ import annotations

import re
from random import Random

from graphql import (
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.composition.api_schema import build_api_schema
from gateway.federation.composition.compose import compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine
from tests.engine.composition.generate import Generator
from tests.engine.federation import Nobody

DEPTH = 3


def _selection(random: Random, schema: GraphQLSchema, parent: GraphQLNamedType, depth: int) -> str:
    """A random selection; an alias names the type, so that fields of one name never conflict."""
    parts = ["__typename"]
    fields = {} if isinstance(parent, GraphQLUnionType) else parent.fields  # type: ignore[attr-defined]  # composite
    for name, field in fields.items():
        target = get_named_type(field.type)
        if random.random() < 0.5 and (depth or not is_composite_type(target)):
            inner = _selection(random, schema, target, depth - 1) if is_composite_type(target) else ""
            parts.append(f"{parent.name}_{name}: {name} {inner}")
    if is_abstract_type(parent):
        parts += [
            f"... on {possible.name} {_selection(random, schema, possible, depth - 1 if depth else 0)}"
            for possible in schema.get_possible_types(parent)
            if random.random() < 0.6
        ]
    return f"{{ {' '.join(parts)} }}"


@given(st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_every_query_of_an_accepted_supergraph_has_a_plan(random: Random) -> None:
    sdl = compose(Generator(random).subgraphs()).supergraph_sdl
    if sdl is None:
        return
    supergraph = read_supergraph(sdl)
    schema = build_api_schema(supergraph)
    assert schema.query_type
    labels = frozenset(re.findall(r'overrideLabel: "([^"]+)"', sdl))
    engines = [Engine(supergraph, Nobody(), labels=active) for active in (frozenset[str](), labels)]
    for _ in range(3):
        random.choice(engines).plan(f"query {_selection(random, schema, schema.query_type, DEPTH)}")
