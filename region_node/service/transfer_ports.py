"""What transfers need of storage, and of whoever keeps the other regions' keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.region_keys import TrustedKey
from region_node.domain.moment import Moment
from region_node.domain.transfer import Signed, StatementKind, Transfer
from region_node.service.paging import Page, PageRequest
from schema.transfers import TransferState

Statements = Mapping[StatementKind, Signed]


@dataclass(frozen=True, slots=True)
class TransferFilter:
    """What is None is not asked for. `partner` is the other region."""

    state: TransferState | None = None
    partner: str | None = None
    learner_id: str | None = None


class PartnerKeys(Protocol):
    async def by_thumbprint(self) -> Mapping[str, TrustedKey]:
        """Return the public keys of other regions; none where they cannot be read."""
        ...


class Transfers(Protocol):
    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Transfer]: ...
    async def lock(self, id: str) -> Transfer | None:  # noqa: A002
        """Return the record, which nobody else changes until this transaction ends."""
        ...

    async def count(self, account_id: str) -> int:
        """Return how many transfers ever left this account."""
        ...

    async def under_way(self, account_id: str) -> Transfer | None:
        """Return one that has not ended here, from or to this account."""
        ...

    async def add(self, transfer: Transfer) -> None:
        """Raises `Conflict` where another got there first."""
        ...

    async def save(self, transfer: Transfer) -> None: ...
    async def statements(self, ids: Collection[str]) -> Mapping[str, Statements]: ...
    async def keep(self, id: str, statements: Sequence[tuple[StatementKind, Signed]], moment: Moment) -> None:  # noqa: A002
        """Keep statements for ever. Raises `Conflict` where one of that kind is kept already."""
        ...

    async def page(self, where: TransferFilter, request: PageRequest) -> Page[Transfer]: ...
