"""Find the fields that `@override` moves from one subgraph to another, at once or step by step (`label`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.federation.composition.definitions import Field, SubgraphSchema
from gateway.federation.composition.field_uses import FieldUses
from gateway.federation.composition.merge_context import Findings, Override, Overrides, listed

_LABEL = re.compile(r"^[a-zA-Z][a-zA-Z0-9_\-:./]*$|^percent\((\d{1,2}(\.\d{1,8})?|100(\.0{1,8})?)\)$")


def find_overrides(
    subgraphs: Sequence[SubgraphSchema], uses: Mapping[str, FieldUses], findings: Findings
) -> Overrides:
    """The fields that move, and what is wrong with the rest."""
    by_name = {subgraph.name: subgraph for subgraph in subgraphs}
    taken: dict[tuple[str, str], Override] = {}
    taking: set[tuple[str, str]] = set()
    for subgraph in subgraphs:
        for definition, field in subgraph.fields():
            for applied in field.applied("override"):
                coordinate = f"{definition.name}.{field.name}"
                source, label = applied.value("from"), applied.value("label")
                if not _check(subgraph, by_name, uses, coordinate, field, findings):
                    taken[source, coordinate] = Override(subgraph.name, used=False, label=None)
                    continue
                taken_type = by_name[source].types.get(definition.name)
                taking.add((subgraph.name, coordinate))
                if taken_type is None or field.name not in taken_type.fields:
                    message = f'"{source}" does not define it any more: @override can go'
                    findings.hint("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", coordinate, message)
                    continue
                if coordinate in uses[source].external:
                    continue
                used = coordinate in uses[source].used
                taken[source, coordinate] = Override(subgraph.name, used, label)
                if not used and not label:
                    message = f'is resolved by "{subgraph.name}"; "{source}" need not define it any more'
                    findings.hint("OVERRIDDEN_FIELD_CAN_BE_REMOVED", coordinate, message)
    return Overrides(taken, frozenset(taking))


def _check(
    subgraph: SubgraphSchema,
    by_name: Mapping[str, SubgraphSchema],
    uses: Mapping[str, FieldUses],
    coordinate: str,
    field: Field,
    findings: Findings,
) -> bool:
    """Whether the override says something sensible; notes what does not."""
    applied = field.applied("override")[0]
    source, label = applied.value("from"), applied.value("label")
    type_name, name = coordinate.split(".")

    def refuse(code: str, message: str, hint: str) -> bool:
        findings.error(code, coordinate, message, hint, subgraph, applied)
        return False

    if subgraph.types[type_name].kind == "INTERFACE":
        return refuse(
            "OVERRIDE_ON_INTERFACE",
            "@override does not apply to a field of an interface",
            "Put @override on the field of each implementing object type.",
        )
    if label is not None and not _LABEL.match(label):
        return refuse(
            "OVERRIDE_LABEL_INVALID",
            f"{label!r} is not a label",
            "Use letters, digits and _-:./ after a first letter, or percent(0) to percent(100).",
        )
    if source == subgraph.name:
        return refuse(
            "OVERRIDE_FROM_SELF_ERROR",
            f'"{source}" overrides itself',
            "Name the subgraph that resolves the field until now.",
        )
    if coordinate in uses[subgraph.name].external:
        return refuse(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            "is both @override and @external, so it would be resolved nowhere",
            "Drop @external: the overriding subgraph resolves the field.",
        )
    if source not in by_name:
        message = f'"{source}" is no subgraph of this supergraph (there are {listed(by_name)})'
        findings.hint("FROM_SUBGRAPH_DOES_NOT_EXIST", coordinate, message)
        return False
    taken_type = by_name[source].types.get(type_name)
    taken = taken_type.fields.get(name) if taken_type else None
    if taken is None:
        return True
    if taken.has("override"):
        return refuse(
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            f'is overridden in "{source}" too',
            "Only one subgraph may override a field; drop the other @override.",
        )
    for directive in ("requires", "provides"):
        if taken.has(directive):
            return refuse(
                "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                f'cannot be taken from "{source}", where it has @{directive}',
                f'Drop @{directive} in "{source}" first.',
            )
    return True
