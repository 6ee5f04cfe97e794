"""A client's deadline: what came by then is told, and what did not is missing, not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from edge.caller import Role
from tests.gateway.country import Country, country
from tests.gateway.simulated import CERTIFICATE
from tests.serving import Servers

DEADLINE = {"x-deadline-ms": "600"}


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """Region 310000 takes connections and never answers; nobody listens for the others."""
    with Servers() as servers:
        ports = {"310000": servers.start_raw(say_nothing)}
        with country(servers, tmp_path_factory.mktemp("silent"), ports) as built:
            yield built


def test_recognition_is_told_undetermined_in_time(silent: Country) -> None:
    answer = silent.post(
        f"""{{ catalogue {{ hash }} mutualRecognition(input: {{
          from: "310000", to: "320000", certificate: {{code: "{CERTIFICATE.code}", level: INTERMEDIATE}}
        }}) {{ decision }} }}""",
        headers=DEADLINE,
    ).json()
    assert answer["data"]["mutualRecognition"]["decision"] == "UNDETERMINED"
    assert len(answer["data"]["catalogue"]["hash"]) == 64
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SHARD_TIMEOUT"]
    assert answer["extensions"]["coverage"]["missing"] == [
        {"shard": "310000", "reason": "SHARD_TIMEOUT", "path": ["mutualRecognition"]}
    ]


def test_a_scattered_question_names_who_was_silent_and_who_was_gone(silent: Country) -> None:
    answer = silent.post('{ learner(id: "L-1") { totalCredits } }', Role.PORTAL, headers=DEADLINE).json()
    assert answer["data"] == {"learner": None}
    reasons = {one["shard"]: one["reason"] for one in answer["extensions"]["coverage"]["missing"]}
    assert reasons.pop("310000") == "SHARD_TIMEOUT"
    assert set(reasons.values()) == {"SHARD_UNREACHABLE"}
