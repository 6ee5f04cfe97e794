"""Names the shards of each part of a fetch, from the values that one request has (docs/SHARDING.md, 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.federation.sharding.coverage import Missing, Path
from gateway.federation.sharding.members import Memberships
from gateway.federation.sharding.programme import EntityPart, Programme, RootPart
from gateway.federation.sharding.shards import Standing, shard_named

Representations = Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Asked:
    """One request to be: its parts, by position, and for each `_entities` the entities' positions.

    `places` has the place of each part, of an `_entities` that of its first entity; `left_out` has, for
    each part, the coordinates that the shard's contract lacks.
    """

    shard: str
    parts: list[int] = field(default_factory=list)
    places: dict[int, Path] = field(default_factory=dict)
    entities: dict[int, list[int]] = field(default_factory=dict)
    left_out: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def first(self) -> Path:
        """The place of what is said of the request and of no part of it."""
        return next(iter(self.places.values()))

    def add(self, index: int, place: Path) -> None:
        self.parts.append(index)
        self.places[index] = place


@dataclass(slots=True)
class Routing:
    """Who is asked what. Waves follow one another; the requests of one wave are sent at once, in shard order.

    `several` has the parts that several shards answer; `skipped` those the client's conditions leave out.
    """

    waves: list[list[Asked]] = field(default_factory=list)
    several: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    errors: list[dict[str, Any]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


def route(
    programme: Programme,
    variables: Mapping[str, Any],
    representations: Sequence[Representations],
    shards: Mapping[str, Standing],
    memberships: Memberships,
) -> Routing:
    """Route every part. What cannot be routed is an error here, and no request."""
    router = _Router(programme, shards, memberships)
    for index, part in enumerate(programme.parts):
        if isinstance(part, RootPart):
            router.root(index, part, variables)
        else:
            router.entities(index, part, representations[index])
    return router.finish()


class _Router:
    def __init__(
        self, programme: Programme, shards: Mapping[str, Standing], memberships: Memberships
    ) -> None:
        self._kind = programme.kind
        self._subgraph = programme.facts.name
        self._shards = shards
        self._memberships = memberships
        self._routing = Routing()
        self._wave: dict[str, Asked] = {}
        self._refused: set[tuple[str, str | int]] = set()

    def finish(self) -> Routing:
        self._close_wave()
        return self._routing

    def root(self, index: int, part: RootPart, variables: Mapping[str, Any]) -> None:
        if not part.holds(variables):
            self._routing.skipped.add(index)
            return
        path, shards = (part.key,), self._shards
        targets = [
            name
            for name in self._targets(part, variables)
            if shards[name] == "ACTIVE" or self._stands(name, path)
        ]
        if len(targets) > 1:
            self._routing.several.add(index)
        if self._kind == "mutation" and targets and targets[0] not in self._wave:
            self._close_wave()
        for name in targets:
            self._asked(name).add(index, path)

    def _targets(self, part: RootPart, variables: Mapping[str, Any]) -> Sequence[str]:
        named = self._named_by(part, variables)
        if part.member is None:
            return named
        keys = _values(part.member.key.read(variables))
        return self._holders(part.member.type_name, keys, named) if keys else named

    def _named_by(self, part: RootPart, variables: Mapping[str, Any]) -> Sequence[str]:
        value = part.route.read(variables) if part.route is not None else None
        if value is None and part.gather is not None:
            return tuple(self._shards)
        values = _values(value)
        if not values:
            self._error(
                "ROUTE_ARGUMENT_MISSING", "This field needs a value that says where to ask.", (part.key,)
            )
        return sorted({name for each in values if (name := self._named(each, (part.key,))) is not None})

    def _holders(self, type_name: str, keys: Sequence[Any], shards: Sequence[str]) -> Sequence[str]:
        """Those of the shards that may hold one of the entities, never none of them: what nothing looks
        like, or that the question is wrong, only a shard can say."""
        if len(shards) < 2:
            return shards
        found: dict[str, None] = {}
        for key in keys:
            held = self._memberships.may_hold(self._subgraph, type_name, str(key), shards)
            if len(held) == len(shards):
                return shards
            found |= dict.fromkeys(held)
        if found:
            return [name for name in shards if name in found] if len(keys) > 1 else tuple(found)
        return [next((name for name in shards if self._shards[name] != "SUSPENDED"), shards[0])]

    def entities(self, index: int, part: EntityPart, representations: Representations) -> None:
        every = tuple(self._shards)
        spanning: dict[tuple[str, ...], list[int]] = {}
        for position, representation in enumerate(representations):
            type_name = representation["__typename"]
            if type_name in part.spanning:
                key = representation.get(part.member_keys.get(type_name, ""))
                holders = every if key is None else tuple(self._holders(type_name, [key], every))
                spanning.setdefault(holders, []).append(position)
                continue
            path = (part.key, position)
            shard = self._named(representation.get(part.shard_keys.get(type_name, "")), path)
            if shard is not None and self._stands(shard, path):
                self._entities(shard, index, path).append(position)
        self._spread(index, part, spanning)

    def _spread(self, index: int, part: EntityPart, spanning: Mapping[tuple[str, ...], list[int]]) -> None:
        """Add each spanning entity to the requests of its holders, in the order of the representations."""
        asked: dict[str, list[int]] = {}
        for holders, positions in spanning.items():
            path = (part.key, positions[0])
            for name in holders:
                if self._stands(name, path):
                    asked.setdefault(name, []).extend(positions)
        if len(asked) > 1:
            self._routing.several.add(index)
        for name in sorted(asked):
            positions = self._entities(name, index, (part.key, min(asked[name])))
            positions.extend(asked[name])
            positions.sort()

    def _entities(self, shard: str, index: int, path: Path) -> list[int]:
        asked = self._asked(shard)
        if index not in asked.entities:
            asked.add(index, path)
            asked.entities[index] = []
        return asked.entities[index]

    def _asked(self, shard: str) -> Asked:
        if shard not in self._wave:
            self._wave[shard] = Asked(shard)
        return self._wave[shard]

    def _close_wave(self) -> None:
        if self._wave:
            self._routing.waves.append([self._wave[name] for name in sorted(self._wave)])
            self._wave = {}

    def _named(self, value: object, path: Path) -> str | None:
        shard = shard_named(value, self._shards)
        if shard is None:
            prefix = "" if value is None else str(value).partition("-")[0][:40]
            self._error("UNKNOWN_SHARD", f"There is no shard {prefix!r}.", path, prefix)
        return shard

    def _stands(self, shard: str, path: Path) -> bool:
        """Whether the shard's standing lets it be asked; if not, says so once for each part."""
        standing = self._shards[shard]
        if standing == "ACTIVE" or (standing == "DRAINING" and self._kind != "mutation"):
            return True
        code = f"SHARD_{standing}"
        if (shard, path[0]) not in self._refused:
            self._refused.add((shard, path[0]))
            self._routing.missing.append(Missing(shard, code, path))
            self._error(code, f"The shard {shard} is {standing.lower()} and was not asked.", path, shard)
        return False

    def _error(self, code: str, message: str, path: Path, shard: str | None = None) -> None:
        extensions = {"code": code} if shard is None else {"code": code, "shard": shard}
        self._routing.errors.append({"message": message, "path": list(path), "extensions": extensions})


def _values(value: Any) -> list[Any]:
    """A value as the list that it is, or that it alone makes; null is no value of it."""
    return [each for each in (value if isinstance(value, list) else [value]) if each is not None]
