"""What the home region says of its own: facts as they were on the day, out of its dated books.

Nothing is judged here beyond the facts; whoever decides is the other region.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from region_node.domain.account import AccountEvent, AccountStatus
from region_node.domain.account import status_on as account_status_on
from region_node.domain.agreements import terms_hash
from region_node.domain.frameworks import Framework
from region_node.domain.ledger import LedgerEntry
from region_node.domain.moment import is_known
from region_node.domain.outcome import Outcome, OutcomeEvent, OutcomeStatus, OutcomeStep
from region_node.domain.outcome import status_on as outcome_status_on
from region_node.domain.recognition_facts import CertificateQuestion, HomeFacts
from region_node.domain.standards import CertificateStandard, choose_standard
from schema.agreements import Agreement, OutcomeKind, SkillLevel, choose


@dataclass(frozen=True, slots=True)
class OutcomeBooks:
    """What the books say of one outcome: its steps, its account's, and the entry that used it."""

    outcome: Outcome
    events: Sequence[OutcomeEvent]
    account_events: Sequence[AccountEvent]
    use: LedgerEntry | None


@dataclass(frozen=True, slots=True)
class HomeBooks:
    """What the books say besides: the standards of the certificate and level, the first veto of its
    organisation, the copies of the agreements with the other region, the region's framework.
    """

    standards: Sequence[CertificateStandard]
    vetoed_on: date | None
    agreements: Sequence[Agreement]
    framework: Framework


def certificate_facts(
    asked: CertificateQuestion, books: HomeBooks, home: str, to: str, as_of: date
) -> HomeFacts:
    """Return the facts of a certificate as a standard: no learner, no account."""
    issued_on = asked.issued_on or as_of
    facts = HomeFacts(
        as_of=as_of,
        kind=OutcomeKind.X_CERTIFICATE,
        certificate_code=asked.code,
        level=asked.level,
        issued_on=issued_on,
        examined_on=asked.examined_on or issued_on,
        standard_version=asked.standard_version,
    )
    standard = choose_standard(books.standards, asked.standard_version, issued_on)
    if standard is not None:
        facts = replace(
            facts,
            credits=standard.credits,
            core_credits=standard.core,
            flexible_credits=standard.flexible,
            organisation=standard.organisation,
        )
    return _common(facts, standard, books, home, to)


def outcome_facts(
    of: OutcomeBooks, books: HomeBooks, home: str, to: str, as_of: date, known_at: datetime | None = None
) -> HomeFacts:
    """Return the facts of an outcome on a day, as known at `known_at`; not found before its submission."""
    outcome = of.outcome
    status = outcome_status_on(of.events, as_of, known_at)
    if status is None:
        return HomeFacts(as_of=as_of, found=False, outcome_id=outcome.id)
    revoked = next((one.on for one in of.events if one.step is OutcomeStep.REVOKED), None)
    used = of.use is not None and of.use.posted_on <= as_of and is_known(of.use.posted_at, known_at)
    facts = HomeFacts(
        as_of=as_of,
        outcome_id=outcome.id,
        learner_id=outcome.learner_id,
        status=status,
        revoked_on=revoked if status is OutcomeStatus.REVOKED else None,
        converted_by=of.use.id if of.use is not None and used else None,
        account_frozen=account_status_on(of.account_events, as_of, known_at) is AccountStatus.FROZEN,
        kind=outcome.kind,
        certificate_code=outcome.certificate,
        level=outcome.level,
        issued_on=outcome.issued_on,
        examined_on=outcome.examined_on,
        examiner_advanced=_advanced(outcome.examiner_level),
        credits=outcome.credits,
        core_credits=outcome.core_credits,
        flexible_credits=outcome.flexible_credits,
        organisation=outcome.organisation,
        standard_version=outcome.standard_version,
    )
    standard = choose_standard(books.standards, outcome.standard_version, outcome.issued_on)
    if standard is not None and facts.organisation is None:
        facts = replace(facts, organisation=standard.organisation)
    return _common(facts, standard, books, home, to)


def _common(
    facts: HomeFacts, standard: CertificateStandard | None, books: HomeBooks, home: str, to: str
) -> HomeFacts:
    agreement, against = choose(books.agreements, home, to, facts.as_of)
    vetoed_on = books.vetoed_on
    facts = replace(
        facts,
        organisation_vetoed_on=vetoed_on if vetoed_on and vetoed_on <= facts.as_of else None,
        framework=books.framework.code,
        framework_level=books.framework.level_of(facts.level, standard.framework_level if standard else None),
    )
    if standard is not None:
        facts = replace(
            facts,
            standard_known=True,
            standard_version=standard.version,
            standard_active_from=standard.active_from,
            standard_retired_on=standard.retired_from,
            standard_hash=standard.hash,
        )
    if agreement is not None:
        facts = replace(
            facts,
            agreement_id=agreement.id,
            agreement_version=agreement.terms.version,
            agreement_hash=terms_hash(agreement.terms),
            agreement_reason=against,
        )
    return facts


def _advanced(level: SkillLevel | None) -> bool | None:
    return None if level is None else level is SkillLevel.ADVANCED
