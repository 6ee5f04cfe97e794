"""How an entity fetch names the objects of a branch: by the key it is entered by, and what it requires."""

from __future__ import annotations

from gateway.federation.planning.capability import Entry
from gateway.federation.planning.draft import Branch, Draft, KeyField, Naming


def name_entities(
    draft: Draft, branch: Branch, entry: Entry, by_type: bool, key: list[KeyField], required: list[KeyField]
) -> None:
    """Have the draft's representations name the branch's objects by `key`, and carry what is `required`."""
    for naming in draft.namings_of(branch):
        known = {one.node: one for one in naming.required}
        for one in required:
            if one.node in known:
                known[one.node].parts.extend(one.parts)
            else:
                naming.required.append(one)
        return
    typename = entry.typename
    if typename is None and not branch.position.abstract:
        typename = branch.type
    draft.namings.append(Naming(branch, typename, by_type, key, list(required)))


def contradict(ones: list[KeyField], others: list[KeyField]) -> bool:
    """Whether one representation would need a name for two things: a field with different arguments."""
    by_name = {one.name: one for one in ones}
    for other in others:
        one = by_name.get(other.name)
        if one is None:
            continue
        if one.node is not other.node:
            return True
        parts = dict(one.parts)
        if any(contradict(parts.get(branch, []), fields) for branch, fields in other.parts):
            return True
    return False
