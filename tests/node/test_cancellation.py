"""A caller that goes away at any moment leaves no connection, no thread and no lock behind."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from joserfc.jwk import OKPKey

from region_node.domain.account import LearnerGroup
from region_node.service.account_cases import OPEN_ACCOUNT, OpenAccount
from region_node.service.perform import perform
from region_node.service.ports import Bank
from tests.node.bank import open_account
from tests.node.conftest import citizen_number, serving
from tests.node.databases import Engine

MOMENTS = 120
"""Turns of the loop after which a change is cancelled: some fall before it begins, some after it ends."""
LEAVING_LIMIT_S = 30.0


def workers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if "_connection_worker_thread" in one.name]


async def open_one(bank: Bank, order: int) -> None:
    command = OpenAccount(citizen_number(order), LearnerGroup.IN_WORK)
    await perform(bank, OPEN_ACCOUNT, command, key=str(order), moment=bank.moment("a-test"))


async def test_a_change_cancelled_at_any_moment(engine: Engine, keys_file: Path, token_key: OKPKey) -> None:
    before = workers()
    async with serving(engine.fresh(), keys_file, token_key) as served:
        bank = served.node.bank
        for turns in range(0, MOMENTS, 3):
            change = asyncio.create_task(open_one(bank, turns))
            for _ in range(turns):
                await asyncio.sleep(0)
            change.cancel()
            await asyncio.gather(change, return_exceptions=True)
            if turns % 30 == 0:
                await served.node.database.close()  # so that connections are opened again and again
        opened = await asyncio.gather(
            *(open_account(served.officer, order) for order in range(0, MOMENTS, 3))
        )
        assert {one.get("code", "done") for one in opened} <= {"ACCOUNT_EXISTS", "done"}
        data = await served.officer.ask("{ statistics { accounts learners } }")
        assert data["statistics"] == {"accounts": MOMENTS // 3, "learners": MOMENTS // 3}
    for one in set(workers()) - set(before):  # it has closed its connection, and may still be on its way out
        one.join(LEAVING_LIMIT_S)
    assert set(workers()) <= set(before)
