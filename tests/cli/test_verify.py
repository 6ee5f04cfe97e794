"""`creditbank verify`: what a region signed holds without asking anybody, and nothing else does."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from creditbank.verification import DECISION_FIELDS, signed_bytes
from region_node.domain.credential import (
    Certified,
    Issuer,
    achievement_credential,
    claims,
    status_list_credential,
)
from region_node.domain.outcome import Outcome, OutcomeStatus
from region_node.service.signer import Signer
from schema.agreements import OutcomeKind, SkillLevel
from tests.cli.conftest import Run

SIGNER, STRANGER = Signer(b"4" * 32, "320000"), Signer(b"5" * 32, "320000")
ISSUER = Issuer("320000", "江苏省学分银行", "https://bank.example")
AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
OUTCOME = Outcome(
    id="320000-O-X_1",
    account_id="320000-A-X",
    learner_id="L-X",
    kind=OutcomeKind.X_CERTIFICATE,
    title="网店运营推广",
    status=OutcomeStatus.VERIFIED,
    credits=80,
    core_credits=56,
    flexible_credits=24,
    issued_on=date(2026, 5, 1),
    examined_on=date(2026, 5, 1),
    submitted_on=date(2026, 5, 1),
    certificate="X1",
    level=SkillLevel.INTERMEDIATE,
)


def decision(**changed: Any) -> dict[str, Any]:
    answer: dict[str, Any] = dict.fromkeys(DECISION_FIELDS.split())
    answer |= {
        "from": "310000",
        "to": "320000",
        "decision": "RECOGNISED",
        "creditsRecognised": "8.0",
        "creditsUnconverted": "0.0",
        "courses": [],
        "levelCandidates": [],
        "reasons": [{"code": "CAP_REACHED", "message": "in the reader's language"}],
        "inputs": [{"kind": "rules", "id": "320000-R-1", "version": 1, "hash": "ab" * 32}],
        "asOf": "2026-06-01",
        "decidedAt": "2026-06-01T12:00:00+08:00",
    }
    return {**answer, "signature": SIGNER.sign(signed_bytes(answer)), "missingForFull": [], **changed}


def token(credential: dict[str, Any], signer: Signer = SIGNER, base: str = ISSUER.base) -> str:
    return signer.token(claims(credential, AT), base)


BADGE = achievement_credential(ISSUER, Certified(OUTCOME, AT, 7))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    jwk = {**SIGNER.public_key(), "kid": SIGNER.key}
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [jwk]}))
    (tmp_path / "jwk.json").write_text(json.dumps(SIGNER.public_key()))
    for region in ("320000", "310000"):
        shard = {"code": region, "name": "x", "url": "https://x.example", "publicKey": SIGNER.public_key()}
        (tmp_path / f"{region}.json").write_text(json.dumps({"shards": [shard]}))
    return tmp_path


def written(folder: Path, content: object, name: str = "signed") -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


@pytest.mark.parametrize("keys", ["jwks.json", "jwk.json", "320000.json"])
@pytest.mark.parametrize("content", [decision(), {"data": {"recognise": decision()}}, token(BADGE)])
def test_what_a_region_signed_holds(folder: Path, run: Run, keys: str, content: object) -> None:
    ran = run("verify", written(folder, content), "--keys", folder / keys)
    assert (ran.status, ran.err) == (0, "")
    assert "It holds. 验证通过" in ran.out


def test_a_decision_tells_what_it_rests_on(folder: Path, run: Run) -> None:
    ran = run("verify", written(folder, decision()), "--keys", folder / "jwks.json")
    assert "Region 320000 signed it" in ran.out
    assert f"rules 320000-R-1, version 1, SHA-256 {'ab' * 32}" in ran.out


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"creditsRecognised": "9.0"}, 1),
        ({"reasons": []}, 1),
        ({"decidedAt": "2026-06-01T13:00:00+08:00"}, 1),
        ({"decidedAt": "2026-06-01T04:00:00+00:00"}, 0),  # the same instant
        ({"missingForFull": ["what explains only"]}, 0),
        ({"signature": None}, 2),
        ({"signature": STRANGER.sign(b"{}")}, 2),
        ({"signature": "x"}, 2),
    ],
)
def test_whatever_was_changed_is_seen(folder: Path, run: Run, changed: dict[str, Any], status: int) -> None:
    ran = run("verify", written(folder, decision(**changed)), "--keys", folder / "jwks.json")
    assert ran.status == status


def test_a_field_that_was_not_asked_for_is_named(folder: Path, run: Run) -> None:
    answer = decision()
    del answer["inputs"], answer["asOf"]
    ran = run("verify", written(folder, answer), "--keys", folder / "jwks.json")
    assert ran.status == 2
    assert "lacks inputs, asOf" in ran.out


def test_one_region_s_key_is_not_another_s_word(folder: Path, run: Run) -> None:
    ran = run("verify", written(folder, decision()), "--keys", folder / "310000.json")
    assert ran.status == 1
    assert "region 310000's" in ran.out


@pytest.mark.parametrize(("revoked", "status"), [([], 0), ([6, 8], 0), ([7], 1)])
def test_a_revocation_is_seen_in_the_status_list(
    folder: Path, run: Run, revoked: list[int], status: int
) -> None:
    listed = written(folder, token(status_list_credential(ISSUER, 0, revoked, AT)), "list.jwt")
    badge = written(folder, token(BADGE))
    ran = run("verify", badge, "--keys", folder / "jwks.json", "--status-list", listed)
    assert ran.status == status
    assert ("It was revoked" in ran.out) is bool(status)


def test_a_credential_is_its_issuer_s_alone(folder: Path, run: Run) -> None:
    content = token(BADGE)
    head, body, signature = content.split(".")
    other = token(status_list_credential(ISSUER, 0, [], AT)).split(".")[1]
    listed = written(folder, token(status_list_credential(ISSUER, 1, [], AT)), "list.jwt")
    for told, more, status in (
        (f"{head}.{other}.{signature}", [], 1),
        (token(BADGE, STRANGER), [], 2),
        (token(BADGE, base="https://other.example"), [], 1),
        (content, ["--status-list", listed], 2),
        ("x.y.z", [], 2),
        ("", [], 2),
        ("{}", [], 2),
    ):
        ran = run("verify", written(folder, told), "--keys", folder / "jwks.json", *more)
        assert ran.status == status, (told, ran.out)
    assert body


def test_a_file_without_keys_is_refused(folder: Path, run: Run) -> None:
    for keys in ("{}", '{"keys": []}', "x", "[]"):
        ran = run("verify", written(folder, decision()), "--keys", written(folder, keys, "none.json"))
        assert ran.status == 2
        assert "holds no keys" in ran.err
