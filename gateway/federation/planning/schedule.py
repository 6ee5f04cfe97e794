"""Puts the fetches of a plan in order, and lets those that can share a request share it.

A. number the drafts by wave (what they wait for), then by subgraph, then as drafted;
B. entity fetches of one wave to one subgraph that ask the same, at different places, become one;
C. those that remain become one `Batch`: none of them waits for another, and one request costs less
   than several. Subgraphs named in `separate` are left out of this: their fetches are divided over
   shards, each on its own.
"""

from __future__ import annotations

from dataclasses import replace

from graphql import OperationDefinitionNode

from gateway.federation.planning.capability import Capabilities
from gateway.federation.planning.draft import Draft
from gateway.federation.planning.plan import Batch, Fetch
from gateway.federation.planning.write_fetch import declare, print_entities, print_selections, write_fetch


def schedule(
    capabilities: Capabilities,
    definition: OperationDefinitionNode,
    drafts: list[Draft],
    separate: frozenset[str] = frozenset(),
) -> tuple[Fetch | Batch, ...]:
    """The steps that the drafts become, each after those it waits for; each draft learns its own."""
    order = {name: index for index, name in enumerate(capabilities.supergraph.subgraphs)}
    waves = sorted(drafts, key=lambda draft: (draft.level, order[draft.subgraph], draft.number))
    shared: dict[tuple[object, ...], list[tuple[Draft, Fetch]]] = {}
    for draft in waves:
        fetch = write_fetch(capabilities, definition, draft)
        asks: object = None
        if not draft.namings or draft.contexts:
            asks = draft.number
        elif draft.subgraph in separate:
            asks = _question(fetch)
        shared.setdefault((draft.level, draft.subgraph, asks), []).append((draft, fetch))
    for index, group in enumerate(shared.values()):
        for draft, _ in group:
            draft.step = index
    step_of = {draft.number: draft.step for draft in drafts}
    steps: list[Fetch | Batch] = []
    before: list[set[int]] = []
    for index, group in enumerate(shared.values()):
        direct = {step_of[number] for _, fetch in group for number in fetch.after}
        implied = {one for earlier in direct for one in before[earlier]}
        before.append(direct | implied)
        after = tuple(sorted(direct - implied))
        fetches = tuple(replace(one, id=index, after=after) for one in _once([fetch for _, fetch in group]))
        steps.append(fetches[0] if len(fetches) == 1 else _batch(index, fetches, definition))
    return tuple(steps)


# B


def _question(fetch: Fetch) -> object:
    """Equal for two entity fetches that ask the same, if at different places."""
    return print_selections(fetch.selections), fetch.representations, fetch.conditions


def _once(fetches: list[Fetch]) -> list[Fetch]:
    by_question: dict[object, Fetch] = {}
    for fetch in fetches:
        question = _question(fetch)
        same = by_question.get(question)
        by_question[question] = replace(same, also_at=(*same.also_at, fetch.path)) if same else fetch
    return list(by_question.values())


# C


def _batch(index: int, fetches: tuple[Fetch, ...], definition: OperationDefinitionNode) -> Batch:
    variables = tuple(dict.fromkeys(name for fetch in fetches for name in fetch.variables))
    bodies = {f"_{i}": print_selections(fetch.selections) for i, fetch in enumerate(fetches)}
    return Batch(
        id=index,
        subgraph=fetches[0].subgraph,
        kind="query",
        operation=print_entities(bodies, variables, declare(definition)),
        fetches=fetches,
        variables=variables,
        after=fetches[0].after,
    )
