"""A region with something to recognise by: an agreement with 310000, a standard, rules for all of 8.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import pytest

from region_node.domain.ledger import LedgerEntry
from region_node.domain.moment import Moment
from region_node.service.conversion_cases import AWARD_CREDITS, AwardCredits
from region_node.service.perform import perform
from schema.credits import parse_credits
from tests.node.bank import deposited, open_account
from tests.node.conftest import Served
from tests.node.published import VERSION, agree, publish, register, rule


@dataclass
class Ready:
    """A served region that is ready, one learner of its own, and a certificate that it knows."""

    served: Served
    certificate: str
    account: str
    learner: str
    agreement: str

    async def outcome(self, **achievement: Any) -> str:
        """Deposit one INTERMEDIATE certificate of 8.0 credits; return its ID."""
        given = {
            "kind": "X_CERTIFICATE",
            "title": "网店运营推广",
            "credits": "8.0",
            "certificate": self.certificate,
            "level": "INTERMEDIATE",
            "standardVersion": VERSION,
            "issuedOn": "2026-03-20",
            "examinedOn": "2026-03-10",
            "examinerLevel": "ADVANCED",
            **achievement,
        }
        return await deposited(self.served.officer, self.account, **given)

    async def award(self, foreign_outcome: str, amount: str, day: date) -> None:
        """Post what was recognised of a foreign outcome on a day."""
        bank = self.served.node.bank
        at = datetime.combine(day, time(12), bank.time_zone)
        command = AwardCredits(self.account, foreign_outcome, parse_credits(amount))
        moment = Moment(at=at, day=day, by="officer")
        answer = await perform(bank, AWARD_CREDITS, command, key=foreign_outcome, moment=moment)
        assert isinstance(answer, LedgerEntry)

    def asked(self, **rest: Any) -> dict[str, Any]:
        """The question about the certificate alone."""
        return {"certificate": {"code": self.certificate, "level": "INTERMEDIATE", **rest}}


async def prepare(served: Served, certificate: str) -> Ready:
    officer = served.officer
    agreement = await agree(officer, firstDay="2025-01-01")
    await register(officer, certificate)
    await publish(
        officer,
        rule(certificate, "网店运营", "4.0"),
        rule(certificate, "网络营销", "4.0"),
        valid_from="2025-01-01",
    )
    account = (await open_account(officer))["account"]
    return Ready(served, certificate, account["id"], account["learner"]["id"], agreement)


@pytest.fixture
async def ready(served: Served, certificate: str) -> Ready:
    """On either database."""
    return await prepare(served, certificate)


@pytest.fixture
async def sqlite_ready(sqlite_served: Served, certificate: str) -> Ready:
    """For what does not depend on the database."""
    return await prepare(sqlite_served, certificate)
