"""The baseline of the gateway: what somebody would write by hand for this one query, and nothing more.

It sends the same bytes to the same shards over the quickest client library, all at once, and
joins their JSON: accounts one after the other, sums of credits, one page of outcomes out of many. It has
no schema, no limits, no deadline of its own, no breaker, no errors for a shard that fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

import orjson

from benchmarks.reqwest import ReqwestExchange

PAGE: Final = 20
TIMEOUT_S: Final = 60.0
HEADERS: Final = (("content-type", "application/json"), ("accept", "application/json"))

NAMED_TRANSCRIPT: Final = """query Transcript($learner: ID!) {
  learner(id: $learner) {
    totalCredits
    accounts { id status balance region { code name } }
    outcomes(first: 20) {
      totalCount
      edges { cursor node { id title kind level status credits issuedOn account { region { code } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
"""A portal's transcript of one learner, as the explorer's example has it: names come from the national
subgraph, after the shards have answered."""

TRANSCRIPT: Final = NAMED_TRANSCRIPT.replace("{ code name }", "{ code }")
"""The same without names: what shards alone can answer."""

SHARD_QUERY: Final = (
    "query($learner: ID!) { learner(id: $learner) { totalCredits"
    " accounts { id status balance region { code } }"
    " outcomes(first: 20) { totalCount edges { cursor node { id title kind level status credits issuedOn"
    " account { region { code } } } } pageInfo { hasNextPage hasPreviousPage } } } }"
)

_issued = itemgetter("issuedOn", "id")


class BareClient:
    """Asks every shard for a learner's transcript and joins what they say."""

    def __init__(self, urls: Mapping[str, str], names: Mapping[str, str] | None = None) -> None:
        """`names` are added to the accounts' regions when given."""
        self._urls = list(urls.values())
        self._names = names
        self._exchange = ReqwestExchange()

    async def aclose(self) -> None:
        await self._exchange.aclose()

    async def transcript(self, learner: str) -> dict[str, Any]:
        """Return the response's data."""
        body = orjson.dumps({"query": SHARD_QUERY, "variables": {"learner": learner}})
        answers = await asyncio.gather(
            *(self._exchange.post(url, HEADERS, body, TIMEOUT_S) for url in self._urls)
        )
        return self._joined([orjson.loads(each)["data"]["learner"] for each in answers])

    def _joined(self, learners: list[dict[str, Any]]) -> dict[str, Any]:
        accounts = [account for learner in learners for account in learner["accounts"]]
        if self._names is not None:
            for account in accounts:
                account["region"]["name"] = self._names[account["region"]["code"]]
        pages = [learner["outcomes"] for learner in learners]
        edges = [edge for page in pages for edge in page["edges"]]
        edges.sort(key=lambda edge: _issued(edge["node"]))
        credit_tenths = sum(int(learner["totalCredits"].replace(".", "")) for learner in learners)
        has_more = len(edges) > PAGE or any(page["pageInfo"]["hasNextPage"] for page in pages)
        shown = edges[:PAGE]
        return {
            "learner": {
                "totalCredits": f"{credit_tenths // 10}.{credit_tenths % 10}",
                "accounts": accounts,
                "outcomes": {
                    "totalCount": sum(page["totalCount"] for page in pages),
                    "edges": shown,
                    "pageInfo": {"hasNextPage": has_more, "endCursor": shown[-1]["cursor"]},
                },
            }
        }
