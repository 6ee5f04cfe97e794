"""What a region shows of its log can be checked by anybody with nothing but the answers and its key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from schema import merkle
from tests.node.bank import deposited, open_account, step
from tests.node.conftest import Asker, Served, serving
from tests.node.counting import statements
from tests.node.databases import REGION, Engine
from tests.node.filled import fill

HEAD = f'{{ treeHead(region: "{REGION}") {{ region size root signedAt signature }} }}'
INCLUSION = """query($e: ID!, $n: Int) { inclusionProof(entry: $e, treeSize: $n) {
  entry position treeSize leafHash hashes root salt } }"""
CONSISTENCY = f"""query($a: Int!, $b: Int!) {{ consistencyProof(region: "{REGION}", from: $a, to: $b) {{
  fromSize toSize fromRoot toRoot hashes }} }}"""
ENTRY = """query($e: ID!) { ledgerEntry(id: $e) {
  accountId balanceAfter credits id kind memo outcomeId postedAt postedOn reverses } }"""


@pytest.fixture
async def signing(engine: Engine, keys_file: Any, token_key: Any) -> AsyncIterator[Served]:
    async with serving(engine.fresh(), keys_file, token_key, signing_key="44" * 32) as served:
        yield served


async def head_of(served: Served) -> dict[str, Any]:
    head: dict[str, Any] = (await served.public.ask(HEAD))["treeHead"]
    return head


async def post(served: Served, accounts: int, each: int) -> list[str]:
    """Post deposits to new accounts, all at once; return the IDs of the entries."""
    opened = [(await open_account(served.officer, number))["account"]["id"] for number in range(accounts)]
    await asyncio.gather(
        *(
            deposited(served.officer, account, title=f"course {place}")
            for account in opened
            for place in range(each)
        )
    )
    return [f"{account.replace('-A-', '-E-')}_{place}" for account in opened for place in range(1, each + 1)]


def signed_by(head: dict[str, Any], key: OKPKey) -> None:
    content = {name: head[name] for name in ("region", "root", "size")}
    content["signedAt"] = datetime.fromisoformat(head["signedAt"]).astimezone(UTC).isoformat()
    jws.deserialize_compact(head["signature"], key, algorithms=["Ed25519"], payload=rfc8785.dumps(content))


async def included(asker: Asker, entry: str, size: int | None = None) -> dict[str, Any]:
    """Ask for the proof and check it."""
    proof: dict[str, Any] = (await asker.ask(INCLUSION, e=entry, n=size))["inclusionProof"]
    merkle.verify_inclusion(
        proof["position"],
        proof["treeSize"],
        bytes.fromhex(proof["leafHash"]),
        [bytes.fromhex(one) for one in proof["hashes"]],
        bytes.fromhex(proof["root"]),
    )
    return proof


async def test_every_entry_is_proved_under_a_signed_head(signing: Served) -> None:
    key = OKPKey.import_key(
        json.loads(
            (await signing.public.ask(f'{{ region(code: "{REGION}") {{ signingKey }} }}'))["region"][
                "signingKey"
            ]
        )
    )
    entries = await post(signing, accounts=3, each=3)
    head = await head_of(signing)
    signed_by(head, key)
    with pytest.raises(BadSignatureError):
        signed_by({**head, "size": head["size"] + 1}, key)
    assert head["size"] == len(entries)
    proofs = [await included(signing.officer, entry, head["size"]) for entry in entries]
    assert {proof["root"] for proof in proofs} == {head["root"]}
    assert sorted(proof["position"] for proof in proofs) == list(range(len(entries)))
    for entry, proof in zip(entries, proofs, strict=True):
        fields = (await signing.officer.ask(ENTRY, e=entry))["ledgerEntry"]
        fields["postedAt"] = datetime.fromisoformat(fields["postedAt"]).astimezone(UTC).isoformat()
        leaf = rfc8785.dumps({**fields, "salt": proof["salt"]})
        assert merkle.leaf_hash(leaf).hex() == proof["leafHash"]


async def test_the_log_only_grows(signing: Served) -> None:
    account = (await open_account(signing.officer))["account"]["id"]
    heads = []
    outcomes = []
    for number in range(5):
        outcomes.append(await deposited(signing.officer, account, title=f"course {number}"))
        heads.append(await head_of(signing))
    for outcome in outcomes[:2]:
        await step(signing.officer, "revokeOutcome", outcome, ground="ERROR", reason="r")
        heads.append(await head_of(signing))
    assert [head["size"] for head in heads] == [1, 2, 3, 4, 5, 6, 7]
    for earlier in heads:
        for later in heads[heads.index(earlier) :]:
            asked = await signing.public.ask(CONSISTENCY, a=earlier["size"], b=later["size"])
            proof = asked["consistencyProof"]
            assert (proof["fromRoot"], proof["toRoot"]) == (earlier["root"], later["root"])
            merkle.verify_consistency(
                proof["fromSize"],
                proof["toSize"],
                bytes.fromhex(earlier["root"]),
                bytes.fromhex(later["root"]),
                [bytes.fromhex(one) for one in proof["hashes"]],
            )


async def test_one_head_is_signed_for_each_size(signing: Served) -> None:
    first = await head_of(signing)
    assert (first["size"], first["root"]) == (0, merkle.EMPTY_ROOT.hex())
    signing.clock.at = signing.clock.at.replace(hour=13)
    assert await head_of(signing) == first
    heads = await asyncio.gather(*(head_of(signing) for _ in range(6)))
    assert heads == [first] * 6
    await post(signing, accounts=1, each=1)
    heads = await asyncio.gather(*(head_of(signing) for _ in range(6)))
    assert heads == [heads[0]] * 6
    assert heads[0]["size"] == 1
    assert heads[0]["signedAt"] > first["signedAt"]


async def test_a_region_without_a_key_shows_its_log_unsigned(served: Served) -> None:
    (entry,) = await post(served, accounts=1, each=1)
    head = await head_of(served)
    assert head["signature"] is None
    assert (await included(served.public, entry))["root"] == head["root"]


async def test_the_salt_is_for_those_who_may_read_the_entry(sqlite_served: Served) -> None:
    served = sqlite_served
    account = (await open_account(served.officer))["account"]
    await deposited(served.officer, account["id"])
    entry = f"{account['id'].replace('-A-', '-E-')}_1"
    for asker, readable in (
        (served.officer, True),
        (served.learner(account["learner"]["id"]), True),
        (served.learner("L-SOMEBODYELSE"), False),
        (served.public, False),
    ):
        assert ((await included(asker, entry))["salt"] is not None) is readable


async def test_what_is_not_in_the_log_is_not_proved(sqlite_served: Served) -> None:
    served = sqlite_served
    entries = await post(served, accounts=1, each=2)
    for unknown in ("nonsense", f"{REGION}-E-NOBODY_1", entries[0].replace("_1", "_3")):
        assert (await served.public.ask(INCLUSION, e=unknown))["inclusionProof"] is None
    for query, asked in (
        (INCLUSION, {"e": entries[0], "n": 3}),
        (INCLUSION, {"e": entries[1], "n": 1}),
        (INCLUSION, {"e": entries[0], "n": 0}),
        (INCLUSION, {"e": entries[0], "n": -1}),
        (CONSISTENCY, {"a": 0, "b": 2}),
        (CONSISTENCY, {"a": 2, "b": 1}),
        (CONSISTENCY, {"a": 1, "b": 3}),
    ):
        (error,) = await served.public.refused(query, **asked)
        assert error["extensions"]["code"] == "TREE_SIZE_INVALID"
    (error,) = await served.public.refused('{ treeHead(region: "310000") { size } }')
    assert error["extensions"]["code"] == "UNKNOWN_REGION"


@pytest.mark.parametrize("size", [3, 300])
async def test_a_proof_costs_the_same_statements_in_a_log_of_any_length(served: Served, size: int) -> None:
    accounts = await fill(served.node.bank, accounts=size, outcomes=1)
    entry = f"{accounts[size // 2].replace('-A-', '-E-')}_1"
    for query, asked, expected in (
        (HEAD, {}, 1),
        (INCLUSION.replace("salt", ""), {"e": entry}, 3),
        (CONSISTENCY, {"a": size // 2, "b": size}, 2),
    ):
        with statements(served.node.database) as seen:
            await served.public.ask(query, **asked)
        assert len(seen) == expected


async def test_a_refused_change_adds_nothing_to_the_log(sqlite_served: Served) -> None:
    served = sqlite_served
    account = (await open_account(served.officer))["account"]["id"]
    outcome = await deposited(served.officer, account)
    assert (await step(served.officer, "verifyOutcome", outcome))["code"] == "OUTCOME_STATUS"
    assert (await head_of(served))["size"] == 1


@pytest.mark.parametrize("table", ["log_leaves", "log_nodes", "tree_heads"])
async def test_no_row_of_the_log_can_be_changed_or_deleted(signing: Served, table: str) -> None:
    await post(signing, accounts=1, each=1)
    await head_of(signing)
    database = signing.node.database
    changes = [f"UPDATE {table} SET {'size = size' if table == 'tree_heads' else 'number = number'}"]  # noqa: S608 - our own names
    changes.append(f"DELETE FROM {table}")  # noqa: S608 - likewise
    if not database.is_sqlite:
        changes.append(f"TRUNCATE {table}")
    for change in changes:
        with pytest.raises(Exception, match="append-only"):
            async with database.write() as connection:
                await connection.exec_driver_sql(change)


async def test_a_log_with_a_hole_is_not_added_to(served: Served) -> None:
    await post(served, accounts=1, each=3)
    async with served.node.database.write() as connection:
        drop = (
            "DROP TRIGGER log_nodes_no_delete"
            if served.node.database.is_sqlite
            else ("DROP TRIGGER log_nodes_no_change ON log_nodes")
        )
        await connection.exec_driver_sql(drop)
        await connection.exec_driver_sql("DELETE FROM log_nodes WHERE level = 1")
    account = (await open_account(served.officer, 9))["account"]["id"]
    with pytest.raises(AssertionError, match="DATABASE_DAMAGED"):
        await deposited(served.officer, account)
    balance = await served.officer.ask("query($a: ID!) { account(id: $a) { balance } }", a=account)
    assert balance["account"]["balance"] == "0.0"
