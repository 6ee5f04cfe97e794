"""Transfers (学分转移): carries what two regions state to each other, until the transfer has ended.

Nothing is kept here and nothing is decided here. Each bank checks for itself what is brought to it, makes
each step once, and keeps every statement; so this may stop anywhere, and whoever comes next goes on
from what the source's record shows (docs/TRANSFERS.md):

    a. `reserveTransfer` at the source, once for the client's key; or the record of one that was begun;
    b. EXPORTED: the export to the target's `acceptTransfer`; CANCELLING: the cancellation to its
       `declineTransfer`;
    c. the receipt to the source's `confirmTransfer`. Without one an officer of the target must decide.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Protocol, TypeVar

from gateway.national.recognition import Asking, SilentRegionError
from gateway.national.transfer_wire import (
    ACCEPT,
    CONFIRM,
    DECLINE,
    RECORD,
    RESERVE,
    read_record,
    read_step,
    statement_of,
)
from schema.codes import RefusalCode, say
from schema.graph import Refused, Transfer, TransferState

R = TypeVar("R")

EXPORTED: Final = TransferState.EXPORTED
CANCELLING: Final = TransferState.CANCELLING
TIME_SHARE: Final = 0.95
"""What all steps may take together of the time there is: the rest is for saying how far they came."""
KEY_BYTES: Final = 16


class BanksPort(Protocol):
    """The way to the regional banks.

    Sends one request, once, and notes in the coverage whom it asked; raises `SilentRegionError`.
    """

    async def ask(
        self, region: str, query: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]: ...

    async def change(
        self, region: str, mutation: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """Which outcome is to go where. `key` is the client's: the same asks for the same transfer."""

    outcome: str
    region: str
    to: str
    major: str | None
    expires_on: date | None
    key: str


@dataclass(frozen=True, slots=True)
class Carried:
    """How far a transfer came: the last record that a bank showed, or why one refused a step.

    `silent` is the bank that gave no answer to the next step, if one did; that step was made or not, and
    may be made again.
    """

    record: Transfer | Refused | None
    silent: SilentRegionError | None = None


class Transfers:
    """One for the life of a program; it remembers nothing."""

    def __init__(self, banks: BanksPort) -> None:
        self._banks = banks

    async def begin(self, asked: TransferAsked, asking: Asking) -> Carried:
        """Begin the transfer, or find the one that this key began, and carry it to its end."""
        given = {
            "to": asked.to,
            "major": asked.major,
            "expiresOn": asked.expires_on.isoformat() if asked.expires_on else None,
        }
        variables = {"outcome": asked.outcome, "input": given, "key": asked.key}
        course = _Course(self._banks, asking, asked.region, asked.to)
        return await course.run(lambda: course.step(asked.region, RESERVE, variables))

    async def resume(self, region: str, transfer: str, asking: Asking) -> Carried:
        """Carry to its end a transfer of that source region, whoever began it."""
        course = _Course(self._banks, asking, region)
        return await course.run(lambda: course.record_of(transfer))


class _Course:
    """One transfer's course, as far as it comes in the time of one request."""

    def __init__(self, banks: BanksPort, asking: Asking, source: str, target: str | None = None) -> None:
        now = asyncio.get_running_loop().time()
        by_s = now + max(0.0, asking.deadline_s - now) * TIME_SHARE
        self._banks = banks
        self._source = source
        self._target = target
        self._asking = replace(asking, deadline_s=by_s)

    async def run(self, first: Callable[[], Awaitable[Transfer | Refused]]) -> Carried:
        """Make the first step, which gives the source's record, and then whatever follows from that."""
        carried = Carried(None)
        try:
            record = await first()
            carried = Carried(record)
            if isinstance(record, Transfer) and record.state in (EXPORTED, CANCELLING):
                carried = Carried(await self._answer(record))
                answer = carried.record
                if isinstance(answer, Transfer) and answer.verdict is not None:
                    carried = Carried(await self._confirm(answer))
        except SilentRegionError as silent:
            return replace(carried, silent=silent)
        return carried

    async def record_of(self, transfer: str) -> Transfer | Refused:
        """What the source's books say of a transfer that was begun, where this caller may know."""
        variables = {"region": self._source, "id": transfer}
        reply = await self._banks.ask(self._source, RECORD, variables, self._asking)
        if reply.get("transfer") is None:
            code = RefusalCode.UNKNOWN_TRANSFER
            return Refused(code=code, message=say(code, self._asking.language, id=transfer[:80]))
        return self._usable(self._source, read_record, reply["transfer"])

    async def step(self, region: str, mutation: str, variables: Mapping[str, Any]) -> Transfer | Refused:
        """Make one step. A bank makes it once by the transfer's own ID, so each attempt has a new key."""
        given = {"key": secrets.token_hex(KEY_BYTES), **variables}
        reply = await self._banks.change(region, mutation, given, self._asking)
        return self._usable(region, read_step, reply.get("moved"))

    async def _answer(self, record: Transfer) -> Transfer | Refused:
        """Step b: what the target says."""
        target = self._target = str(record.to_region)
        if record.state is CANCELLING:
            cancellation = self._stated(record, "CANCELLATION")
            return await self.step(target, DECLINE, {"region": target, "cancellation": cancellation})
        return await self.step(target, ACCEPT, {"region": target, "export": self._stated(record, "EXPORT")})

    async def _confirm(self, answer: Transfer) -> Transfer | Refused:
        """Step c: the source follows it."""
        receipt = self._stated(answer, "RECEIPT")
        return await self.step(self._source, CONFIRM, {"id": str(answer.id), "receipt": receipt})

    def _stated(self, record: Transfer, kind: str) -> Mapping[str, str]:
        return self._usable(str(record.region), lambda found: statement_of(found, kind), record)

    def _usable(self, region: str, read: Callable[[Any], R], plain: Any) -> R:
        """Read what a bank sent. A record of other banks than this course's two was not asked for."""
        try:
            found = read(plain)
            if isinstance(found, Transfer) and (
                (found.region, found.from_region) != (region, self._source)
                or found.to_region == self._source
                or self._target not in (None, found.to_region)
            ):
                raise ValueError("a transfer is between other regions than was asked for")
        except ValueError as error:
            told = f"Region {region} gave no usable answer: {error}."
            raise SilentRegionError(region, "SHARD_INVALID_REPLY", told) from None
        return found
