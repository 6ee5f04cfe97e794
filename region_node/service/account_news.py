"""What has happened on an account since a position in its history, which is only ever added to.

An account has three histories: its own steps, those of its outcomes, and its ledger. Each is numbered
without gaps by whoever holds the account, so how far somebody has read is a number for each; no clock
is asked, and nothing can be read twice or left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from region_node.domain.account import AccountEvent
from region_node.domain.ledger import LedgerEntry, entry_id, outcome_id
from region_node.domain.outcome import OutcomeEvent
from region_node.service.bank_ports import EntryFilter
from region_node.service.paging import Page, PageRequest, SortKey
from region_node.service.ports import Unit

Happened = AccountEvent | OutcomeEvent | LedgerEntry

NEWS_LIMIT: Final = 200
"""Ledger entries read at once."""
ENTRY_ORDER: Final = (SortKey("number", int), SortKey("id", str))


@dataclass(frozen=True, slots=True)
class Position:
    """How much of each history has been read; `outcomes` by the outcome's number within the account."""

    account_events: int = 0
    entries: int = 0
    outcomes: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened, and the position behind it."""

    recorded_at: datetime
    position: Position
    happened: Happened


async def news_after(unit: Unit, account_id: str, position: Position) -> list[News]:
    """Return what follows `position`, in the order in which it was recorded; of a long ledger a part."""
    steps = (await unit.accounts.events([account_id])).get(account_id, ())
    numbers = range(1, await unit.outcomes.count(account_id) + 1)
    events = await unit.outcomes.events([outcome_id(account_id, number) for number in numbers])
    after = position.entries, entry_id(account_id, position.entries)
    request = PageRequest(ENTRY_ORDER, NEWS_LIMIT, after=after)
    pages = await unit.ledger.pages_of_accounts([account_id], EntryFilter(), request)
    histories: tuple[Sequence[Happened], ...] = (
        [one for one in steps if one.number > position.account_events],
        *(
            [one for one in events.get(outcome_id(account_id, number), ()) if one.number > read]
            for number in numbers
            for read in (position.outcomes.get(number, 0),)
        ),
        list(pages.get(account_id, Page()).rows),
    )
    in_order = sorted(chain.from_iterable(map(_dated, histories)), key=itemgetter(0))
    return list(_placed([one for _, one in in_order], position))


def _dated(history: Sequence[Happened]) -> Iterator[tuple[datetime, Happened]]:
    """Each with an instant that is never before those of its history: clocks can be set back."""
    latest = datetime.min.replace(tzinfo=UTC)
    for one in history:
        latest = max(latest, _recorded_at(one))
        yield latest, one


def _placed(happened: Sequence[Happened], position: Position) -> Iterator[News]:
    for one in happened:
        position = _beyond(position, one)
        yield News(_recorded_at(one), position, one)


def _beyond(position: Position, one: Happened) -> Position:
    if isinstance(one, AccountEvent):
        return replace(position, account_events=one.number)
    if isinstance(one, LedgerEntry):
        return replace(position, entries=one.number)
    number = int(one.outcome_id.rpartition("_")[2])
    return replace(position, outcomes={**position.outcomes, number: one.number})


def _recorded_at(one: Happened) -> datetime:
    return one.posted_at if isinstance(one, LedgerEntry) else one.recorded_at
