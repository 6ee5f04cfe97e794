"""Issues credentials: a certificate, an archive, and the list of what was revoked, signed as VC-JWT.

Where an outcome's credits stand in the region's log is also the place of its bit in the status lists,
so nothing more is to be stored, and nothing can be issued twice with two bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from region_node.domain.account import Account
from region_node.domain.credential import (
    STATUS_LIST_BITS,
    Certified,
    Issuer,
    achievement_credential,
    archive_credential,
    claims,
    status_list_credential,
)
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome, OutcomeStatus, OutcomeStep
from region_node.service.bank_ports import OutcomeFilter
from region_node.service.paging import PageRequest, order_by
from region_node.service.ports import Bank, Unit

ARCHIVE_LIMIT: Final = 1_000
"""Outcomes of one archive."""


def issuer_of(bank: Bank) -> Issuer | None:
    """Return the bank as an issuer; None where it has no key or no public address."""
    if bank.signer is None or bank.public_url is None:
        return None
    return Issuer(bank.region, bank_name(bank), bank.public_url.rstrip("/"))


def bank_name(bank: Bank) -> str:
    region = bank.catalogue.region(bank.region)
    return f"{region.name}学分银行 {region.name_en} Credit Bank" if region else bank.region


async def certificate_token(bank: Bank, unit: Unit, moment: Moment, outcome: Outcome) -> str | None:
    """Return a verified outcome as an Open Badges VC-JWT; None where nothing can be issued."""
    issuer = issuer_of(bank)
    certified = await _certified(unit, [outcome])
    if issuer is None or not certified:
        return None
    return sign(bank, achievement_credential(issuer, certified[0]), moment)


async def archive_token(bank: Bank, unit: Unit, moment: Moment, account: Account) -> str | None:
    """Return an account's verified outcomes as a CLR VC-JWT; None where nothing can be issued."""
    issuer = issuer_of(bank)
    if issuer is None:
        return None
    certified = await _certified(unit, await verified_outcomes(unit, account.id))
    credential = archive_credential(issuer, account.id, account.learner_id, certified, moment.at)
    return sign(bank, credential, moment)


async def status_list_token(bank: Bank, unit: Unit, moment: Moment, number: int) -> str | None:
    """Return one status list as a VC-JWT; None where there is none of that number."""
    issuer = issuer_of(bank)
    first = number * STATUS_LIST_BITS
    if issuer is None or (number > 0 and first >= await unit.log_positions.size()):
        return None
    revoked = await unit.log_positions.revoked(first, first + STATUS_LIST_BITS)
    bits = [position - first for position in revoked]
    return sign(bank, status_list_credential(issuer, number, bits, moment.at), moment)


async def verified_outcomes(unit: Unit, account_id: str) -> tuple[Outcome, ...]:
    """Return what stands verified on the account, by day of issue."""
    request = PageRequest(order_by("issued_on", date), ARCHIVE_LIMIT)
    where = OutcomeFilter(status=OutcomeStatus.VERIFIED)
    pages = await unit.outcomes.pages_of_accounts([account_id], where, request)
    return pages[account_id].rows if account_id in pages else ()


async def _certified(unit: Unit, outcomes: Sequence[Outcome]) -> list[Certified]:
    ids = [one.id for one in outcomes if one.status is OutcomeStatus.VERIFIED]
    positions = await unit.log_positions.of(ids)
    events = await unit.outcomes.events(ids)
    verified = {
        id_: event.recorded_at
        for id_, life in events.items()
        for event in life
        if event.step is OutcomeStep.VERIFIED
    }
    return [
        Certified(one, verified[one.id], positions[one.id])
        for one in outcomes
        if one.id in positions and one.id in verified
    ]


def sign(bank: Bank, credential: Mapping[str, Any], moment: Moment) -> str:
    assert bank.signer is not None  # noqa: S101 - an issuer has a key
    assert bank.public_url is not None  # noqa: S101 - and an address
    return bank.signer.token(claims(credential, moment.at), bank.public_url.rstrip("/"))
