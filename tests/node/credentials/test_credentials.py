"""Credentials stand alone: signed, complete, without a name, and told when they were revoked."""

from __future__ import annotations

import gzip
import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet, OKPKey

from region_node.domain.credential import STATUS_LIST_BITS, encode_bits
from tests.node.bank import step, submit
from tests.node.conftest import CERTIFICATE_NAME, Served, citizen_number
from tests.node.credentials.conftest import BASE, Holder


async def credential(holder: Holder, outcome: str) -> str | None:
    data = await holder.asker.ask("query($o: ID!) { credential(outcome: $o) }", o=outcome)
    token: str | None = data["credential"]
    return token


async def opened(served: Served, token: str) -> dict[str, Any]:
    """Check a token as a stranger does: by the key that its header points to."""
    header = jws.extract_compact(token.encode()).protected
    assert header["kid"].startswith(BASE)
    answer = await served.client.get(header["kid"].removeprefix(BASE))
    key = OKPKey.import_key(answer.json())
    content = jws.deserialize_compact(token, key, algorithms=["Ed25519"]).payload
    claims: dict[str, Any] = json.loads(content)
    return claims


async def bit_of(served: Served, claims: dict[str, Any]) -> bool:
    status = claims["credentialStatus"]
    answer = await served.client.get(status["statusListCredential"].removeprefix(BASE))
    assert answer.headers["content-type"].startswith("application/vc+jwt")
    listed = await opened(served, answer.text)
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert listed["id"] == status["statusListCredential"]
    encoded = listed["credentialSubject"]["encodedList"]
    assert encoded.startswith("u")
    bits = gzip.decompress(urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    assert len(bits) * 8 == STATUS_LIST_BITS
    index = int(status["statusListIndex"])
    return bool(bits[index // 8] & 0x80 >> index % 8)


async def test_a_certificate_is_an_open_badge(holder: Holder) -> None:
    token = await credential(holder, holder.certificate)
    assert token is not None
    claims = await opened(holder.served, token)
    assert claims["@context"][:2] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert claims["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert claims["issuer"]["id"] == claims["iss"] == f"{BASE}/issuer"
    assert claims["jti"] == claims["id"]
    assert claims["sub"] == claims["credentialSubject"]["id"] == f"urn:creditbank:learner:{holder.learner}"
    achievement = claims["credentialSubject"]["achievement"]
    assert (achievement["name"], achievement["tag"]) == (CERTIFICATE_NAME, ["INTERMEDIATE"])
    assert claims["credentialSubject"]["creditsEarned"] == 8.0
    assert citizen_number(1) not in json.dumps(claims)
    profile = (await holder.served.client.get("/issuer")).json()
    assert profile == claims["issuer"]


async def test_a_revoked_outcome_flips_its_bit_and_no_other(holder: Holder) -> None:
    tokens = [await credential(holder, one) for one in (holder.certificate, holder.course)]
    claims = [await opened(holder.served, token) for token in tokens if token]
    assert [await bit_of(holder.served, one) for one in claims] == [False, False]
    await step(
        holder.served.officer, "revokeOutcome", holder.certificate, ground="ERROR", reason="wrong level"
    )
    assert [await bit_of(holder.served, one) for one in claims] == [True, False]
    assert await credential(holder, holder.certificate) is None


async def test_an_archive_holds_what_stands(holder: Holder) -> None:
    await submit(holder.served.officer, holder.account, title="未核验的课程")
    query = "query($a: ID!) { archive(account: $a) }"
    token = (await holder.asker.ask(query, a=holder.account))["archive"]
    claims = await opened(holder.served, token)
    assert claims["type"] == ["VerifiableCredential", "ClrCredential"]
    assert claims["credentialSubject"]["type"] == ["ClrSubject"]
    held = claims["credentialSubject"]["verifiableCredential"]
    assert [one["name"] for one in held] == [CERTIFICATE_NAME, "网络营销"]
    certificate = await credential(holder, holder.certificate)
    assert certificate is not None
    alone = await opened(holder.served, certificate)
    assert held[0] == {name: alone[name] for name in held[0]}


@pytest.mark.parametrize("field", ["credential(outcome", "archive(account", "transcript(account"])
async def test_who_may_not_read_a_record_gets_no_credential_of_it(holder: Holder, field: str) -> None:
    place = holder.certificate if "outcome" in field else holder.account
    shown = " { xml }" if "transcript" in field else ""
    query = f'{{ {field}: "{place}"){shown} }}'
    stranger = holder.served.learner("L-SOMEBODYELSE")
    for asker, code in ((holder.served.public, "UNAUTHENTICATED"), (stranger, "FORBIDDEN")):
        (error,) = await asker.refused(query)
        assert error["extensions"]["code"] == code


async def test_the_issuer_s_keys_are_found_by_every_customary_way(holder: Holder) -> None:
    client = holder.served.client
    jwks = (await client.get("/.well-known/jwks.json")).json()
    document = (await client.get("/.well-known/did.json")).json()
    (method,) = document["verificationMethod"]
    assert document["id"] == "did:web:bank.example"
    assert document["assertionMethod"] == [method["id"]]
    assert method["publicKeyJwk"]["x"] == jwks["keys"][0]["x"]
    assert "d" not in jwks["keys"][0]
    KeySet.import_key_set(jwks)


async def test_a_node_without_a_public_address_issues_none(sqlite_served: Served) -> None:
    for path in ("/status/0", "/issuer", "/.well-known/did.json", "/issuer/keys/x"):
        assert (await sqlite_served.client.get(path)).status_code == 404
    assert (await sqlite_served.client.get("/.well-known/jwks.json")).json() == {"keys": []}


@pytest.mark.parametrize("number", ["1", "-1", "x", "٣", "9" * 30])
async def test_a_list_that_is_not_there_is_not_found(holder: Holder, number: str) -> None:
    assert (await holder.served.client.get(f"/status/{number}")).status_code == 404


def test_bit_nought_is_the_leftmost() -> None:
    text = encode_bits([0, 9])
    bits = gzip.decompress(urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))
    assert bits[:3] == b"\x80\x40\x00"
