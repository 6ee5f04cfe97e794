"""What a draft agreement would have changed: past requests are replayed, and only the draft differs."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditbank.simulation import QUERY, read_requests, terms_input
from edge.caller import Role
from gateway.national.wire import assessments_query
from region_node.domain.account import LearnerGroup
from region_node.domain.simulation import replayed, summed
from schema.agreements import AgreementTerms, ScopeItem, terms_to_plain
from schema.codes import ReasonCode as Code
from tests.cli.conftest import Run, run
from tests.node.databases import REGION
from tests.node.published import SHANGHAI, end, publish, rule, standings
from tests.node.recognition import cases
from tests.node.recognition.conftest import Ready, ready, sqlite_ready
from tests.node.recognition.mending import World
from tests.node.recognition.test_invariants import worlds
from tests.serving import Servers

__all__ = ["ready", "run", "sqlite_ready"]

DRAFTS = st.builds(
    lambda flexible, rate: (
        cases.agreement(
            cases.SHANGHAI, cases.JIANGSU, scope=(ScopeItem(flexible=flexible, rate_percent=rate),)
        ).terms
    ),
    st.booleans(),
    st.integers(1, 100),
)


def draft(**line: Any) -> AgreementTerms:
    return cases.agreement(cases.SHANGHAI, cases.JIANGSU, scope=(ScopeItem(**line),)).terms


@given(st.lists(worlds(), max_size=3), DRAFTS)
@settings(max_examples=60)
def test_the_sums_are_those_of_the_single_decisions(asked: list[World], terms: AgreementTerms) -> None:
    replays = [replayed(one.question, one.home, one.host, terms, LearnerGroup.VETERAN) for one in asked]
    made = summed(replays)
    assert made.requests == sum(made.decisions.values()) == len(asked)
    for name in ("before", "after"):
        whole = sum(getattr(one, name).recognised for one in replays)
        assert sum(getattr(line, name) for line in made.lines) == whole
    assert all(line.gained - line.lost == line.after - line.before for line in made.lines)
    assert [one.before for one in replays] == [one.decide() for one in asked]


@given(worlds())
@settings(max_examples=60)
def test_the_agreement_that_was_in_force_changes_nothing_as_a_draft(world: World) -> None:
    if not world.host.agreements:
        return
    terms = world.host.agreements[0].terms
    both = world.with_facts(agreement_hash=terms.hash(), agreement_reason=None)
    one = replayed(both.question, both.home, both.host, terms, None)
    codes = [reason.code for reason in one.before.reasons]
    if not {Code.AGREEMENT_EXPIRED, Code.AGREEMENT_SUSPENDED, Code.AGREEMENT_NOT_YET_IN_FORCE} & {*codes}:
        assert one.after.recognised == one.before.recognised
        assert [reason.code for reason in one.after.reasons] == codes


async def asked_before(ready: Ready) -> dict[str, Any]:
    """Three requests as a portal asked and kept them: the answers of the graph."""
    portal = ready.served.portal
    outcome = await ready.outcome()
    questions = [{"outcomeId": outcome}, ready.asked(), ready.asked(issuedOn="2019-01-01")]
    inputs = [
        {"from": SHANGHAI, "major": "530701", **one, "standing": (await standings(portal, one))[0]}
        for one in questions
    ]
    query = assessments_query([], evidence=True)
    return await portal.post(query, {"region": REGION, "inputs": inputs})


async def simulated(asker: Any, kept: dict[str, Any], terms: AgreementTerms) -> dict[str, Any]:
    requests = read_requests([json.dumps(kept).encode()], REGION)
    answer = await asker.ask(
        QUERY, region=REGION, terms=terms_input(terms_to_plain(terms), REGION), requests=requests
    )
    found: dict[str, Any] = answer["simulateAgreement"]
    return found


async def test_a_draft_is_judged_by_what_was_known_then(ready: Ready) -> None:
    """New rules and the agreement's end since then are no doing of the draft's."""
    officer = ready.served.officer
    kept = await asked_before(ready)
    ready.served.clock.at += timedelta(minutes=1)
    await end(officer, ready.agreement, "2026-06-01")
    await publish(officer, rule(ready.certificate, "网店运营", "1.0"))
    made = await simulated(officer, kept, draft(flexible=False))
    assert made["decisions"] == [
        {"before": "RECOGNISED", "after": "PARTIAL", "requests": 2},
        {"before": "REFUSED", "after": "REFUSED", "requests": 1},
    ]
    shown = [(one["group"], one["course"], one["before"], one["after"], one["lost"]) for one in made["lines"]]
    assert shown == [
        ("IN_SCHOOL", "网店运营", "4.0", "4.0", "0.0"),
        ("IN_SCHOOL", "网络营销", "4.0", "1.6", "2.4"),
        (None, "网店运营", "4.0", "4.0", "0.0"),
        (None, "网络营销", "4.0", "1.6", "2.4"),
    ]


async def test_who_may_sign_may_simulate(sqlite_ready: Ready) -> None:
    served = sqlite_ready.served
    kept = await asked_before(sqlite_ready)
    assert (await simulated(served.asker(Role.AUDITOR, region=REGION), kept, draft()))["decisions"]
    variables: dict[str, Any] = {
        "region": REGION,
        "terms": terms_input(terms_to_plain(draft()), REGION),
        "requests": read_requests([json.dumps(kept).encode()], REGION),
    }
    for asker in (served.public, served.portal, served.asker(Role.OFFICER, region=SHANGHAI)):
        (error,) = await asker.refused(QUERY, **variables)
        assert error["extensions"]["code"] in ("UNAUTHENTICATED", "FORBIDDEN")
    wrong: list[dict[str, Any]] = [{"with": REGION}, {"with": "440000"}, {"scope": []}]
    for terms in wrong:
        given_ = {**variables, "terms": terms_input(terms_to_plain(draft()), REGION) | terms}
        (error,) = await served.officer.refused(QUERY, **given_)
        assert error["extensions"]["code"] == "AGREEMENT_INVALID"
        assert "refused" in error["message"]


async def test_the_command_line_shows_a_table_and_draws_a_plot(
    sqlite_ready: Ready, run: Run, tmp_path: Path
) -> None:
    kept = await asked_before(sqlite_ready)
    answers, terms, token, svg = (tmp_path / name for name in ("answers.json", "terms.json", "t", "plot.svg"))
    answers.write_text(json.dumps(kept), encoding="utf-8")
    terms.write_bytes(draft(flexible=False).canonical())
    token.write_text(sqlite_ready.served.officer.headers["authorization"].removeprefix("Bearer "))
    with Servers() as servers:
        url = servers.start(sqlite_ready.served.node.app).url
        options = ("--region", REGION, "--url", url, "--token", token, "--svg", svg)
        ran = await asyncio.to_thread(run, "agreement", "simulate", terms, answers, *options)
        other = await asyncio.to_thread(
            run, "agreement", "simulate", terms, answers, *("--region", SHANGHAI), *options[2:]
        )
    assert (ran.status, ran.err) == (0, "")
    for told in ("3 requests replayed", "IN_SCHOOL", "网络营销", "2.4", "Sum"):
        assert told in ran.out
    drawn = ElementTree.parse(svg).getroot()  # noqa: S314 - our own
    words = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert words.count("−2.4") == 2
    assert sum(1 for one in drawn.iter("{http://www.w3.org/2000/svg}rect")) == 3
    assert (other.status, "no decision of region 310000" in other.err) == (1, True)


@pytest.mark.parametrize("parties", [["310000", "440000"], ["320000", "320000"]])
def test_terms_between_others_are_no_draft_of_this_region(parties: list[str]) -> None:
    with pytest.raises(ValueError, match="not one of the parties"):
        terms_input({**terms_to_plain(draft()), "parties": parties}, REGION)
