"""Regions that fail as they are told: a process that answers for many of them from memory, after a delay.

    python -m benchmarks.resilience.shards REGIONS ROWS DELAY_MS

prints {"control": port, "regions": {code: port}, "replicas": {code: port}}; ends with its input. To the
control port, {"code": mood, …} changes moods, where a replica's code is "replica-of-<code>"; every answer of
it is {"requests": {code: so many so far}, "left_s": {code: when the last connection with an unanswered
request was closed}}, on the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any, Final

import orjson
from graphql import build_schema

from benchmarks.stub_server import Connection, Execute, Remembering
from benchmarks.stub_shards import Rows, regions, shard

REPLICA: Final = "replica-of-"
HOST: Final = "127.0.0.1"
UNWELL: Final = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Mood:
    """How a region answers: after `delay_ms`, or after `late_ms` with the chance `late_share`.

    `failing_share` of the requests is answered 503; a silent region reads and says nothing, a dead one
    refuses connections and breaks those it has.
    """

    delay_ms: float
    late_ms: float = 0.0
    late_share: float = 0.0
    failing_share: float = 0.0
    is_silent: bool = False
    is_dead: bool = False


@dataclass(slots=True)
class Region:
    """One region's door."""

    remembering: Remembering
    mood: Mood
    chance: random.Random
    port: int = 0
    requests: int = 0
    left_s: float = 0.0
    server: asyncio.Server | None = None
    open: set[Talking] = field(default_factory=set)

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Talking(self), HOST, self.port, backlog=1024)
        self.port = self.server.sockets[0].getsockname()[1]

    async def feel(self, mood: Mood) -> None:
        self.mood = mood
        if mood.is_dead and self.server is not None:
            self.server.close()
            self.server = None
            for connection in list(self.open):
                connection.abort()
        elif not mood.is_dead and self.server is None:
            await self.listen()


class Talking(Connection):
    """A connection whose answers come as its region's mood has it."""

    def __init__(self, region: Region) -> None:
        super().__init__(region.remembering.answer)
        self._region = region
        self._unanswered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._region.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._region.open.discard(self)
        self._transport = None
        if self._unanswered:
            self._region.left_s = time.monotonic()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next()) is not None:
            self._region.requests += 1
            self._unanswered += 1
            self._answer_later(request)

    def _answer_later(self, request: bytes) -> None:
        mood, chance = self._region.mood, self._region.chance
        if mood.is_silent:
            return
        delay_ms = mood.late_ms if chance.random() < mood.late_share else mood.delay_ms
        is_failing = chance.random() < mood.failing_share
        answer = UNWELL if is_failing else self._answer(request)
        asyncio.get_running_loop().call_later(delay_ms / 1000, self._say, answer)

    def _say(self, answer: bytes) -> None:
        self._unanswered -= 1
        if self._transport is not None:
            self._transport.write(answer)


async def serve(executes: dict[str, Execute], delay_ms: float) -> None:
    chance = random.Random(1)  # noqa: S311 - repeatable, no secret
    doors: dict[str, Region] = {}
    for code, execute in executes.items():
        remembering = Remembering(execute)
        for name in (code, REPLICA + code):
            doors[name] = Region(remembering, Mood(delay_ms), chance)
            await doors[name].listen()
    control = await asyncio.start_server(_controlling(doors, delay_ms), HOST, 0)
    told = {
        "control": control.sockets[0].getsockname()[1],
        "regions": {code: doors[code].port for code in executes},
        "replicas": {code: doors[REPLICA + code].port for code in executes},
    }
    print(json.dumps(told), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _controlling(doors: dict[str, Region], delay_ms: float) -> Any:
    async def control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            for code, mood in orjson.loads(line).items():
                await doors[code].feel(replace(Mood(delay_ms), **mood))
            told = {
                "requests": {code: door.requests for code, door in doors.items()},
                "left_s": {code: door.left_s for code, door in doors.items()},
            }
            writer.write(orjson.dumps(told) + b"\n")

    return control


def main(count: int, rows: int, delay_ms: float) -> None:
    text = files("schema").joinpath("region.graphql").read_text(encoding="utf-8")
    schema = build_schema(text, assume_valid_sdl=True)
    asyncio.run(serve({region: shard(schema, Rows(region, rows)) for region in regions(count)}, delay_ms))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
