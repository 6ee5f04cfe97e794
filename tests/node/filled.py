"""A bank with many accounts and outcomes, written by the repositories in one transaction."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from region_node.domain.account import LearnerGroup, open_account
from region_node.domain.identity import identity
from region_node.domain.ledger import AccountBook, EntryKind, outcome_id
from region_node.domain.moment import Moment
from region_node.domain.outcome import Achievement, submit, verify
from region_node.domain.policy import UNTIL_SET
from region_node.domain.refusal import Refusal
from region_node.service.ports import Bank
from schema.agreements import OutcomeKind
from tests.node.databases import REGION

FIRST_DAY = date(2026, 1, 1)


async def fill(bank: Bank, accounts: int, outcomes: int) -> list[str]:
    """Return the IDs of the new accounts, in the order of opening; learner n is "L-n"."""
    opened = []
    async with bank.units.write() as unit:
        for number in range(accounts):
            day = FIRST_DAY + timedelta(days=number)
            moment = Moment(datetime(2026, 1, 1, 4, tzinfo=UTC) + timedelta(days=number), day, "filler")
            change = open_account(f"{REGION}-A-F{number:05}", f"L-{number}", LearnerGroup.IN_WORK, moment)
            account = change.account
            await unit.accounts.add(change, b"sealed", f"index {number}")
            book = AccountBook(account.id)
            for place in range(1, outcomes + 1):
                achievement = Achievement(
                    kind=OutcomeKind.COURSE, title=f"course {place}", credits=10 + place, issued_on=FIRST_DAY
                )
                handed_in = submit(outcome_id(account.id, place), account, achievement, UNTIL_SET, moment)
                assert not isinstance(handed_in, Refusal)
                await unit.outcomes.add(handed_in, identity(account.id, achievement))
                verified = verify(handed_in.outcome, account, None, moment)
                assert not isinstance(verified, Refusal)
                await unit.outcomes.save([verified])
                book, entry = book.post(
                    EntryKind.DEPOSIT, verified.outcome.credits, moment, outcome_id=verified.outcome.id
                )
                await unit.ledger.add([entry])
            opened.append(account.id)
    return opened
