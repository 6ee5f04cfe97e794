"""The yearly review (年度审核): of the standards in use, the bottom tenth is proposed for retirement.

Standards are ranked by the certificates that were issued by them in the year and stand verified.
Never more than a tenth is proposed, and none that ties with one that stays: chance retires nobody.

A year's review is concluded once. Its ranking is kept as it was then: what is revoked or handed in later
changes no conclusion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from region_node.domain.refusal import Refusal, refuse
from region_node.domain.standards import CertificateStandard
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.details import DetailCode, detail

PART_RETIRED: Final = 10
"""One in so many."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One standard in its rank, fewest first. `retires`: it is in the bottom tenth."""

    standard: CertificateStandard
    issued: int
    retires: bool


def review(
    standards: Sequence[CertificateStandard], issued: Mapping[tuple[str, SkillLevel], int], year: int
) -> tuple[Reviewed, ...]:
    """Return the standards active at the end of `year`; `issued` counts by certificate and level."""
    active = [one for one in standards if one.active_on(date(year, 12, 31))]
    ranked = sorted(
        ((issued.get((one.certificate, one.level), 0), one.id, one) for one in active),
        key=lambda ranking: ranking[:2],
    )
    at_most = len(ranked) // PART_RETIRED
    border = ranked[at_most][0] if at_most else 0
    return tuple(Reviewed(one, count, count < border) for count, _, one in ranked)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A year's review as it was concluded: what `ranking` marks issues nothing from `retired_from` on."""

    year: int
    retired_from: date
    ranking: tuple[Reviewed, ...]

    @property
    def retired(self) -> tuple[CertificateStandard, ...]:
        return tuple(one.standard for one in self.ranking if one.retires)


def conclude(ranking: Sequence[Reviewed], year: int, first_day: date, today: date) -> Conclusion | Refusal:
    """Retire what the review marks, from `first_day` on; what somebody retired meanwhile stays as it is.

    The year must be over, and nobody's certificate may become void that is issued already.
    """
    if today <= date(year, 12, 31):
        return refuse(RefusalCode.MALFORMED_INPUT, detail=detail(DetailCode.YEAR_NOT_OVER, year=year))
    if first_day <= today:
        past = detail(DetailCode.NOT_AFTER_TODAY, field="from", day=first_day, today=today)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=past)
    concluded = (
        replace(one, standard=replace(one.standard, retired_from=first_day))
        if one.retires and one.standard.retired_from is None
        else replace(one, retires=False)
        for one in ranking
    )
    return Conclusion(year, first_day, tuple(concluded))
