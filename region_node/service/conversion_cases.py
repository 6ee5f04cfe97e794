"""Use cases that use an outcome up: conversion at home, and the award of what was recognised abroad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from region_node.domain import outcome as life
from region_node.domain.account import AccountStatus, not_open
from region_node.domain.allotment import Worth
from region_node.domain.conversion import Conversion, convert
from region_node.domain.expiry import over
from region_node.domain.identity import identity_of_replaced
from region_node.domain.ledger import AccountBook, EntryKind, LedgerEntry, outcome_id
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome, OutcomeStatus, Replacing
from region_node.domain.recognition_decision import CourseShare
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
    expired = over(outcome, moment.day)
    if expired is not None:
        return expired
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
    entries = await _post(unit, moment, outcome, conversion)
    return OutcomeChanged(outcome, entries)


async def _post(
    unit: Unit, moment: Moment, outcome: Outcome, conversion: Conversion
) -> tuple[LedgerEntry, ...]:
    source = Replacing(outcome.id, outcome.account_id, outcome.learner_id, outcome.examined_on)
    book = await unit.ledger.book(outcome.account_id)
    entries = await place(
        unit, moment, book, source, conversion.courses, memo=f"converted by {conversion.rules}"
    )
    await unit.outcomes.use(outcome.account_id, outcome.id, entries[0])
    return entries


async def place(
    unit: Unit,
    moment: Moment,
    book: AccountBook,
    source: Replacing,
    courses: Sequence[CourseShare],
    *,
    memo: str,
) -> tuple[LedgerEntry, ...]:
    """Post one entry that takes the credits from the source, and one for each course that puts them there."""
    taken = sum(course.credits for course in courses)
    book, used = book.post(EntryKind.CONVERSION, -taken, moment, outcome_id=source.outcome_id, memo=memo)
    entries = [used]
    number = await unit.outcomes.count(source.account_id)
    for share in courses:
        number += 1
        identifier = outcome_id(source.account_id, number)
        course = life.replaced_course(identifier, source, share.name, share.credits, moment)
        await unit.outcomes.add(course, identity_of_replaced(source.outcome_id, share.course))
        book, entry = book.post(
            EntryKind.CONVERSION,
            share.credits,
            moment,
            outcome_id=identifier,
            memo=f"{share.name}, rule {share.rule}",
        )
        entries.append(entry)
    replaced = [share.course for share in courses]
    await unit.outcomes.replace_courses(source.account_id, source.outcome_id, replaced, moment.day)
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
