"""Published rule sets (service/recognition_ports.py, Rules).

A set never changes once it is published, so the program keeps the last few whole: a lookup
then reads only which set is in force.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from catalogue.entries import CourseKind
from region_node.domain.moment import is_known
from region_node.domain.rules import ConversionRule, RuleDirection, RuleSet
from region_node.service.recognition_ports import Time
from region_node.storage.published import Published
from region_node.storage.seals import sealed
from region_node.storage.tables import table_of
from region_node.storage.tables_recognition import ConversionRuleRow, RuleSetRow
from schema.agreements import SkillLevel

RULE_SETS_KEPT_LIMIT: Final = 8

_SETS = table_of(RuleSetRow)
_RULES = table_of(ConversionRuleRow)


class RuleSetsKept:
    """The rule sets last used, by ID; the one unused for longest gives way."""

    def __init__(self, limit: int = RULE_SETS_KEPT_LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, RuleSet] = OrderedDict()

    def get(self, id_: str) -> RuleSet | None:
        found = self._kept.get(id_)
        if found is not None:
            self._kept.move_to_end(id_)
        return found

    def keep(self, rule_set: RuleSet) -> None:
        self._kept[rule_set.id] = rule_set
        self._kept.move_to_end(rule_set.id)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)


class SqlRules:
    def __init__(self, connection: AsyncConnection, published: Published, kept: RuleSetsKept) -> None:
        self._connection = connection
        self._published = published
        self._kept = kept

    async def in_force(self, days: Collection[date]) -> Mapping[date, RuleSet]:
        found = await self.at([(day, None) for day in days])
        return {day: rule_set for (day, _), rule_set in found.items()}

    async def at(self, times: Collection[Time]) -> Mapping[Time, RuleSet]:
        heads = await self._heads()
        chosen: dict[Time, Any] = {}
        for day, known_at in times:
            begun = [
                head for head in heads if head.valid_from <= day and is_known(head.published_at, known_at)
            ]
            if begun:
                chosen[day, known_at] = max(begun, key=lambda head: (head.valid_from, head.version))
        sets = await self._load(list({head.id: head for head in chosen.values()}.values()))
        return {time: sets[head.id] for time, head in chosen.items()}

    async def all(self) -> tuple[RuleSet, ...]:
        heads = await self._heads()
        sets = await self._load(heads)
        return tuple(sets[head.id] for head in reversed(heads))

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, RuleSet]:
        return await self._load([head for head in await self._heads() if head.id in ids])

    async def newest(self) -> tuple[int, date] | None:
        heads = await self._heads()
        return (heads[-1].version, heads[-1].valid_from) if heads else None

    async def add(self, rule_set: RuleSet, by: str) -> None:
        await self._connection.execute(
            sa.insert(_SETS).values(
                sealed(
                    {
                        "version": rule_set.version,
                        "id": rule_set.id,
                        "valid_from": rule_set.valid_from,
                        "published_at": rule_set.published_at,
                        "actor": by,
                        "votes": rule_set.votes,
                    }
                )
            )
        )
        rows = [sealed(_row(rule_set, number, rule)) for number, rule in enumerate(rule_set.rules, start=1)]
        if rows:
            await self._connection.execute(sa.insert(_RULES), rows)

    async def _heads(self) -> list[Any]:
        return await self._published.whole("rule sets", self._read_heads)

    async def _read_heads(self) -> list[Any]:
        return list(await self._connection.execute(sa.select(_SETS).order_by(_SETS.c.version)))

    async def _load(self, heads: Collection[Any]) -> dict[str, RuleSet]:
        sets = {head.id: self._kept.get(head.id) for head in heads}
        absent = [id_ for id_, rule_set in sets.items() if rule_set is None]
        rules: defaultdict[str, list[ConversionRule]] = defaultdict(list)
        if absent:
            select = sa.select(_RULES).where(_RULES.c.rule_set_id.in_(absent))
            for row in await self._connection.execute(select.order_by(_RULES.c.rule_set_id, _RULES.c.number)):
                rules[row.rule_set_id].append(_rule(row))
        found = {}
        for head in heads:
            rule_set = sets[head.id] or _rule_set(head, tuple(rules[head.id]))
            self._kept.keep(rule_set)
            found[rule_set.id] = rule_set
        return found


def _rule_set(head: Any, rules: tuple[ConversionRule, ...]) -> RuleSet:
    return RuleSet(
        id=head.id,
        version=head.version,
        valid_from=head.valid_from,
        published_at=head.published_at,
        rules=rules,
        votes=head.votes,
    )


def _rule(row: Any) -> ConversionRule:
    return ConversionRule(
        id=row.id,
        direction=RuleDirection(row.direction),
        certificate=row.certificate,
        level=SkillLevel(row.level),
        major=row.major,
        course=row.course,
        course_name=row.course_name,
        course_kind=CourseKind(row.course_kind),
        credits=row.credits,
        covers_flexible=row.covers_flexible,
    )


def _row(rule_set: RuleSet, number: int, rule: ConversionRule) -> dict[str, Any]:
    return {
        "rule_set_id": rule_set.id,
        "number": number,
        "id": rule.id,
        "direction": rule.direction.value,
        "certificate": rule.certificate,
        "level": rule.level.value,
        "major": rule.major,
        "course": rule.course,
        "course_name": rule.course_name,
        "course_kind": rule.course_kind.value,
        "credits": rule.credits,
        "covers_flexible": rule.covers_flexible,
    }
