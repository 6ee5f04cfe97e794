"""Whose keys a bank believes: its operator's own key set, or a register that a pinned key signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from edge.registry_signature import sign
from edge.tokens import generate_key, jwks
from region_node.partner_keys import KeyFile
from region_node.service.signer import Signer
from tests.node.conftest import serving
from tests.node.databases import Engine

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SHANGHAI, ZHEJIANG = Signer(b"s" * 32, "310000"), Signer(b"z" * 32, "330000")


def thumbprint(signer: Signer) -> str:
    return signer.key.partition("#")[2]


def register(*signers: Signer) -> dict[str, Any]:
    """A gateway's register of these regions, unsigned."""
    regions = [(one.key.partition("#")[0], one.public_key()) for one in signers]
    address = "https://bank.example/graphql"
    return {
        "shards": [{"code": code, "name": code, "url": address, "publicKey": key} for code, key in regions]
    }


class Office:
    """Who signs registers, and the folder of a node that pins its key."""

    def __init__(self, folder: Path) -> None:
        self.key = generate_key()
        self.pins, self.file = folder / "office.jwks", folder / "registry.json"
        self.pins.write_bytes(jwks(self.key))

    def publish(self, version: int, *signers: Signer) -> dict[str, Any]:
        content = sign(register(*signers), self.key, version, NOW)
        self.write(content)
        return content

    def write(self, content: object) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(content), encoding="utf-8")
        new.replace(self.file)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


async def test_a_register_that_a_pinned_key_signed_is_believed_and_followed(office: Office) -> None:
    office.publish(1, SHANGHAI)
    keys = KeyFile(office.file, office.pins)
    assert set(await keys.by_thumbprint()) == {thumbprint(SHANGHAI)}
    office.publish(2, SHANGHAI, ZHEJIANG)
    assert set(await keys.by_thumbprint()) == {thumbprint(SHANGHAI), thumbprint(ZHEJIANG)}
    assert await keys.problem() is None


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (lambda office: office.write(register(ZHEJIANG)), "nobody signed it"),
        (lambda office: office.write({"keys": [ZHEJIANG.public_key()]}), "nobody signed it"),
        (lambda office: office.write(office.publish(3, SHANGHAI) | register(ZHEJIANG)), "does not fit"),
        (lambda office: office.write(sign(register(ZHEJIANG), generate_key(), 3, NOW)), "not pinned here"),
        (lambda office: office.publish(1, ZHEJIANG), "older than 2"),
        (lambda office: office.write("no register"), "no JSON object"),
    ],
)
async def test_any_other_is_refused_with_what_to_do_and_the_keys_before_it_stay(
    office: Office, spoiled: Any, why: str
) -> None:
    office.publish(2, SHANGHAI)
    keys = KeyFile(office.file, office.pins)
    await keys.by_thumbprint()
    spoiled(office)
    assert set(await keys.by_thumbprint()) == {thumbprint(SHANGHAI)}
    problem = await keys.problem()
    assert problem is not None
    assert problem.startswith("PARTNER_KEYS_REFUSED: registry.json: ")
    assert "creditbank registry sign" in problem
    assert why in problem
    office.publish(3, SHANGHAI, ZHEJIANG)
    assert len(await keys.by_thumbprint()) == 2
    assert await keys.problem() is None


async def test_without_a_pinned_key_only_an_operators_own_key_set_is_believed(office: Office) -> None:
    office.publish(1, SHANGHAI)
    assert await KeyFile(office.file).by_thumbprint() == {}
    assert len(await KeyFile(office.file, is_unsigned=True).by_thumbprint()) == 1
    office.write({"keys": [{**SHANGHAI.public_key(), "kid": SHANGHAI.key}]})
    assert {one.region for one in (await KeyFile(office.file).by_thumbprint()).values()} == {"310000"}


async def test_a_node_says_what_it_refused(
    office: Office, sqlite: Engine, keys_file: Path, token_key: OKPKey
) -> None:
    office.write(register(SHANGHAI))
    settings: dict[str, Any] = {"partner_keys": office.file, "registry_keys": office.pins}
    async with serving(sqlite.fresh(), keys_file, token_key, **settings) as served:
        ready = (await served.client.get("/health/ready")).json()
        [check] = [one for one in ready["checks"] if one["name"] == "partner keys"]
        assert (ready["ready"], check["ready"], "nobody signed it" in check["reason"]) == (True, False, True)
