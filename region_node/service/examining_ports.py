"""The repository of examiners and exam sites."""

from __future__ import annotations

from typing import Protocol

from region_node.domain.examining import ExamParty, Registration
from region_node.domain.moment import Moment


class ExamRegister(Protocol):
    async def of(
        self, organisation: str, party: ExamParty | None = None, code: str | None = None
    ) -> tuple[Registration, ...]:
        """Return every registration with this organisation, of this party and code where they are given."""
        ...

    async def add(self, registration: Registration, moment: Moment) -> None:
        """Raises `Conflict` where another was added meanwhile."""
        ...

    async def end(self, registration: Registration, reason: str, moment: Moment) -> None:
        """Save the day in `ended_on`, and whether it is a veto. Raises `Conflict` where it has ended."""
        ...
