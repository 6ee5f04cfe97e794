"""What somebody who was shown a certificate may learn of it by its code: what its holder chose, no more.

The choice travels in the code itself, sealed, so a code can neither be guessed nor made to show more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from region_node.domain.outcome import Outcome, OutcomeStatus
from schema.agreements import SkillLevel
from schema.ids import make_id


class Shown(StrEnum):
    """What a holder may show beside the certificate's name and its status."""

    LEVEL = "LEVEL"
    ORGANISATION = "ORGANISATION"
    ISSUED_ON = "ISSUED_ON"
    CREDITS = "CREDITS"


_BITS: Final = {one: 1 << place for place, one in enumerate(Shown)}


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate as its code shows it; what was not chosen is None. Credits are tenths."""

    title: str
    status: OutcomeStatus
    level: SkillLevel | None
    organisation: str | None
    issued_on: date | None
    credits: int | None


def code_content(outcome_id: str, shown: Collection[Shown]) -> bytes:
    """Return what a code seals: the choice in one byte, then the ID's own part."""
    return bytes([sum(_BITS[one] for one in set(shown))]) + outcome_id.split("-", 2)[2].encode()


def read_code(content: bytes, region: str) -> tuple[str, frozenset[Shown]]:
    """Return the outcome's ID and the choice."""
    chosen = frozenset(one for one, bit in _BITS.items() if content[0] & bit)
    return make_id(region, "O", content[1:].decode()), chosen


def show(outcome: Outcome, chosen: Collection[Shown]) -> Checked:
    return Checked(
        title=outcome.title,
        status=outcome.status,
        level=outcome.level if Shown.LEVEL in chosen else None,
        organisation=outcome.organisation if Shown.ORGANISATION in chosen else None,
        issued_on=outcome.issued_on if Shown.ISSUED_ON in chosen else None,
        credits=outcome.credits if Shown.CREDITS in chosen else None,
    )
