"""The home region's part of recognition: facts on up to 500 outcomes or certificates at once.

The number of SQL statements does not depend on how many are asked about. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from edge.caller import Caller
from region_node.domain.frameworks import Framework, framework_on
from region_node.domain.moment import Moment, not_yet
from region_node.domain.organisations import Veto, first_veto, organisation_code
from region_node.domain.outcome import Outcome
from region_node.domain.recognition_facts import CertificateQuestion, HomeFacts
from region_node.domain.recognition_home import HomeBooks, OutcomeBooks, certificate_facts, outcome_facts
from region_node.domain.standards import CertificateStandard, known_standards
from region_node.service.copies import Copies, copies_with
from region_node.service.ports import Bank, Unit
from region_node.service.recognition_permits import may_ask
from region_node.service.recognition_ports import StandardKey
from schema.details import DetailCode
from schema.ids import region_of


@dataclass(frozen=True, slots=True)
class StandingAsked:
    """One question of region `to`: about an outcome of this region, or about a certificate.

    `known_at` asks for what was known at that instant; None: for what is known now.
    """

    to: str
    as_of: date
    outcome_id: str | None = None
    certificate: CertificateQuestion | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Books:
    """Everything that was loaded for all questions together."""

    outcomes: Mapping[str, OutcomeBooks]
    standards: Mapping[StandardKey, Sequence[CertificateStandard]]
    vetoes: Mapping[str, Sequence[Veto]]
    copies: Copies
    frameworks: Sequence[Framework]


async def standings(
    bank: Bank, unit: Unit, caller: Caller, moment: Moment, asked: Sequence[StandingAsked]
) -> list[HomeFacts]:
    """Return the facts on each question, in their order. Who may ask is a matter of today."""
    well_formed = [one for one in asked if _malformed(bank, one, moment) is None]
    books = await _load(unit, well_formed)
    return [_answer(bank, books, caller, moment, one) for one in asked]


async def standing_of(bank: Bank, unit: Unit, outcome_id: str, to: str, day: date) -> HomeFacts | None:
    """Return the facts on one outcome of this region, as region `to` would learn them; None for none."""
    asked = StandingAsked(to, day, outcome_id)
    books = await _load(unit, [asked])
    of = books.outcomes.get(outcome_id)
    if of is None:
        return None
    return outcome_facts(of, _outcome_books(books, asked, of.outcome), bank.region, to, day)


def _malformed(bank: Bank, asked: StandingAsked, moment: Moment) -> DetailCode | None:
    if (asked.outcome_id is None) == (asked.certificate is None):
        return DetailCode.EITHER_OUTCOME_OR_CERTIFICATE
    if asked.outcome_id is not None and region_of(asked.outcome_id) != bank.region:
        return DetailCode.OUTCOME_OF_OTHER_REGION
    return not_yet(asked.known_at, moment)


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
        copies=await copies_with(unit, partners, {one.known_at for one in asked}),
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


def _answer(bank: Bank, books: _Books, caller: Caller, moment: Moment, asked: StandingAsked) -> HomeFacts:
    malformed = _malformed(bank, asked, moment)
    if malformed is not None:
        return HomeFacts(as_of=asked.as_of, found=False, malformed=malformed.value)
    if asked.certificate is not None:
        return _certificate(bank, books, asked, asked.certificate)
    of = books.outcomes.get(asked.outcome_id or "")
    learner_id = of.outcome.learner_id if of else ""
    if not may_ask(caller, learner_id, bank.region, asked.to, books.copies.now(asked.to), moment.day):
        return HomeFacts(as_of=asked.as_of, permitted=False, found=False, outcome_id=asked.outcome_id)
    if of is None:
        return HomeFacts(as_of=asked.as_of, found=False, outcome_id=asked.outcome_id)
    held = _outcome_books(books, asked, of.outcome)
    return outcome_facts(of, held, bank.region, asked.to, asked.as_of, asked.known_at)


def _certificate(
    bank: Bank, books: _Books, asked: StandingAsked, certificate: CertificateQuestion
) -> HomeFacts:
    if bank.catalogue.certificate(certificate.code) is None:
        return HomeFacts(as_of=asked.as_of, found=False)
    held = _home_books(books, asked, (certificate.code, certificate.level), None)
    return certificate_facts(certificate, held, bank.region, asked.to, asked.as_of)


def _outcome_books(books: _Books, asked: StandingAsked, outcome: Outcome) -> HomeBooks:
    key = (outcome.certificate, outcome.level) if outcome.certificate and outcome.level else None
    return _home_books(books, asked, key, outcome.organisation)


def _home_books(
    books: _Books, asked: StandingAsked, key: StandardKey | None, organisation: str | None
) -> HomeBooks:
    """What was known when the question asks. Without an `organisation` it is the standard's."""
    standards = known_standards(books.standards.get(key, ()), asked.known_at) if key else ()
    issuer = organisation or (standards[0].organisation if standards else None)
    vetoes = books.vetoes.get(organisation_code(issuer), ()) if issuer else ()
    return HomeBooks(
        standards=standards,
        vetoed_on=first_veto(vetoes, asked.known_at),
        agreements=books.copies.known(asked.to, asked.known_at),
        framework=framework_on(books.frameworks, asked.as_of, asked.known_at),
    )
