"""Whoever holds a decision, its evidence and what was published decides the same again, to the byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from joserfc.jwk import OKPKey

from creditbank.verification import signed_bytes
from gateway.national.wire import STANDINGS, assessments_query
from region_node.domain.canonical import hash_of
from region_node.domain.evidence import again, evidence_of, read_evidence
from region_node.domain.holdings import documents_of
from region_node.domain.recognition import assess
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import Host, home_from_plain
from region_node.domain.recognition_statement import standing_statement, statement
from region_node.service.signer import Signer
from schema.agreements import terms_to_plain
from tests.cli.conftest import Run, run
from tests.node.conftest import serving
from tests.node.databases import REGION, Engine
from tests.node.published import (
    SHANGHAI,
    recognise,
    retire,
    set_framework,
    set_map,
    set_policy,
    standings,
    suspend,
)
from tests.node.recognition import cases
from tests.node.recognition.conftest import Ready, prepare
from tests.node.recognition.mending import World
from tests.node.recognition.test_invariants import worlds

__all__ = ["run"]

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
PUBLISHED = """query($region: ID!, $inputs: [DecisionInputName!]!) {
  publishedInputs(region: $region, inputs: $inputs) { kind id version hash content } }"""


def published_by(host: Host) -> dict[str, Any]:
    """Everything that the region has published, by hash."""
    plains = [terms_to_plain(copy.terms) for copy in host.agreements]
    plains += [one.plain() for one in host.maps]
    held = (host.policy, host.framework, host.rule_set, host.own_standard)
    plains += [one.plain() for one in held if one is not None]
    return {hash_of(plain): plain for plain in plains}


def made_again(made: Assessment, host: Host) -> Assessment:
    return again(read_evidence(evidence_of(made)), published_by(host))


@given(worlds())
@settings(max_examples=80)
def test_any_decision_is_made_again_by_its_evidence(world: World) -> None:
    made = world.decide()
    repeated = made_again(made, world.host)
    assert statement(repeated, AT) == statement(made, AT)
    assert (repeated.reasons, repeated.missing) == (made.reasons, made.missing)
    named = {one.kind: one.hash for one in made.inputs}
    evidence = orjson.loads(evidence_of(made))
    assert named["question"] == hash_of(evidence["question"])
    assert named["holdings"] == hash_of(evidence["holdings"])
    assert named["home-facts"] == hash_of(evidence["standing"])
    assert set(documents_of(made.holdings).values()) <= set(named.values())


@pytest.mark.parametrize("said", ["nothing", "not found", "not permitted", "malformed"])
def test_a_decision_without_facts_is_made_again(said: str) -> None:
    host = cases.host()
    facts: dict[str, dict[str, Any]] = {
        "not found": {"found": False},
        "not permitted": {"permitted": False},
        "malformed": {"malformed": "m"},
    }
    made = assess(cases.question(), None if said == "nothing" else cases.home(host, **facts[said]), host)
    assert statement(made_again(made, host), AT) == statement(made, AT)


def test_of_several_maps_and_agreements_those_that_decided_are_enough() -> None:
    host = cases.host(
        framework=cases.OUR_FRAMEWORK,
        maps=(
            cases.framework_map({"5": ("3",)}),
            cases.framework_map({"5": ("4",)}, id="500000-M-2", version=2, valid_from=date(2026, 1, 1)),
        ),
        own_standard=cases.standard(retired_from=date(2026, 5, 1)),
        own_veto=date(2026, 3, 20),
        agreements=(
            cases.agreement(cases.SHANGHAI, cases.JIANGSU, ended_on=date(2026, 1, 1)),
            cases.agreement(cases.SHANGHAI, cases.JIANGSU, version=2, first_day=date(2026, 1, 1)),
        ),
    )
    made = World(cases.question(), cases.home(host, framework="GD", framework_level="5"), host).decide()
    assert made.level == "4"
    assert statement(made_again(made, host), AT) == statement(made, AT)


@pytest.fixture
async def signing(
    sqlite: Engine, keys_file: Path, token_key: OKPKey, certificate: str
) -> AsyncIterator[Ready]:
    async with serving(sqlite.fresh(), keys_file, token_key, signing_key="44" * 32) as served:
        yield await prepare(served, certificate)


SHANGHAI_SIGNS = Signer(b"5" * 32, SHANGHAI)
"""Shanghai's own key: the node of these tests plays both regions, but signs as one."""


async def decided(ready: Ready, folder: Path, **asked: Any) -> tuple[dict[str, Any], list[Path], Path]:
    """Decide; write what a reader would have: the decision's file, its inputs, and the regions' keys."""
    portal = ready.served.portal
    (facts,) = await standings(portal, asked)
    given_ = {"from": SHANGHAI, "major": "530701", **asked, "standing": facts}
    query = assessments_query([], evidence=True).replace("asOf", "asOf knownAt")
    body = await portal.post(query, {"region": REGION, "inputs": [given_]})
    (decision,) = body["data"]["assessments"]
    published = await ready.served.public.post(PUBLISHED, {"region": REGION, "inputs": decision["inputs"]})
    home = home_from_plain(facts)
    known_at = asked.get("knownAt") and datetime.fromisoformat(asked["knownAt"])
    said = standing_statement(SHANGHAI, REGION, home, AT, known_at)
    stated = {**facts, "statedAt": AT.isoformat(), "signature": SHANGHAI_SIGNS.sign(said)}
    signer = ready.served.node.bank.signer
    assert signer is not None
    shards = [
        {"code": code, "publicKey": key.public_key()}
        for code, key in ((REGION, signer), (SHANGHAI, SHANGHAI_SIGNS))
    ]
    files = [
        write(folder, name, content)
        for name, content in (("d.json", body), ("p.json", published), ("s.json", stated))
    ]
    return decision, files, write(folder, "keys.json", {"shards": shards})


def write(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


async def told(run: Run, decision: Path, keys: Path, *inputs: Path) -> tuple[int, str]:
    options = [part for one in inputs for part in ("--inputs", one)]
    ran = await asyncio.to_thread(run, "verify", decision, "--keys", keys, *options)
    return ran.status, ran.out


async def test_the_command_line_decides_again_what_a_node_decided(
    signing: Ready, run: Run, tmp_path: Path
) -> None:
    """Whatever has been published, retired, suspended and set since."""
    officer, clock = signing.served.officer, signing.served.clock
    outcome = await signing.outcome()
    await set_policy(officer, yearlyCeiling="6.0")
    known_at = clock.at.isoformat()
    clock.at += timedelta(minutes=1)
    await set_framework(officer, levels=["4"], ofSkill=[{"skill": "INTERMEDIATE", "level": "4"}])
    await set_map(officer, {"INTERMEDIATE": ["4"]}, **{"from": "1+X"})
    await retire(officer, signing.certificate, "2026-05-01")
    await suspend(officer, signing.agreement)
    for number, asked in enumerate(
        (
            {"outcomeId": outcome},
            {"outcomeId": outcome, "knownAt": known_at},
            {"outcomeId": outcome, "asOf": "2026-05-31"},
            signing.asked(issuedOn="2026-04-01"),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        decision, (file, published, standing), keys = await decided(signing, folder, **asked)
        status, out = await told(run, file, keys, published, standing)
        assert status == 0, out
        assert "it is the same, to all" in out
        assert "Region 310000 signed the facts" in out
        assert decision["decision"] in out


async def test_what_does_not_fit_is_seen(signing: Ready, run: Run, tmp_path: Path) -> None:
    decision, (file, published, standing), keys = await decided(signing, tmp_path, **signing.asked())
    status, out = await told(run, file, keys, standing)
    assert (status, "rules 320000-R-1 version 1" in out, "publishedInputs" in out) == (2, True, True)
    evidence = json.loads(decision["evidence"])
    for changed, expected in (
        ({"evidence": None}, 2),
        ({"evidence": "{}"}, 1),
        ({"evidence": json.dumps(evidence | {"holdings": evidence["holdings"] | {"rules": None}})}, 1),
        ({"evidence": json.dumps(evidence | {"standing": evidence["standing"] | {"credits": "9.0"}})}, 1),
    ):
        bad = write(tmp_path, "bad.json", {**decision, **changed})
        assert (await told(run, bad, keys, published))[0] == expected, changed
    stated = json.loads(standing.read_text(encoding="utf-8"))
    forged = write(tmp_path, "f.json", {**stated, "statedAt": "2026-06-02T04:00:00+00:00"})
    status, out = await told(run, file, keys, published, forged)
    assert (status, "did not sign these facts" in out) == (1, True)
    assert (await told(run, file, keys, write(tmp_path, "none.json", [])))[0] == 2


async def test_a_decision_whose_reasoning_does_not_follow_is_false(
    signing: Ready, run: Run, tmp_path: Path
) -> None:
    """A region may sign what it likes; that it follows from its own published rules is another matter."""
    decision, (_, published, _), keys = await decided(signing, tmp_path, **signing.asked())
    signer = signing.served.node.bank.signer
    assert signer is not None
    unjust = {**decision, "decision": "REFUSED", "creditsRecognised": "0.0", "creditsUnconverted": "8.0"}
    unjust["signature"] = signer.sign(signed_bytes(unjust))
    status, out = await told(run, write(tmp_path, "unjust.json", unjust), keys, published)
    assert (status, "Decided again by the same inputs it is another: RECOGNISED" in out) == (1, True)


async def test_evidence_is_for_those_who_get_a_signature(signing: Ready) -> None:
    served = signing.served
    query = assessments_query([], evidence=True)
    given_ = {
        "from": SHANGHAI,
        "standing": (await standings(served.public, signing.asked()))[0],
        **signing.asked(),
    }
    for asker, shown in ((served.public, False), (served.portal, True), (served.officer, True)):
        (made,) = (await asker.ask(query, region=REGION, inputs=[given_]))["assessments"]
        assert (made["evidence"] is not None) is shown


async def test_a_region_signs_its_facts_for_whoever_proved_who_they_are(signing: Ready) -> None:
    served = signing.served
    query = STANDINGS.replace("asOf permitted", "asOf statedAt signature permitted")
    asked = [{"to": SHANGHAI, **signing.asked()}]
    (public,) = (await served.public.ask(query, region=REGION, inputs=asked))["standings"]
    (portal,) = (await served.portal.ask(query, region=REGION, inputs=asked))["standings"]
    said = standing_statement(
        REGION, SHANGHAI, home_from_plain(portal), datetime.fromisoformat(portal["statedAt"]), None
    )
    signer = served.node.bank.signer
    assert signer is not None
    assert public["signature"] is None
    assert signer.holds(said, portal["signature"])


async def test_only_what_was_published_is_found_by_its_hash(ready: Ready) -> None:
    officer, public = ready.served.officer, ready.served.public
    await set_policy(officer)
    await retire(officer, ready.certificate, "2026-05-01")
    answer = await recognise(ready.served.portal, **ready.asked(issuedOn="2026-04-01"))
    found = (await public.ask(PUBLISHED, region=REGION, inputs=answer["inputs"]))["publishedInputs"]
    told_ = {one["kind"]: one for one in found if one is not None}
    assert set(told_) == {
        "agreement",
        "home-agreement",
        "standard",
        "own-standard",
        "framework",
        "rules",
        "policy",
    }
    for one in told_.values():
        assert sha256(one["content"].encode()).hexdigest() == one["hash"]
    strange = [{**one, "hash": "0" * 64} for one in answer["inputs"]]
    strange += [{"kind": "standard", "id": "x/y", "version": "", "hash": ""}]
    nothing = (await public.ask(PUBLISHED, region=REGION, inputs=strange))["publishedInputs"]
    assert nothing == [None] * len(strange)
    (error,) = await public.refused(PUBLISHED, region=REGION, inputs=strange * 20)
    assert error["extensions"]["code"] == "TOO_MANY_INPUTS"
