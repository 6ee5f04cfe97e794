"""The moves of either side as tables: from which state, by what, to which."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.domain import transfer_source as source
from region_node.domain import transfer_target as target
from region_node.domain.account import Account, AccountStatus, LearnerGroup
from region_node.domain.frameworks import LevelMatch
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome, OutcomeStatus
from region_node.domain.recognition_decision import Assessment, reason
from region_node.domain.recognition_facts import HomeFacts, Host, Question
from region_node.domain.recognition_inputs import Basis
from region_node.domain.refusal import Refusal
from region_node.domain.transfer import OPEN_AT_SOURCE, Heading, Transfer
from region_node.domain.transfer_source import Settlement
from region_node.domain.transfer_statements import (
    Cancellation,
    Confirmation,
    Export,
    Receipt,
    hash_of_statement,
    read_cancellation,
    read_export,
    read_heading,
    read_receipt,
    written,
)
from schema.agreements import OutcomeKind, SkillLevel
from schema.codes import Decision, ReasonCode, RefusalCode
from schema.transfers import TransferState, Verdict

TODAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
MOMENT = Moment(AT, TODAY, "officer")
HEADING = Heading("320000-T-X_1", "320000", "310000", "L-1", "320000-O-X_1", 80, TODAY + timedelta(days=30))
ACCOUNT = Account("320000-A-X", "L-1", LearnerGroup.IN_WORK, AccountStatus.OPEN, TODAY)
OUTCOME = Outcome(
    id="320000-O-X_1",
    account_id="320000-A-X",
    learner_id="L-1",
    kind=OutcomeKind.X_CERTIFICATE,
    title="t",
    status=OutcomeStatus.VERIFIED,
    credits=80,
    core_credits=56,
    flexible_credits=24,
    issued_on=TODAY,
    examined_on=TODAY,
    submitted_on=TODAY,
)
LEFT = Transfer(HEADING, TransferState.EXPORTED, TODAY, "320000-A-X", "320000-E-X_2")
NEW = target.begun(HEADING, TODAY, "310000-A-X")
FINAL = {
    Verdict.ACCEPTED: (TransferState.ACCEPTED, TransferState.COMPLETED),
    Verdict.REFUSED: (TransferState.REFUSED, TransferState.REFUSED),
    Verdict.NO_ACCOUNT: (TransferState.REFUSED, TransferState.REFUSED),
    Verdict.DECLINED: (TransferState.REFUSED, TransferState.REFUSED),
    Verdict.CANCELLED: (TransferState.CANCELLED, TransferState.CANCELLED),
    Verdict.EXPIRED: (TransferState.EXPIRED, TransferState.EXPIRED),
}


def receipt(verdict: Verdict, accepted: int = 0, heading: Heading = HEADING) -> Receipt:
    return Receipt(heading, verdict, accepted, (), None, None, AT)


def assessment(decision: Decision, recognised: int = 0, *codes: ReasonCode) -> Assessment:
    asked = Question("320000", "310000", TODAY, HEADING.outcome_id)
    return Assessment(
        certificate_code="c",
        decision=decision,
        recognised=recognised,
        unconverted=80 - recognised,
        level=None,
        level_candidates=(),
        courses=(),
        agreement=None,
        rules=None,
        reasons=tuple(reason(code) for code in codes),
        missing=(),
        basis=Basis(asked, None, Host(), None, LevelMatch((), None)),
    )


@pytest.mark.parametrize(
    ("account", "outcome", "used_by", "balance", "days", "code"),
    [
        (ACCOUNT, OUTCOME, None, 80, 30, None),
        (ACCOUNT, OUTCOME, None, 80, 0, None),
        (ACCOUNT, OUTCOME, None, 80, 366, None),
        (ACCOUNT, OUTCOME, None, 80, -1, RefusalCode.MALFORMED_INPUT),
        (ACCOUNT, OUTCOME, None, 80, 367, RefusalCode.MALFORMED_INPUT),
        (ACCOUNT, OUTCOME, None, 79, 30, RefusalCode.BALANCE_TOO_SMALL),
        (ACCOUNT, OUTCOME, "320000-E-X_9", 80, 30, RefusalCode.ALREADY_CONVERTED),
        (
            replace(ACCOUNT, status=AccountStatus.FROZEN),
            OUTCOME,
            None,
            80,
            30,
            RefusalCode.ACCOUNT_FROZEN,
        ),
        (
            replace(ACCOUNT, status=AccountStatus.CLOSED),
            OUTCOME,
            None,
            80,
            30,
            RefusalCode.ACCOUNT_NOT_OPEN,
        ),
        (
            ACCOUNT,
            replace(OUTCOME, status=OutcomeStatus.SUBMITTED),
            None,
            80,
            30,
            RefusalCode.OUTCOME_STATUS,
        ),
        (ACCOUNT, replace(OUTCOME, status=OutcomeStatus.REVOKED), None, 80, 30, RefusalCode.OUTCOME_STATUS),
    ],
)
def test_reserving(
    account: Account,
    outcome: Outcome,
    used_by: str | None,
    balance: int,
    days: int,
    code: RefusalCode | None,
) -> None:
    heading = replace(HEADING, expires_on=TODAY + timedelta(days=days))
    made = source.reserve(heading, account, outcome, MOMENT, used_by=used_by, balance=balance)
    if code is None:
        assert made == Transfer(heading, TransferState.EXPORTED, TODAY, account.id)
    else:
        assert isinstance(made, Refusal)
        assert made.code is code


@pytest.mark.parametrize("state", TransferState)
def test_cancelling_is_for_what_is_on_its_way(state: TransferState) -> None:
    cancelled = source.cancel(replace(LEFT, state=state))
    if state in OPEN_AT_SOURCE:
        assert cancelled == replace(LEFT, state=TransferState.CANCELLING)
    else:
        assert isinstance(cancelled, Refusal)
        assert cancelled.code is RefusalCode.TRANSFER_STATE


@pytest.mark.parametrize("state", TransferState)
@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("accepted", [80, 60, 1])
def test_settling(state: TransferState, verdict: Verdict, accepted: int) -> None:
    """Whatever came before, the receipt decides; what it does not take comes home to the tenth."""
    accepted = accepted if verdict is Verdict.ACCEPTED else 0
    settled = source.settle(replace(LEFT, state=state), receipt(verdict, accepted))
    if state not in OPEN_AT_SOURCE:
        assert isinstance(settled, Refusal)
        return
    assert isinstance(settled, Settlement)
    assert settled.transfer.state is FINAL[verdict][1]
    assert settled.transfer.accepted + settled.returned == LEFT.heading.credits
    assert settled.returned == 80 - accepted


@pytest.mark.parametrize(
    "other",
    [
        replace(HEADING, transfer="320000-T-X_2"),
        replace(HEADING, credits=90),
        replace(HEADING, accepter="330000"),
        replace(HEADING, learner_id="L-2"),
        replace(HEADING, outcome_id="320000-O-X_2"),
        replace(HEADING, expires_on=TODAY),
    ],
)
def test_a_receipt_of_anything_else_is_not_followed(other: Heading) -> None:
    settled = source.settle(LEFT, receipt(Verdict.ACCEPTED, 60, other))
    assert isinstance(settled, Refusal)
    assert settled.code is RefusalCode.STATEMENT_INVALID


@pytest.mark.parametrize(
    ("days", "made", "used_by", "verdict"),
    [
        (0, assessment(Decision.RECOGNISED, 80), None, Verdict.ACCEPTED),
        (30, assessment(Decision.PARTIAL, 60), None, Verdict.ACCEPTED),
        (31, assessment(Decision.RECOGNISED, 80), None, Verdict.EXPIRED),
        (31, None, None, Verdict.EXPIRED),
        (0, None, None, Verdict.NO_ACCOUNT),
        (0, assessment(Decision.RECOGNISED, 80), "310000-E-X_1", Verdict.REFUSED),
        (0, assessment(Decision.REFUSED, 0, ReasonCode.NO_RULE), None, Verdict.REFUSED),
        (0, assessment(Decision.UNDETERMINED, 0, ReasonCode.MALFORMED_INPUT), None, Verdict.REFUSED),
        (0, assessment(Decision.REFERRED, 0, ReasonCode.ACCOUNT_FROZEN), None, None),
        (31, assessment(Decision.REFERRED, 0, ReasonCode.ACCOUNT_FROZEN), None, Verdict.EXPIRED),
    ],
)
def test_accepting(days: int, made: Assessment | None, used_by: str | None, verdict: Verdict | None) -> None:
    answered = target.accept(NEW, TODAY + timedelta(days=days), made, used_by=used_by)
    assert answered.verdict is verdict
    assert answered.state is (FINAL[verdict][0] if verdict else TransferState.REFERRED)
    assert answered.accepted == (made.recognised if made and verdict is Verdict.ACCEPTED else 0)


@pytest.mark.parametrize("verdict", [Verdict.DECLINED, Verdict.CANCELLED])
def test_declining(verdict: Verdict) -> None:
    declined = target.decline(NEW, verdict)
    assert (declined.verdict, declined.state, declined.accepted) == (verdict, FINAL[verdict][0], 0)


FACTS = HomeFacts(
    as_of=TODAY,
    outcome_id=HEADING.outcome_id,
    learner_id="L-1",
    status=OutcomeStatus.VERIFIED,
    kind=OutcomeKind.X_CERTIFICATE,
    level=SkillLevel.INTERMEDIATE,
    issued_on=TODAY,
    credits=80,
    core_credits=56,
    flexible_credits=24,
    agreement_version=2,
    agreement_reason=ReasonCode.AGREEMENT_EXPIRED,
)


def test_what_is_written_is_read_again() -> None:
    export = Export(HEADING, "530701", FACTS, AT)
    assert read_export(written(export)) == export
    cancellation = Cancellation(HEADING, AT)
    assert read_cancellation(written(cancellation)) == cancellation
    answer = Receipt(HEADING, Verdict.ACCEPTED, 60, (ReasonCode.CAP_REACHED,), {"a": 1}, "e", AT)
    assert read_receipt(written(answer)) == answer
    digest = hash_of_statement(written(answer))
    ended = Confirmation(HEADING, TransferState.COMPLETED, 60, digest, AT)
    for statement in (export, cancellation, answer, ended):
        assert read_heading(written(statement)) == HEADING


def test_one_statement_is_not_taken_for_another() -> None:
    texts = [
        written(Export(HEADING, None, FACTS, AT)),
        written(Cancellation(HEADING, AT)),
        written(receipt(Verdict.REFUSED)),
        written(Confirmation(HEADING, TransferState.REFUSED, 0, "h", AT)),
    ]
    for place, read in enumerate((read_export, read_cancellation, read_receipt)):
        for other, text in enumerate(texts):
            if other != place:
                with pytest.raises(ValueError, match="it is no Transfer"):
                    read(text)


@pytest.mark.parametrize(
    ("verdict", "accepted"),
    [(Verdict.ACCEPTED, 0), (Verdict.ACCEPTED, 81), (Verdict.REFUSED, 1), (Verdict.CANCELLED, -1)],
)
def test_a_receipt_takes_what_its_verdict_allows(verdict: Verdict, accepted: int) -> None:
    with pytest.raises(ValueError, match="creditsAccepted cannot be"):
        read_receipt(written(receipt(verdict, accepted)))


NO_STATEMENTS = (
    *("", "[]", "null", "{}", "\x00", '{"type":"TransferExport"}', '{"type": "x"}'),
    '{"type":"TransferExport","a":1e400}',
    '{"a":90071992547409930,"type":"TransferExport"}',
    '{"a":' + "[" * 1_000 + "]" * 1_000 + ',"type":"TransferExport"}',
)


@pytest.mark.parametrize("text", NO_STATEMENTS, ids=range(len(NO_STATEMENTS)))
def test_what_is_no_statement(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them; the message names the fault
        read_export(text)


@given(st.data())
def test_a_damaged_statement_is_refused_or_is_another_one(data: st.DataObject) -> None:
    text = written(Export(HEADING, "530701", FACTS, AT))
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.text(max_size=3))
    damaged = text[:at] + put + text[at + data.draw(st.integers(0, 3)) :]
    try:
        read = read_export(damaged)
    except ValueError:
        return
    assert read_export(written(read)) == read
