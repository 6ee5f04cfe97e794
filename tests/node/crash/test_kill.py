"""kill -9 of a node under load, again and again: what it had promised is there, and nothing is there by half.

A dozen times here, half on each database; CREDITBANK_CRASH_ROUNDS sets another number for each.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from joserfc.jwk import OKPKey

from edge.caller import Caller as Identity
from edge.caller import Role
from edge.tokens import issue_token
from region_node import app
from region_node.settings import NodeSettings, read_settings
from region_node.storage.database import Database
from schema import merkle
from schema.credits import format_credits
from tests.node.crash.load import Caller, ask
from tests.node.crash.mill import mill, node_settings
from tests.node.databases import REGION, Engine

ROUNDS = int(os.environ.get("CREDITBANK_CRASH_ROUNDS", "6"))
CALLERS = 4
CHANGES_LIMIT = 12
HEAD = f'{{ treeHead(region: "{REGION}") {{ size root signature }} }}'


async def test_what_was_acknowledged_survives(engine: Engine, keys_file: Path, token_key: OKPKey) -> None:
    chance = random.Random(20_260_601)  # noqa: S311 - no secret
    url = engine.fresh()
    database = Database(url)
    given = node_settings(url, keys_file, region=REGION)
    token = issue_token(token_key, Identity(Role.OFFICER, "an-officer", region=REGION))
    headers = {"authorization": f"Bearer {token}"}
    with mill("node", given) as one:
        head: dict[str, Any] = {"size": 0, "root": merkle.EMPTY_ROOT.hex()}
        done = Countdown()
        callers = [Caller(number, chance, done.tick) for number in range(CALLERS)]
        for _ in range(ROUNDS):
            address = one.start()
            async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
                head = await require_proofs(client, head, callers, chance)
                done.begin(chance.randint(1, CHANGES_LIMIT))
                working = [asyncio.ensure_future(caller.work(client)) for caller in callers]
                # The others are somewhere within their changes when one of them is acknowledged.
                await asyncio.wait(
                    [*working, asyncio.ensure_future(done.over.wait())], return_when="FIRST_COMPLETED"
                )
                await asyncio.to_thread(one.kill)
                await asyncio.gather(*working)
            await require_sound(read_settings(None, **given), database, callers)
        assert sum(len(caller.first_answers) for caller in callers) >= ROUNDS
        assert head["size"] > 0
    await database.close()


class Countdown:
    """Over when so many changes were acknowledged."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._left = 0

    def begin(self, changes: int) -> None:
        self.over.clear()
        self._left = changes

    def tick(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.over.set()


async def require_proofs(
    client: httpx.AsyncClient, before: dict[str, Any], callers: list[Caller], chance: random.Random
) -> dict[str, Any]:
    """The node that was started anew gives first answers again, and its log has only grown."""
    for caller in callers:
        for request, answer in caller.first_answers[-2:]:
            (again,) = (await ask(client, request))["data"].values()
            assert promised_in(again) == promised_in(answer)
    head: dict[str, Any] = (await ask(client, (HEAD, {})))["data"]["treeHead"]
    assert head["size"] >= before["size"]
    if before["size"]:
        sizes = f"from: {before['size']}, to: {head['size']}"
        query = f'{{ consistencyProof(region: "{REGION}", {sizes}) {{ hashes }} }}'
        proof = (await ask(client, (query, {})))["data"]["consistencyProof"]
        hashes = [bytes.fromhex(one) for one in proof["hashes"]]
        first, root = bytes.fromhex(before["root"]), bytes.fromhex(head["root"])
        merkle.verify_consistency(before["size"], head["size"], first, root, hashes)
    promised = [entry for caller in callers for entry in caller.entries]
    for entry in chance.sample(promised, min(3, len(promised))):
        query = f'{{ inclusionProof(entry: "{entry}") {{ position treeSize leafHash hashes }} }}'
        proof = (await ask(client, (query, {})))["data"]["inclusionProof"]
        hashes = [bytes.fromhex(one) for one in proof["hashes"]]
        leaf, root = bytes.fromhex(proof["leafHash"]), bytes.fromhex(head["root"])
        merkle.verify_inclusion(proof["position"], head["size"], leaf, hashes, root)
    return head


def promised_in(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without its outcome's account, which is shown as it stands when it is asked for."""
    if "outcome" not in answer:
        return answer
    outcome = {name: value for name, value in answer["outcome"].items() if name != "account"}
    return {**answer, "outcome": outcome}


async def require_sound(settings: NodeSettings, database: Database, callers: list[Caller]) -> None:
    """Every promise is kept, only what was not answered may be there besides, and all of it is whole."""
    faults: list[str] = []
    await app.audit(settings, lambda fault: faults.append(str(fault)), lambda _done, _of: None)
    assert faults == []
    async with database.read() as connection:
        entries = {
            row.id: (format_credits(row.credits), format_credits(row.balance_after))
            for row in await connection.execute(
                sa.text("SELECT id, credits, balance_after FROM ledger_entries")
            )
        }
        outcomes = {
            row.id: row.status for row in await connection.execute(sa.text("SELECT id, status FROM outcomes"))
        }
        unanswered = await connection.execute(sa.text("SELECT count(*) FROM answers WHERE answer IS NULL"))
        assert unanswered.scalar_one() == 0
    for caller in callers:
        assert caller.entries.items() <= entries.items()
        unsure = {caller.pending[1].get("o")} if caller.pending else set()
        for outcome, status in caller.outcomes.items():
            assert outcomes[outcome] == status or outcome in unsure
    pending = sum(caller.pending is not None for caller in callers)
    assert len(entries) - sum(len(caller.entries) for caller in callers) <= pending
    assert len(outcomes) - sum(len(caller.outcomes) for caller in callers) <= pending
    deposited = sum(status in ("VERIFIED", "REVOKED") for status in outcomes.values())
    revoked = sum(status == "REVOKED" for status in outcomes.values())
    assert len(entries) == deposited + revoked
