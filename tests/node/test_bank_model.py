"""Any sequence of changes, repeats included, leaves the bank as a few lines of Python say it must be."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from region_node.domain.account import Account, LearnerGroup
from region_node.domain.moment import Moment
from region_node.domain.outcome import Achievement, RevocationGround
from region_node.domain.refusal import Refusal
from region_node.service import account_cases, outcome_cases
from region_node.service.account_cases import OpenAccount, StepOfAccount
from region_node.service.outcome_cases import RejectOutcome, RevokeOutcome, SubmitOutcome, VerifyOutcome
from region_node.service.perform import UseCase, perform
from schema.agreements import OutcomeKind
from tests.node.conftest import Served, citizen_number, serving
from tests.node.databases import Engine

T = TypeVar("T")
MOMENT = Moment(datetime(2026, 6, 1, 4, tzinfo=UTC), date(2026, 6, 1), "a-model")
STEPS = ("submit", "verify", "reject", "revoke", "freeze", "unfreeze")

Action = tuple[str, int, int]
"""What is done, to which outcome (or with how many credits), and with which of a few keys."""


@dataclass
class Model:
    """The bank in a few lines: `outcomes` are (status, tenths) by number, `answers` what each key got."""

    frozen: bool = False
    outcomes: list[tuple[str, int]] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    answers: dict[int, tuple[tuple[str, int], str]] = field(default_factory=dict)

    def do(self, name: str, which: int, key: int) -> str:
        request = (name, 0 if name in ("freeze", "unfreeze") else which)
        if key in self.answers:
            asked, answer = self.answers[key]
            return answer if asked == request else "IDEMPOTENCY_KEY_REUSED"
        answer = self._do(name, which)
        self.answers[key] = (request, answer)
        return answer

    def _do(self, name: str, which: int) -> str:
        if name == "freeze":
            return self._freeze()
        if name == "unfreeze":
            was, self.frozen = self.frozen, False
            return "done" if was else "MALFORMED_INPUT"
        if name == "submit":
            return self._submit(which)
        if which >= len(self.outcomes):
            return "UNKNOWN_OUTCOME"
        return self._decide(name, which)

    def _freeze(self) -> str:
        was, self.frozen = self.frozen, True
        return "ACCOUNT_FROZEN" if was else "done"

    def _submit(self, tenths: int) -> str:
        if self.frozen:
            return "ACCOUNT_FROZEN"
        if tenths == 0:
            return "MALFORMED_CREDITS"
        again = ("REJECTED", "REVOKED")  # by mistake: here nothing is revoked for fraud
        if any(held == tenths and status not in again for status, held in self.outcomes):
            return "OUTCOME_EXISTS"
        self.outcomes.append(("SUBMITTED", tenths))
        return "done"

    def _decide(self, name: str, which: int) -> str:
        status, tenths = self.outcomes[which]
        needed, becomes = {
            "verify": ("SUBMITTED", "VERIFIED"),
            "reject": ("SUBMITTED", "REJECTED"),
            "revoke": ("VERIFIED", "REVOKED"),
        }[name]
        if name == "verify" and self.frozen:
            return "ACCOUNT_FROZEN"
        if status != needed:
            return "OUTCOME_STATUS"
        self.outcomes[which] = (becomes, tenths)
        if name != "reject":
            self.entries.append(tenths if name == "verify" else -tenths)
        return "done"


class RealBank:
    """The bank itself, with an account of its own for each example."""

    def __init__(self, served: Served, loop: asyncio.AbstractEventLoop) -> None:
        self.bank = served.node.bank
        self._loop = loop
        self._people = count()
        self._account = ""

    def begin(self) -> None:
        command = OpenAccount(citizen_number(next(self._people)), LearnerGroup.IN_WORK)
        opened: Account | Refusal = self.run(self._perform(account_cases.OPEN_ACCOUNT, command, "open"))
        assert not isinstance(opened, Refusal)
        self._account = opened.id

    def do(self, name: str, which: int, key: int) -> str:
        use_case, command = self._command(name, which)
        answer = self.run(self._perform(use_case, command, str(key)))
        return answer.code.value if isinstance(answer, Refusal) else "done"

    def books(self) -> tuple[list[tuple[str, int]], list[int], int]:
        """Outcomes in order of submission, entries in order of posting, and the balance."""
        return self.run(self._books())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def _command(self, name: str, which: int) -> tuple[UseCase[Any, Any], Any]:
        outcome = self._account.replace("-A-", "-O-") + f"_{which + 1}"
        achievement = Achievement(OutcomeKind.COURSE, f"course {which}", which, date(2026, 1, 1))
        commands: dict[str, tuple[UseCase[Any, Any], Any]] = {
            "submit": (outcome_cases.SUBMIT_OUTCOME, SubmitOutcome(self._account, achievement)),
            "verify": (outcome_cases.VERIFY_OUTCOME, VerifyOutcome(outcome)),
            "reject": (outcome_cases.REJECT_OUTCOME, RejectOutcome(outcome, "r")),
            "revoke": (outcome_cases.REVOKE_OUTCOME, RevokeOutcome(outcome, RevocationGround.ERROR, "r")),
            "freeze": (account_cases.FREEZE_ACCOUNT, StepOfAccount(self._account, "r")),
            "unfreeze": (account_cases.UNFREEZE_ACCOUNT, StepOfAccount(self._account, "r")),
        }
        return commands[name]

    async def _perform(self, use_case: UseCase[Any, Any], command: Any, key: str) -> Any:
        return await perform(self.bank, use_case, command, key=f"{self._account} {key}", moment=MOMENT)

    async def _books(self) -> tuple[list[tuple[str, int]], list[int], int]:
        async with self.bank.units.read() as unit:
            book = await unit.ledger.book(self._account)
            ids = [self._account.replace("-A-", "-O-") + f"_{number}" for number in range(1, 20)]
            outcomes = await unit.outcomes.by_ids(ids)
            entries = await unit.ledger.by_ids([one.replace("-O-", "-E-") for one in ids])
        ordered = [outcomes[one] for one in ids if one in outcomes]
        posted = sorted(entries.values(), key=lambda entry: entry.number)
        for number, entry in enumerate(posted):
            assert entry.balance_after == sum(one.credits for one in posted[: number + 1])
        return (
            [(one.status.value, one.credits) for one in ordered],
            [entry.credits for entry in posted],
            book.balance,
        )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def real_bank(
    request: pytest.FixtureRequest, database_engines: dict[str, Engine], keys_file: Any, token_key: Any
) -> Iterator[RealBank]:
    loop = asyncio.new_event_loop()
    node = serving(database_engines[request.param].fresh(), keys_file, token_key)
    yield RealBank(loop.run_until_complete(node.__aenter__()), loop)
    loop.run_until_complete(node.__aexit__(None, None, None))
    loop.close()


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(min_value=0, max_value=3), st.integers(0, 12)),
        max_size=14,
    )
)
def test_the_bank_is_what_the_model_says(real_bank: RealBank, actions: list[Action]) -> None:
    model = Model()
    real_bank.begin()
    for action in actions:
        assert real_bank.do(*action) == model.do(*action), action
    outcomes, entries, balance = real_bank.books()
    assert outcomes == model.outcomes
    assert entries == model.entries
    assert balance == sum(model.entries)
