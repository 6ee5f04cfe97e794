"""The members that shards have told of, as Bloom filters, with one over the members of several shards.

A look-up goes through groups of shards, and through the shards of only those groups that may hold it. So
its cost grows with the shards that hold it, and with all shards only by one filter for each `GROUP`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from rbloom import Bloom

from schema.membership import TAG_BYTES, Joined

FEWEST_MEMBERS: Final = 1_000
"""A filter is made for at least so many."""

GROUP: Final = 32
"""Shards in a group: about the root of a thousand, where groups and the shards of one are as many."""


@dataclass(slots=True)
class Growing:
    """A set of tags that forgets none. It grows by further Bloom filters, each for twice as many and half
    as often wrong, so that together they keep the rate."""

    rate: float
    members: int = 0
    blooms: list[Bloom] = field(default_factory=list)
    _room: int = 0

    def add(self, tags: Sequence[int], expected: int) -> None:
        """Take `tags`, the first of `expected` that will come."""
        while tags:
            if not self._room:
                self._grow(expected)
            self.blooms[-1].update(tags[: self._room])
            taken = min(len(tags), self._room)
            self.members, self._room = self.members + taken, self._room - taken
            tags, expected = tags[taken:], expected - taken

    def _grow(self, expected: int) -> None:
        self._room = max(2 * self.members, expected + expected // 4, FEWEST_MEMBERS)
        self.blooms.append(Bloom(self._room, self.rate / 2 ** (len(self.blooms) + 1)))

    def clear(self) -> None:
        self.members, self.blooms, self._room = 0, [], 0


@dataclass(slots=True)
class Filter(Growing):
    """The members that one shard has told of, which holds until `until_s`: only a list that restarts ends it
    earlier."""

    version: str = ""
    until_s: float = float("-inf")

    def take(self, joined: Joined) -> Sequence[int]:
        """Take up what the shard said; the tags that were in it."""
        if joined.restarts:
            self.clear()
            self.until_s = float("-inf")
        tags = struct.unpack(f">{len(joined.tags) // TAG_BYTES}Q", joined.tags)
        self.add(tags, joined.members - self.members)
        self.version = joined.version
        return tags


@dataclass(slots=True)
class Group(Growing):
    """All the members of some shards, and of shards that were among them: no tag is taken out again.

    Until `until_s`, and maybe longer, the filters of all its shards hold.
    """

    shards: dict[str, Filter] = field(default_factory=dict)
    until_s: float = float("-inf")

    def include(self, tags: Sequence[int], to_come: int) -> None:
        """Take those of `tags` that are new to it; `to_come` more are expected of the same shard."""
        blooms = self.blooms
        new = [tag for tag in tags if not any(tag in bloom for bloom in blooms)]
        self.add(new, len(new) + to_come)

    def holds_until(self, now_s: float) -> bool:
        """Whether all its filters hold now. They are looked at only when the earliest end known is over."""
        if self.until_s <= now_s:
            self.until_s = min(known.until_s for known in self.shards.values())
        return self.until_s > now_s


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the shards of each group stand among `shards`; `unknown` are those without a filter."""

    shards: tuple[str, ...]
    unknown: Sequence[int]
    groups: Sequence[tuple[Group, Sequence[tuple[int, Filter]]]]


class Filters:
    """The filters of all shards for the entities of one type."""

    def __init__(self, rate: float, group_rate: float) -> None:
        """How often a filter of one shard, and one of a group, is wrong."""
        self._rate = rate
        self._group_rate = group_rate
        self._group_of: dict[str, Group] = {}
        self._groups: list[Group] = []
        self._layout: _Layout | None = None

    def __iter__(self) -> Iterator[tuple[str, Filter]]:
        return ((shard, group.shards[shard]) for shard, group in self._group_of.items())

    def open(self, shard: str) -> Filter:
        """A filter for a shard that has told nothing yet."""
        self.close(shard)
        group = next((group for group in self._groups if len(group.shards) < GROUP), None)
        if group is None:
            group = Group(self._group_rate)
            self._groups.append(group)
        known = group.shards[shard] = Filter(self._rate)
        group.until_s = known.until_s
        self._group_of[shard] = group
        self._layout = None
        return known

    def close(self, shard: str) -> None:
        group = self._group_of.pop(shard, None)
        if group is None:
            return
        del group.shards[shard]
        if not group.shards:
            self._groups.remove(group)
        self._layout = None

    def take(self, shard: str, joined: Joined) -> None:
        group = self._group_of[shard]
        known = group.shards[shard]
        tags = known.take(joined)
        group.include(tags, joined.members - known.members)
        group.until_s = min(group.until_s, known.until_s)

    def may_hold(self, tag: int, shards: Sequence[str], now_s: float) -> Sequence[str]:
        """Those of `shards`, in their order, whose filter has the tag or does not hold now."""
        layout = self._layout
        if layout is None or layout.shards != shards:
            layout = self._laid_out(shards)
            if len(shards) > GROUP:  # few are soon laid out, and would take the place of all
                self._layout = layout
        found = list(layout.unknown)
        for group, members in layout.groups:
            if group.holds_until(now_s):
                for bloom in group.blooms:
                    if tag in bloom:
                        break
                else:
                    continue
            found += [
                position
                for position, known in members
                if known.until_s <= now_s
                or (
                    (blooms := known.blooms)
                    and (tag in blooms[0] or (len(blooms) > 1 and any(tag in one for one in blooms)))
                )
            ]
        found.sort()
        return [shards[position] for position in found]

    def _laid_out(self, shards: Sequence[str]) -> _Layout:
        unknown: list[int] = []
        groups: dict[int, tuple[Group, list[tuple[int, Filter]]]] = {}
        for position, shard in enumerate(shards):
            group = self._group_of.get(shard)
            if group is None:
                unknown.append(position)
            else:
                groups.setdefault(id(group), (group, []))[1].append((position, group.shards[shard]))
        return _Layout(tuple(shards), unknown, tuple(groups.values()))
