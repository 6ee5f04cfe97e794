"""First answers by idempotency key (service/ports.py, Answers)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.service.ports import StoredAnswer
from region_node.storage.tables import AnswerRow, table_of

_ANSWERS = table_of(AnswerRow)


class SqlAnswers:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, caller: str, key: str, request_hash: str, at: datetime) -> StoredAnswer | None:
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        # On PostgreSQL this waits for a transaction that is just claiming the same key.
        claimed = await self._connection.execute(
            dialect.insert(_ANSWERS)
            .values(caller=caller, key=key, request_hash=request_hash, recorded_at=at)
            .on_conflict_do_nothing()
        )
        if claimed.rowcount == 1:
            return None
        row = (
            await self._connection.execute(
                sa.select(_ANSWERS.c.request_hash, _ANSWERS.c.answer).where(
                    _ANSWERS.c.caller == caller, _ANSWERS.c.key == key
                )
            )
        ).one()
        return StoredAnswer(request_hash=row.request_hash, answer=row.answer)

    async def record(self, caller: str, key: str, answer: str) -> None:
        await self._connection.execute(
            sa.update(_ANSWERS)
            .where(_ANSWERS.c.caller == caller, _ANSWERS.c.key == key)
            .values(answer=answer)
        )

    async def first_answers(self, caller: str, keys: Collection[str]) -> Mapping[str, StoredAnswer]:
        select = sa.select(_ANSWERS.c.key, _ANSWERS.c.request_hash, _ANSWERS.c.answer).where(
            _ANSWERS.c.caller == caller, _ANSWERS.c.key.in_(keys)
        )
        rows = await self._connection.execute(select)
        return {row.key: StoredAnswer(request_hash=row.request_hash, answer=row.answer) for row in rows}

    async def add_all(self, caller: str, answers: Mapping[str, StoredAnswer], at: datetime) -> None:
        rows = [
            {
                "caller": caller,
                "key": key,
                "request_hash": one.request_hash,
                "answer": one.answer,
                "recorded_at": at,
            }
            for key, one in answers.items()
        ]
        if rows:
            await self._connection.execute(sa.insert(_ANSWERS), rows)
