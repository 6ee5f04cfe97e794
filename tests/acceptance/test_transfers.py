"""Portable credits through the gateway: one request moves them, and any other goes on where one stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from edge.caller import Role
from tests.acceptance.history import MAJOR
from tests.acceptance.world import World

SOURCE, TARGET = "310000", "320000"
SHOWN = """__typename ... on Refusal { code message } ... on TransferMoved { transfer {
  id region from to state credits creditsAccepted verdict reasons entry
  statements { kind statement signature } } }"""
TRANSFER = f"""mutation($i: TransferInput!, $k: String!) {{
  transfer(input: $i, idempotencyKey: $k) {{ {SHOWN} }} }}"""
RESUME = f"mutation($t: ID!) {{ resumeTransfer(id: $t) {{ {SHOWN} }} }}"
RECORD = "query($r: ID!, $t: ID!) { transfer(region: $r, id: $t) { state creditsAccepted } }"


class Learner:
    """Somebody with an account in both regions and a certificate of 8.0 credits in the first."""

    def __init__(self, world: World, **achievement: Any) -> None:
        person = world.new_person()
        self.world = world
        self.account, self.id = world.open_account(SOURCE, person)
        self.there, _ = world.open_account(TARGET, person)
        self.outcome = world.deposited(self.account, **achievement)
        self.token = world.token(Role.LEARNER, learner_id=self.id)
        self.key = world.new_key()

    def transfer(self, token: str | None = None, **rest: Any) -> dict[str, Any]:
        given = {"outcome": self.outcome, "to": TARGET, "major": MAJOR, **rest}
        return self.world.post(TRANSFER, {"i": given, "k": self.key}, token or self.token)

    def moved(self, **rest: Any) -> dict[str, Any]:
        found = self.transfer(**rest)
        assert "errors" not in found, found["errors"]
        return shown(found, "transfer")

    def resume(self, transfer: str, token: str | None = None) -> dict[str, Any]:
        found = self.world.ask(RESUME, token or self.token, t=transfer)["resumeTransfer"]
        moved: dict[str, Any] = found.get("transfer", found)
        return moved

    def balances(self) -> tuple[str, str]:
        query = "query($a: ID!) { account(id: $a) { balance } }"
        here = self.world.ask(query, self.token, a=self.account)["account"]["balance"]
        there = self.world.ask(query, self.token, a=self.there)["account"]["balance"]
        return here, there


def shown(response: dict[str, Any], field: str) -> dict[str, Any]:
    found = response["data"][field]
    moved: dict[str, Any] = found.get("transfer", found)
    return moved


@contextmanager
def stopped(world: World, region: str) -> Iterator[None]:
    world.stop(region)
    try:
        yield
    finally:
        world.start(region)


def test_one_request_moves_what_the_target_takes(world: World) -> None:
    learner = Learner(world)
    moved = learner.moved()
    assert (moved["state"], moved["region"], moved["creditsAccepted"]) == ("COMPLETED", SOURCE, "6.0")
    assert [one["kind"] for one in moved["statements"]] == ["EXPORT", "RECEIPT", "CONFIRMATION"]
    assert moved["reasons"] == ["COURSES_INSUFFICIENT"]
    assert learner.balances() == ("2.0", "6.0")
    assert learner.moved() == moved
    assert learner.resume(moved["id"]) == moved
    assert learner.balances() == ("2.0", "6.0")
    asked = {"from": SOURCE, "to": TARGET, "outcomeId": learner.outcome, "major": MAJOR}
    decision = world.recognise(learner.token, **asked)
    assert decision["reasons"][0]["code"] == "ALREADY_CONVERTED"
    assert world.convert(learner.outcome)["code"] == "ALREADY_CONVERTED"


def test_a_silent_target_leaves_it_on_its_way_and_the_same_request_goes_on(world: World) -> None:
    learner = Learner(world)
    with stopped(world, TARGET):
        found = learner.transfer()
        left = shown(found, "transfer")
        assert (left["state"], left["region"]) == ("EXPORTED", SOURCE)
        (error,) = found["errors"]
        assert error["extensions"]["shard"] == TARGET
        assert error["path"] == ["transfer"]
        assert [one["shard"] for one in found["extensions"]["coverage"]["missing"]] == [TARGET]
    assert learner.moved(major=None)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert learner.resume(left["id"], world.officer(TARGET))["state"] == "COMPLETED"
    assert learner.moved()["state"] == "COMPLETED"
    assert learner.balances() == ("2.0", "6.0")


def test_a_silent_source_moves_nothing(world: World) -> None:
    learner = Learner(world)
    with stopped(world, SOURCE):
        found = learner.transfer()
        assert found["data"]["transfer"] is None
        assert found["errors"][0]["extensions"]["shard"] == SOURCE
    assert learner.moved()["state"] == "COMPLETED"


def test_a_cancelled_one_comes_home(world: World) -> None:
    learner = Learner(world)
    with stopped(world, TARGET):
        left = shown(learner.transfer(), "transfer")
    cancelling = world.done(SOURCE, "cancelTransfer", SHOWN, id=("ID!", left["id"]))["transfer"]
    assert cancelling["state"] == "CANCELLING"
    ended = learner.resume(left["id"])
    assert (ended["state"], ended["verdict"]) == ("CANCELLED", "CANCELLED")
    assert learner.balances() == ("8.0", "0.0")
    assert learner.moved() == ended
    learner.key = world.new_key()
    assert learner.moved()["state"] == "COMPLETED"


def test_what_refers_waits_for_an_officer_of_the_target(world: World) -> None:
    learner = Learner(world, examinerLevel="INTERMEDIATE")
    referred = learner.moved()
    assert (referred["state"], referred["region"], referred["verdict"]) == ("REFERRED", TARGET, None)
    (export,) = [one for one in referred["statements"] if one["kind"] == "EXPORT"]
    carried = {"statement": export["statement"], "signature": export["signature"]}
    accepted = world.done(
        TARGET,
        "acceptTransfer",
        SHOWN,
        region=("ID!", TARGET),
        export=("TransferStatementInput!", carried),
        judged=("Boolean!", True),
    )["transfer"]
    assert accepted["state"] == "ACCEPTED"
    assert learner.resume(referred["id"], world.officer(TARGET))["state"] == "COMPLETED"
    assert learner.balances() == ("2.0", "6.0")


@pytest.mark.parametrize(
    ("to", "code"), [("520000", "NOT_COVERED"), ("999999", "NOT_COVERED"), (SOURCE, "NOT_COVERED")]
)
def test_where_no_agreement_leads_nobody_else_is_asked(world: World, to: str, code: str) -> None:
    learner = Learner(world)
    before = world.asked()
    assert learner.moved(to=to)["code"] == code
    asked = {region: count - before[region] for region, count in world.asked().items()}
    assert not [region for region, count in asked.items() if count and region != SOURCE]
    assert learner.balances() == ("8.0", "0.0")


def test_who_may(world: World) -> None:
    learner = Learner(world)
    assert (
        world.post(TRANSFER, {"i": {"outcome": learner.outcome, "to": TARGET}, "k": "k"})["errors"][0][
            "extensions"
        ]["code"]
        == "UNAUTHENTICATED"
    )
    for token in (world.token(Role.PORTAL), world.officer(TARGET), world.token(Role.AUDITOR, region=SOURCE)):
        assert learner.transfer(token)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    stranger = learner.transfer(world.token(Role.LEARNER, learner_id="L-OTHER"))
    assert stranger["data"]["transfer"]["code"] == "NOT_PERMITTED"
    assert learner.balances() == ("8.0", "0.0")
    moved = shown(learner.transfer(world.officer(SOURCE)), "transfer")
    assert moved["state"] == "COMPLETED"
    stranger_token = world.token(Role.LEARNER, learner_id="L-OTHER")
    assert learner.resume(moved["id"], stranger_token)["code"] == "UNKNOWN_TRANSFER"
    record = world.ask(RECORD, learner.token, r=TARGET, t=moved["id"])["transfer"]
    assert record == {"state": "ACCEPTED", "creditsAccepted": "6.0"}
    unknown = learner.resume("310000-T-NOBODY_1")
    assert unknown["code"] == "UNKNOWN_TRANSFER"
    assert learner.resume("999999-T-NOBODY_1")["code"] == "UNKNOWN_TRANSFER"
