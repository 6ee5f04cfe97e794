"""What is kept of a region's publications changes no answer: whatever is published is seen at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edge.caller import PUBLIC
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, Trace
from gateway.national.wire import ASSESSMENTS, STANDINGS
from region_node.graph.executor import NodeExecutor
from region_node.storage import published
from region_node.storage.published import KEY_LIMIT_CHARACTERS, Published, PublishedKept
from region_node.storage.unit_of_work import SqlUnits
from tests.node.counting import statements
from tests.node.databases import REGION
from tests.node.published import (
    SHANGHAI,
    agree,
    assessments,
    publish,
    retire,
    rule,
    set_framework,
    set_map,
    set_policy,
    standings,
    suspend,
    veto,
)
from tests.node.recognition.conftest import Ready

ORGANISATION = "北京鸿科经纬科技有限公司"


async def answers(ready: Ready, asked: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Standings and decisions by the node as it is."""
    facts = await standings(ready.served.public, *asked)
    return facts, await assessments(ready.served.public, *_questions(asked, facts))


async def answers_anew(ready: Ready, asked: list[dict[str, Any]]) -> tuple[Any, Any]:
    """The same by one that has kept nothing."""
    node = ready.served.node

    async def ask(query: str, inputs: list[dict[str, Any]]) -> Any:
        bank = replace(node.bank, units=SqlUnits(node.database))
        context = CallContext(PUBLIC, float("inf"), Trace("0" * 32, "0" * 16))
        operation = Operation(query, {"region": REGION, "inputs": inputs})
        answer = await NodeExecutor(bank, Limits()).execute(operation, context)
        assert isinstance(answer, ExecutionResult)
        assert not answer.errors
        (found,) = answer.data.values()
        return found

    facts = await ask(STANDINGS, [{"to": SHANGHAI, **one} for one in asked])
    return facts, await ask(ASSESSMENTS, _questions(asked, facts))


def _questions(asked: list[dict[str, Any]], facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"from": SHANGHAI, "major": "530701", **one, "standing": fact}
        for one, fact in zip(asked, facts, strict=True)
    ]


async def test_whatever_is_published_is_seen_at_once(ready: Ready) -> None:
    officer, clock = ready.served.officer, ready.served.clock
    certificate = ready.certificate
    steps: list[Callable[[], Awaitable[Any]]] = [
        lambda: set_policy(officer, ceilingCredits="5.0"),
        lambda: set_framework(officer, levels=["3", "4"], ofSkill=[]),
        lambda: set_map(officer, {"INTERMEDIATE": ["4"]}, **{"from": "1+X"}),
        lambda: set_map(officer, {"INTERMEDIATE": ["3", "4"]}, **{"from": "1+X"}),
        lambda: publish(officer, rule(certificate, "网店运营", "3.0"), valid_from="2026-01-01"),
        lambda: retire(officer, certificate, "2026-05-01"),
        lambda: veto(officer, ORGANISATION, "2026-05-20"),
        lambda: suspend(officer, ready.agreement),
        lambda: agree(officer, version=2, firstDay="2026-05-01"),
    ]
    asked = [ready.asked(), {**ready.asked(issuedOn="2026-04-01"), "asOf": "2026-05-31"}]
    seen = [await answers(ready, asked)]
    for step in steps:
        before = clock.at.isoformat()
        clock.at += timedelta(minutes=1)
        await step()
        asked.append({**ready.asked(issuedOn="2026-04-01"), "knownAt": before})
        now = await answers(ready, asked)
        assert now == await answers_anew(ready, asked)
        seen.append(now)
    told = [repr(one[0][:2]) + repr(one[1][:2]) for one in seen]
    assert len(set(told)) == len(told)  # each step did change something of what is asked here


async def test_what_was_read_is_not_read_again(ready: Ready) -> None:
    database = ready.served.node.database
    await answers(ready, [ready.asked()])
    with statements(database) as seen:
        await answers(ready, [{**ready.asked(), "asOf": "2026-05-30"}, ready.asked()])
    assert len(seen) == 2  # what state it is, once for the standings and once for the decisions
    await set_policy(ready.served.officer)
    with statements(database) as seen:
        await answers(ready, [ready.asked()])
    assert len(seen) > 2


async def test_no_more_is_kept_than_the_limit_and_nothing_for_a_made_up_key(
    ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "KEPT_LIMIT", 3)
    kept = PublishedKept()
    loaded: list[str] = []

    async def load(keys: Collection[str]) -> Mapping[str, str]:
        loaded.extend(keys)
        return {key: key.upper() for key in keys if key != "absent"}

    async with ready.served.node.database.read() as connection:

        async def ask(*keys: str) -> Mapping[str, str]:
            return await Published(connection, kept).each("things", keys, load)

        assert await ask("a", "absent") == {"a": "A"}
        assert await ask("a", "absent") == {"a": "A"}
        assert loaded == ["a", "absent"]
        made_up = "x" * (KEY_LIMIT_CHARACTERS + 1)
        for _ in range(2):
            assert await ask(made_up) == {made_up: made_up.upper()}
        assert loaded[2:] == [made_up, made_up]
        await ask("b", "c")  # "a" was used longest ago
        await ask("a")
        assert loaded[4:] == ["b", "c", "a"]
