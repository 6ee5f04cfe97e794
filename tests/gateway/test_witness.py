"""The gateway as witness: a log that only grows is good, one that does not is named, and stays named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from gateway.witness.book import WitnessBook
from gateway.witness.judgement import LogStanding, Witnessed
from gateway.witness.rounds import Witness
from region_node.service.signer import Signer
from schema import merkle
from schema.tree_heads import TreeHead
from tests.node.log.test_merkle import Log

REGION = "320000"
INTERVAL_S = 60.0
SIGNER, STRANGER = Signer(b"4" * 32, REGION), Signer(b"5" * 32, REGION)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


@dataclass
class Region:
    """A region's node, which shows and proves what its entries are, or whatever a test makes it say."""

    entries: list[bytes] = field(default_factory=list)
    signer: Signer | None = SIGNER
    key: Signer | None = SIGNER
    proves: bool = True
    silent_on: tuple[str, ...] = ()
    status: str = "ACTIVE"
    asked: list[str] = field(default_factory=list)

    def signing_key(self) -> dict[str, Any] | None:
        return None if self.key is None else dict(self.key.public_key())

    async def send(self, request: ShardRequest) -> Reply:
        root = "treeHead" if "treeHead" in request.query else "consistencyProof"
        self.asked.append(root)
        if root in self.silent_on:
            raise TransportFailure("SHARD_TIMEOUT", "silent")
        if root == "treeHead":
            return Reply({root: self._head()})
        if not self.proves:
            return Reply(None, ({"message": "no"},))
        first, size = request.variables["from"], request.variables["to"]
        log = Log(self.entries)
        hashes = log.prove(merkle.consistency_ranges(first, size))
        return Reply({root: {"hashes": [one.hex() for one in hashes]}})

    def _head(self) -> dict[str, Any]:
        head = TreeHead(REGION, len(self.entries), Log(self.entries).root(len(self.entries)), NOON)
        return {
            "size": head.size,
            "root": head.root.hex(),
            "signedAt": head.signed_at.isoformat(),
            "signature": None if self.signer is None else self.signer.sign(head.statement()),
        }


@dataclass
class Watching:
    """A witness of one region, its clock a minute further each round."""

    region: Region
    file: Path | None = None
    named: list[LogStanding] = field(default_factory=list)
    now: datetime = NOON

    def __post_init__(self) -> None:
        def listed() -> Mapping[str, Region]:
            return {REGION: self.region}

        def changed(kept: Witnessed) -> None:
            self.named.append(kept.standing)

        self.witness = Witness(
            WitnessBook(self.file),
            self.region,
            "region",
            listed,
            lambda: self.now,
            changed,
            clock=lambda: self.now.timestamp(),
        )

    async def look(self) -> Witnessed:
        self.now += timedelta(seconds=INTERVAL_S)
        await self.witness.round(INTERVAL_S)
        return self.witness.heads[REGION]


def entries(count: int) -> list[bytes]:
    return [bytes([number]) for number in range(count)]


async def test_a_log_that_only_grows_is_good_and_its_last_head_is_kept() -> None:
    region = Region()
    watching = Watching(region)
    for size in (0, 3, 3, 8, 21):
        region.entries = entries(size)
        kept = await watching.look()
        assert (kept.standing, kept.head and kept.head.size) == (LogStanding.GOOD, size)
        assert kept.seen_at == watching.now
    assert watching.named == []


@pytest.mark.parametrize("size", [5, 9])
async def test_a_changed_history_is_a_fork_and_stays_one(tmp_path: Path, size: int) -> None:
    """Whether the log grew since or not; the two signed heads are kept, over a restart too."""
    region = Region(entries(5))
    watching = Watching(region, tmp_path / "witness.sqlite")
    before = await watching.look()
    region.entries = [b"another", *entries(size)[1:]]
    forked = await watching.look()
    assert (forked.standing, forked.head) == (LogStanding.FORKED, before.head)
    assert forked.against is not None
    assert forked.against.size == size
    assert SIGNER.holds(forked.against.statement(), forked.against.signature or "")
    region.entries = entries(7)
    again = Watching(region, tmp_path / "witness.sqlite", now=watching.now)
    assert await again.look() == forked
    assert watching.named == [LogStanding.FORKED]
    assert again.named == []


async def test_a_log_that_lost_entries_is_named_until_they_are_back() -> None:
    region = Region(entries(5))
    watching = Watching(region)
    await watching.look()
    region.entries = entries(3)
    kept = await watching.look()
    assert (kept.standing, kept.head and kept.head.size) == (LogStanding.ROLLED_BACK, 5)
    region.entries = entries(6)
    assert (await watching.look()).standing is LogStanding.GOOD
    assert watching.named == [LogStanding.ROLLED_BACK, LogStanding.GOOD]


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"signer": STRANGER}, LogStanding.BAD_SIGNATURE),
        ({"signer": None}, LogStanding.UNSIGNED),
        ({"proves": False}, LogStanding.UNPROVED),
    ],
)
async def test_a_head_that_binds_nobody_is_not_kept(change: dict[str, Any], standing: LogStanding) -> None:
    region = Region(entries(5))
    watching = Watching(region)
    await watching.look()
    region.entries = entries(8)
    for name, value in change.items():
        setattr(region, name, value)
    kept = await watching.look()
    assert (kept.standing, kept.head and kept.head.size) == (standing, 5)
    region.signer, region.key, region.proves = SIGNER, SIGNER, True
    assert (await watching.look()).standing is LogStanding.GOOD


@pytest.mark.parametrize("silent_on", [("treeHead",), ("consistencyProof",)])
async def test_silence_says_nothing_of_a_log(silent_on: tuple[str, ...]) -> None:
    region = Region(entries(5))
    watching = Watching(region)
    before = await watching.look()
    region.entries, region.silent_on = entries(8), silent_on
    assert await watching.look() == before
    region.silent_on = ()
    kept = await watching.look()
    assert (kept.standing, kept.head and kept.head.size) == (LogStanding.GOOD, 8)


async def test_nonsense_says_nothing_and_nobody_is_asked_in_vain() -> None:
    class Nonsense(Region):
        def _head(self) -> dict[str, Any]:
            return {"size": -1, "root": "x", "signedAt": "yesterday", "signature": 5}

    watching = Watching(Nonsense())
    await watching.witness.round(INTERVAL_S)
    assert watching.witness.heads == {}
    for region in (Region(status="SUSPENDED"), Region(key=None)):
        await Watching(region).witness.round(INTERVAL_S)
        assert region.asked == []


async def test_workers_share_a_file_and_ask_once_an_interval(tmp_path: Path) -> None:
    region = Region(entries(2))
    workers = [Watching(region, tmp_path / "witness.sqlite") for _ in range(4)]
    for number in range(3):
        region.entries.append(b"more")
        for one in workers:
            one.now = NOON + timedelta(minutes=number)
        await asyncio.gather(*(one.witness.round(INTERVAL_S) for one in workers))
    assert region.asked.count("treeHead") == 3
    for one in workers:
        await one.witness.round(INTERVAL_S)
        head = one.witness.heads[REGION].head
        assert head is not None
        assert head.size == 5


@given(st.lists(st.binary(max_size=2), min_size=1, max_size=20), st.data())
def test_of_any_two_heads_only_growth_is_good(first: list[bytes], data: st.DataObject) -> None:
    second = data.draw(
        st.one_of(
            st.lists(st.binary(max_size=2), max_size=25),
            st.lists(st.binary(max_size=2), max_size=5).map(lambda more: first + more),
        )
    )
    region = Region(first)

    async def twice() -> LogStanding:
        watching = Watching(region)
        await watching.look()
        region.entries = second
        return (await watching.look()).standing

    grew = second[: len(first)] == first
    assert (asyncio.run(twice()) is LogStanding.GOOD) is grew
