"""Whatever stands in a subgraph's SDL, composition gives a supergraph or errors, never an exception."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.composition.compose import Subgraph, compose
from tests.engine.composition.cases import read_cases

_TOKENS = re.compile(r'"[^"\n]*"|\w+|[^\s\w]')
_CASES = [case.subgraphs for case in (*read_cases("refused"), *read_cases("composed"))]


@st.composite
def _garbled(draw: st.DrawFn) -> list[Subgraph]:
    """A case with a few tokens of one subgraph replaced by others of the same kind, or dropped."""
    subgraphs = list(draw(st.sampled_from(_CASES)))
    place = draw(st.integers(0, len(subgraphs) - 1))
    tokens = _TOKENS.findall(subgraphs[place].sdl)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(tokens) - 1))
        alike = [token for token in tokens if token[0].isalpha() == tokens[at][0].isalpha()]
        tokens[at] = draw(st.sampled_from([*alike, ""]))
        tokens = [token for token in tokens if token] or ["type"]
    subgraphs[place] = Subgraph(subgraphs[place].name, "", " ".join(tokens))
    return subgraphs


@given(_garbled())
@settings(max_examples=300)
def test_composition_never_raises(subgraphs: list[Subgraph]) -> None:
    result = compose(subgraphs)
    assert (result.supergraph_sdl is None) == bool(result.errors)
