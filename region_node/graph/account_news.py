"""The events of an account as they happen, from any place in its history on."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Final, Self

import orjson
import strawberry

from edge.errors import PublicError
from region_node.domain.account import AccountEvent as AccountStep
from region_node.domain.ledger import LedgerEntry as Entry
from region_node.domain.outcome import OutcomeEvent as OutcomeStep
from region_node.graph import batches
from region_node.graph.account import AccountEvent
from region_node.graph.context import Info
from region_node.graph.ledger import LedgerEntry
from region_node.graph.needs import need
from region_node.graph.outcome import LearningOutcome, OutcomeEvent
from region_node.graph.queries import found
from region_node.service.account_news import News, Position, news_after
from region_node.service.ports import Bank
from schema.codes import RefusalCode
from schema.directives import Route

CURSOR_LIMIT_CHARACTERS: Final = 32_768
"""Room for more outcomes than anybody has."""

_FORM: Final = re.compile(r"[A-Za-z0-9_-]+")


@strawberry.type(description="One thing that happened on an account, and where to go on from (账户动态)")
class AccountNews:
    cursor: str = strawberry.field(
        description="Give it as `after` to go on behind this event, on this node or after a restart (游标)"
    )
    recorded_at: datetime = strawberry.field(description="When the bank recorded it (记录时间)")
    account_event: AccountEvent | None = strawberry.field(description="A step of the account (账户变更)")
    outcome_event: OutcomeEvent | None = strawberry.field(description="A step of an outcome (学习成果变更)")
    entry: LedgerEntry | None = strawberry.field(description="A new ledger entry (新分录)")
    outcome_id: strawberry.Private[str | None]

    @strawberry.field(description="The outcome of `outcomeEvent`, as it stands now (学习成果)")
    def outcome(self, info: Info) -> LearningOutcome | None:
        if self.outcome_id is None:
            return None
        return need(info.context, batches.outcomes, self.outcome_id, become=LearningOutcome.maybe)

    @classmethod
    def of(cls, news: News) -> Self:
        one = news.happened
        return cls(
            cursor=encode_position(news.position),
            recorded_at=news.recorded_at,
            account_event=AccountEvent.of(one) if isinstance(one, AccountStep) else None,
            outcome_event=OutcomeEvent.of(one) if isinstance(one, OutcomeStep) else None,
            entry=LedgerEntry.of(one) if isinstance(one, Entry) else None,
            outcome_id=one.outcome_id if isinstance(one, OutcomeStep) else None,
        )


@strawberry.type
class AccountSubscription:
    @strawberry.subscription(
        description="What happens on an account: all of its history behind `after`, then each event as it is "
        "recorded; a learner's own, or for those who may read it (账户动态)",
        directives=[Route(argument="account")],
    )
    async def account_events(
        self,
        info: Info,
        account: Annotated[strawberry.ID, strawberry.argument(description="The account (账户)")],
        after: Annotated[
            str | None,
            strawberry.argument(description="Cursor of the last event seen; all when absent (起始游标)"),
        ] = None,
    ) -> AsyncGenerator[AccountNews, None]:
        context = info.context
        position = Position() if after is None else decode_position(after)
        held = await found(context, batches.accounts, account, RefusalCode.UNKNOWN_ACCOUNT)
        context.require(context.may_read(held.learner_id))
        await context.release()
        return _following(context.bank, held.id, position)


async def _following(bank: Bank, account_id: str, position: Position) -> AsyncGenerator[AccountNews, None]:
    with bank.changes.of(account_id) as changed:
        while True:
            changed.clear()
            async with bank.units.read() as unit:
                news = await news_after(unit, account_id, position)
            for one in news:
                position = one.position
                yield AccountNews.of(one)
            if not news:
                await changed.wait()


def encode_position(position: Position) -> str:
    plain = [position.account_events, position.entries, *sorted(position.outcomes.items())]
    return urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def decode_position(cursor: str) -> Position:
    """Raises `PublicError` INVALID_CURSOR for what `encode_position` did not write."""
    try:
        if len(cursor) > CURSOR_LIMIT_CHARACTERS or _FORM.fullmatch(cursor) is None:
            raise ValueError("not base64url")
        account_events, entries, *outcomes = orjson.loads(
            urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        )
        read = {_count(number): _count(events) for number, events in outcomes}
        return Position(_count(account_events), _count(entries), read)
    except (ValueError, TypeError, Base64Error) as error:
        raise PublicError("INVALID_CURSOR") from error


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise ValueError("no count")
    return value
