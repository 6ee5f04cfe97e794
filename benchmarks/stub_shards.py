"""Regions that cost nothing: a process that answers for many of them from memory (`stub_server`).

What they are asked is executed on the contract's own schema (`schema/region.graphql`) over made-up rows,
so that whatever the gateway asks, it is answered in full. Every region has a port of its own.

    python -m benchmarks.stub_shards REGIONS ROWS     prints {"region code": port, ...}; ends with its input
"""

from __future__ import annotations

import asyncio
import base64
import sys
from importlib.resources import files
from typing import Any, Final

import orjson
from graphql import GraphQLSchema, build_schema, graphql_sync

from benchmarks.stub_server import Execute, serve
from schema.ids import make_id

PROVINCES: Final = tuple(
    f"{number}0000"
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65))
    for number in range(first, last + 1)
)
"""The 31 regions of the mainland at province level (GB/T 2260)."""


def regions(count: int) -> tuple[str, ...]:
    """Return the first `count` regions, in order; beyond the provinces, made-up ones."""
    made_up = (f"{number}" for number in range(700_000, 700_000 + max(0, count - len(PROVINCES))))
    return (*PROVINCES[:count], *made_up)


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
        return {"learner": self._learner, "account": self._account}

    def _account(self, _: Any, **arguments: Any) -> dict[str, Any]:
        return {
            "id": make_id(self._region, "A", "1"),
            "status": "OPEN",
            "balance": f"{self._count}.5",
            "region": {"code": self._region},
        }

    def _learner(self, _: Any, **arguments: Any) -> dict[str, Any]:
        account = self._account(None)
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


def shard(schema: GraphQLSchema, rows: Rows) -> Execute:
    """One region: executes what it is asked on the contract's schema, over its rows."""

    def execute(asked: dict[str, Any]) -> Any:
        variables = asked.get("variables")
        return graphql_sync(schema, asked["query"], rows.root(), variable_values=variables).formatted

    return execute


def main(count: int, rows: int) -> None:
    """Serve `count` regions until standard input ends."""
    text = files("schema").joinpath("region.graphql").read_text(encoding="utf-8")
    schema = build_schema(text, assume_valid_sdl=True)
    asyncio.run(serve({region: shard(schema, Rows(region, rows)) for region in regions(count)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
