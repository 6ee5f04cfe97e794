"""Say why a field cannot be reached: for each subgraph tried, what stood in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.federation.composition.reachability import Position, Reachability


def reasons(
    reachability: Reachability, runtime: str, starts: Iterable[Position], field: str
) -> Iterator[str]:
    """Lines that name each subgraph once, those reached first."""
    told: set[str] = set()
    for start in sorted(starts, key=lambda position: (position.subgraph, position.provided)):
        reached = reachability.reach(runtime, start)
        for position in reached:
            if position.subgraph not in told:
                told.add(position.subgraph)
                yield f'- "{position.subgraph}": {_why_not_here(reachability, runtime, position, field)}'
        here = {position.subgraph for position in reached}
        for entry in reachability.entries(runtime):
            if entry.subgraph not in here and entry.subgraph not in told:
                told.add(entry.subgraph)
                why = _why_not_entered(reachability, runtime, reached, entry.subgraph)
                yield f'- "{entry.subgraph}": {why}'
    for subgraph in reachability.holders(runtime, field):
        if subgraph not in told:
            yield f'- "{subgraph}": resolves it, but {runtime} has no resolvable @key there'


def _why_not_here(reachability: Reachability, runtime: str, position: Position, field: str) -> str:
    for definition in reachability.local_types(position.subgraph, runtime):
        found = definition.fields.get(field)
        if found is None:
            continue
        if reachability.is_moved(position.subgraph, f"{definition.name}.{field}"):
            return "another subgraph overrides it"
        if reachability.contexts_needed(runtime, position, field):
            return "it takes an argument from a context that no type above it sets"
        requires = found.applied("requires")
        if requires:
            return (
                f'it needs "{requires[0].value("fields")}" first, which cannot be fetched from there'
                f" and brought back by a resolvable @key of {runtime}"
            )
        return "the field is @external there"
    return f"does not define {runtime}.{field}"


def _why_not_entered(
    reachability: Reachability, runtime: str, reached: tuple[Position, ...], subgraph: str
) -> str:
    names = sorted({position.subgraph for position in reached})
    keys = [entry for entry in reachability.entries(runtime) if entry.subgraph == subgraph]
    if all(not entry.by_interface for entry in keys) and not reachability.knows_type(runtime, reached):
        return f"cannot be entered, since only an interface object of {runtime} is known"
    texts = " or ".join(f'@key(fields: "{entry.key.value("fields")}")' for entry in keys)
    return f"cannot be entered by {texts}, whose fields cannot all be had from {', '.join(names)}"
