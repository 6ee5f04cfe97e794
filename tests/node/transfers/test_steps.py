"""A transfer from one bank to another, step by step: what each side posts, shows and refuses."""

from __future__ import annotations

import json
from datetime import date

from edge.caller import Role
from region_node.service.signer import Signer
from tests.node.bank import deposited, new_key, open_account, step
from tests.node.conftest import Served
from tests.node.published import agree, publish, register, rule, suspend
from tests.node.transfers.conftest import MAJOR, SEEDS, SOURCE, TARGET, Statement, Two, entries, moved, stated


async def test_what_is_accepted_leaves_and_the_rest_stays_at_home(two: Two) -> None:
    outcome = await two.outcome()
    exported = await two.reserve(outcome)
    assert (exported["state"], exported["credits"], exported["creditsAccepted"]) == ("EXPORTED", "8.0", "0.0")
    assert await two.balances() == ("0.0", "0.0")
    accepted = await two.accept(stated(exported, "EXPORT"))
    assert (accepted["state"], accepted["verdict"], accepted["creditsAccepted"]) == (
        "ACCEPTED",
        "ACCEPTED",
        "6.0",
    )
    assert accepted["reasons"] == ["COURSES_INSUFFICIENT"]
    assert await two.balances() == ("0.0", "6.0")
    ended = await two.confirm(exported["id"], stated(accepted, "RECEIPT"))
    assert (ended["state"], ended["creditsAccepted"], ended["region"]) == ("COMPLETED", "6.0", SOURCE)
    assert await two.balances() == ("2.0", "6.0")
    assert await entries(two.source.officer, two.account) == [
        ("DEPOSIT", "8.0"),
        ("TRANSFER_OUT", "-8.0"),
        ("REVERSAL", "8.0"),
        ("TRANSFER_OUT", "-6.0"),
    ]
    assert await entries(two.target.officer, two.there) == [
        ("TRANSFER_IN", "6.0"),
        ("CONVERSION", "-6.0"),
        ("CONVERSION", "4.0"),
        ("CONVERSION", "2.0"),
    ]
    data = await two.target.officer.ask(
        "query($a: ID!) { account(id: $a) { outcomes { edges { node { title kind status credits } } } } }",
        a=two.there,
    )
    courses = [edge["node"]["title"] for edge in data["account"]["outcomes"]["edges"]]
    assert courses == ["网店运营", "网络营销"]
    confirmation = json.loads(stated(ended, "CONFIRMATION")["statement"])
    assert (confirmation["state"], confirmation["creditsAccepted"]) == ("COMPLETED", "6.0")


async def test_while_it_is_on_its_way_the_outcome_is_used(two: Two) -> None:
    outcome = await two.outcome()
    await publish(two.source.officer, rule(two.certificate, "网店运营", "8.0"))
    exported = await two.reserve(outcome)
    again = await two.reserve(outcome)
    assert (again["code"], exported["entry"] in again["message"]) == ("ALREADY_CONVERTED", True)
    converted = await step(two.source.officer, "convertOutcome", outcome, major=MAJOR)
    assert converted["code"] == "ALREADY_CONVERTED"
    data = await two.source.officer.ask("query($o: ID!) { outcome(id: $o) { usedBy { id } } }", o=outcome)
    assert data["outcome"]["usedBy"]["id"] == exported["entry"]


async def test_a_refused_one_comes_home_and_may_be_converted(two: Two) -> None:
    await register(two.source.officer, two.certificate, level="ADVANCED")
    outcome = await two.outcome(level="ADVANCED")
    await publish(two.source.officer, rule(two.certificate, "网店运营", "8.0", level="ADVANCED"))
    exported = await two.reserve(outcome)
    refused = await two.accept(stated(exported, "EXPORT"))
    assert (refused["state"], refused["verdict"]) == ("REFUSED", "REFUSED")
    assert "NO_RULE" in refused["reasons"]
    ended = await two.confirm(exported["id"], stated(refused, "RECEIPT"))
    assert ended["state"] == "REFUSED"
    assert await two.balances() == ("8.0", "0.0")
    converted = await step(two.source.officer, "convertOutcome", outcome, major=MAJOR)
    assert converted["__typename"] == "OutcomeChanged"


async def test_every_step_may_be_repeated_and_changes_nothing_more(two: Two) -> None:
    outcome = await two.outcome()
    key = new_key()
    exported = await two.reserve(outcome, key=key)
    receipts = [stated(await two.accept(stated(exported, "EXPORT")), "RECEIPT") for _ in range(3)]
    assert receipts[0] == receipts[1] == receipts[2]
    ends = [await two.confirm(exported["id"], receipts[0]) for _ in range(3)]
    assert ends[0] == ends[1] == ends[2]
    assert await two.accept(stated(exported, "EXPORT")) == await two.accept(stated(exported, "EXPORT"))
    assert await two.balances() == ("2.0", "6.0")
    resumed = await two.reserve(outcome, key=key)
    assert (resumed["id"], resumed["state"]) == (exported["id"], "COMPLETED")


async def test_a_cancelled_one_comes_home_once_the_target_has_promised(two: Two) -> None:
    exported = await two.reserve(await two.outcome())
    cancelling = await two.cancel(exported["id"])
    assert cancelling["state"] == "CANCELLING"
    assert await two.balances() == ("0.0", "0.0")
    promised = await two.decline(cancellation=stated(cancelling, "CANCELLATION"))
    assert (promised["state"], promised["verdict"]) == ("CANCELLED", "CANCELLED")
    late = await two.accept(stated(exported, "EXPORT"))
    assert (late["state"], late["creditsAccepted"]) == ("CANCELLED", "0.0")
    ended = await two.confirm(exported["id"], stated(promised, "RECEIPT"))
    assert ended["state"] == "CANCELLED"
    assert await two.balances() == ("8.0", "0.0")
    assert (await two.cancel(exported["id"]))["code"] == "TRANSFER_STATE"


async def test_a_cancellation_that_comes_too_late_changes_nothing(two: Two) -> None:
    exported = await two.reserve(await two.outcome())
    accepted = await two.accept(stated(exported, "EXPORT"))
    cancelling = await two.cancel(exported["id"])
    answered = await two.decline(cancellation=stated(cancelling, "CANCELLATION"))
    assert stated(answered, "RECEIPT") == stated(accepted, "RECEIPT")
    ended = await two.confirm(exported["id"], stated(answered, "RECEIPT"))
    assert (ended["state"], ended["creditsAccepted"]) == ("COMPLETED", "6.0")
    assert await two.balances() == ("2.0", "6.0")


async def test_after_the_last_day_the_target_refuses_for_ever(two: Two) -> None:
    exported = await two.reserve(await two.outcome(), expiresOn="2026-06-03")
    two.source.clock.go_to(date(2026, 7, 1))
    assert (await two.source.officer.ask(BALANCE, a=two.account))["account"]["balance"] == "0.0"
    two.target.clock.go_to(date(2026, 6, 4))
    expired = await two.accept(stated(exported, "EXPORT"))
    assert (expired["state"], expired["verdict"]) == ("EXPIRED", "EXPIRED")
    two.target.clock.go_to(date(2026, 6, 1))
    assert (await two.accept(stated(exported, "EXPORT")))["state"] == "EXPIRED"
    ended = await two.confirm(exported["id"], stated(expired, "RECEIPT"))
    assert ended["state"] == "EXPIRED"
    assert await two.balances() == ("8.0", "0.0")


BALANCE = "query($a: ID!) { account(id: $a) { balance } }"


async def test_the_last_day_itself_counts(sqlite_two: Two) -> None:
    exported = await sqlite_two.reserve(await sqlite_two.outcome(), expiresOn="2026-06-03")
    sqlite_two.target.clock.go_to(date(2026, 6, 3))
    assert (await sqlite_two.accept(stated(exported, "EXPORT")))["state"] == "ACCEPTED"


async def test_what_refers_waits_for_an_officer_of_the_target(two: Two) -> None:
    exported = await two.reserve(await two.outcome(examinerLevel="INTERMEDIATE"))
    learner = two.target.learner(two.learner)
    referred = await two.accept(stated(exported, "EXPORT"), learner)
    assert (referred["state"], referred["verdict"]) == ("REFERRED", None)
    assert "EXAMINER_UNQUALIFIED" in referred["reasons"]
    assert await two.balances() == ("0.0", "0.0")
    refused = await two.accept(stated(exported, "EXPORT"), learner, judged=True)
    assert refused["code"] == "NOT_PERMITTED"
    waiting = await two.target.officer.ask(
        'query($r: ID!) { transfers(region: $r, filter: {state: REFERRED, with: "320000"}) {'
        " totalCount edges { node { id statements { kind } } } } }",
        r=TARGET,
    )
    assert waiting["transfers"]["totalCount"] == 1
    (edge,) = waiting["transfers"]["edges"]
    assert edge["node"] == {"id": exported["id"], "statements": [{"kind": "EXPORT"}]}
    accepted = await two.accept(stated(exported, "EXPORT"), judged=True)
    assert (accepted["state"], accepted["creditsAccepted"]) == ("ACCEPTED", "6.0")
    await two.confirm(exported["id"], stated(accepted, "RECEIPT"))
    assert await two.balances() == ("2.0", "6.0")


async def test_an_officer_of_the_target_may_decline(sqlite_two: Two) -> None:
    two = sqlite_two
    exported = await two.reserve(await two.outcome(examinerLevel="INTERMEDIATE"))
    await two.accept(stated(exported, "EXPORT"))
    learner = two.target.learner(two.learner)
    assert (await two.decline(learner, export=stated(exported, "EXPORT")))["code"] == "NOT_PERMITTED"
    declined = await two.decline(export=stated(exported, "EXPORT"))
    assert (declined["state"], declined["verdict"]) == ("REFUSED", "DECLINED")
    await two.confirm(exported["id"], stated(declined, "RECEIPT"))
    assert await two.balances() == ("8.0", "0.0")


async def test_a_learner_without_an_open_account_there(two: Two) -> None:
    exported = await two.reserve(await two.outcome())
    await step(two.target.officer, "closeAccount", two.there, reason="moved")
    refused = await two.accept(stated(exported, "EXPORT"))
    assert (refused["state"], refused["verdict"]) == ("REFUSED", "NO_ACCOUNT")
    await two.confirm(exported["id"], stated(refused, "RECEIPT"))
    assert await two.balances() == ("8.0", "0.0")


async def test_a_receipt_is_followed_whatever_became_of_the_account(two: Two) -> None:
    exported = await two.reserve(await two.outcome())
    accepted = await two.accept(stated(exported, "EXPORT"))
    await step(two.source.officer, "freezeAccount", two.account, reason="r")
    two.source.clock.go_to(date(2027, 6, 1))
    ended = await two.confirm(exported["id"], stated(accepted, "RECEIPT"))
    assert ended["state"] == "COMPLETED"
    assert await two.balances() == ("2.0", "6.0")


async def test_what_may_not_leave(sqlite_two: Two) -> None:
    two = sqlite_two
    outcome = await two.outcome()
    assert (await two.reserve(outcome, to="330000"))["code"] == "NOT_COVERED"
    assert (await two.reserve(outcome, to=SOURCE))["code"] == "NOT_COVERED"
    assert (await two.reserve(outcome, major="000000"))["code"] == "UNKNOWN_MAJOR"
    assert (await two.reserve(outcome, expiresOn="2026-05-31"))["code"] == "MALFORMED_INPUT"
    assert (await two.reserve(outcome, expiresOn="2028-05-31"))["code"] == "MALFORMED_INPUT"
    assert (await two.reserve(outcome, two.source.learner("L-OTHER")))["code"] == "NOT_PERMITTED"
    assert (await two.reserve(outcome, two.source.public))["code"] == "NOT_PERMITTED"
    await step(two.source.officer, "freezeAccount", two.account, reason="r")
    assert (await two.reserve(outcome))["code"] == "ACCOUNT_FROZEN"
    await step(two.source.officer, "unfreezeAccount", two.account, reason="r")
    (agreement,) = (await two.source.officer.ask(AGREEMENTS))["agreements"]
    await suspend(two.source.officer, agreement["id"])
    refused = await two.reserve(outcome)
    assert (refused["code"], "AGREEMENT_SUSPENDED" in refused["message"]) == ("NOT_COVERED", True)
    assert await two.balances() == ("8.0", "0.0")


AGREEMENTS = f'{{ agreements(region: "{SOURCE}") {{ id }} }}'


async def test_a_target_whose_copy_no_longer_holds_refuses(sqlite_two: Two) -> None:
    two = sqlite_two
    exported = await two.reserve(await two.outcome())
    data = await two.target.officer.ask(f'{{ agreements(region: "{TARGET}") {{ id }} }}')
    (agreement,) = data["agreements"]
    await suspend(two.target.officer, agreement["id"])
    refused = await two.accept(stated(exported, "EXPORT"))
    assert (refused["verdict"], refused["reasons"][0]) == ("REFUSED", "AGREEMENT_SUSPENDED")


async def test_what_is_not_signed_by_the_right_side_is_not_believed(sqlite_two: Two) -> None:
    two = sqlite_two
    exported = await two.reserve(await two.outcome())
    export = stated(exported, "EXPORT")
    changed = {**export, "statement": export["statement"].replace('"credits":"8.0"', '"credits":"9.0"')}
    assert changed != export
    forged = _signed_by("330000", export)
    own = _signed_by(TARGET, export)
    spaced = {**export, "statement": export["statement"] + " "}
    for one in (changed, forged, own, spaced, {**export, "signature": "x"}, {**export, "statement": "{}"}):
        refused = await two.accept(one)
        assert refused["code"] == "STATEMENT_INVALID", refused
    accepted = await two.accept(export)
    receipt = stated(accepted, "RECEIPT")
    for one in (export, _signed_by(SOURCE, receipt), {**receipt, "signature": export["signature"]}):
        refused = await two.confirm(exported["id"], one)
        assert refused["code"] == "STATEMENT_INVALID", refused
    second = await two.reserve(await two.outcome(issuedOn="2026-03-21"))
    refused = await two.confirm(second["id"], receipt)
    assert refused["code"] == "STATEMENT_INVALID"
    assert (await two.decline(cancellation=export))["code"] == "STATEMENT_INVALID"


def _signed_by(region: str, statement: Statement) -> Statement:
    signer = Signer(SEEDS[region], region)
    return {**statement, "signature": signer.sign(statement["statement"].encode())}


async def test_a_target_that_breaks_its_word_is_named_and_not_followed(sqlite_two: Two) -> None:
    two = sqlite_two
    exported = await two.reserve(await two.outcome())
    receipt = stated(await two.accept(stated(exported, "EXPORT")), "RECEIPT")
    await two.confirm(exported["id"], receipt)
    plain = json.loads(receipt["statement"])
    plain |= {"verdict": "REFUSED", "creditsAccepted": "0.0"}
    other = {"statement": json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)}
    refused = await two.confirm(exported["id"], _signed_by(TARGET, other))
    assert refused["code"] == "STATEMENT_INVALID"
    assert "another receipt" in refused["message"]
    assert await two.balances() == ("2.0", "6.0")


async def test_a_source_that_breaks_its_word_is_not_believed(sqlite_two: Two) -> None:
    two = sqlite_two
    exported = await two.reserve(await two.outcome())
    export = stated(exported, "EXPORT")
    await two.accept(export)
    other = {"statement": export["statement"].replace('"expiresOn":"2026-07-01"', '"expiresOn":"2026-07-02"')}
    assert other["statement"] != export["statement"]
    refused = await two.accept(_signed_by(SOURCE, other))
    assert (refused["code"], "other terms" in refused["message"]) == ("STATEMENT_INVALID", True)


async def test_who_may_carry_and_who_may_see(sqlite_two: Two) -> None:
    two = sqlite_two
    exported = await two.reserve(await two.outcome(), two.source.learner(two.learner))
    export = stated(exported, "EXPORT")
    query = "query($r: ID!, $t: ID!) { transfer(region: $r, id: $t) { id state } }"

    def askers(served: Served) -> dict[str, object]:
        return {
            "public": served.public,
            "portal": served.portal,
            "stranger": served.learner("L-OTHER"),
            "officer elsewhere": served.asker(Role.OFFICER, region="330000"),
            "auditor": served.asker(Role.AUDITOR, region=SOURCE),
        }

    for name, asker in askers(two.target).items():
        refused = await two.accept(export, asker)  # type: ignore[arg-type] # told apart by name
        assert refused["code"] == "NOT_PERMITTED", name
    for name, asker in askers(two.source).items():
        body = await asker.post(query, {"r": SOURCE, "t": exported["id"]})  # type: ignore[attr-defined]
        assert ("errors" in body) == (name in ("public", "stranger", "officer elsewhere")), name
    other_side = two.source.asker(Role.OFFICER, region=TARGET)
    assert (await other_side.ask(query, r=SOURCE, t=exported["id"]))["transfer"]["state"] == "EXPORTED"
    assert (await two.accept(export, two.target.asker(Role.OFFICER, region=SOURCE)))["state"] == "ACCEPTED"
    assert (await two.cancel(exported["id"], other_side))["code"] == "NOT_PERMITTED"


async def test_a_bank_without_keys_begins_nothing(sqlite_served: Served, certificate: str) -> None:
    officer = sqlite_served.officer
    await agree(officer, TARGET)
    account = (await open_account(officer))["account"]["id"]
    given = {"certificate": certificate, "level": "INTERMEDIATE", "credits": "8.0"}
    outcome = await deposited(officer, account, kind="X_CERTIFICATE", title="t", **given)
    types = {"outcome": "ID!", "input": "ReserveTransferInput!"}
    refused = await moved(officer, "reserveTransfer", types, outcome=outcome, input={"to": TARGET})
    assert refused["code"] == "KEY_UNKNOWN"
    errors = await officer.refused('{ transfer(region: "320000", id: "320000-T-X_1") { id } }')
    assert errors[0]["extensions"]["code"] == "UNKNOWN_TRANSFER"
