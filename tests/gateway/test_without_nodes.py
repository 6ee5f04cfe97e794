"""A gateway none of whose nodes answers: it starts, it is ready, and it says what it cannot know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.caller import Role
from tests.gateway.country import Country, country
from tests.gateway.simulated import CERTIFICATE, REGIONS
from tests.serving import Servers

ASKED_LIMIT = 5_000
"""Questions asked before a change of the register must have been seen: many times its interval."""
RECOGNITION = f"""{{
  mutualRecognition(input: {{
    from: "310000", to: "320000", certificate: {{code: "{CERTIFICATE.code}", level: INTERMEDIATE}}
  }}) {{ decision reasons {{ code }} }}
}}"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    with Servers() as servers, country(servers, tmp_path_factory.mktemp("alone"), {}) as built:
        yield built


def test_it_is_ready_and_names_each_region_it_cannot_reach(alone: Country) -> None:
    answer = alone.get("/health/ready")
    assert answer.status_code == 200
    checks = {check["name"]: check for check in answer.json()["checks"]}
    for region in REGIONS:
        check = checks[f"region {region}"]
        assert (check["ready"], check["essential"]) == (False, False)
        assert "SHARD_UNREACHABLE" in check["reason"]
    assert any(name.startswith("catalogue") for name in checks)
    assert alone.get("/health/live").status_code == 200


def test_what_is_national_is_answered(alone: Country) -> None:
    answer = alone.post("{ regions { code name } catalogue { hash } pairings { id } }").json()
    assert "errors" not in answer
    assert [region["code"] for region in answer["data"]["regions"]] == sorted(REGIONS)
    assert "extensions" not in answer or "coverage" not in answer["extensions"]


def test_recognition_is_undetermined_and_never_refused(alone: Country) -> None:
    answer = alone.post(RECOGNITION).json()
    assert answer["data"]["mutualRecognition"] == {
        "decision": "UNDETERMINED",
        "reasons": [{"code": "REGION_DID_NOT_ANSWER"}],
    }
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SHARD_UNREACHABLE"]
    assert answer["extensions"]["coverage"]["missing"][0]["shard"] == "310000"


def test_a_learner_is_null_with_an_error_for_each_region(alone: Country) -> None:
    answer = alone.post('{ learner(id: "L-1") { totalCredits } }', Role.PORTAL).json()
    assert answer["data"] == {"learner": None}
    assert {error["extensions"]["shard"] for error in answer["errors"]} == set(REGIONS)
    coverage = answer["extensions"]["coverage"]
    assert (coverage["asked"], coverage["answered"]) == (len(REGIONS), 0)


def test_a_register_that_changes_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    with Servers() as servers, country(servers, tmp_path, {}, reload_interval_ms=100) as built:
        text = (tmp_path / "nodes.json").read_text("utf-8")
        new = tmp_path / "nodes.new"
        new.write_text(text.replace('"code": "620000"', '"code": "630000"'), encoding="utf-8")
        new.replace(tmp_path / "nodes.json")
        found: list[str] = []
        for _ in range(ASKED_LIMIT):
            answer = built.post("{ regions { code } }").json()
            found = [region["code"] for region in answer["data"]["regions"]]
            if "630000" in found:
                break
        assert "630000" in found
        assert "620000" not in found
