"""A register that changes while requests run: shards move, drain, are suspended, leave and come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.federation.sharding.shards import Standing

SCHEME: Final = "http://"
REPLICA: Final = "replica-of-"


@dataclass(frozen=True)
class Entry:
    standing: Standing = "ACTIVE"
    house: int = 1
    """Its address has a number: who moves gets the next."""
    has_replica: bool = False


class Register:
    """`Shards` and `Addresses`, as the gateway's live register is. `states` has all that it ever said."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = dict(entries)
        self.states: list[Mapping[str, Standing]] = []
        self._say()

    def change(self, shard: str, **values: object) -> None:
        self.entries[shard] = replace(self.entries[shard], **values)  # type: ignore[arg-type]
        self._say()

    def leave(self, shard: str) -> Entry:
        entry = self.entries.pop(shard)
        self._say()
        return entry

    def join(self, shard: str, entry: Entry) -> None:
        self.entries[shard] = entry
        self._say()

    def _say(self) -> None:
        self.states.append({shard: self.entries[shard].standing for shard in sorted(self.entries)})

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        return self.states[-1]

    def url(self, subgraph: str, shard: str) -> str | None:
        entry = self.entries.get(shard)
        return None if entry is None else f"{SCHEME}{shard}.{entry.house}"

    def replica(self, subgraph: str, shard: str) -> str | None:
        entry = self.entries.get(shard)
        if entry is None or not entry.has_replica:
            return None
        return f"{SCHEME}{REPLICA}{shard}.{entry.house}"

    def listed(self) -> set[str]:
        urls = {way("", shard) for shard in self.entries for way in (self.url, self.replica)}
        return {url for url in urls if url is not None}


class Replicas:
    """The replicas' addresses of a register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def url(self, subgraph: str, shard: str) -> str | None:
        return self._register.replica(subgraph, shard)


def holder_of(url: str) -> str:
    """Who answers at an address, whatever its number: a shard's name, or its replica's."""
    return url.removeprefix(SCHEME).rpartition(".")[0]


def is_replica(holder: str) -> bool:
    return holder.startswith(REPLICA)


def shard_of(holder: str) -> str:
    return holder.removeprefix(REPLICA)
