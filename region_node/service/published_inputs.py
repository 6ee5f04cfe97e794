"""The published documents that decisions rest on, as the bytes whose hash the decisions name.

A handful of statements, however many are asked for: each kind is loaded at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from region_node.domain.canonical import canonical, hash_of
from region_node.domain.frameworks import ONE_PLUS_X
from region_node.domain.policy import UNTIL_SET
from region_node.domain.recognition_inputs import InputVersion
from region_node.service.ports import Unit
from schema.agreements import SkillLevel, terms_to_plain

Plains = Iterable[Mapping[str, Any]]
Load = Callable[[Unit, Sequence[str]], Awaitable[Plains]]
"""Loads the canonical forms that documents of these IDs have or had."""


async def published_inputs(unit: Unit, asked: Sequence[InputVersion]) -> list[str | None]:
    """Return each document as canonical JSON, in the order asked; None where none here has that hash."""
    found: dict[str, str] = {}
    for kind in sorted({one.kind for one in asked} & _LOADS.keys()):
        ids = sorted({one.id for one in asked if one.kind == kind})
        wanted = {one.hash for one in asked if one.kind == kind}
        found |= {
            hash_: canonical(plain).decode()
            for plain in await _LOADS[kind](unit, ids)
            if (hash_ := hash_of(plain)) in wanted
        }
    return [found.get(one.hash) for one in asked]


async def _agreements(unit: Unit, ids: Sequence[str]) -> Plains:
    return [terms_to_plain(copy.terms) for copy in (await unit.agreements.by_ids(ids)).values()]


async def _rule_sets(unit: Unit, ids: Sequence[str]) -> Plains:
    return [rule_set.plain() for rule_set in (await unit.rules.by_ids(ids)).values()]


async def _policies(unit: Unit, _: Sequence[str]) -> Plains:
    return [policy.plain() for policy in (UNTIL_SET, *await unit.policies.versions())]


async def _frameworks(unit: Unit, ids: Sequence[str]) -> Plains:
    versions = (ONE_PLUS_X, *await unit.frameworks.versions())
    return [framework.plain() for framework in versions if framework.code in ids]


async def _maps(unit: Unit, ids: Sequence[str]) -> Plains:
    return [one.plain() for one in await unit.frameworks.maps() if one.id in ids]


async def _standards(unit: Unit, ids: Sequence[str]) -> Plains:
    """A standard has two forms: until its retirement was recorded, and since."""
    named = (one.split("/", 2) for one in ids)
    keys = {(parts[0], SkillLevel(parts[1])) for parts in named if {*parts[1:2]} & {*SkillLevel}}
    found = await unit.standards.of(sorted(keys)) if keys else {}
    versions = [one for standards in found.values() for one in standards]
    return [form.plain() for one in versions for form in (one, replace(one, retired_from=None))]


_LOADS: Final[Mapping[str, Load]] = {
    "agreement": _agreements,
    "home-agreement": _agreements,
    "rules": _rule_sets,
    "policy": _policies,
    "framework": _frameworks,
    "framework-map": _maps,
    "standard": _standards,
    "own-standard": _standards,
}
"""What is published of a decision's inputs. The others are in its evidence."""
