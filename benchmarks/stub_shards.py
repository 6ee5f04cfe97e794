"""Shards that cost nothing: a process that answers for many regions from memory.

A request met for the first time is executed on the contract's own schema (`schema/region.graphql`)
over made-up rows, so that whatever the gateway asks, it is answered in full; after that its bytes are
looked up. What is measured is then the program in front. Every region has a socket of its own.

    python -m benchmarks.stub_shards SHARDS ROWS     prints {"region code": port, ...} and serves until its
                                                     standard input is closed
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

import orjson
from graphql import GraphQLSchema, build_schema, graphql_sync

from schema.ids import make_id

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"
BODY_LIMIT_BYTES: Final = 1_048_576

PROVINCES: Final = tuple(
    f"{number}0000"
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65))
    for number in range(first, last + 1)
)
"""The 31 regions of the mainland at province level (GB/T 2260)."""


def regions(count: int) -> tuple[str, ...]:
    """Return the first `count` regions, in order."""
    return PROVINCES[:count]


def cursor(*keys: str) -> str:
    """Return a cursor that holds its row's sort keys, all ascending (docs/SHARDING.md, 5.2)."""
    text = orjson.dumps({"k": [[key, "A"] for key in keys]})
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


class Rows:
    """What one region holds of a learner: one account with `count` outcomes, a page of them `first`."""

    def __init__(self, region: str, count: int) -> None:
        self._region = region
        self._count = count

    def root(self) -> dict[str, Any]:
        return {"learner": self._learner}

    def _learner(self, _: Any, **arguments: Any) -> dict[str, Any]:
        account = {
            "id": make_id(self._region, "A", "1"),
            "status": "OPEN",
            "balance": f"{self._count}.5",
            "region": {"code": self._region},
        }
        return {
            "id": arguments["id"],
            "totalCredits": account["balance"],
            "accounts": [account],
            "outcomes": lambda _, first=None, **rest: self._page(account, first or self._count),
        }

    def _page(self, account: dict[str, Any], first: int) -> dict[str, Any]:
        shown = [self._outcome(number, account) for number in range(min(first, self._count))]
        edges = [{"node": one, "cursor": cursor(one["issuedOn"], one["id"])} for one in shown]
        return {
            "totalCount": self._count,
            "edges": edges,
            "pageInfo": {
                "hasNextPage": first < self._count,
                "hasPreviousPage": False,
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
            },
        }

    def _outcome(self, number: int, account: dict[str, Any]) -> dict[str, Any]:
        spread = int(self._region[:2]) * 7 + number * 11
        return {
            "id": make_id(self._region, "O", f"{number:04}"),
            "title": f"网络营销 {number}",
            "kind": "COURSE",
            "level": "INTERMEDIATE",
            "status": "VERIFIED",
            "credits": f"{1 + number % 8}.0",
            "issuedOn": f"20{20 + number // 12:02}-{1 + number % 12:02}-{1 + spread % 28:02}",
            "account": account,
        }


class Shard:
    """One region: answers a body that it has seen from memory."""

    def __init__(self, schema: GraphQLSchema, rows: Rows) -> None:
        self._schema = schema
        self._rows = rows
        self._known: dict[bytes, bytes] = {}
        self.requests = 0

    def answer(self, body: bytes) -> bytes:
        """Return the whole HTTP response."""
        self.requests += 1
        known = self._known.get(body)
        if known is None:
            known = self._known[body] = _response(self._execute(body))
        return known

    def _execute(self, body: bytes) -> bytes:
        asked = orjson.loads(body)
        result = graphql_sync(
            self._schema, asked["query"], self._rows.root(), variable_values=asked.get("variables")
        )
        return orjson.dumps(result.formatted)


def _response(content: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return head.encode() + content


class Connection(asyncio.Protocol):
    """Just enough of HTTP/1.1 to be kept alive: one request after another, each with its length."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next()) is not None and self._transport is not None:
            self._transport.write(self._answer(request))

    def _next(self) -> bytes | None:
        head, end, rest = self._received.partition(END_OF_HEAD)
        if not end:
            return None
        length = int(head.lower().partition(LENGTH)[2].partition(b"\r\n")[0] or 0)
        if length > BODY_LIMIT_BYTES or len(rest) < length:
            return None
        self._received = rest[length:]
        return rest[:length]


async def serve(count: int, rows: int) -> None:
    """Serve `count` regions until standard input ends."""
    loop = asyncio.get_running_loop()
    text = files("schema").joinpath("region.graphql").read_text(encoding="utf-8")
    schema = build_schema(text, assume_valid_sdl=True)
    ports = {}
    for region in regions(count):
        shard = Shard(schema, Rows(region, rows))
        server = await loop.create_server(lambda shard=shard: Connection(shard.answer), "127.0.0.1", 0)  # type: ignore[misc] # the loop variable is bound now
        ports[region] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
