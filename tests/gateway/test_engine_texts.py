"""The engine knows no languages; whatever it says is told in Chinese all the same, by code or by sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import gateway.federation as engine
from edge.graphql_texts import GRAPHQL_TEXTS
from edge.texts import KnownTexts
from gateway.engine_texts import ENGINE_TEXTS
from gateway.messages import GATEWAY_MESSAGES
from tests.sentences import assigned_sentences, raised

ENGINE: Final = Path(engine.__file__).parent
STAGES: Final = ("document", "planning", "sharding", "execution")
"""What works for a client; composition speaks to who keeps the supergraph."""
RAISED_BY: Final = {"_refuse": 0, "_explain": 0, "_stream_refusal": 0}
KNOWN: Final = KnownTexts({**GRAPHQL_TEXTS, **ENGINE_TEXTS})

WORDED_BY_CODE: Final = (
    "Shard {",  # UNSUPPORTED_BY_SHARD
    "There is no shard",  # UNKNOWN_SHARD
    "The shard {",  # SHARD_DRAINING, SHARD_SUSPENDED
    "You may not see",  # UNAUTHORIZED_FIELD_OR_TYPE
    "You may not ask for the schema",  # INTROSPECTION_DISABLED
    "The operation is estimated to cost",  # COST_ESTIMATED_TOO_EXPENSIVE
    "{key} needs exactly one of",  # COST_QUERY_PARSE_FAILURE
    "The operation is too complex to plan",  # PLAN_LIMIT_EXCEEDED
    "The operation is nested too deeply to plan",  # PLAN_LIMIT_EXCEEDED
    "The document has",  # OPERATION_RESOLUTION_FAILURE
    "The schema has no",  # OPERATION_RESOLUTION_FAILURE
    "Not given in part",  # INCOMPLETE
    "The shard gave no reason",  # a shard's own code
)


def said() -> set[str]:
    files = [file for stage in STAGES for file in (ENGINE / stage).glob("*.py")]
    files.append(ENGINE / "engine.py")
    return set().union(*(raised(file, RAISED_BY) | assigned_sentences(file, "message") for file in files))


def test_every_sentence_of_the_engine_is_known_or_has_a_worded_code() -> None:
    spoken = {one for one in said() if re.search(r"\w+ \w+", re.sub(r"\{.*?\}", "", one))}
    assert len(spoken) > 20
    unknown = [
        one
        for one in sorted(spoken)
        if not one.startswith(WORDED_BY_CODE)
        and KNOWN.in_chinese(re.sub(r"\{[^{}]*(\[[^\]]*\][^{}]*)*\}", "x", one)) is None
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("holder", "english", "chinese"),
    [
        (
            {"shard": "440000"},
            "Region 440000 cannot be reached.",
            "无法连接区域 440000。",
        ),
        ({"service": "registry"}, "The subgraph registry cannot be reached.", "无法连接子图 registry。"),
    ],
)
def test_only_a_shard_is_called_a_region(holder: dict[str, str], english: str, chinese: str) -> None:
    assert GATEWAY_MESSAGES.say("SHARD_UNREACHABLE", "en", holder) == english
    assert GATEWAY_MESSAGES.say("SHARD_UNREACHABLE", "zh", holder) == chinese
