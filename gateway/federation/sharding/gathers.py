"""The answers of many shards to one selection, made into the one answer of a single node.

A gather is compiled once for a field of a plan's fetch (`compile`) and run for each request. It
reads its field from the *parents*, the objects of the shards that answered, in shard order, and
returns the field's one value. It builds new objects and takes whole rows as they are, so that what
a gather needed and the client did not ask is left behind without being searched for.

`locate` is the slow path, run only when a shard reported an error: where in the gathered answer is
what stood at this path of that shard's answer? (docs/SHARDING.md, sections 4 and 6.3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol

from gateway.federation.document.operation import Stream
from gateway.federation.sharding.coverage import Path
from gateway.federation.sharding.values import OrderKey, UnfitValueError, mean, number, order_key, total

INT_MIN, INT_MAX = -(2**31), 2**31 - 1

Parent = tuple[int, Mapping[str, Any]]
"""A shard's position in shard order, and its object."""


@dataclass(slots=True)
class Run:
    """One gathering: the values it depends on, and what it found wrong."""

    variables: Mapping[str, Any]
    unfit: dict[int, Path] = field(default_factory=dict)
    overflows: list[Path] = field(default_factory=list)

    def reject(self, shard: int, path: Path) -> None:
        """Leave a shard's unusable answer out, and remember where it would have been."""
        self.unfit.setdefault(shard, path)


class Gather(Protocol):
    """One field's way from the shards' objects to one value."""

    @property
    def key(self) -> str: ...

    def gather(self, parents: Sequence[Parent], run: Run) -> Any: ...

    def locate(
        self, parents: Sequence[Parent], gathered: Mapping[str, Any], shard: int, path: Path
    ) -> Path: ...


def _answers(
    gather: Gather, parents: Sequence[Parent], run: Run, kind: type, path: Path
) -> list[tuple[int, Any]]:
    """The field's values that are not null, those of another kind than asked for set aside."""
    answers = []
    for shard, parent in parents:
        value = parent.get(gather.key)
        if type(value) is kind:
            answers.append((shard, value))
        elif value is not None:
            run.reject(shard, path)
    return answers


@dataclass(frozen=True, slots=True)
class First:
    """The first value that is not null. `is_same`: all shards that have one have the same."""

    key: str
    is_same: bool = False

    def gather(self, parents: Sequence[Parent], run: Run) -> Any:
        for _, parent in parents:
            value = parent.get(self.key)
            if value is not None:
                return value
        return None

    def locate(self, parents: Sequence[Parent], gathered: Mapping[str, Any], shard: int, path: Path) -> Path:
        chosen = next((owner for owner, parent in parents if parent.get(self.key) is not None), shard)
        return path if chosen == shard else path[:1]


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One sort field of a row, by response key; `added` when the client did not ask it."""

    key: str
    descending: bool
    added: bool


@dataclass(frozen=True, slots=True)
class Concat:
    """Lists one after the other, or sorted by fields of their rows. `stream` says how the items may come."""

    key: str
    path: Path
    order: tuple[OrderBy, ...] = ()
    stream: Stream | None = None

    def gather(self, parents: Sequence[Parent], run: Run) -> Any:
        answers = _answers(self, parents, run, list, self.path)
        if self.order:
            return self._sorted(answers, run)
        return [row for _, rows in answers for row in rows] if answers else None

    def _sorted(self, answers: Sequence[tuple[int, Any]], run: Run) -> Any:
        keyed: list[tuple[list[OrderKey], Any]] = []
        fit = False
        for shard, rows in answers:
            try:
                keyed += [(self._order_key(row), row) for row in rows]
                fit = True
            except (UnfitValueError, AttributeError):
                run.reject(shard, self.path)
        keyed.sort(key=itemgetter(0))
        for by in self.order:
            if by.added:
                for _, row in keyed:
                    if row is not None:
                        row.pop(by.key, None)
        return [row for _, row in keyed] if fit else None

    def _order_key(self, row: Any) -> list[OrderKey]:
        values = ((None if row is None else row.get(by.key), by.descending) for by in self.order)
        return [order_key(value, descending) for value, descending in values]

    def locate(self, parents: Sequence[Parent], gathered: Mapping[str, Any], shard: int, path: Path) -> Path:
        rows, value = gathered.get(self.key), dict(parents)[shard].get(self.key)
        if len(path) < 2 or not isinstance(rows, list) or not isinstance(value, list):
            return path[:1]
        index = int(path[1])
        if self.order and index < len(value):
            place = next((i for i, row in enumerate(rows) if row is value[index]), None)
            return path[:1] if place is None else (self.key, place, *path[2:])
        before = sum(len(parent.get(self.key) or ()) for owner, parent in parents if owner < shard)
        return (self.key, before + index, *path[2:])


@dataclass(frozen=True, slots=True)
class Merge:
    """Objects as one object, field by field."""

    key: str
    path: Path
    fields: tuple[Gather, ...]

    def gather(self, parents: Sequence[Parent], run: Run) -> Any:
        answers = _answers(self, parents, run, dict, self.path)
        return self.unite(answers, run) if answers else None

    def unite(self, answers: Sequence[Parent], run: Run) -> dict[str, Any]:
        """Make one object of at least one."""
        return {each.key: each.gather(answers, run) for each in self.fields}

    def locate(self, parents: Sequence[Parent], gathered: Mapping[str, Any], shard: int, path: Path) -> Path:
        answers = [(owner, parent[self.key]) for owner, parent in parents if parent.get(self.key) is not None]
        return (self.key, *self.locate_within(answers, gathered.get(self.key), shard, path[1:]))

    def locate_within(self, answers: Sequence[Parent], united: Any, shard: int, path: Path) -> Path:
        """Map a path that begins inside the united object."""
        inner = next((each for each in self.fields if path and each.key == path[0]), None)
        if inner is None or not isinstance(united, dict) or all(owner != shard for owner, _ in answers):
            return ()
        return inner.locate(answers, united, shard, path)


@dataclass(frozen=True, slots=True)
class MergeRows:
    """Lists of objects as one list, rows of one key as one row."""

    key: str
    path: Path
    row_key: tuple[str, ...]
    row: Merge

    def gather(self, parents: Sequence[Parent], run: Run) -> Any:
        answers = []
        for shard, rows in _answers(self, parents, run, list, self.path):
            if all(row is None or type(row) is dict for row in rows):
                answers.append((shard, rows))
            else:
                run.reject(shard, self.path)
        if not answers:
            return None
        return [self.row.unite(slices, run) for slices in self._slices(answers).values()]

    def _slices(self, answers: Sequence[tuple[int, Any]]) -> dict[tuple[Any, ...], list[Parent]]:
        slices: dict[tuple[Any, ...], list[Parent]] = {}
        for shard, rows in answers:
            for row in rows:
                if row is not None:
                    slices.setdefault(self._identity(row), []).append((shard, row))
        return slices

    def _identity(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(str(row.get(name)) for name in self.row_key)

    def locate(self, parents: Sequence[Parent], gathered: Mapping[str, Any], shard: int, path: Path) -> Path:
        answers = [
            (owner, parent[self.key]) for owner, parent in parents if isinstance(parent.get(self.key), list)
        ]
        rows, own = gathered.get(self.key), dict(answers).get(shard)
        if len(path) < 2 or not rows or own is None or int(path[1]) >= len(own) or own[int(path[1])] is None:
            return path[:1]
        slices = self._slices(answers)
        identity = self._identity(own[int(path[1])])
        place = list(slices).index(identity)
        return (self.key, place, *self.row.locate_within(slices[identity], rows[place], shard, path[2:]))


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number, or one least or greatest value, of the shards' values."""

    key: str
    path: Path
    op: str
    weight: str | None = None
    is_int: bool = False

    def gather(self, parents: Sequence[Parent], run: Run) -> Any:
        if self.op in ("MIN", "MAX"):
            return self._extreme(parents, run)
        values, weights = [], []
        for shard, parent in parents:
            value = parent.get(self.key)
            weight = 1 if self.weight is None else parent.get(self.weight)
            if value is None or weight is None:
                continue
            try:
                pair = number(value), number(weight)
            except UnfitValueError:
                run.reject(shard, self.path)
            else:
                values.append(pair[0])
                weights.append(pair[1])
        if not values:
            return None
        result = total(values) if self.op == "SUM" else mean(values, weights)
        if self.is_int and isinstance(result, int) and not INT_MIN <= result <= INT_MAX:
            run.overflows.append(self.path)
            return None
        return result

    def _extreme(self, parents: Sequence[Parent], run: Run) -> Any:
        values = []
        for shard, parent in parents:
            value = parent.get(self.key)
            if isinstance(value, (str, int, float)):
                values.append(value)
            elif value is not None:
                run.reject(shard, self.path)
        pick = min if self.op == "MIN" else max
        try:
            return pick(values, key=number, default=None)
        except UnfitValueError:
            return pick(values, key=lambda value: order_key(value, False), default=None)

    def locate(self, parents: Sequence[Parent], gathered: Mapping[str, Any], shard: int, path: Path) -> Path:
        return path[:1]
