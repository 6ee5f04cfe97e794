"""Which accounts a transaction touched: told to this process when it has committed, and to others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.service.changes import Changes
from region_node.storage.watch import CHANNEL, EVERYBODY

NAMED_LIMIT: Final = 20
"""Accounts that one transaction names; of more, everybody is told."""


class SqlNotices:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._accounts: set[str] = set()

    def note(self, account_ids: Iterable[str]) -> None:
        self._accounts.update(account_ids)

    async def send(self) -> None:
        """Give PostgreSQL the notices that it delivers when this transaction commits."""
        if not self._accounts or self._connection.dialect.name == "sqlite":
            return
        named = sorted(self._accounts) if len(self._accounts) <= NAMED_LIMIT else [EVERYBODY]
        await self._connection.execute(
            sa.select(sa.func.pg_notify(CHANNEL, sa.func.unnest(sa.cast(named, sa.ARRAY(sa.Text())))))
        )

    def tell(self, changes: Changes) -> None:
        changes.tell(self._accounts)
