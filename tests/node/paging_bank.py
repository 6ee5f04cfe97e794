"""A bank whose outcomes a property test fills in and reads in pages, on one loop of its own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from region_node.domain.account import LearnerGroup, open_account
from region_node.domain.identity import identity
from region_node.domain.ledger import outcome_id
from region_node.domain.moment import Moment
from region_node.domain.outcome import Achievement, Outcome, submit
from region_node.domain.policy import UNTIL_SET
from region_node.domain.refusal import Refusal
from region_node.service.bank_ports import OutcomeFilter
from region_node.service.paging import Page, PageRequest
from region_node.storage.database import Database
from region_node.storage.unit_of_work import SqlUnits
from schema.agreements import OutcomeKind
from tests.node.databases import REGION

T = TypeVar("T")
MOMENT = Moment(datetime(2026, 6, 1, 4, tzinfo=UTC), date(2026, 6, 1), "a-test")


class PagingBank:
    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._database = Database(url)
        self._units = SqlUnits(self._database)
        self._numbers = itertools.count()

    def fill(self, days: list[int]) -> tuple[str, list[Outcome]]:
        """Open an account with an outcome for each number: its day of issue and its credits."""
        return self._run(self._fill(days))

    def pages(self, account: str, where: OutcomeFilter, request: PageRequest) -> list[Page[Outcome]]:
        """Return the account's page, and the same page asked for one learner as a whole list."""
        return self._run(self._pages(account, where, request))

    def close(self) -> None:
        self._run(self._database.close())
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    async def _fill(self, days: list[int]) -> tuple[str, list[Outcome]]:
        number = next(self._numbers)
        opened = open_account(f"{REGION}-A-N{number}", f"L-{number}", LearnerGroup.IN_WORK, MOMENT)
        account = opened.account
        rows = []
        async with self._units.write() as unit:
            await unit.accounts.add(opened, b"sealed", f"index {number}")
            for place, day in enumerate(days, start=1):
                achievement = Achievement(
                    kind=OutcomeKind.COURSE,
                    title=f"course {place}",
                    credits=10 + day,
                    issued_on=date(2026, 1, 1) + timedelta(days=day),
                )
                change = submit(outcome_id(account.id, place), account, achievement, UNTIL_SET, MOMENT)
                assert not isinstance(change, Refusal)
                await unit.outcomes.add(change, identity(account.id, achievement))
                rows.append(change.outcome)
        return account.id, rows

    async def _pages(self, account: str, where: OutcomeFilter, request: PageRequest) -> list[Page[Outcome]]:
        learner = "L-" + account.rpartition("N")[2]
        async with self._units.read() as unit:
            of_account = await unit.outcomes.pages_of_accounts([account], where, request)
            of_learner = await unit.outcomes.pages_of_learners([learner, "L-nobody"], where, request)
            as_list = await unit.outcomes.page(
                OutcomeFilter(status=where.status, learner_id=learner), request
            )
        assert of_learner["L-nobody"].rows == ()
        return [of_account[account], of_learner[learner], as_list]
