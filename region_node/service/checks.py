"""Codes by which anybody checks one certificate: made for its holder, read for whoever was given one."""

from __future__ import annotations

from collections.abc import Collection

from region_node.domain.check import Checked, Shown, code_content, read_code, show
from region_node.domain.outcome import Outcome, OutcomeStatus
from region_node.service.ports import Bank, Unit


def code_of(bank: Bank, outcome: Outcome, shown: Collection[Shown]) -> str | None:
    """Return the code that shows this; None for what was never verified."""
    if outcome.status not in (OutcomeStatus.VERIFIED, OutcomeStatus.REVOKED):
        return None
    return bank.vault.seal_code(code_content(outcome.id, shown))


async def check(bank: Bank, unit: Unit, code: str) -> Checked | None:
    """Return what the code shows; None where it is no code of this bank."""
    content = bank.vault.open_code(code)
    if content is None:
        return None
    outcome_id, chosen = read_code(content, bank.region)
    outcome = (await unit.outcomes.by_ids([outcome_id])).get(outcome_id)
    return None if outcome is None else show(outcome, chosen)
