"""When a change happens and who makes it: the domain has no clock of its own.

Everything dated is dated twice: with the day from which it is true, and with the instant at which
the bank came to know of it. So a question has two answers to give: what was true on a day
(`asOf`), and what of it was known at an instant (`knownAt`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from schema.details import DetailCode

EVER: Final = datetime.min.replace(tzinfo=UTC)
"""When what nobody recorded was known: always."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is the instant of recording (aware); `day` is that day in the region; `by` is the actor.

    `day` is what a change is true from, `at` is when the bank came to know of it.
    """

    at: datetime
    day: date
    by: str


def is_known(recorded_at: datetime, known_at: datetime | None) -> bool:
    """Was what was recorded at one instant known at another? None is now: everything is."""
    return known_at is None or recorded_at <= known_at


def not_yet(known_at: datetime | None, moment: Moment) -> DetailCode | None:
    """Return why nobody can say what is known at `known_at`, or None."""
    return DetailCode.KNOWN_LATER if known_at is not None and known_at > moment.at else None
