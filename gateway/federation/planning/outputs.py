"""Writes down how the response is read from the result tree: the client's selection with its keys.

Where all branches of a position read alike, one list of outputs serves every type.
"""

from __future__ import annotations

from dataclasses import replace

from graphql import parse_type

from gateway.federation.document.operation import Field, Group, SelectionSet
from gateway.federation.planning.draft import Branch, Position
from gateway.federation.planning.plan import NOWHERE, Output


def write_outputs(selections: SelectionSet, position: Position | None) -> tuple[Output, ...]:
    """The outputs of a selection at the position that it was planned for (None: never reached)."""
    by_branch: dict[tuple[str, ...], tuple[Output, ...]] = {}
    for group in selections.groups:
        for types, branch in _parts(group, position):
            by_branch[types] = tuple(_output(one, types[0], branch) for one in group.fields)
    distinct = list(by_branch.values())
    if all(one == distinct[0] for one in distinct):
        return distinct[0] if distinct else ()
    return tuple(
        replace(output, types=frozenset(types)) for types, outputs in by_branch.items() for output in outputs
    )


def _parts(group: Group, position: Position | None) -> list[tuple[tuple[str, ...], Branch | None]]:
    if position is None:
        return [(group.types, None)]
    return [(branch.types, branch) for branch in position.branches if branch.types[0] in group.types]


def _output(one: Field, parent: str, branch: Branch | None) -> Output:
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
        outputs=write_outputs(one.selections, below) if one.selections is not None else (),
        place=one.places[0][1],
        places=one.places if one.places[0][0] and len(one.places) > 1 else (),
        withheld=one.withheld,
    )
