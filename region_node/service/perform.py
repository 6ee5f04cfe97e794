"""How every change of the bank is made: once for each idempotency key, in one transaction.

The key is claimed, the use case runs, the answer is kept beside what it changed. A repeat
gets the first answer, whatever has happened since; the same key with another request is
refused. A refusal is an answer too, and is kept like any other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import rfc8785
from pydantic import TypeAdapter

from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from region_node.service.failures import Conflict, StorageCode, StorageFailure
from region_node.service.ports import Bank, Unit
from schema.codes import RefusalCode
from schema.details import DetailCode, detail

C = TypeVar("C")
A = TypeVar("A")
R = TypeVar("R")

ATTEMPTS_LIMIT: Final = 5
KEY_LIMIT_CHARACTERS: Final = 128


@dataclass(frozen=True)
class UseCase(Generic[C, A]):
    """One kind of change. `command` and `answer` are frozen dataclasses with plain fields.

    `run` loads, decides by a pure function of the domain, and saves; it returns a `Refusal`
    before it has written anything.
    """

    name: str
    command: type[C]
    answer: type[A]
    run: Callable[[Bank, Unit, Moment, C], Awaitable[A | Refusal]] = field(repr=False)
    before: Callable[[Bank, Moment, C], Awaitable[None]] | None = field(default=None, repr=False)
    """What must have happened, and been committed, before the transaction begins."""

    @cached_property
    def commands(self) -> TypeAdapter[C]:
        return TypeAdapter(self.command)

    @cached_property
    def answers(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.answer | Refusal)  # type: ignore[arg-type] # a union known at run time only


async def perform(
    bank: Bank,
    use_case: UseCase[C, A],
    command: C,
    *,
    key: str,
    moment: Moment,
) -> A | Refusal:
    """Make the change, or return the first answer to `key`. Raises `StorageFailure`.

    Keys are kept by actor (`moment.by`): one caller's key is no other caller's.
    """

    if use_case.before is not None:
        await use_case.before(bank, moment, command)

    async def once() -> A | Refusal:
        async with bank.units.write() as unit:
            return await answered(bank, unit, use_case, command, key=key, moment=moment)

    return await repeated(once)


async def repeated(transaction: Callable[[], Awaitable[R]]) -> R:
    """Run a transaction again while another meets it. Raises `StorageFailure`."""
    for _ in range(ATTEMPTS_LIMIT):
        try:
            return await transaction()
        except Conflict:
            continue
    raise StorageFailure(StorageCode.BUSY)


async def answered(
    bank: Bank, unit: Unit, use_case: UseCase[C, A], command: C, *, key: str, moment: Moment
) -> A | Refusal:
    """Make the change within this transaction, or return the first answer to `key`. Raises `Conflict`."""
    if not 0 < len(key) <= KEY_LIMIT_CHARACTERS:
        length = detail(DetailCode.KEY_LENGTH, found=len(key), limit=KEY_LIMIT_CHARACTERS)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=length)
    request = rfc8785.dumps([use_case.name, use_case.commands.dump_python(command, mode="json")])
    fingerprint = bank.vault.fingerprint(request)
    first = await unit.answers.claim(moment.by, key, fingerprint, moment.at)
    if first is not None:
        if first.request_hash != fingerprint or first.answer is None:
            return refuse(RefusalCode.IDEMPOTENCY_KEY_REUSED)
        kept: A | Refusal = use_case.answers.validate_json(first.answer)
        return kept
    answer = await use_case.run(bank, unit, moment, command)
    await unit.answers.record(moment.by, key, use_case.answers.dump_json(answer).decode())
    return answer
