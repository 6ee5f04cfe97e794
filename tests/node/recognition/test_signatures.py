"""A signed decision stands alone: whoever holds the answer and the region's key can check every byte."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from edge.caller import Role
from tests.node.conftest import Served, serving
from tests.node.databases import Engine
from tests.node.published import SHANGHAI, recognise
from tests.node.recognition.conftest import Ready, prepare


@pytest.fixture
async def signing(
    sqlite: Engine, keys_file: Path, token_key: OKPKey, certificate: str
) -> AsyncIterator[Ready]:
    async with serving(sqlite.fresh(), keys_file, token_key, signing_key="44" * 32) as served:
        yield await prepare(served, certificate)


def statement(answer: dict[str, Any]) -> bytes:
    """Build the signed bytes from an answer of the graph, as docs/RECOGNITION.md tells a reader to."""
    signed = {
        name: value
        for name, value in answer.items()
        if name not in ("signature", "missingForFull", "reasons")
    }
    signed["reasons"] = [one["code"] for one in answer["reasons"]]
    signed["decidedAt"] = datetime.fromisoformat(answer["decidedAt"]).astimezone(UTC).isoformat()
    return rfc8785.dumps(signed)


async def key_of(served: Served) -> OKPKey:
    answer = await served.public.ask('{ region(code: "320000") { signingKey } }')
    return OKPKey.import_key(json.loads(answer["region"]["signingKey"]))


def verify(answer: dict[str, Any], key: OKPKey) -> None:
    jws.deserialize_compact(answer["signature"], key, algorithms=["Ed25519"], payload=statement(answer))


async def test_a_decision_is_checked_with_nothing_but_the_answer_and_the_key(signing: Ready) -> None:
    outcome = await signing.outcome()
    key = await key_of(signing.served)
    for question in ({"outcomeId": outcome}, signing.asked(), signing.asked(issuedOn="2019-01-01")):
        answer = await recognise(signing.served.portal, **question)
        verify(answer, key)
        with pytest.raises(BadSignatureError):
            verify({**answer, "creditsRecognised": "8.1"}, key)


async def test_a_signature_is_the_same_for_readers_of_either_language(signing: Ready) -> None:
    answer = await recognise(signing.served.portal, **signing.asked())
    again = await recognise(signing.served.portal, **signing.asked())
    assert answer["signature"] == again["signature"]


async def test_only_callers_who_carry_facts_faithfully_get_the_region_s_word(signing: Ready) -> None:
    """Anybody can bring facts of their own; a signature on those would be worth nothing."""
    served = signing.served
    for asker in (
        served.public,
        served.learner(signing.learner),
        served.asker(Role.OFFICER, region=SHANGHAI),
    ):
        assert (await recognise(asker, **signing.asked()))["signature"] is None
    assert (await recognise(served.officer, **signing.asked()))["signature"] is not None


async def test_a_region_without_a_key_signs_nothing(sqlite_ready: Ready) -> None:
    answer = await recognise(sqlite_ready.served.portal, **sqlite_ready.asked())
    assert answer["signature"] is None
    region = await sqlite_ready.served.public.ask('{ region(code: "320000") { signingKey } }')
    assert region["region"]["signingKey"] is None
