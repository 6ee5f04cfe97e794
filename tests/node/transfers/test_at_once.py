"""Many at once want one outcome: to convert it at home, to send it here, to send it there. One gets it.

Thirty on each database here; CREDITBANK_ATTEMPTS sets another number. All of them stand in the bank's line
from the beginning; those whose patience ends are told that it is busy, and ask again.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal
from region_node.service.conversion_cases import CONVERT_OUTCOME, ConvertOutcome
from region_node.service.failures import StorageCode, StorageFailure
from region_node.service.perform import UseCase, perform
from region_node.service.ports import Bank
from region_node.service.transfer_out_cases import RESERVE_TRANSFER, ReserveTransfer
from schema.codes import RefusalCode
from tests.node.databases import Engine
from tests.node.published import agree, publish, rule
from tests.node.transfers.conftest import MAJOR, TARGET, Two, two_banks

ATTEMPTS = int(os.environ.get("CREDITBANK_ATTEMPTS", "30"))


async def attempt(bank: Bank, use_case: UseCase[Any, Any], command: Any, key: str, moment: Moment) -> str:
    """Try until the bank has answered; one that is too busy is asked again with the same key."""
    while True:
        try:
            answer = await perform(bank, use_case, command, key=key, moment=moment)
        except StorageFailure as failure:
            if failure.code is not StorageCode.BUSY:
                raise
            continue
        return answer.code.value if isinstance(answer, Refusal) else use_case.name


@pytest.fixture
async def two(
    engine: Engine, tmp_path: Path, keys_file: Path, token_key: OKPKey, certificate: str
) -> AsyncIterator[Two]:
    """Two banks before whose doors so many may wait."""
    rest = {"waiting_limit": ATTEMPTS}
    async with two_banks(engine, tmp_path, keys_file, token_key, certificate, **rest) as banks:
        yield banks


async def test_one_outcome_is_used_once(two: Two) -> None:
    await agree(two.source.officer, "330000")
    await publish(two.source.officer, rule(two.certificate, "网店运营", "8.0"))
    outcome, bank = await two.outcome(), two.source.node.bank
    moment = bank.moment("officer")
    ways: list[tuple[UseCase[Any, Any], Any]] = [
        (CONVERT_OUTCOME, ConvertOutcome(outcome, MAJOR)),
        (RESERVE_TRANSFER, ReserveTransfer(outcome, TARGET)),
        (RESERVE_TRANSFER, ReserveTransfer(outcome, "330000")),
    ]
    attempts = [
        attempt(bank, *ways[number % len(ways)], f"attempt {number}", moment) for number in range(ATTEMPTS)
    ]
    answers = Counter(await asyncio.gather(*attempts))
    assert answers.pop(RefusalCode.ALREADY_CONVERTED.value) == ATTEMPTS - 1
    assert answers.total() == 1
    async with bank.units.read() as unit:
        book = await unit.ledger.book(two.account)
    # 8.0 that were moved to a course, or 8.0 that are on their way
    assert (book.entries, book.balance) in {(3, 80), (2, 0)}
