"""The yearly review (年度审核): of the standards in use, the bottom tenth is proposed for retirement.

Standards are ranked by the certificates that were issued by them in the year and stand verified.
Never more than a tenth is proposed, and none that ties with one that stays: chance retires nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from region_node.domain.standards import CertificateStandard
from schema.agreements import SkillLevel

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
