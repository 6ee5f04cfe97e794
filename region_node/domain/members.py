"""Who is in the bank, in the order in which they joined. Nobody ever leaves the list.

Each member's link is a hash over all before: two lists that agree at one member agree up to it, so
that a database which was restored from an older copy is not taken for the one that it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LINK_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Member:
    """The `number`-th learner of the list. Number 0 is nobody: its link is random, the list's own."""

    number: int
    learner_id: str
    link: bytes

    @property
    def version(self) -> str:
        """The list up to here."""
        return f"{self.number}-{self.link.hex()}"


def joined(last: Member, learner_ids: Iterable[str]) -> list[Member]:
    """The members that follow `last` when these learners join."""
    found = []
    for learner_id in learner_ids:
        link = hashlib.sha256(last.link + learner_id.encode()).digest()[:LINK_BYTES]
        last = Member(last.number + 1, learner_id, link)
        found.append(last)
    return found


def number_in(version: str) -> int:
    """The number of members that a version speaks of; 0 for a text that is no version."""
    number, _, _ = version.partition("-")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0
