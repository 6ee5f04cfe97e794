"""The witness at work: asks regions for their heads, has growth proved, names what does not hold."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from joserfc.jwk import OKPKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge.region_keys import holds
from gateway.federation.sharding.scatter import scatter
from gateway.federation.transport import ShardRequest, Transport, TransportFailure
from gateway.witness.book import WitnessBook
from gateway.witness.judgement import Proof, Witnessed, judge, needs_proof, nothing_kept
from schema.merkle import HASH_BYTES
from schema.tree_heads import TreeHead

ASK_TIMEOUT_MS: Final = 5_000
FAN_OUT_LIMIT: Final = 8  # it is never urgent
HASHES_LIMIT: Final = 130
"""Hashes of a proof: twice the levels of a tree of 2^64 leaves, and some."""
HEAD: Final = "query Head($region: ID!) { treeHead(region: $region) { size root signedAt signature } }"
PROOF: Final = (
    "query Growth($region: ID!, $from: Int!, $to: Int!) "
    "{ consistencyProof(region: $region, from: $from, to: $to) { hashes } }"
)


class Listed(Protocol):
    """A region as the register lists it."""

    @property
    def status(self) -> str: ...
    def signing_key(self) -> dict[str, Any] | None: ...


Named = Callable[[Witnessed], None]
"""Called with what is kept, each time a region's standing has changed."""


class _Head(BaseModel):
    model_config = ConfigDict(frozen=True, strict=False)

    size: int = Field(ge=0)
    root: str = Field(pattern=f"^[0-9a-f]{{{2 * HASH_BYTES}}}$")
    signed_at: AwareDatetime = Field(alias="signedAt")
    signature: str | None = Field(max_length=2_000)


_HASHES: Final = TypeAdapter(list[str])


@dataclass(frozen=True, slots=True)
class Round:
    """Who is asked in one round, and what is kept of each when it begins."""

    kept: Mapping[str, Witnessed]
    asked: tuple[str, ...]


class Witness:
    """Keeps heads. `heads` are those of the last round, of every region that ever showed one.

    A region without a key in the register is not asked: nobody could hold it to what it shows.
    `transport` leads to the regions' primaries: a replica may lag, and would seem to have rolled back.
    `now` is the program's time, which may stand still; `clock` is the machine's, and tells whose turn it is.
    """

    def __init__(
        self,
        book: WitnessBook,
        transport: Transport,
        subgraph: str,
        listed: Callable[[], Mapping[str, Listed]],
        now: Callable[[], datetime],
        changed: Named,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._book = book
        self._transport = transport
        self._subgraph = subgraph
        self._listed = listed
        self._now = now
        self._changed = changed
        self._clock = clock
        self.heads: Mapping[str, Witnessed] = {}
        self.problem: str | None = None
        """Why nothing can be kept, for an operator; None where it can."""

    async def follow(self, interval_ms: int) -> None:
        """Go round every `interval_ms` for ever; end it by cancelling the task."""
        while True:
            try:
                await self.round(interval_ms / 1000)
                self.problem = None
            except sqlite3.Error as error:
                self.problem = f"heads cannot be kept: {error}"
            await asyncio.sleep(interval_ms / 1000)

    async def round(self, interval_s: float) -> None:
        """Ask each region once, unless another worker did within the interval. Raises `sqlite3.Error`."""
        listed = self._listed()
        begun = await asyncio.to_thread(self._begin, listed, interval_s)
        shown = await self._heads_of(begun.asked)
        proofs = await self._proofs_of(begun.kept, shown)
        now = self._now()
        for region, head in shown.items():
            kept, proof = begun.kept[region], proofs.get(region)
            if proof is None and needs_proof(kept, head):
                continue  # it fell silent in between
            signed = _is_signed(listed[region].signing_key(), head)
            found = judge(kept, head, signed=signed, proof=proof, now=now)
            is_kept = await asyncio.to_thread(self._book.replace, kept, found)
            if is_kept and found.standing is not kept.standing:
                self._changed(found)
        self.heads = await asyncio.to_thread(self._book.all)

    def _begin(self, listed: Mapping[str, Listed], interval_s: float) -> Round:
        at = self._clock()
        asked = tuple(
            region
            for region, shard in listed.items()
            if shard.status != "SUSPENDED"
            and shard.signing_key() is not None
            and self._book.claim(region, at, interval_s)
        )
        kept = self._book.all()
        return Round({region: kept.get(region, nothing_kept(region)) for region in asked}, asked)

    async def _heads_of(self, regions: tuple[str, ...]) -> dict[str, TreeHead]:
        """The heads of those who showed one; who does not answer has shown nothing."""
        replies = await self._ask([(region, HEAD, {"region": region}) for region in regions])
        found = {}
        for region, data in replies.items():
            try:
                read = _Head.model_validate((data or {}).get("treeHead"))
            except ValidationError:
                continue
            root = bytes.fromhex(read.root)
            found[region] = TreeHead(region, read.size, root, read.signed_at, signature=read.signature)
        return found

    async def _proofs_of(
        self, kept: Mapping[str, Witnessed], shown: Mapping[str, TreeHead]
    ) -> dict[str, Proof]:
        """The proofs of growth; who does not answer is left out, and asked again next time."""
        asked = []
        for region, head in shown.items():
            last = kept[region].head
            if last is not None and needs_proof(kept[region], head):
                asked.append((region, PROOF, {"region": region, "from": last.size, "to": head.size}))
        replies = await self._ask(asked)
        return {region: _proof(data) for region, data in replies.items()}

    async def _ask(
        self, questions: list[tuple[str, str, dict[str, Any]]]
    ) -> dict[str, Mapping[str, Any] | None]:
        deadline_s = asyncio.get_running_loop().time() + ASK_TIMEOUT_MS / 1000
        requests = [
            ShardRequest(self._subgraph, region, query, variables, deadline_s=deadline_s)
            for region, query, variables in questions
        ]
        replies = await scatter(self._transport, requests, FAN_OUT_LIMIT)
        return {
            region: reply.data
            for (region, _, _), reply in zip(questions, replies, strict=True)
            if not isinstance(reply, TransportFailure)
        }


def _is_signed(key: dict[str, Any] | None, head: TreeHead) -> bool | None:
    """Does the head's signature hold? None where there is none, or no key to check it by."""
    if key is None or head.signature is None:
        return None
    try:
        return holds(head.signature, OKPKey.import_key(key), head.statement())
    except (ValueError, TypeError, KeyError):
        return False


def _proof(data: Mapping[str, Any] | None) -> Proof:
    """What the region gave; a form that is none is as good as a refusal."""
    given = (data or {}).get("consistencyProof")
    try:
        hashes = _HASHES.validate_python(given["hashes"] if isinstance(given, Mapping) else None)
        return Proof([bytes.fromhex(one) for one in hashes[:HASHES_LIMIT]])
    except (ValidationError, ValueError, KeyError):
        return Proof(None)
