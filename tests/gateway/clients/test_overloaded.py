"""A node that has too much to do says so (503 with Retry-After): it is spared, and it is not ill."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import pytest

from gateway.clients.failures import NodeFailure, overloaded
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.clients.settings import DEFAULTS, BulkheadSettings, ClientSettings
from gateway.federation.transport import Reply, ShardRequest
from tests.gateway.clients.servers import At, asking, response, serving
from tests.simulation.virtual_clock import run

TAKES_S = 0.1
LIMIT_S = DEFAULTS.bulkhead.spared_limit_ms / 1000


@dataclass
class Busy:
    """A node that works at `capacity` requests at once and refuses every other."""

    capacity: int
    retry_after: str = "1"
    open: int = 0
    most: int = 0
    came: Counter[str] = field(default_factory=Counter)

    async def send(self, request: ShardRequest) -> Reply:
        if self.open >= self.capacity:
            self.came["refused"] += 1
            raise overloaded(self.retry_after)
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await asyncio.sleep(TAKES_S)
        finally:
            self.open -= 1
        self.came["answered"] += 1
        return Reply({})


def guarded(node: Busy, **bulkhead: int) -> GuardedTransport:
    loop = asyncio.get_running_loop()
    settings = ClientSettings(bulkhead=BulkheadSettings(**bulkhead))
    return GuardedTransport(node, settings, clock=loop.time)


async def ask(transport: GuardedTransport) -> str:
    try:
        await transport.send(asking(deadline_s=asyncio.get_running_loop().time() + 60))
    except NodeFailure as failure:
        return failure.code
    return "answered"


@pytest.mark.parametrize(
    ("told", "code", "seconds"),
    [
        ("retry-after: 3\r\n", "SHARD_BUSY", 3),
        ("retry-after: Wed\r\n", "SHARD_BUSY", 1),
        ("", "SHARD_REJECTED", None),
    ],
)
async def test_it_is_read_from_the_answer(told: str, code: str, seconds: int | None) -> None:
    async with serving(response(b"{}", "503 Service Unavailable", more=told)) as url:
        transport = HttpTransport(At(url))
        with pytest.raises(NodeFailure) as failed:
            await transport.send(asking())
        await transport.aclose()
    failure = failed.value
    assert (failure.code, failure.again_after_s, failure.is_sick) == (code, seconds, seconds is None)


def test_it_opens_no_breaker_and_costs_no_retry() -> None:
    async def main() -> None:
        node = Busy(capacity=0)
        transport = guarded(node)
        told = [await ask(transport) for _ in range(100)]
        assert (set(told), node.came["refused"]) == ({"SHARD_BUSY"}, 100)
        assert set(transport.states().values()) == {"closed"}

    run(main())


def test_it_is_given_as_much_as_it_can_do_and_the_rest_waits() -> None:
    """Thirty at once before a node that can do four: one is refused, and the others wait their turn."""

    async def main() -> None:
        node = Busy(capacity=4)
        transport = guarded(node)
        told = Counter(await asyncio.gather(*(ask(transport) for _ in range(30))))
        assert (told, node.most) == (Counter(answered=29, SHARD_BUSY=1), 4)
        rounds = asyncio.get_running_loop().time() / TAKES_S
        assert rounds == pytest.approx(8), "it is never idle while somebody waits"

    run(main())


def test_under_lasting_overload_it_works_on_and_is_seldom_asked_in_vain() -> None:
    """Twenty clients that ask again and again, before a node that can do four."""

    async def main() -> None:
        node, loop = Busy(capacity=4), asyncio.get_running_loop()
        transport = guarded(node)

        async def client() -> None:
            while loop.time() < 10:
                await ask(transport)

        await asyncio.gather(*(client() for _ in range(20)))
        could = node.capacity * loop.time() / TAKES_S
        assert node.came["answered"] >= 0.95 * could
        assert node.came["refused"] <= 0.05 * node.came["answered"]

    run(main())


@pytest.mark.parametrize(("retry_after", "spared_s"), [("2", 2.0), ("3600", LIMIT_S)])
def test_when_the_time_is_over_it_is_given_more_little_by_little(retry_after: str, spared_s: float) -> None:
    async def main() -> None:
        node = Busy(capacity=1, retry_after=retry_after)
        transport = guarded(node, open_requests=8)
        await asyncio.gather(ask(transport), ask(transport))
        node.capacity = 100
        at_once = []
        for _ in range(8):
            node.most = 0
            told = await asyncio.gather(*(ask(transport) for _ in range(8)))
            assert set(told) == {"answered"}
            at_once.append(node.most)
            await asyncio.sleep(spared_s - asyncio.get_running_loop().time())
        assert (at_once[0], at_once[-1]) == (1, 8)
        assert at_once == sorted(at_once)

    run(main())
