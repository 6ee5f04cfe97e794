"""Compose subgraphs into a supergraph: the stages in order. See docs/COMPOSITION.md.

parse → upgrade Federation 1 → validate each subgraph → merge → validate the whole → satisfiability → print.
A stage's errors are all collected; the next stage runs only on what has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.federation.composition.definitions import SubgraphSchema
from gateway.federation.composition.errors import CompositionError, CompositionFailedError, CompositionHint
from gateway.federation.composition.field_uses import field_uses
from gateway.federation.composition.merge_context import Findings
from gateway.federation.composition.merge_subgraphs import merge_subgraphs
from gateway.federation.composition.parse_subgraph import parse_subgraph
from gateway.federation.composition.render_supergraph import render_supergraph
from gateway.federation.composition.satisfiability import STATE_LIMIT, validate_satisfiability
from gateway.federation.composition.upgrade_subgraph import upgrade_subgraphs
from gateway.federation.composition.validate_merged import validate_merged
from gateway.federation.composition.validate_subgraph import validate_field_sets, validate_subgraph


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph to compose: its name, where it answers ("" when it has no address), its SDL."""

    name: str
    url: str
    sdl: str


@dataclass(frozen=True, slots=True)
class CompositionResult:
    """`supergraph_sdl` is None exactly when there are errors."""

    supergraph_sdl: str | None
    errors: tuple[CompositionError, ...] = ()
    hints: tuple[CompositionHint, ...] = ()

    def sdl(self) -> str:
        """The supergraph's SDL. Raises CompositionFailedError with every error."""
        if self.supergraph_sdl is None:
            raise CompositionFailedError(self.errors)
        return self.supergraph_sdl


def compose(subgraphs: Sequence[Subgraph], *, state_limit: int = STATE_LIMIT) -> CompositionResult:
    """Compose subgraphs, in any order; the result does not depend on it.

    `state_limit` bounds the work of showing that every field can be reached (see `satisfiability`).
    """
    ordered = sorted(subgraphs, key=lambda subgraph: subgraph.name)
    errors = _name_faults(ordered)
    if errors:
        return CompositionResult(None, tuple(errors))
    schemas: list[SubgraphSchema] = []
    for subgraph, graph in zip(ordered, graph_names([s.name for s in ordered]), strict=True):
        schema, faults = parse_subgraph(subgraph.name, subgraph.url, graph, subgraph.sdl)
        errors.extend(faults)
        if schema is not None:
            schemas.append(schema)
    errors.extend(fault for schema in schemas for fault in validate_field_sets(schema))
    if errors:
        return CompositionResult(None, tuple(errors))
    schemas, errors = upgrade_subgraphs(schemas)
    errors.extend(fault for schema in schemas for fault in validate_subgraph(schema))
    if errors:
        return CompositionResult(None, tuple(errors))
    findings = Findings()
    uses = {schema.name: field_uses(schema) for schema in schemas}
    merged = merge_subgraphs(schemas, uses, findings)
    if findings.errors:
        return CompositionResult(None, tuple(findings.errors), tuple(findings.hints))
    sdl = render_supergraph(merged)
    errors = validate_merged(merged, sdl) or validate_satisfiability(merged, uses, state_limit)
    if errors:
        return CompositionResult(None, tuple(errors), tuple(findings.hints))
    return CompositionResult(sdl, hints=tuple(findings.hints))


def graph_names(names: Sequence[str]) -> list[str]:
    """The subgraphs' names as values of the enum `join__Graph`, all different."""
    taken: dict[str, int] = {}
    found: list[str] = []
    for name in names:
        graph = re.sub(r"[^A-Z0-9_]", "_", name.upper())
        if graph[:1].isdigit():
            graph = f"_{graph}"
        if re.search(r"_\d+$", graph):
            graph += "_"
        taken[graph] = taken.get(graph, 0) + 1
        found.append(graph)
    counters: dict[str, int] = {}
    for index, graph in enumerate(found):
        if taken[graph] > 1:
            counters[graph] = counters.get(graph, 0) + 1
            found[index] = f"{graph}_{counters[graph]}"
    return found


def _name_faults(subgraphs: Sequence[Subgraph]) -> list[CompositionError]:
    seen: set[str] = set()
    errors: list[CompositionError] = []
    for subgraph in subgraphs:
        if not subgraph.name or subgraph.name in seen or subgraph.name.startswith("_"):
            what = "is given to two subgraphs" if subgraph.name in seen else "cannot name a subgraph"
            hint = "Give every subgraph a name of its own that does not begin with an underscore."
            errors.append(
                CompositionError("INVALID_SUBGRAPH_NAME", f'"{subgraph.name}" {what}', hint, subgraph.name)
            )
        seen.add(subgraph.name)
    return errors
