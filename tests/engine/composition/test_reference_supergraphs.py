"""Over the public federation audit's suites our supergraph says what the reference composition's says."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.federation.composition.compose import Subgraph, compose
from tests.engine.composition.supergraph_difference import differences


def _compose(folder: Path) -> str:
    urls = json.loads((folder / "_urls.json").read_text())
    return compose(
        [Subgraph(path.stem, urls[path.stem], path.read_text()) for path in sorted(folder.glob("*.graphql"))]
    ).sdl()


def test_every_suite_composes_to_an_equivalent_supergraph(shared: Path) -> None:
    suites = sorted((shared / "audit" / "subgraphs").iterdir())
    found = {
        suite.name: differences(
            (shared / "audit" / "supergraphs" / f"{suite.name}.graphql").read_text(), _compose(suite)
        )
        for suite in suites
    }
    assert len(found) == 46
    assert {name: facts for name, facts in found.items() if facts} == {}


def test_the_order_of_subgraphs_changes_nothing(shared: Path) -> None:
    folder = shared / "audit" / "subgraphs" / "union-intersection"
    subgraphs = [Subgraph(path.stem, "", path.read_text()) for path in sorted(folder.glob("*.graphql"))]
    assert compose(subgraphs).sdl() == compose(subgraphs[::-1]).sdl()
