"""Look-ups by groups of shards leave out nobody whom a walk over all filters would ask about."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from rbloom import Bloom

from gateway.clients.filters import GROUP, Filter, Filters
from schema.membership import TAG_BYTES, Joined

SHARDS = [f"s{number:02}" for number in range(2 * GROUP + 9)]
TAGS = [(number + 1) * 0x9E37_79B9_7F4A_7C15 % 2**64 for number in range(12)]
ONE = st.sampled_from(SHARDS)
MANY = st.lists(ONE, min_size=1, max_size=len(SHARDS), unique=True)
SOME_TAGS = st.lists(st.sampled_from(TAGS), max_size=3)


def _joined(tags: Sequence[int], members: int, *, restarts: bool) -> Joined:
    told = b"".join(tag.to_bytes(TAG_BYTES) for tag in tags)
    return Joined(str(members), members, told, restarts=restarts)


class Following(RuleBasedStateMachine):
    """A register that changes, and shards that tell, restart and fall silent; all is looked up after each."""

    @initialize(rate=st.sampled_from((0.001, 0.4)), group_rate=st.sampled_from((0.01, 0.5)))
    def begin(self, rate: float, group_rate: float) -> None:
        self.now_s = 0.0
        self.filters = Filters(rate, group_rate)
        self.known: dict[str, Filter] = {}
        self.told: dict[str, set[int]] = {}
        self.listed = tuple(SHARDS)
        for shard in SHARDS:
            self._open(shard)
            self.tell(shard, [], 9.0, restarts=True)

    def _open(self, shard: str) -> None:
        self.known[shard] = self.filters.open(shard)
        self.told[shard] = set()

    @rule(shards=MANY)
    def join(self, shards: list[str]) -> None:
        for shard in shards:
            self._open(shard)

    @rule(shards=MANY)
    def leave(self, shards: list[str]) -> None:
        for shard in shards:
            self.filters.close(shard)
            self.known.pop(shard, None)

    @rule(shards=MANY)
    def list_anew(self, shards: list[str]) -> None:
        self.listed = tuple(sorted(shards))

    @rule(shard=ONE, tags=SOME_TAGS, lease_s=st.sampled_from((None, 1.0, 9.0)), restarts=st.booleans())
    def tell(self, shard: str, tags: list[int], lease_s: float | None, restarts: bool) -> None:
        """`lease_s` is None for a page that is not the last."""
        if shard not in self.known:
            return
        told = set() if restarts else self.told[shard]
        told |= set(tags)
        self.told[shard] = told
        known = self.known[shard]
        members = len(tags) + (0 if restarts else known.members)
        self.filters.take(shard, _joined(tags, members, restarts=restarts))
        if lease_s is not None:
            known.until_s = max(known.until_s, self.now_s + lease_s)  # asked later, it holds longer

    @rule(seconds=st.sampled_from((0.5, 1.0, 5.0)))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    @invariant()
    def a_look_up_is_as_the_walk_over_all_filters(self) -> None:
        for listed in (tuple(SHARDS), self.listed, self.listed[:2]):
            for tag in TAGS:
                found = self.filters.may_hold(tag, listed, self.now_s)
                walked = [shard for shard in listed if self._walked(shard, tag)]
                assert found == [shard for shard in walked if shard in found], "in order, and no other"
                needless = set(walked) - set(found)
                # What alone a group may correct is that a shard's filter takes a tag for another.
                assert not any(self._must_ask(shard, tag) for shard in needless)

    def _walked(self, shard: str, tag: int) -> bool:
        return self._is_silent(shard) or any(tag in bloom for bloom in self.known[shard].blooms)

    def _must_ask(self, shard: str, tag: int) -> bool:
        return self._is_silent(shard) or tag in self.told[shard]

    def _is_silent(self, shard: str) -> bool:
        return shard not in self.known or self.known[shard].until_s <= self.now_s


Following.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestFollowing = Following.TestCase


def test_only_the_filters_of_groups_that_may_hold_it_are_looked_at() -> None:
    filters = Filters(0.001, 0.01)
    holder = SHARDS[GROUP]
    for shard in SHARDS:
        known = filters.open(shard)
        tags = TAGS[:1] if shard == holder else []
        filters.take(shard, _joined(tags, len(tags), restarts=True))
        known.until_s = 1.0
    for shard, known in filters:
        if shard not in SHARDS[GROUP : 2 * GROUP]:
            known.blooms = _Untouched()
    assert filters.may_hold(TAGS[0], SHARDS, 0.0) == [holder]
    assert filters.may_hold(TAGS[1], SHARDS, 0.0) == []


class _Untouched(list[Bloom]):
    def __bool__(self) -> bool:
        raise AssertionError("this filter was looked at in vain")
