"""How recognition and transfers ask regional nodes: by the engine's own way out, with its deadline and
breakers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from gateway.federation.sharding.scatter import scatter
from gateway.federation.sharding.shards import Shards
from gateway.federation.transport import Reply, ShardRequest, Transport, TransportFailure
from gateway.national.pairings import Pairings
from gateway.national.recognition import Asking, SilentRegionError
from gateway.national.schema import REGION_SUBGRAPH
from schema.agreements import AgreementStatus
from schema.codes import ReasonCode

PROBE: Final = "{ __typename }"
REGION_PROBE: Final = """query Probe($region: ID!) { region(code: $region) { catalogueHash }
  agreements(region: $region) { with status termsHash } }"""
HASH_CHARACTERS: Final = 12
"""Of a hash that people compare."""


class RegionalNodes:
    """The regions as recognition and transfers ask them (`gateway.national.recognition.RegionsPort`,
    `gateway.national.transfers.BanksPort`)."""

    def __init__(self, transport: Transport, shards: Shards) -> None:
        self._transport = transport
        self._shards = shards

    async def ask(
        self, region: str, query: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]:
        return await self._send(region, query, variables, asking, "query")

    async def change(
        self, region: str, mutation: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]:
        return await self._send(region, mutation, variables, asking, "mutation")

    async def _send(
        self,
        region: str,
        text: str,
        variables: Mapping[str, Any],
        asking: Asking,
        kind: Literal["query", "mutation"],
    ) -> Mapping[str, Any]:
        asking.coverage.ask(region)
        standing = self._shards.of(REGION_SUBGRAPH).get(region, "SUSPENDED")
        if standing == "SUSPENDED" or (standing == "DRAINING" and kind == "mutation"):
            told = f"Region {region} is {standing.lower()} and is not asked."
            raise SilentRegionError(region, f"SHARD_{standing}", told)
        request = ShardRequest(
            REGION_SUBGRAPH,
            region,
            text,
            variables,
            kind,
            headers=asking.headers,
            deadline_s=asking.deadline_s,
        )
        (outcome,) = await scatter(self._transport, [request], 1)
        if isinstance(outcome, TransportFailure):
            raise SilentRegionError(region, outcome.code, outcome.message)
        if outcome.data is None:
            message = f"Region {region} refused the question."
            raise SilentRegionError(region, "SHARD_REJECTED", message, outcome.errors)
        return outcome.data


async def probe(
    transport: Transport, shards: Shards, catalogue_hash: str, pairings: Pairings, timeout_ms: int
) -> dict[str, str | None]:
    """Ask every region that may be asked whether it answers, by the same catalogue as ours, and whether its
    copies of the agreements are those that are published.

    Return why not, by region, None where all is well.
    """
    standings = shards.of(REGION_SUBGRAPH)
    asked = [region for region, standing in standings.items() if standing != "SUSPENDED"]
    found: dict[str, str | None] = dict.fromkeys(standings, "suspended in the register")
    requests = [ShardRequest(REGION_SUBGRAPH, one, REGION_PROBE, {"region": one}) for one in asked]
    outcomes = await _asked(transport, requests, timeout_ms)
    reasons = [
        _silence(outcome)
        or _other_catalogue(outcome, catalogue_hash)
        or _other_agreements(outcome, region, pairings)
        for region, outcome in zip(asked, outcomes, strict=True)
    ]
    return found | dict(zip(asked, reasons, strict=True))


async def silent(transport: Transport, names: Sequence[str], timeout_ms: int) -> list[str | None]:
    """Ask each subgraph that has no shards whether it answers. Return why not, in their order."""
    requests = [ShardRequest(name, "", PROBE, {}) for name in names]
    return [_silence(outcome) for outcome in await _asked(transport, requests, timeout_ms)]


async def _asked(
    transport: Transport, requests: Sequence[ShardRequest], timeout_ms: int
) -> Sequence[Reply | TransportFailure]:
    deadline_s = asyncio.get_running_loop().time() + timeout_ms / 1000
    timed = [request.until(deadline_s) for request in requests]
    return await scatter(transport, timed, len(timed) or 1)


def _silence(outcome: Reply | TransportFailure) -> str | None:
    return f"{outcome.code}: {outcome.message}" if isinstance(outcome, TransportFailure) else None


def _other_catalogue(outcome: Reply | TransportFailure, ours: str) -> str | None:
    """A node of an older contract does not say which catalogue it holds, which is no fault of its."""
    region = (outcome.data or {}).get("region") if isinstance(outcome, Reply) else None
    held = region.get("catalogueHash") if isinstance(region, Mapping) else None
    if held is None or held == ours:
        return None
    return (
        f"its catalogue is {str(held)[:HASH_CHARACTERS]}, the gateway's {ours[:HASH_CHARACTERS]}: "
        "load the same bundle in both"
    )


def _other_agreements(outcome: Reply | TransportFailure, region: str, pairings: Pairings) -> str | None:
    """What is published of a region's agreements and is in none of its own copies, by hash."""
    copies = (outcome.data or {}).get("agreements") if isinstance(outcome, Reply) else None
    if not isinstance(copies, list):
        return None
    held: defaultdict[str, list[str]] = defaultdict(list)
    for copy in copies:
        if isinstance(copy, Mapping) and copy.get("status") != AgreementStatus.PROPOSED:
            held[str(copy.get("with"))].append(str(copy.get("termsHash")))
    found = []
    for one in pairings.of(region):
        (partner,) = set(one.terms.parties) - {region}
        published = pairings.terms_hash(one)
        if published not in held[partner]:
            own = ", ".join(copy[:HASH_CHARACTERS] for copy in held[partner]) or "none"
            found.append(f"{one.id} is published as {published[:HASH_CHARACTERS]}, and it holds {own}")
    return f"{ReasonCode.AGREEMENT_MISMATCH}: {'; '.join(found)}" if found else None
