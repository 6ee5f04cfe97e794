"""Several gateways before the same regions, and clients who ask only those that say that they are ready."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final

import httpx

from benchmarks.bare_client import TRANSCRIPT
from benchmarks.processes import running
from benchmarks.resilience.load import Client, Seen, Tally
from benchmarks.resilience.stage import DELAY_MS, ROWS, entries
from benchmarks.served_gateway import ServedGateway, lay_out, start
from creditbank.demo.processes import Programs

LOOK_S: Final = 0.2
REGIONS: Final = 8


class Fleet:
    def __init__(self, programs: Programs, folder: Path, token: str) -> None:
        self._programs = programs
        self._folder = folder
        self._token = token
        self._names = count(1)
        self._client = Client()
        self._all: list[ServedGateway] = []
        self._ready: Sequence[ServedGateway] = ()
        self.is_over = False

    async def aclose(self) -> None:
        await self._client.aclose()

    async def start_one(self) -> None:
        name = f"gateway-{next(self._names)}"
        self._all.append(await asyncio.to_thread(start, self._programs, self._folder, name, self._token))

    async def replace_oldest(self) -> None:
        """A new one first; then the oldest is told to stop, and has stopped."""
        await self.start_one()
        await asyncio.sleep(LOOK_S * 2)
        oldest = self._all[0]
        await asyncio.to_thread(self._programs.stop, oldest.program.name)
        self._all.remove(oldest)

    async def load(self, clients: int) -> Tally:
        """So many clients, one request after the other, until `is_over`."""
        tally = Tally()
        await self._look()
        looking = asyncio.create_task(self._keep_looking())
        await asyncio.gather(*(self._ask(tally, number) for number in range(clients)))
        looking.cancel()
        return tally

    async def _ask(self, tally: Tally, number: int) -> None:
        while not self.is_over:
            ready = self._ready
            gateway = ready[(len(tally.seen) + number) % len(ready)]
            seen: Seen = await self._client.asking(gateway, TRANSCRIPT, {"learner": "L-1"})()
            tally.seen.append(seen)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._look()

    async def _look(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            self._ready = [gateway for gateway in list(self._all) if await _says_ready(client, gateway)]


async def _says_ready(client: httpx.AsyncClient, gateway: ServedGateway) -> bool:
    try:
        return (await client.get(f"{gateway.program.url}/health/ready")).status_code == 200
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def fleet(size: int) -> AsyncGenerator[Fleet, None]:
    with (
        running("benchmarks.resilience.shards", REGIONS, ROWS, DELAY_MS) as shards,
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        Programs(Path(name)) as programs,
    ):
        folder = Path(name)
        built = Fleet(programs, folder, lay_out(folder, entries(shards.told)))
        try:
            for _ in range(size):
                await built.start_one()
            yield built
        finally:
            await built.aclose()
