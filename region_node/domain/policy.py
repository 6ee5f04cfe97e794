"""What a region may set for itself: dated versions of its policy, never constants in code.

DOMAIN.md marks these *policy*. A version holds from its day until a newer one does; none is
ever edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from catalogue.entries import CourseKind
from region_node.domain.canonical import hash_of
from region_node.domain.moment import EVER, is_known
from region_node.domain.refusal import Refusal, refuse
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.details import DetailCode, detail

BASIC_CORE_BOTH: Final[Mapping[SkillLevel, tuple[CourseKind, ...]]] = {
    SkillLevel.ELEMENTARY: (CourseKind.BASIC,),
    SkillLevel.INTERMEDIATE: (CourseKind.CORE,),
    SkillLevel.ADVANCED: (CourseKind.BASIC, CourseKind.CORE),
}


@dataclass(frozen=True)
class Policy:
    """One version of a region's policy. Amounts of credits are tenths.

    `ceiling` is the most one certificate may carry and `flexible_percent` its flexible share;
    `yearly_ceiling` bounds what one learner may have recognised in a calendar year (None: unbounded).
    `review_window_days` is how long before a veto exams are referred, `bar_days` how long after a
    fraud case submissions are barred. `validity_years` is how long credits stay, from the day of issue (None:
    for good). `level_opens` says which kinds of course a level replaces;
    `committee_votes` is how many votes a rule set needs to be published.
    """

    version: int
    valid_from: date
    ceiling: int = 80
    flexible_percent: int = 30
    yearly_ceiling: int | None = None
    review_window_days: int = 30
    bar_days: int = 365
    level_opens: Mapping[SkillLevel, tuple[CourseKind, ...]] = field(
        default_factory=lambda: dict(BASIC_CORE_BOTH)
    )
    committee_votes: int = 0
    validity_years: int | None = None
    recorded_at: datetime = field(default=EVER, compare=False)

    def __hash__(self) -> int:
        return hash((self.version, self.valid_from))

    def split(self, whole: int) -> tuple[int, int]:
        """Return the core and the flexible part of a certificate of `whole` tenths."""
        flexible = whole * self.flexible_percent // 100
        return whole - flexible, flexible

    def opens(self, level: SkillLevel | None, kind: CourseKind) -> bool:
        return level is not None and kind in self.level_opens.get(level, ())

    def plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "version": self.version,
            "validFrom": self.valid_from.isoformat(),
            "ceiling": self.ceiling,
            "flexiblePercent": self.flexible_percent,
            "yearlyCeiling": self.yearly_ceiling,
            "reviewWindowDays": self.review_window_days,
            "barDays": self.bar_days,
            "levelOpens": {
                level.value: sorted(kind.value for kind in self.level_opens.get(level, ()))
                for level in SkillLevel
            },
            "committeeVotes": self.committee_votes,
        }
        # Left out where it is not set: policies that were set before it could be keep their hash.
        return plain if self.validity_years is None else {**plain, "validityYears": self.validity_years}

    @cached_property
    def hash(self) -> str:
        return hash_of(self.plain())


UNTIL_SET: Final = Policy(version=0, valid_from=date.min)
"""What holds in a region that has set no policy: the figures that the sources give."""


def policy_on(versions: Sequence[Policy], day: date, known_at: datetime | None = None) -> Policy:
    """Return the version in force on `day`, as known at `known_at`: the newest that holds by then."""
    begun = [one for one in versions if one.valid_from <= day and is_known(one.recorded_at, known_at)]
    return max(begun, key=lambda policy: (policy.valid_from, policy.version), default=UNTIL_SET)


def check_policy(policy: Policy, versions: Sequence[Policy]) -> Refusal | None:
    """Return why this version may not be set. It may not begin before one that is already set."""
    newest = max((earlier.valid_from for earlier in versions), default=None)
    wrong = [
        detail(code, field=name)
        for code, name, present in (
            (DetailCode.NOT_ABOVE_ZERO, "ceilingCredits", policy.ceiling <= 0),
            (DetailCode.NOT_A_PERCENTAGE, "flexiblePercent", not 0 <= policy.flexible_percent <= 100),
            (DetailCode.NEGATIVE, "yearlyCeiling", (policy.yearly_ceiling or 0) < 0),
            (DetailCode.NEGATIVE, "reviewWindowDays", policy.review_window_days < 0),
            (DetailCode.NEGATIVE, "barDays", policy.bar_days < 0),
            (DetailCode.NEGATIVE, "committeeVotes", policy.committee_votes < 0),
            (
                DetailCode.NOT_ABOVE_ZERO,
                "validityYears",
                policy.validity_years is not None and policy.validity_years <= 0,
            ),
        )
        if present
    ]
    if newest is not None and policy.valid_from < newest:
        wrong.append(detail(DetailCode.BEFORE_ANOTHER_VERSION, day=newest))
    return refuse(RefusalCode.MALFORMED_INPUT, detail=tuple(wrong)) if wrong else None
