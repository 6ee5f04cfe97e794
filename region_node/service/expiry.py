"""Credits whose last day is over leave their accounts: posted by the node itself, without anybody's asking.

It looks when it starts and once an hour. Several processes may do it at once: accounts are locked, and an
outcome is expired once.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Final

from region_node.domain.expiry import Expired, expire
from region_node.domain.ledger import AccountBook
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome
from region_node.service.failures import StorageFailure
from region_node.service.perform import repeated
from region_node.service.ports import Bank, Unit

OUTCOMES_LIMIT: Final = 250
"""Outcomes of one transaction."""
ROUND_S: Final = 3_600.0
ACTOR: Final = "expiry"

_LOG: Final = logging.getLogger(__name__)


async def keep_expiring(bank: Bank) -> None:
    """Post what is due until cancelled; where the database cannot serve, the next round does."""
    while True:
        try:
            await expire_due(bank)
        except StorageFailure as failure:
            _LOG.warning("expired credits are not posted yet: %s", failure.code.value)
        await asyncio.sleep(ROUND_S)


async def expire_due(bank: Bank) -> int:
    """Post all that is due now; return of how many outcomes something was left. Raises `StorageFailure`."""
    moment = bank.moment(ACTOR)

    async def some() -> tuple[int, int]:
        async with bank.units.write() as unit:
            done = await _expire_some(unit, moment)
        return len(done), sum(1 for one in done if one.entry is not None)

    posted = 0
    while await _is_due(bank, moment):
        seen, left = await repeated(some)
        posted += left
        if seen == 0:  # somebody else was faster
            break
    return posted


async def _is_due(bank: Bank, moment: Moment) -> bool:
    async with bank.units.read() as unit:
        return bool(await unit.outcomes.expiring(moment.day, 1))


async def _expire_some(unit: Unit, moment: Moment) -> list[Expired]:
    due = await unit.outcomes.expiring(moment.day, OUTCOMES_LIMIT)
    books = dict(await unit.ledger.books(await unit.accounts.lock_all({one.account_id for one in due})))
    # As they are now that nobody else changes them.
    held = await unit.outcomes.by_ids([one.id for one in due])
    open_ = [one for one in held.values() if not one.expired]
    entries = await unit.ledger.of_outcomes([one.id for one in open_])
    used = await unit.outcomes.uses([one.id for one in open_])
    done = []
    for outcome in sorted(open_, key=lambda one: one.id):
        book = books.get(outcome.account_id, AccountBook(outcome.account_id))
        expired = expire(outcome, entries.get(outcome.id, ()), book, moment)
        books[outcome.account_id] = expired.book
        done.append(expired)
    posted = [(one.outcome, one.entry) for one in done if one.entry is not None]
    await unit.outcomes.set_expired([one.outcome for one in done])
    await unit.outcomes.use_all([(outcome, entry) for outcome, entry in posted if outcome.id not in used])
    await unit.ledger.add([entry for _, entry in posted])
    return done


async def await_expiry_again(unit: Unit, outcome: Outcome) -> None:
    """Credits that come back after their last day are to leave again."""
    if outcome.expired:
        await unit.outcomes.set_expired([replace(outcome, expired=False)])
