"""Subgraphs that do not compose: every code there is, at its place, with a cure."""

from __future__ import annotations

import pytest

from gateway.federation.composition.compose import compose
from tests.engine.composition.cases import Case, read_cases

CASES = list(read_cases("refused"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refused(case: Case) -> None:
    result = compose(case.subgraphs)
    assert result.supergraph_sdl is None
    assert {(error.code, error.coordinate) for error in result.errors} == {(case.code, case.coordinate)}
    assert all(error.hint for error in result.errors)
