"""Use cases that use an outcome up: conversion at home, and the award of what was recognised abroad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from region_node.domain import outcome as life
from region_node.domain.account import AccountStatus, not_open
from region_node.domain.allotment import Share, Worth
from region_node.domain.conversion import convert
from region_node.domain.ledger import EntryKind, LedgerEntry, outcome_id
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome, OutcomeStatus
from region_node.domain.refusal import Refusal, refuse
from region_node.service.outcome_cases import OutcomeChanged, lock_outcome
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from schema.codes import RefusalCode
from schema.credits import as_json, format_credits


@dataclass(frozen=True, slots=True)
class ConvertOutcome:
    outcome_id: str
    major: str


@dataclass(frozen=True, slots=True)
class AwardCredits:
    """What this region recognised of another's outcome. `credits` are tenths, above zero."""

    account_id: str
    foreign_outcome_id: str
    credits: int
    memo: str = ""


async def convert_outcome(
    bank: Bank, unit: Unit, moment: Moment, command: ConvertOutcome
) -> OutcomeChanged | Refusal:
    """Move a certificate's credits to the courses it replaces. The sum of the account stays the same."""
    if bank.catalogue.major(command.major) is None:
        return refuse(RefusalCode.UNKNOWN_MAJOR, id=command.major)
    found = await lock_outcome(unit, command.outcome_id)
    if isinstance(found, Refusal):
        return found
    account, outcome = found
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    if outcome.status is not OutcomeStatus.VERIFIED:
        return life.wrong_status(outcome, OutcomeStatus.VERIFIED)
    used_by = await unit.outcomes.use_in(account.id, outcome.id)
    if used_by is not None:
        return refuse(RefusalCode.ALREADY_CONVERTED, id=outcome.id, entry=used_by)
    conversion = convert(
        outcome.certificate,
        outcome.level,
        Worth(outcome.core_credits, outcome.flexible_credits),
        command.major,
        rule_set=(await unit.rules.in_force([moment.day])).get(moment.day),
        policy=await unit.policies.in_force(moment.day),
        replaced=await unit.outcomes.replaced_courses(account.id),
    )
    if isinstance(conversion, Refusal):
        return conversion
    entries = await _post(unit, moment, outcome, conversion.shares, conversion.rules)
    return OutcomeChanged(outcome, entries)


async def _post(
    unit: Unit, moment: Moment, outcome: Outcome, shares: Sequence[Share], rules: str
) -> tuple[LedgerEntry, ...]:
    """One entry takes the credits from the certificate, one for each course puts them there."""
    book = await unit.ledger.book(outcome.account_id)
    taken = sum(share.credits for share in shares)
    book, used = book.post(
        EntryKind.CONVERSION, -taken, moment, outcome_id=outcome.id, memo=f"converted by {rules}"
    )
    await unit.outcomes.use(outcome.account_id, outcome.id, used)
    entries = [used]
    number = await unit.outcomes.count(outcome.account_id)
    for share in shares:
        number += 1
        course = life.replaced_course(
            outcome_id(outcome.account_id, number), outcome, share.rule.course_name, share.credits, moment
        )
        await unit.outcomes.add(course, life.identity_of_replaced(outcome, share.rule.course))
        book, entry = book.post(
            EntryKind.CONVERSION,
            share.credits,
            moment,
            outcome_id=course.outcome.id,
            memo=f"{share.rule.course_name}, rule {share.rule.id}",
        )
        entries.append(entry)
    await unit.outcomes.replace_courses(outcome, [share.rule.course for share in shares], moment.day)
    await unit.ledger.add(entries)
    return tuple(entries)


async def award_credits(_: Bank, unit: Unit, moment: Moment, command: AwardCredits) -> LedgerEntry | Refusal:
    """Post what was recognised of a foreign outcome, once. The source region is not asked here."""
    account = await unit.accounts.lock(command.account_id)
    if account is None:
        return refuse(RefusalCode.UNKNOWN_ACCOUNT, id=command.account_id)
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    if command.credits <= 0:
        return refuse(RefusalCode.MALFORMED_CREDITS, detail=as_json(format_credits(command.credits)))
    foreign = command.foreign_outcome_id
    used_by = await unit.outcomes.use_in(account.id, foreign)
    if used_by is not None:
        return refuse(RefusalCode.ALREADY_CONVERTED, id=foreign, entry=used_by)
    book = await unit.ledger.book(account.id)
    _book, entry = book.post(EntryKind.AWARD, command.credits, moment, outcome_id=foreign, memo=command.memo)
    await unit.outcomes.use(account.id, foreign, entry)
    await unit.ledger.add([entry])
    return entry


CONVERT_OUTCOME = UseCase("convertOutcome", ConvertOutcome, OutcomeChanged, convert_outcome)
AWARD_CREDITS = UseCase("awardCredits", AwardCredits, LedgerEntry, award_credits)
