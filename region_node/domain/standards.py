"""Certificate standards (职业技能等级标准): active from a day, perhaps retired from a day.

Identity is (organisation, certificate, level, version). Retirement stops new issues; whoever
holds a certificate keeps its rights, so the day of issue decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from catalogue.entries import Certificate
from region_node.domain.canonical import hash_of
from region_node.domain.moment import EVER, is_known
from region_node.domain.policy import Policy
from region_node.domain.refusal import Refusal, refuse
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.credits import as_json, format_credits
from schema.details import DetailCode, detail

NOT_STATED: Final = "–"
"""Stands in a sentence for a version that nobody stated."""


@dataclass(frozen=True)
class CertificateStandard:
    """One version of a standard. Credits are tenths, core and flexible together the whole.

    `retired_from` is the first day on which nothing may be issued by it. `framework_level` is the
    level in the region's framework, None where the framework's own rule for the skill level holds.
    """

    certificate: str
    organisation: str
    level: SkillLevel
    version: str
    core: int
    flexible: int
    active_from: date
    retired_from: date | None = None
    framework_level: str | None = None
    recorded_at: datetime = field(default=EVER, compare=False)
    retirement_recorded_at: datetime = field(default=EVER, compare=False)

    @property
    def credits(self) -> int:
        return self.core + self.flexible

    @property
    def id(self) -> str:
        """What a decision calls it: certificate, level and version."""
        return f"{self.certificate}/{self.level.value}/{self.version}"

    def active_on(self, day: date) -> bool:
        return self.active_from <= day and (self.retired_from is None or day < self.retired_from)

    def plain(self) -> dict[str, Any]:
        return {
            "certificate": self.certificate,
            "organisation": self.organisation,
            "level": self.level.value,
            "version": self.version,
            "core": self.core,
            "flexible": self.flexible,
            "activeFrom": self.active_from.isoformat(),
            "retiredFrom": self.retired_from.isoformat() if self.retired_from else None,
            "frameworkLevel": self.framework_level,
        }

    @cached_property
    def hash(self) -> str:
        return hash_of(self.plain())


def known_standards(
    standards: Sequence[CertificateStandard], known_at: datetime | None
) -> tuple[CertificateStandard, ...]:
    """Return the standards as they were known at `known_at`: neither later ones nor later retirements."""
    if known_at is None:
        return tuple(standards)
    return tuple(
        one if is_known(one.retirement_recorded_at, known_at) else replace(one, retired_from=None)
        for one in standards
        if is_known(one.recorded_at, known_at)
    )


def choose_standard(
    standards: Sequence[CertificateStandard], version: str | None, issued_on: date
) -> CertificateStandard | None:
    """Return the standard of that version; without one, the newest active on the day of issue.

    Where none was active that day the newest of all is returned, so that its dates can say why.
    `standards` are those of one certificate at one level.
    """
    newest_first = sorted(standards, key=lambda one: (one.active_from, one.version), reverse=True)
    if version is not None:
        return next((one for one in newest_first if one.version == version), None)
    active = (one for one in newest_first if one.active_on(issued_on))
    return next(active, newest_first[0] if newest_first else None)


def check_standard(
    standard: CertificateStandard,
    certificate: Certificate,
    policy: Policy,
    registered: Sequence[CertificateStandard],
) -> Refusal | None:
    """Return why the standard may not be registered. `registered` are the certificate's at this level."""
    if standard.core < 0 or standard.flexible < 0 or standard.credits == 0:
        return refuse(RefusalCode.MALFORMED_CREDITS, detail=as_json(format_credits(standard.credits)))
    if standard.credits > policy.ceiling:
        return refuse(
            RefusalCode.CEILING_EXCEEDED,
            credits=format_credits(standard.credits),
            ceiling=format_credits(policy.ceiling),
        )
    if standard.level not in certificate.levels:
        level = standard.level.value
        wrong = detail(DetailCode.NO_CERTIFICATE_AT_LEVEL, certificate=certificate.code, level=level)
    elif not standard.version or not standard.organisation:
        wrong = detail(DetailCode.STANDARD_INCOMPLETE)
    elif any(one.version == standard.version for one in registered):
        wrong = detail(DetailCode.STANDARD_REGISTERED, standard=standard.id)
    else:
        return None
    return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)


def check_retirement(standard: CertificateStandard, first_day: date) -> Refusal | None:
    """Return why the standard may not be retired from `first_day`."""
    if standard.retired_from is not None:
        wrong = detail(DetailCode.STANDARD_RETIRED_BEFORE, standard=standard.id, day=standard.retired_from)
    elif first_day < standard.active_from:
        wrong = detail(DetailCode.STANDARD_NOT_YET_ACTIVE, standard=standard.id, day=standard.active_from)
    else:
        return None
    return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)
