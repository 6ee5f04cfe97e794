"""The home region's part of recognition: facts on up to 500 outcomes or certificates at once.

The number of SQL statements does not depend on how many are asked about. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from edge.caller import Caller
from region_node.domain.frameworks import Framework
from region_node.domain.organisations import organisation_code
from region_node.domain.outcome import Outcome
from region_node.domain.recognition_facts import CertificateQuestion, HomeFacts
from region_node.domain.recognition_home import HomeBooks, OutcomeBooks, certificate_facts, outcome_facts
from region_node.domain.standards import CertificateStandard
from region_node.service.ports import Bank, Unit
from region_node.service.recognition_permits import may_ask
from region_node.service.recognition_ports import StandardKey
from schema.agreements import Agreement
from schema.ids import region_of


@dataclass(frozen=True, slots=True)
class StandingAsked:
    """One question of region `to`: about an outcome of this region, or about a certificate."""

    to: str
    as_of: date
    outcome_id: str | None = None
    certificate: CertificateQuestion | None = None


@dataclass(frozen=True, slots=True)
class _Books:
    """Everything that was loaded for all questions together."""

    outcomes: Mapping[str, OutcomeBooks]
    standards: Mapping[StandardKey, Sequence[CertificateStandard]]
    vetoes: Mapping[str, date]
    agreements: Mapping[str, Sequence[Agreement]]
    frameworks: Sequence[Framework]


async def standings(
    bank: Bank, unit: Unit, caller: Caller, today: date, asked: Sequence[StandingAsked]
) -> list[HomeFacts]:
    """Return the facts on each question, in their order."""
    well_formed = [one for one in asked if _malformed(bank, one) is None]
    books = await _load(unit, well_formed)
    return [_answer(bank, books, caller, today, one) for one in asked]


def _malformed(bank: Bank, asked: StandingAsked) -> str | None:
    if (asked.outcome_id is None) == (asked.certificate is None):
        return "give either outcomeId or certificate"
    if asked.outcome_id is not None and region_of(asked.outcome_id) != bank.region:
        return f"outcome {asked.outcome_id} is not of region {bank.region}"
    return None


async def _load(unit: Unit, asked: Sequence[StandingAsked]) -> _Books:
    ids = sorted({one.outcome_id for one in asked if one.outcome_id is not None})
    outcomes = await _outcomes(unit, ids) if ids else {}
    keys: set[StandardKey] = {
        (one.certificate.code, one.certificate.level) for one in asked if one.certificate is not None
    }
    named = [of.outcome for of in outcomes.values()]
    keys |= {(one.certificate, one.level) for one in named if one.certificate and one.level}
    standards = await unit.standards.of(sorted(keys)) if keys else {}
    issuers = {standard.organisation for found in standards.values() for standard in found}
    issuers |= {one.organisation for one in named if one.organisation}
    codes = sorted({organisation_code(name) for name in issuers})
    partners = sorted({one.to for one in asked})
    return _Books(
        outcomes=outcomes,
        standards=standards,
        vetoes=await unit.standards.vetoes(codes) if codes else {},
        agreements=await unit.agreements.with_partners(partners) if partners else {},
        frameworks=await unit.frameworks.versions() if asked else (),
    )


async def _outcomes(unit: Unit, ids: Sequence[str]) -> dict[str, OutcomeBooks]:
    found = await unit.outcomes.by_ids(ids)
    events = await unit.outcomes.events(ids)
    accounts = await unit.accounts.events(sorted({outcome.account_id for outcome in found.values()}))
    uses = await unit.outcomes.uses(ids)
    entries = await unit.ledger.by_ids(sorted(uses.values()))
    return {
        id_: OutcomeBooks(
            outcome=outcome,
            events=events.get(id_, ()),
            account_events=accounts.get(outcome.account_id, ()),
            use=entries.get(uses.get(id_, "")),
        )
        for id_, outcome in found.items()
    }


def _answer(bank: Bank, books: _Books, caller: Caller, today: date, asked: StandingAsked) -> HomeFacts:
    malformed = _malformed(bank, asked)
    if malformed is not None:
        return HomeFacts(as_of=asked.as_of, found=False, malformed=malformed)
    if asked.certificate is not None:
        return _certificate(bank, books, asked, asked.certificate)
    agreements = books.agreements.get(asked.to, ())
    of = books.outcomes.get(asked.outcome_id or "")
    learner_id = of.outcome.learner_id if of else ""
    if not may_ask(caller, learner_id, bank.region, asked.to, agreements, today):
        return HomeFacts(as_of=asked.as_of, permitted=False, found=False, outcome_id=asked.outcome_id)
    if of is None:
        return HomeFacts(as_of=asked.as_of, found=False, outcome_id=asked.outcome_id)
    return outcome_facts(of, _outcome_books(books, asked.to, of.outcome), bank.region, asked.to, asked.as_of)


def _certificate(
    bank: Bank, books: _Books, asked: StandingAsked, certificate: CertificateQuestion
) -> HomeFacts:
    if bank.catalogue.certificate(certificate.code) is None:
        return HomeFacts(as_of=asked.as_of, found=False)
    standards = books.standards.get((certificate.code, certificate.level), ())
    organisation = standards[0].organisation if standards else None
    return certificate_facts(
        certificate, _home_books(books, asked.to, standards, organisation), bank.region, asked.to, asked.as_of
    )


def _outcome_books(books: _Books, to: str, outcome: Outcome) -> HomeBooks:
    key = (outcome.certificate, outcome.level)
    standards = books.standards.get((key[0], key[1]), ()) if key[0] and key[1] else ()
    organisation = outcome.organisation or (standards[0].organisation if standards else None)
    return _home_books(books, to, standards, organisation)


def _home_books(
    books: _Books, to: str, standards: Sequence[CertificateStandard], organisation: str | None
) -> HomeBooks:
    return HomeBooks(
        standards=standards,
        vetoed_on=books.vetoes.get(organisation_code(organisation)) if organisation else None,
        agreements=books.agreements.get(to, ()),
        frameworks=books.frameworks,
    )
