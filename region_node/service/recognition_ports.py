"""The repositories of what recognition rests on, as its use cases and its graph need them.

Whatever takes several keys costs one statement, however many there are. A key that is not
here is left out of the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from region_node.domain.agreements import AgreementChange, AgreementEvent
from region_node.domain.frameworks import Framework, FrameworkMap
from region_node.domain.moment import Moment
from region_node.domain.organisations import EvaluationOrganisation, Veto
from region_node.domain.policy import Policy
from region_node.domain.recognition_facts import LearnerUse
from region_node.domain.review import Conclusion
from region_node.domain.rules import RuleSet
from region_node.domain.standards import CertificateStandard
from region_node.service.paging import Page, PageRequest
from schema.agreements import Agreement, AgreementStatus, SkillLevel

StandardKey = tuple[str, SkillLevel]
"""A certificate's code and a level: what several versions of a standard are found by."""
Time = tuple[date, datetime | None]
"""What was true on a day, by what was known at an instant; None: by what is known now."""
LearnerTime = tuple[str, date, datetime | None]
"""A learner's pseudonym, and the time at which their uses are asked for."""


class Agreements(Protocol):
    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Agreement]: ...
    async def with_partners(self, partners: Collection[str]) -> Mapping[str, tuple[Agreement, ...]]: ...
    async def all(
        self, partner: str | None = None, status: AgreementStatus | None = None
    ) -> tuple[Agreement, ...]:
        """Return the copies, by partner and first day."""
        ...

    async def unsigned(self, partner: str | None, request: PageRequest) -> Page[Agreement]:
        """Return a page of the copies that this side has not signed, ordered by ID."""
        ...

    async def events(self, ids: Collection[str]) -> Mapping[str, tuple[AgreementEvent, ...]]: ...
    async def lock(self, id: str) -> Agreement | None:  # noqa: A002
        """Return the copy, which nobody else changes until this transaction ends."""
        ...

    async def add(self, change: AgreementChange) -> None: ...
    async def save(self, change: AgreementChange) -> None: ...


class Rules(Protocol):
    async def in_force(self, days: Collection[date]) -> Mapping[date, RuleSet]:
        """Return the set in force on each day; a day before the first set is left out."""
        ...

    async def at(self, times: Collection[Time]) -> Mapping[Time, RuleSet]:
        """Return the set in force at each time; a time before the first set is left out."""
        ...

    async def all(self) -> tuple[RuleSet, ...]:
        """Return every set, the newest first."""
        ...

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, RuleSet]: ...
    async def newest(self) -> tuple[int, date] | None:
        """Return the last set's version and first day."""
        ...

    async def add(self, rule_set: RuleSet, by: str) -> None: ...


class Policies(Protocol):
    async def versions(self) -> tuple[Policy, ...]: ...
    async def in_force(self, day: date) -> Policy: ...
    async def add(self, policy: Policy, moment: Moment) -> None: ...


class Frameworks(Protocol):
    async def versions(self) -> tuple[Framework, ...]: ...
    async def add(self, framework: Framework, moment: Moment) -> None: ...
    async def maps(self) -> tuple[FrameworkMap, ...]: ...
    async def add_map(self, new: FrameworkMap, moment: Moment) -> None: ...


class Standards(Protocol):
    async def of(
        self, keys: Collection[StandardKey]
    ) -> Mapping[StandardKey, tuple[CertificateStandard, ...]]:
        """Return all versions of these standards."""
        ...

    async def all(self, certificate: str | None = None) -> tuple[CertificateStandard, ...]:
        """Return the standards by certificate, level and first day."""
        ...

    async def organisations(self) -> tuple[EvaluationOrganisation, ...]:
        """Return the organisations that registered standards name, and those with a veto."""
        ...

    async def vetoes(self, codes: Collection[str]) -> Mapping[str, tuple[Veto, ...]]:
        """Return the vetoes of each organisation that has any."""
        ...

    async def add(self, standard: CertificateStandard, moment: Moment) -> None: ...
    async def retire(self, standard: CertificateStandard, moment: Moment) -> None:
        """Save the day in `retired_from`."""
        ...

    async def veto(self, organisation: EvaluationOrganisation, reason: str, moment: Moment) -> None:
        """Save the veto of `vetoed_on`."""
        ...

    async def conclusion(self, year: int) -> Conclusion | None:
        """Return a year's review as it was concluded, its standards as they stand now."""
        ...

    async def conclude(self, conclusion: Conclusion, moment: Moment) -> None:
        """Keep the conclusion, and retire what it retires. Raises `Conflict` where the year has one."""
        ...


class LearnerUses(Protocol):
    async def at(self, learners: Sequence[LearnerTime]) -> Mapping[LearnerTime, LearnerUse]:
        """Return what each learner has been recognised here by a time: this year, and courses replaced.

        Everything asked for is in the answer. Two statements, however many there are.
        """
        ...
