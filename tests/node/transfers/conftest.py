"""Two banks that know each other's keys and have an agreement: credits go from 320000 to 310000."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from region_node.service.signer import Signer
from tests.node.bank import REFUSAL, deposited, new_key, open_account
from tests.node.conftest import Asker, Served, serving
from tests.node.databases import Engine
from tests.node.published import VERSION, agree, publish, register, rule

SOURCE, TARGET = "320000", "310000"
MAJOR = "530701"
SHOWN = f"""__typename {REFUSAL} ... on TransferMoved {{ transfer {{ id region from to state credits
  creditsAccepted verdict reasons entry expiresOn statements {{ kind statement signature }} }} }}"""
SEEDS = {region: bytes([int(region[:2])] * 32) for region in (SOURCE, TARGET, "330000")}

Statement = dict[str, str]


@dataclass
class Two:
    """The two banks, one learner who has an account in each, and the certificate they earn."""

    source: Served
    target: Served
    certificate: str
    account: str
    there: str
    learner: str

    async def outcome(self, **achievement: Any) -> str:
        """Deposit one INTERMEDIATE certificate of 8.0 credits at the source; return its ID."""
        return await certified(self.source.officer, self.account, self.certificate, **achievement)

    async def reserve(self, outcome: str, asker: Asker | None = None, **rest: Any) -> dict[str, Any]:
        given: dict[str, Any] = {"to": TARGET, "major": MAJOR, **rest}
        key = given.pop("key", None) or new_key()
        return await moved(
            asker or self.source.officer,
            "reserveTransfer",
            {"outcome": "ID!", "input": "ReserveTransferInput!"},
            outcome=outcome,
            input=given,
            idempotencyKey=key,
        )

    async def accept(self, export: Statement, asker: Asker | None = None, **rest: Any) -> dict[str, Any]:
        types = {"region": "ID!", "export": "TransferStatementInput!", "judged": "Boolean"}
        given: dict[str, Any] = {"region": TARGET, "export": export, **rest}
        return await moved(asker or self.target.officer, "acceptTransfer", types, **given)

    async def decline(self, asker: Asker | None = None, **rest: Statement) -> dict[str, Any]:
        types = {"region": "ID!", **dict.fromkeys(rest, "TransferStatementInput")}
        return await moved(asker or self.target.officer, "declineTransfer", types, region=TARGET, **rest)

    async def confirm(self, transfer: str, receipt: Statement, asker: Asker | None = None) -> dict[str, Any]:
        types = {"id": "ID!", "receipt": "TransferStatementInput!"}
        given: dict[str, Any] = {"id": transfer, "receipt": receipt}
        return await moved(asker or self.source.officer, "confirmTransfer", types, **given)

    async def cancel(self, transfer: str, asker: Asker | None = None) -> dict[str, Any]:
        return await moved(asker or self.source.officer, "cancelTransfer", {"id": "ID!"}, id=transfer)

    async def balances(self) -> tuple[str, str]:
        """What the learner has at the source and at the target."""
        query = "query($a: ID!) { account(id: $a) { balance } }"
        here = await self.source.officer.ask(query, a=self.account)
        there = await self.target.officer.ask(query, a=self.there)
        return here["account"]["balance"], there["account"]["balance"]


async def certified(officer: Asker, account: str, certificate: str, **achievement: Any) -> str:
    """Deposit one INTERMEDIATE certificate of 8.0 credits; return its ID."""
    given: dict[str, Any] = {
        "kind": "X_CERTIFICATE",
        "title": "网店运营推广",
        "credits": "8.0",
        "certificate": certificate,
        "level": "INTERMEDIATE",
        "standardVersion": VERSION,
        "issuedOn": "2026-03-20",
        "examinedOn": "2026-03-10",
        "examinerLevel": "ADVANCED",
        **achievement,
    }
    return await deposited(officer, account, **given)


async def moved(asker: Asker, field: str, types: dict[str, str], **given: Any) -> dict[str, Any]:
    """Make one step; return the refusal, or the transfer."""
    given.setdefault("idempotencyKey", new_key())
    types = {"idempotencyKey": "String!", **types}
    declared = ", ".join(f"${name}: {types[name]}" for name in given)
    passed = ", ".join(f"{name}: ${name}" for name in given)
    answer = await asker.ask(f"mutation({declared}) {{ {field}({passed}) {{ {SHOWN} }} }}", **given)
    result: dict[str, Any] = answer[field]
    transfer: dict[str, Any] = result.get("transfer", result)
    return transfer


def stated(transfer: dict[str, Any], kind: str) -> Statement:
    """The statement of that kind, as it is handed on."""
    (found,) = [one for one in transfer["statements"] if one["kind"] == kind]
    return {"statement": found["statement"], "signature": found["signature"]}


async def entries(asker: Asker, account: str) -> list[tuple[str, str]]:
    """All entries of an account: kind and credits."""
    data = await asker.ask(
        "query($a: ID!) { ledger(account: $a, first: 100) { edges { node { kind credits } } } }", a=account
    )
    return [(edge["node"]["kind"], edge["node"]["credits"]) for edge in data["ledger"]["edges"]]


def write_keys(folder: Path) -> Path:
    """The public keys of all regions of these tests, as an operator gets them."""
    keys = []
    for region, seed in SEEDS.items():
        signer = Signer(seed, region)
        keys.append({**signer.public_key(), "kid": signer.key})
    file = folder / "partners.json"
    file.write_text(json.dumps({"keys": keys}), encoding="utf-8")
    return file


def courses(certificate: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The target's rules: room for 6.0 credits."""
    return rule(certificate, "网店运营", "4.0"), rule(certificate, "网络营销", "2.0")


@asynccontextmanager
async def bank_of(
    region: str,
    engine: Engine,
    partners: Path,
    keys_file: Path,
    token_key: OKPKey,
    certificate: str,
    **rest: Any,
) -> AsyncIterator[Served]:
    """A bank that signs, knows its partners' keys, and has the certificate's standard."""
    given: dict[str, Any] = {
        "region": region,
        "signing_key": SEEDS[region].hex(),
        "partner_keys": partners,
        **rest,
    }
    async with serving(engine.fresh(region), keys_file, token_key, **given) as bank:
        await register(bank.officer, certificate)
        yield bank


@asynccontextmanager
async def two_banks(
    engine: Engine, folder: Path, keys_file: Path, token_key: OKPKey, certificate: str, **rest: Any
) -> AsyncIterator[Two]:
    """`rest` are settings of both."""
    partners = write_keys(folder)
    async with AsyncExitStack() as stack:
        source, target = [
            await stack.enter_async_context(
                bank_of(region, engine, partners, keys_file, token_key, certificate, **rest)
            )
            for region in (SOURCE, TARGET)
        ]
        await agree(source.officer, TARGET)
        await agree(target.officer, SOURCE)
        await publish(target.officer, *courses(certificate))
        account = (await open_account(source.officer))["account"]
        there = (await open_account(target.officer))["account"]
        yield Two(source, target, certificate, account["id"], there["id"], account["learner"]["id"])


@pytest.fixture
async def two(
    engine: Engine, tmp_path: Path, keys_file: Path, token_key: OKPKey, certificate: str
) -> AsyncIterator[Two]:
    """On either database."""
    async with two_banks(engine, tmp_path, keys_file, token_key, certificate) as banks:
        yield banks


@pytest.fixture
async def sqlite_two(
    sqlite: Engine, tmp_path: Path, keys_file: Path, token_key: OKPKey, certificate: str
) -> AsyncIterator[Two]:
    """For what does not depend on the database."""
    async with two_banks(sqlite, tmp_path, keys_file, token_key, certificate) as banks:
        yield banks
