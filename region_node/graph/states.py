"""How an account or an outcome stood on a day, by what was known at an instant: out of its dated steps."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from region_node.domain.account import AccountStatus
from region_node.domain.account import status_on as account_status_on
from region_node.domain.moment import is_known
from region_node.domain.outcome import OutcomeStatus, OutcomeStep
from region_node.domain.outcome import status_on as outcome_status_on
from region_node.graph import batches
from region_node.graph.context import Context
from region_node.graph.ledger import LedgerEntry
from schema.graph import Credits


@strawberry.type(description="How an account stood (账户历史状态)")
class AccountState:
    status: AccountStatus = strawberry.field(description="Its status at the day's end (状态)")
    balance: Credits = strawberry.field(description="Its balance at the day's end (余额)")


@strawberry.type(description="How a learning outcome stood (学习成果历史状态)")
class OutcomeState:
    status: OutcomeStatus = strawberry.field(description="Its status at the day's end (状态)")
    flagged: bool = strawberry.field(
        description="Whether an outcome it rests on had been revoked (是否被标记)"
    )
    used_by: LedgerEntry | None = strawberry.field(description="The ledger entry that had used it (使用凭证)")


async def account_state(
    context: Context, account_id: str, as_of: date | None, known_at: datetime | None
) -> AccountState | None:
    """None before the account was opened, or before that was known."""
    day, known_at = context.time(as_of, known_at)
    events = await context.load(batches.account_events, account_id) or ()
    status = account_status_on(events, day, known_at)
    if status is None:
        return None
    balance = await context.load(batches.balances_at, account_id, day, known_at)
    return AccountState(status=status, balance=Credits(balance or 0))


async def outcome_state(
    context: Context, outcome_id: str, as_of: date | None, known_at: datetime | None
) -> OutcomeState | None:
    """None before the outcome was submitted, or before that was known."""
    day, known_at = context.time(as_of, known_at)
    events = await context.load(batches.outcome_events, outcome_id) or ()
    status = outcome_status_on(events, day, known_at)
    if status is None:
        return None
    flagged = any(
        event.step is OutcomeStep.FLAGGED and event.on <= day and is_known(event.recorded_at, known_at)
        for event in events
    )
    entry_id = await context.load(batches.uses, outcome_id)
    entry = None if entry_id is None else await context.load(batches.entries, entry_id)
    used = entry is not None and entry.posted_on <= day and is_known(entry.posted_at, known_at)
    return OutcomeState(
        status=status, flagged=flagged, used_by=LedgerEntry.of(entry) if entry is not None and used else None
    )
