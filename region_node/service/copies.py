"""This side's copies of its agreements with some regions: as they stand, and as they were known to stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from region_node.domain.agreements import AgreementEvent
from region_node.service.ports import Unit
from schema.agreements import Agreement, as_known


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies by partner, and where an earlier instant is asked about, the steps of each."""

    by_partner: Mapping[str, Sequence[Agreement]]
    steps: Mapping[str, Sequence[AgreementEvent]] = field(default_factory=dict)

    def now(self, partner: str) -> Sequence[Agreement]:
        return self.by_partner.get(partner, ())

    def known(self, partner: str, known_at: datetime | None) -> Sequence[Agreement]:
        """Return the copies as they were known at `known_at`; None: as they stand."""
        copies = self.now(partner)
        if known_at is None:
            return copies
        known = (as_known(copy, self.steps.get(copy.id, ()), known_at) for copy in copies)
        return [copy for copy in known if copy is not None]


async def copies_with(unit: Unit, partners: Collection[str], instants: Collection[datetime | None]) -> Copies:
    """Load the copies with these partners for questions about these instants: one statement, or two."""
    if not partners:
        return Copies({})
    by_partner = await unit.agreements.with_partners(partners)
    if all(instant is None for instant in instants):
        return Copies(by_partner)
    ids = [copy.id for copies in by_partner.values() for copy in copies]
    return Copies(by_partner, await unit.agreements.events(ids))
