"""The public federation audit's operations: each plans, with no more requests than the best gateway needs.

Its answers are checked by running the audit itself (docs/CONFORMANCE.md); here its supergraphs and
operations are data.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.document.operation import ALWAYS
from gateway.federation.engine import Engine
from gateway.federation.errors import FederationError
from gateway.federation.planning.plan import Fetch
from tests.engine.federation import Nobody

REQUESTS_LIMIT = 395
SUITES = 46
CASES = 199


def unconditional(steps: object) -> int:
    """The requests that are sent whatever the variables are: cases with conditions need fewer than all."""
    assert isinstance(steps, tuple)
    return sum(1 for step in steps if not isinstance(step, Fetch) or step.conditions == ALWAYS)


def test_every_operation_is_planned_within_the_least_requests_known(shared: Path) -> None:
    audit = shared / "audit"
    least = json.loads((audit / "min-requests.json").read_text())
    planned = total = 0
    over = []
    for path in sorted((audit / "supergraphs").glob("*.graphql")):
        engine = Engine(read_supergraph(path.read_text()), Nobody())
        for case in json.loads((audit / "cases" / f"{path.stem}.json").read_text()):
            planned += 1
            known = least[path.stem][case["index"]]["min"]
            try:
                plan = engine.plan(case["query"])
            except FederationError as refusal:
                if not case["expected"].get("errors"):
                    pytest.fail(f"{path.stem} {case['index']}: {refusal.message}")
                continue
            requests = unconditional(plan.steps)
            total += requests
            if requests > known:
                over.append((path.stem, case["index"], requests, known))
    assert over == []
    assert (planned, len(least)) == (CASES, SUITES)
    assert total <= REQUESTS_LIMIT
