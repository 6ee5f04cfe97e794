"""Writes down how the response is read from the result tree: the client's selection with its keys.

Where all branches of a position read alike, one list of outputs serves every type.
Where some fields may come later than others, each output also says which steps it waits for.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from graphql import parse_type

from gateway.federation.document.operation import Field, Group, SelectionSet
from gateway.federation.planning.draft import Branch, Node, Position, Visit
from gateway.federation.planning.plan import NOWHERE, Output


def write_outputs(
    selections: SelectionSet, position: Position | None, deferred: bool = False
) -> tuple[Output, ...]:
    """The outputs of a selection at the position that it was planned for (None: never reached).

    `deferred`: the operation has deferred fragments.
    """
    by_branch: dict[tuple[str, ...], tuple[Output, ...]] = {}
    for group in selections.groups:
        for types, branch in _parts(group, position):
            by_branch[types] = tuple(_output(one, types[0], branch, deferred) for one in group.fields)
    distinct = list(by_branch.values())
    if all(one == distinct[0] for one in distinct):
        return _united(distinct, deferred) if distinct else ()
    return tuple(
        replace(output, types=frozenset(types)) for types, outputs in by_branch.items() for output in outputs
    )


def _parts(group: Group, position: Position | None) -> list[tuple[tuple[str, ...], Branch | None]]:
    if position is None:
        return [(group.types, None)]
    return [(branch.types, branch) for branch in position.branches if branch.types[0] in group.types]


def _united(alike: list[tuple[Output, ...]], deferred: bool) -> tuple[Output, ...]:
    """Outputs of several branches that read alike, as those of all: they may come from different steps."""
    if not deferred or len(alike) == 1:
        return alike[0]
    return tuple(
        replace(
            ones[0],
            outputs=_united([one.outputs for one in ones], deferred),
            steps=frozenset().union(*(one.steps for one in ones)),
        )
        for ones in zip(*alike, strict=True)
    )


def _output(one: Field, parent: str, branch: Branch | None, deferred: bool) -> Output:
    node = None
    if branch is not None:
        node = next((node for node in branch.nodes.values() if node.wanted_as == one.key), None)
    below = node.child if node is not None else None
    return Output(
        name=one.key,
        key=NOWHERE if one.withheld else node.key if node is not None else one.key,
        field=one.name,
        parent=parent,
        type=parse_type(str(one.type), no_location=True),
        conditions=one.conditions,
        outputs=write_outputs(one.selections, below, deferred) if one.selections is not None else (),
        place=one.places[0].order,
        places=one.places if deferred or (one.places[0].when and len(one.places) > 1) else (),
        withheld=one.withheld,
        steps=_steps(node) if deferred and node is not None else frozenset(),
        stream=one.stream,
        complete=one.complete,
    )


def _steps(node: Node) -> frozenset[int]:
    """The steps that give the node's value and tell the types of the objects there."""
    found = {visit.draft.step for visit in node.sources[:1]}
    if node.child is not None and node.child.abstract:
        for branch in node.child.branches:
            telling = (visit.draft.step for visit in branch.visits if _tells_type(visit))
            found.update(islice(telling, 1))
    return frozenset(found)


def _tells_type(visit: Visit) -> bool:
    return visit.learns_type or (visit.typed and not (visit is visit.draft.entry and visit.draft.namings))
