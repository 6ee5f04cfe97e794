"""Three banks and whoever carries between them, in one process: one message at a time, fated by a seed.

The banks are whole (graph, service, SQLite); the carriers are the gateway's own code. A bank dies before
or after its commit; a request or its reply is lost, comes twice, or comes much later; a carrier dies
between any two messages; and anything that was ever sent is sent again. After every message the books
of all banks are held against each other.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edge.caller import Caller, Role
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, Trace
from gateway.national.recognition import Asking, SilentRegionError
from gateway.national.transfer_wire import RECORD
from gateway.national.transfers import Carried, TransferAsked, Transfers
from region_node.graph.executor import NodeExecutor
from region_node.service.ports import Bank
from region_node.storage.database import Database
from region_node.storage.unit_of_work import SqlUnit, SqlUnits
from tests.node.bank import OUTCOME
from tests.node.conftest import SetClock
from tests.node.transfers.conftest import MAJOR, SHOWN, SOURCE

FATES = {
    "delivered": 12,
    "request lost": 2,
    "reply lost": 2,
    "bank dies before its commit": 2,
    "bank dies after its commit": 2,
    "twice": 2,
    "late": 2,
}
TRACE = Trace("0" * 32, "0" * 16)
OPEN = ("EXPORTED", "CANCELLING")
TRANSFERS = "SELECT id, issuer, accepter, outcome_id, credits, state, accepted FROM transfers"
CANCEL = f"mutation($t: ID!, $k: String!) {{ cancelTransfer(id: $t, idempotencyKey: $k) {{ {SHOWN} }} }}"
JUDGE = f"""mutation($r: ID!, $e: TransferStatementInput!, $k: String!) {{
  acceptTransfer(region: $r, export: $e, judged: true, idempotencyKey: $k) {{ {SHOWN} }} }}"""
DECLINE = f"""mutation($r: ID!, $e: TransferStatementInput!, $k: String!) {{
  declineTransfer(region: $r, export: $e, idempotencyKey: $k) {{ {SHOWN} }} }}"""
CONVERT = f"""mutation($o: ID!, $m: ID!, $k: String!) {{
  convertOutcome(id: $o, major: $m, idempotencyKey: $k) {{ {OUTCOME} }} }}"""
REVOKE = f"""mutation($o: ID!, $k: String!) {{
  revokeOutcome(id: $o, ground: ERROR, reason: "r", idempotencyKey: $k) {{ {OUTCOME} }} }}"""


class Died(Exception):  # noqa: N818 - named for what happened
    """The bank's process ended here."""


@dataclass(frozen=True)
class Message:
    region: str
    text: str
    variables: Mapping[str, Any]
    caller: Caller


class MortalUnits:
    """Transactions of a bank that may die around its next commit."""

    def __init__(self, inner: SqlUnits) -> None:
        self._inner = inner
        self.dies = ""

    def read(self) -> Any:
        return self._inner.read()

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[SqlUnit, None]:
        async with self._inner.write() as unit:
            yield unit
            if self.dies == "before":
                raise Died
        if self.dies == "after":
            raise Died


class LivingBank:
    """One bank over its own file, which is opened anew after each death."""

    def __init__(self, like: Bank, file: Path) -> None:
        self._like = like
        self._file = file
        self.clock = SetClock()
        self.books = sqlite3.connect(file, isolation_level=None)
        self.start()

    def start(self) -> None:
        self.database = Database(f"sqlite:///{self._file}")
        self._units = MortalUnits(SqlUnits(self.database))
        bank = replace(self._like, units=self._units, clock=self.clock)
        self._executor = NodeExecutor(bank, Limits())

    async def execute(self, message: Message, dies: str = "") -> Mapping[str, Any] | None:
        """The data of the answer; None where the bank died, or refused as GraphQL does."""
        self._units.dies = dies
        deadline_s = asyncio.get_running_loop().time() + 60
        context = CallContext(message.caller, deadline_s, TRACE)
        result = await self._executor.execute(Operation(message.text, message.variables), context)
        assert isinstance(result, ExecutionResult)
        if dies:
            await self.database.close()
            self.start()
            return None
        unexpected = [one for one in result.errors or () if getattr(one, "original_error", None) is not None]
        codes = [getattr(one.original_error, "code", None) for one in unexpected]  # type: ignore[union-attr]
        assert set(codes) <= {"UNKNOWN_TRANSFER"}, result.errors
        data: Mapping[str, Any] | None = result.data
        return data

    async def end(self) -> None:
        self.books.close()
        await self.database.close()


class Carrier:
    """The gateway, or whoever else, carrying one transfer: it waits before and after each message."""

    def __init__(self, world: World, caller: Caller) -> None:
        self._world = world
        self._caller = caller
        self._parked = asyncio.Event()
        self._go: asyncio.Future[None] | None = None
        self.task: asyncio.Task[Carried] | None = None

    async def start(self, work: Callable[[Transfers, Asking], Awaitable[Carried]]) -> None:
        async def run() -> Carried:
            return await work(Transfers(self), Asking(self._caller, "en", float("inf")))

        self.task = asyncio.create_task(run())
        await self._settled(self.task)

    async def step(self) -> None:
        assert self._go is not None
        assert self.task is not None
        self._parked.clear()
        self._go.set_result(None)
        await self._settled(self.task)

    async def die(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def ask(self, region: str, query: str, variables: Mapping[str, Any], asking: Asking) -> Any:
        await self._turn()
        found = await self._world.send(Message(region, query, variables, self._caller))
        await self._turn()
        if found is None:
            raise SilentRegionError(region, "SHARD_TIMEOUT", "No answer came.")
        return found

    change = ask

    async def _turn(self) -> None:
        self._go = asyncio.get_running_loop().create_future()
        self._parked.set()
        await self._go

    async def _settled(self, task: asyncio.Task[Carried]) -> None:
        parked = asyncio.ensure_future(self._parked.wait())
        await asyncio.wait([parked, task], return_when="FIRST_COMPLETED")
        parked.cancel()
        if task.done():
            task.result()


@dataclass
class World:
    """One seed's world. `seen` counts what happened, so that a test can ask whether everything did."""

    chance: random.Random
    banks: dict[str, LivingBank]
    outcomes: tuple[str, ...]
    learner: str
    seen: Counter[str]
    healed: bool = False
    carriers: list[Carrier] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    late: list[Message] = field(default_factory=list)
    ended: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    keys: int = 0

    def __post_init__(self) -> None:
        self.total = self._sum()
        self.targets = [region for region in self.banks if region != SOURCE]

    # What happens

    async def send(self, message: Message) -> Mapping[str, Any] | None:
        """The message has its fate; None where no answer came back."""
        self.sent.append(message)
        fate = "delivered" if self.healed else self.chance.choices(list(FATES), list(FATES.values()))[0]
        self.seen[fate] += 1
        if fate == "request lost":
            return None
        if fate == "late":
            self.late.append(message)
            return None
        if fate.startswith("bank dies"):
            return await self.deliver(message, fate.split()[2])
        found = await self.deliver(message)
        if fate == "twice":
            found = await self.deliver(message)
        return None if fate == "reply lost" else found

    async def deliver(self, message: Message, dies: str = "") -> Mapping[str, Any] | None:
        found = await self.banks[message.region].execute(message, dies)
        self.require()
        return found

    async def something(self) -> None:
        """One thing that may happen now."""
        happens: dict[Callable[[], Awaitable[None]], int] = {
            self._begin: 4,
            self._resume: 2,
            self._cancel: 3,
            self._officer: 1,
            self._convert: 1,
            self._replay: 3,
            self._days_pass: 2,
        }
        if self.chance.random() < 0.02:
            happens[self._revoke] = 20
        if self.carriers:
            happens |= {self._step: 30, self._carrier_dies: 2}
        if self.late:
            happens[self._late] = 2
        await self.chance.choices(list(happens), list(happens.values()))[0]()

    async def _begin(self) -> None:
        outcome, to = self.chance.choice(self.outcomes), self.chance.choice(self.targets)
        key = f"{outcome} {to} {self.chance.randrange(3)}"
        asked = TransferAsked(outcome, SOURCE, to, MAJOR, None, key)
        await self._carry(self.as_learner, lambda transfers, asking: transfers.begin(asked, asking))

    async def _resume(self) -> None:
        found = self.transfers(SOURCE)
        if found:
            transfer = self.chance.choice(found)
            caller = self.chance.choice([self.as_learner, self.officer(transfer["accepter"])])
            await self.resume(transfer["id"], caller)

    async def resume(self, transfer: str, caller: Caller) -> None:
        await self._carry(caller, lambda transfers, asking: transfers.resume(SOURCE, transfer, asking))

    async def _carry(self, caller: Caller, work: Callable[[Transfers, Asking], Awaitable[Carried]]) -> None:
        carrier = Carrier(self, caller)
        await carrier.start(work)
        self.carriers.append(carrier)

    async def _step(self) -> None:
        await self.advance(self.chance.choice(self.carriers))

    async def advance(self, carrier: Carrier) -> None:
        await carrier.step()
        assert carrier.task is not None
        if carrier.task.done():
            self.carriers.remove(carrier)

    async def _carrier_dies(self) -> None:
        carrier = self.chance.choice(self.carriers)
        self.carriers.remove(carrier)
        self.seen["carrier dies"] += 1
        await carrier.die()

    async def _cancel(self) -> None:
        found = self.transfers(SOURCE)
        if found:
            given = {"t": self.chance.choice(found)["id"], "k": self.new_key()}
            await self.send(Message(SOURCE, CANCEL, given, self.officer(SOURCE)))

    async def _officer(self) -> None:
        """An officer of a target decides on something that was sent there, referred or not."""
        found = self.transfers(SOURCE)
        if found:
            transfer = self.chance.choice(found)
            await self.judge(transfer["id"], transfer["accepter"], self.chance.choice([JUDGE, DECLINE]))

    async def judge(self, transfer: str, target: str, text: str) -> None:
        export = self.statement(SOURCE, transfer, "EXPORT")
        given = {"r": target, "e": export, "k": self.new_key()}
        await self.send(Message(target, text, given, self.officer(target)))

    async def _convert(self) -> None:
        given = {"o": self.chance.choice(self.outcomes), "m": MAJOR, "k": self.new_key()}
        await self.send(Message(SOURCE, CONVERT, given, self.officer(SOURCE)))

    async def _revoke(self) -> None:
        given = {"o": self.chance.choice(self.outcomes), "k": self.new_key()}
        self.seen["revoked"] += 1
        await self.send(Message(SOURCE, REVOKE, given, self.officer(SOURCE)))

    async def _replay(self) -> None:
        if self.sent:
            self.seen["replayed"] += 1
            await self.deliver(self.chance.choice(self.sent))

    async def _late(self) -> None:
        await self.deliver(self.late.pop(self.chance.randrange(len(self.late))))

    async def _days_pass(self) -> None:
        """Each bank has a clock of its own, which may also go back."""
        clock = self.banks[self.chance.choice(list(self.banks))].clock
        clock.at = clock.at.replace(month=self.chance.choice([6, 6, 6, 7, 8]))

    # Who speaks, and what is written

    @property
    def as_learner(self) -> Caller:
        return Caller(Role.LEARNER, "learner", learner_id=self.learner)

    def officer(self, region: str) -> Caller:
        return Caller(Role.OFFICER, f"officer {region}", region=region)

    def new_key(self) -> str:
        self.keys += 1
        return f"key {self.keys}"

    def transfers(self, region: str) -> list[dict[str, Any]]:
        rows = self.banks[region].books.execute(f"{TRANSFERS} ORDER BY id")
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def statement(self, region: str, transfer: str, kind: str) -> dict[str, str]:
        select = "SELECT statement, signature FROM transfer_statements WHERE transfer_id = ? AND kind = ?"
        statement, signature = self.banks[region].books.execute(select, (transfer, kind)).fetchone()
        return {"statement": statement, "signature": signature}

    def message_about(self, transfer: str) -> Message:
        return Message(SOURCE, RECORD, {"region": SOURCE, "id": transfer}, self.as_learner)

    # What must hold after every message

    def require(self) -> None:
        here = self.transfers(SOURCE)
        there = {one["id"]: one for region in self.targets for one in self.transfers(region)}
        self._require_sum(here, there)
        self._require_used_once(here, there)
        for one in here:
            self._require_agreed(one, there.get(one["id"]))
        for region in self.banks:
            for one in self.transfers(region):
                self._require_stays(region, one)

    def _require_sum(self, here: list[dict[str, Any]], there: dict[str, dict[str, Any]]) -> None:
        """Over all ledgers and what is on its way, the sum is what it was, less what was revoked."""
        away = sum(
            one["credits"] - (there[one["id"]]["accepted"] if one["id"] in there else 0)
            for one in here
            if one["state"] in OPEN
        )
        revoked = "SELECT coalesce(sum(credits), 0) FROM outcomes WHERE status = 'REVOKED'"
        gone = self.banks[SOURCE].books.execute(revoked).fetchone()[0]
        assert self._sum() + away == self.total - gone

    def _require_used_once(self, here: list[dict[str, Any]], there: dict[str, dict[str, Any]]) -> None:
        select = "SELECT u.outcome_id, e.kind FROM outcome_uses u JOIN ledger_entries e ON u.entry_id = e.id"
        used = dict(self.banks[SOURCE].books.execute(select).fetchall())
        leaving = Counter(one["outcome_id"] for one in here if one["state"] in OPEN)
        arrived = Counter(one["outcome_id"] for one in there.values() if one["state"] == "ACCEPTED")
        for outcome in self.outcomes:
            assert leaving[outcome] + (outcome in used) <= 1
            assert arrived[outcome] <= 1
            assert not (arrived[outcome] and used.get(outcome) == "CONVERSION")

    def _require_agreed(self, here: dict[str, Any], there: dict[str, Any] | None) -> None:
        """A source that has ended it says what its target says; a target has never more than was sent."""
        if there is not None:
            assert 0 <= there["accepted"] <= here["credits"]
        if here["state"] in OPEN:
            return
        assert there is not None
        assert here["state"].replace("COMPLETED", "ACCEPTED") == there["state"]
        assert here["accepted"] == there["accepted"]

    def _require_stays(self, region: str, one: dict[str, Any]) -> None:
        if one["state"] in (*OPEN, "REFERRED"):
            return
        ending = (one["state"], one["accepted"])
        assert self.ended.setdefault((region, one["id"]), ending) == ending

    def _sum(self) -> int:
        select = "SELECT coalesce(sum(credits), 0) FROM ledger_entries"
        return sum(int(bank.books.execute(select).fetchone()[0]) for bank in self.banks.values())
