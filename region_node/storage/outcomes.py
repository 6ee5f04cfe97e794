"""Outcomes, their events, and what they were used for (service/bank_ports.py, Outcomes)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date
from operator import eq, ge, le
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.ledger import LedgerEntry, account_of
from region_node.domain.outcome import (
    Outcome,
    OutcomeChange,
    OutcomeEvent,
    OutcomeStatus,
    OutcomeStep,
    RevocationGround,
)
from region_node.service.bank_ports import OutcomeFilter
from region_node.service.paging import Page, PageRequest
from region_node.storage.among import among
from region_node.storage.keyset import Rows, Where, asked
from region_node.storage.notices import SqlNotices
from region_node.storage.reading import member, reader
from region_node.storage.seals import sealed
from region_node.storage.snapshots import fetch
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import (
    EXPIRING,
    OutcomeEventRow,
    OutcomeRow,
    OutcomeSourceRow,
    OutcomeUseRow,
    ReplacedCourseRow,
)
from region_node.storage.tables_transfers import OPEN_AT_SOURCE, TransferRow
from schema.agreements import OutcomeKind, SkillLevel

_OUTCOMES = table_of(OutcomeRow)
_EVENTS = table_of(OutcomeEventRow)
_SOURCES = table_of(OutcomeSourceRow)
_USES = table_of(OutcomeUseRow)
_REPLACED = table_of(ReplacedCourseRow)
_TRANSFERS = table_of(TransferRow)
# Written out, as the partial index that holds all of these has it.
_LEAVING: Final = sa.select(_TRANSFERS.c.outcome_id, _TRANSFERS.c.entry_id).where(sa.text(OPEN_AT_SOURCE))


def _sources(stored: str) -> tuple[str, ...]:
    return tuple(orjson.loads(stored)) if stored != "[]" else ()


_outcome = reader(
    Outcome,
    kind=member(OutcomeKind),
    status=member(OutcomeStatus),
    level=member(SkillLevel),
    examiner_level=member(SkillLevel),
    derived_from=_sources,
)
_ROWS: Final = Rows(_OUTCOMES, tuple(_OUTCOMES.c[one.name] for one in fields(Outcome)), _outcome)

_BY_IDS_IN_SQLITE: Final = sa.select(*_ROWS.columns).where(
    among(_OUTCOMES.c.account_id, "accounts"),
    # An expression, so that SQLite does not seek every ID under every account: 40,000 times for 200.
    among(_OUTCOMES.c.id + "", "ids"),
)


def _by_ids() -> sa.Select[Any]:
    """PostgreSQL seeks each pair of account and ID once, whatever it thinks of how many there are."""
    arrays = (sa.bindparam(name, type_=ARRAY(sa.Text())) for name in ("accounts", "ids"))
    asked = sa.func.unnest(*arrays).table_valued("account", "id").render_derived("asked")
    columns = _OUTCOMES.c
    pair = sa.and_(columns.account_id == asked.c.account, columns.id == asked.c.id)
    return sa.select(*_ROWS.columns).select_from(asked).join(_OUTCOMES, pair)


_BY_IDS: Final = _by_ids()


class SqlOutcomes:
    def __init__(self, connection: AsyncConnection, notices: SqlNotices) -> None:
        self._connection = connection
        self._notices = notices

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Outcome]:
        pairs = {id_: account for id_ in ids if (account := account_of(id_)) is not None}
        keys = {"accounts": list(pairs.values()), "ids": list(pairs)}
        in_sqlite = self._connection.dialect.name == "sqlite"
        rows = await fetch(self._connection, _BY_IDS_IN_SQLITE if in_sqlite else _BY_IDS, keys)
        return {outcome.id: outcome for outcome in map(_outcome, rows)}

    async def events(self, ids: Collection[str]) -> Mapping[str, tuple[OutcomeEvent, ...]]:
        select = sa.select(_EVENTS).where(*_found_by(_EVENTS, "outcome_id", ids))
        found: defaultdict[str, list[OutcomeEvent]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(_EVENTS.c.outcome_id, _EVENTS.c.number)):
            found[row.outcome_id].append(
                OutcomeEvent(
                    outcome_id=row.outcome_id,
                    number=row.number,
                    step=OutcomeStep(row.step),
                    on=row.on_day,
                    recorded_at=row.recorded_at,
                    by=row.actor,
                    reason=row.reason,
                    ground=RevocationGround(row.ground) if row.ground else None,
                )
            )
        return {id_: tuple(events) for id_, events in found.items()}

    async def uses(self, ids: Collection[str]) -> Mapping[str, str]:
        used = sa.select(_USES.c.outcome_id, _USES.c.entry_id).where(*_found_by(_USES, "outcome_id", ids))
        leaving = _LEAVING.where(*_found_by(_TRANSFERS, "outcome_id", ids))
        rows = await self._connection.execute(used.union_all(leaving))
        return {row.outcome_id: row.entry_id for row in rows}

    async def page(self, where: OutcomeFilter, request: PageRequest) -> Page[Outcome]:
        return await _ROWS.page(self._connection, _conditions(where), request)

    async def pages_of_accounts(
        self, account_ids: Collection[str], where: OutcomeFilter, request: PageRequest
    ) -> Mapping[str, Page[Outcome]]:
        return await _ROWS.pages(
            self._connection, _OUTCOMES.c.account_id, account_ids, _conditions(where), request
        )

    async def pages_of_learners(
        self, learner_ids: Collection[str], where: OutcomeFilter, request: PageRequest
    ) -> Mapping[str, Page[Outcome]]:
        return await _ROWS.pages(
            self._connection, _OUTCOMES.c.learner_id, learner_ids, _conditions(where), request
        )

    async def count(self, account_id: str) -> int:
        return (await self.counts([account_id])).get(account_id, 0)

    async def counts(self, account_ids: Collection[str]) -> Mapping[str, int]:
        count = sa.select(_OUTCOMES.c.account_id, sa.func.count().label("outcomes")).where(
            _OUTCOMES.c.account_id.in_(account_ids)
        )
        rows = await self._connection.execute(count.group_by(_OUTCOMES.c.account_id))
        return {row.account_id: row.outcomes for row in rows}

    async def twin(self, identity: str) -> str | None:
        return (await self.twins([identity])).get(identity)

    async def twins(self, identities: Collection[str]) -> Mapping[str, str]:
        not_rejected = _OUTCOMES.c.status != _written(OutcomeStatus.REJECTED)
        select = sa.select(_OUTCOMES.c.identity, _OUTCOMES.c.id).where(
            _OUTCOMES.c.identity.in_(identities), not_rejected
        )
        return {row.identity: row.id for row in await self._connection.execute(select)}

    async def deriving_from(self, id: str) -> tuple[Outcome, ...]:  # noqa: A002 - the port's name
        resting = sa.select(_SOURCES.c.outcome_id).where(_SOURCES.c.source_id == id).cte(recursive=True)
        resting = resting.union(  # UNION, not UNION ALL: several ways may lead to one outcome
            sa.select(_SOURCES.c.outcome_id).where(_SOURCES.c.source_id == resting.c.outcome_id)
        )
        ids = (await self._connection.execute(sa.select(resting.c.outcome_id))).scalars().all()
        found = await self.by_ids(ids)
        return tuple(found[one] for one in sorted(found))

    async def add(self, change: OutcomeChange, identity: str) -> None:
        await self.add_all([(change, identity)])

    async def add_all(self, new: Sequence[tuple[OutcomeChange, str]]) -> None:
        if not new:
            return
        rows = [_outcome_row(change.outcome) | {"identity": identity} for change, identity in new]
        await self._connection.execute(sa.insert(_OUTCOMES), rows)
        sources = [
            sealed(
                {
                    "account_id": change.outcome.account_id,
                    "outcome_id": change.outcome.id,
                    "source_id": source,
                }
            )
            for change, _ in new
            for source in dict.fromkeys(change.outcome.derived_from)
        ]
        if sources:
            await self._connection.execute(sa.insert(_SOURCES), sources)
        events = [_event_row(change) | {"number": 1} for change, _ in new]
        await self._connection.execute(sa.insert(_EVENTS), events)
        self._notices.note(change.outcome.account_id for change, _ in new)

    async def save(self, changes: Sequence[OutcomeChange]) -> None:
        for change in changes:
            outcome = change.outcome
            await self._connection.execute(
                sa.update(_OUTCOMES)
                .where(_OUTCOMES.c.account_id == outcome.account_id, _OUTCOMES.c.id == outcome.id)
                .values(
                    status=outcome.status.value,
                    flagged=outcome.flagged,
                    valid_to=outcome.valid_to,
                    examiner=outcome.examiner,
                    site=outcome.site,
                    examiner_level=outcome.examiner_level,
                )
            )
            await self._add_event(change)

    async def release(self, outcome: Outcome) -> None:
        await self._connection.execute(
            sa.update(_OUTCOMES)
            .where(_OUTCOMES.c.account_id == outcome.account_id, _OUTCOMES.c.id == outcome.id)
            .values(identity=outcome.id)
        )

    async def use_in(self, account_id: str, outcome_id: str) -> str | None:
        used = sa.select(_USES.c.outcome_id, _USES.c.entry_id).where(
            _USES.c.account_id == account_id, _USES.c.outcome_id == outcome_id
        )
        leaving = _LEAVING.where(_TRANSFERS.c.account_id == account_id, _TRANSFERS.c.outcome_id == outcome_id)
        row = (await self._connection.execute(used.union_all(leaving))).one_or_none()
        return None if row is None else str(row.entry_id)

    async def use(self, account_id: str, outcome_id: str, entry: LedgerEntry) -> None:
        await self._connection.execute(sa.insert(_USES).values(_use_row(account_id, outcome_id, entry)))

    async def use_all(self, uses: Sequence[tuple[Outcome, LedgerEntry]]) -> None:
        rows = [_use_row(outcome.account_id, outcome.id, entry) for outcome, entry in uses]
        if rows:
            await self._connection.execute(sa.insert(_USES), rows)

    async def expiring(self, day: date, limit: int) -> tuple[Outcome, ...]:
        waiting = sa.select(*_ROWS.columns).where(sa.text(EXPIRING), _OUTCOMES.c.valid_to < day)
        in_order = waiting.order_by(_OUTCOMES.c.valid_to, _OUTCOMES.c.account_id, _OUTCOMES.c.id)
        return tuple(map(_outcome, await self._connection.execute(in_order.limit(limit))))

    async def set_expired(self, outcomes: Sequence[Outcome]) -> None:
        rows = [{"of": one.account_id, "named": one.id, "is": one.expired} for one in outcomes]
        if rows:
            update = sa.update(_OUTCOMES).where(
                _OUTCOMES.c.account_id == sa.bindparam("of"), _OUTCOMES.c.id == sa.bindparam("named")
            )
            await self._connection.execute(update.values(expired=sa.bindparam("is")), rows)

    async def replaced_courses(self, account_id: str) -> Mapping[str, str]:
        select = sa.select(_REPLACED.c.course, _REPLACED.c.outcome_id)
        rows = await self._connection.execute(select.where(_REPLACED.c.account_id == account_id))
        return {row.course: row.outcome_id for row in rows}

    async def replace_courses(
        self, account_id: str, outcome_id: str, courses: Collection[str], day: date
    ) -> None:
        rows = [
            sealed(
                {
                    "account_id": account_id,
                    "course": course,
                    "outcome_id": outcome_id,
                    "replaced_on": day,
                }
            )
            for course in courses
        ]
        if rows:
            await self._connection.execute(sa.insert(_REPLACED), rows)

    async def _add_event(self, change: OutcomeChange) -> None:
        outcome = change.outcome
        number = sa.select(sa.func.coalesce(sa.func.max(_EVENTS.c.number), 0) + 1).where(
            _EVENTS.c.account_id == outcome.account_id, _EVENTS.c.outcome_id == outcome.id
        )
        await self._connection.execute(
            sa.insert(_EVENTS).values(**_event_row(change), number=number.scalar_subquery())
        )
        self._notices.note((outcome.account_id,))


def _outcome_row(outcome: Outcome) -> dict[str, Any]:
    """All but the identity."""
    return {
        "id": outcome.id,
        "account_id": outcome.account_id,
        "learner_id": outcome.learner_id,
        "kind": outcome.kind.value,
        "title": outcome.title,
        "status": outcome.status.value,
        "credits": outcome.credits,
        "core_credits": outcome.core_credits,
        "flexible_credits": outcome.flexible_credits,
        "issued_on": outcome.issued_on,
        "examined_on": outcome.examined_on,
        "submitted_on": outcome.submitted_on,
        "certificate": outcome.certificate,
        "level": outcome.level,
        "standard_version": outcome.standard_version,
        "organisation": outcome.organisation,
        "examiner_level": outcome.examiner_level,
        "certificate_number": outcome.certificate_number,
        "derived_from": orjson.dumps(outcome.derived_from).decode(),
        "flagged": outcome.flagged,
        "valid_to": outcome.valid_to,
        "expired": outcome.expired,
        "examiner": outcome.examiner,
        "site": outcome.site,
    }


def _event_row(change: OutcomeChange) -> dict[str, Any]:
    """All but the number, which is counted within the outcome."""
    outcome, event = change.outcome, change.event
    row = {
        "account_id": outcome.account_id,
        "outcome_id": outcome.id,
        "step": event.step.value,
        "on_day": event.on,
        "recorded_at": event.recorded_at,
        "actor": event.by,
        "reason": event.reason,
        "ground": event.ground.value if event.ground else None,
    }
    return sealed(row)


def _use_row(account_id: str, outcome_id: str, entry: LedgerEntry) -> dict[str, Any]:
    return sealed(
        {
            "account_id": account_id,
            "outcome_id": outcome_id,
            "entry_id": entry.id,
            "used_on": entry.posted_on,
        }
    )


def _found_by(table: sa.Table, column: str, ids: Collection[str]) -> list[sa.ColumnElement[bool]]:
    """Find rows by outcome ID through the key, which begins with the account that the ID names."""
    accounts = {account for account in map(account_of, ids) if account is not None}
    # An expression, so that SQLite does not seek every ID under every account: 40,000 times for 200.
    return [table.c.account_id.in_(accounts), (table.c[column] + "").in_(ids)]


def _written(status: OutcomeStatus) -> sa.ColumnElement[str]:
    """Written out, not bound: only so does a planner see that a partial index holds every answer."""
    return sa.literal_column(f"'{status.value}'")


def _conditions(where: OutcomeFilter) -> Where:
    columns = _OUTCOMES.c
    return asked(
        (eq, columns.status, None if where.status is None else _written(where.status)),
        (eq, columns.kind, where.kind),
        (eq, columns.certificate, where.certificate),
        (eq, columns.level, where.level),
        (eq, columns.learner_id, where.learner_id),
        (eq, columns.flagged, where.flagged),
        (ge, columns.issued_on, where.issued_from),
        (le, columns.issued_on, where.issued_to),
    )
