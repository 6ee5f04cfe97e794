"""Who is in the bank: new members are announced before they have an account, and gateways are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from region_node.domain.members import number_in
from region_node.service.announcer import Announcer
from region_node.service.perform import repeated
from region_node.service.ports import Bank, Unit
from schema.membership import PAGE_MEMBERS, Joined, Question

MEMBER_TYPE: Final = "Learner"
AT_ONCE: Final = 5_000
"""Learners of one statement: both engines take some 32,000 parameters."""


async def announce(bank: Bank, citizen_numbers: Iterable[str]) -> None:
    """Make these citizens members, and return when accounts may be opened for them.

    Who has an account already was announced before it was opened. Raises `StorageFailure`.
    """
    if bank.announcer is None:
        return
    wanted = list(dict.fromkeys(bank.vault.learner_id(number) for number in citizen_numbers))
    new: list[str] = []
    for start in range(0, len(wanted), AT_ONCE):
        new += await _announced(bank, bank.announcer, wanted[start : start + AT_ONCE])
    if new:
        await bank.announcer.told(new)


async def _announced(bank: Bank, announcer: Announcer, learner_ids: list[str]) -> list[str]:
    """Commit those without an account as members, and return them."""
    async with bank.units.read() as unit:
        held = await unit.accounts.by_learners(learner_ids)
    new = [learner_id for learner_id in learner_ids if learner_id not in held]
    if unannounced := announcer.unannounced(new):

        async def joining() -> None:
            async with bank.units.write() as unit:
                await unit.members.add(unannounced)

        await repeated(joining)
        announcer.announced(unannounced)
    return new


async def who_joined(unit: Unit, announcer: Announcer, question: Question) -> Joined:
    """The answer to a gateway's question; of another version than this list's own, from the beginning."""
    # The member asked after, a page, and one more that tells whether there is another page.
    found = await unit.members.since(number_in(question.after), PAGE_MEMBERS + 2)
    restarts = not found or found[0].version != question.after
    if restarts:
        found = await unit.members.since(0, PAGE_MEMBERS + 2)
    is_whole = len(found) <= PAGE_MEMBERS + 1
    told = found[: PAGE_MEMBERS + 1]
    tags = b"".join(announcer.key.tag(MEMBER_TYPE, member.learner_id) for member in told[1:])
    members = told[-1].number if is_whole else await unit.members.count()
    return Joined(told[-1].version, members, tags, restarts, is_whole)
