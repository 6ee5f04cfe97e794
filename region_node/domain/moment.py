"""When a change happens and who makes it: the domain has no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is the instant of recording (aware); `day` is that day in the region; `by` is the actor.

    `day` is what a change is true from, `at` is when the bank came to know of it.
    """

    at: datetime
    day: date
    by: str
