"""The batched loads of what a region publishes: each is one statement, however many keys it is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from region_node.domain.agreements import AgreementEvent
from region_node.domain.rules import RuleSet
from region_node.service.ports import Unit
from schema.agreements import Agreement

Keys = Collection[str]


async def agreements(unit: Unit, ids: Keys) -> Mapping[str, Agreement]:
    return await unit.agreements.by_ids(ids)


async def agreement_events(unit: Unit, ids: Keys) -> Mapping[str, tuple[AgreementEvent, ...]]:
    return await unit.agreements.events(ids)


async def rule_sets(unit: Unit, ids: Keys) -> Mapping[str, RuleSet]:
    return await unit.rules.by_ids(ids)
