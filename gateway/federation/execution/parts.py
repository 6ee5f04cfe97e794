"""Divides a response into parts that may be delivered one after the other.

Done once for each combination of the variables that decide what is skipped, included and deferred:

  A. an output comes later than its object when every place where it was written is in a deferred fragment
     that its object is not in; of two fragments one in the other, the outer one decides;
  B. what comes later with the same fragments, at the same position, is one part;
  C. a part is read by itself, as a response of its own; the parts that begin at or below its objects hang
     on it;
  D. of a streamed list a part reads the first items; the others are read one by one, and what hangs on the
     list's objects hangs on each of them.

The specification's BuildExecutionPlan, for all objects of a position at once.
Source: https://github.com/graphql/graphql-spec/pull/1110
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.federation.document.operation import ALWAYS, Defer
from gateway.federation.execution.project import (
    Object,
    PublicTypes,
    Read,
    compile_item,
    compile_outputs,
    held_in_order,
    holds,
)
from gateway.federation.execution.withheld import Spot, withheld_spots
from gateway.federation.planning.capability import named_type
from gateway.federation.planning.plan import Output, Plan

Place = tuple[str | int, ...]
Defers = frozenset[Defer]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Outputs that are delivered together, of the objects at one position.

    `defers` are the fragments they come with (none: with the response itself). `hops` lead from an object of
    the part above to its own, of the declared type `type`. `steps` are those that must be done first.
    """

    defers: Defers
    hops: tuple[Output, ...]
    type: str
    outputs: tuple[Output, ...]
    read: Read
    withheld: tuple[Spot, ...]
    steps: frozenset[int]
    parts: tuple[Part, ...]
    streams: tuple[Streamed, ...]

    def objects(self, above: Object) -> Iterator[Object]:
        """The part's objects below one of the part above."""
        yield from _below(self.hops, above)

    def pieces(self, value: Object, data: Mapping[str, Any], place: Place) -> Iterator[Piece]:
        """What hangs on this part at one of its objects: at `place`, where `data` was read of it."""
        for part in self.parts:
            for found, _, at in _reached(part.hops, value, data, place):
                if any(part.concerns(one, found) for one in part.outputs):
                    yield Piece(part, found, at)

    def lists(self, value: Object, data: Mapping[str, Any], place: Place) -> Iterator[List]:
        """The streamed lists that hang on this part at one of its objects, if the response has them."""
        for one in self.streams:
            for found, read, at in _reached(one.hops, value, data, place):
                items = found.get(one.output.key)
                if isinstance(items, list) and isinstance(read.get(one.output.name), list):
                    yield List(one, items, (*at, one.output.name))

    def concerns(self, output: Output, value: Object) -> bool:
        """Whether the object is of a type that the output is for."""
        return output.types is None or value.get("__typename") in output.types


@dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """A list of which the items after the `output.first` come one by one, each read by `read`.

    `hops` lead from an object of the part above to the one that has the list; `item` is what is read of an
    item that is an object, with what hangs on it. `steps` are those that give the list or anything in it.
    """

    hops: tuple[Output, ...]
    output: Output
    label: str | None
    item: Part
    read: Read
    steps: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class List:
    """A streamed list at a place of the response: its `items` in the result tree, which may yet grow."""

    streamed: Streamed
    items: list[Any]
    place: Place

    def objects(
        self, item: Any, data: Any, place: Place
    ) -> Iterator[tuple[Object, Mapping[str, Any], Place]]:
        """The objects that an item is, of which `data` was read: several where it is a list itself."""
        yield from _opened(item, data, place)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of the response at one object: its `value` in the result tree, its `place` in the response."""

    part: Part
    value: Object
    place: Place


def _below(hops: Sequence[Output], value: Any) -> Iterator[Object]:
    if isinstance(value, list):
        for one in value:
            yield from _below(hops, one)
    elif isinstance(value, dict):
        if not hops:
            yield value
        elif hops[0].types is None or value.get("__typename") in hops[0].types:
            yield from _below(hops[1:], value.get(hops[0].key))


def _reached(
    hops: Sequence[Output], value: Object, data: Mapping[str, Any], place: Place
) -> Iterator[tuple[Object, Mapping[str, Any], Place]]:
    """The objects that the hops lead to, as far as the response has them: nulls may have taken some away."""
    if not hops:
        yield value, data, place
        return
    hop, rest = hops[0], hops[1:]
    if hop.types is None or value.get("__typename") in hop.types:
        for below, read, at in _opened(value.get(hop.key), data.get(hop.name), (*place, hop.name)):
            yield from _reached(rest, below, read, at)


def _opened(value: Any, data: Any, place: Place) -> Iterator[tuple[Object, Mapping[str, Any], Place]]:
    if isinstance(value, dict) and isinstance(data, dict):
        yield value, data, place
    elif isinstance(value, list) and isinstance(data, list):
        for index, (one, read) in enumerate(zip(value, data, strict=False)):
            yield from _opened(one, read, (*place, index))


def divide(plan: Plan, types: PublicTypes, variables: Mapping[str, Any]) -> Part:
    """The response's first part, on which all others hang."""
    return _Division(plan, types, variables).part(frozenset(), (), plan.root, plan.outputs)


def delivery_variables(outputs: Sequence[Output]) -> set[str]:
    """The variables that decide which fragments are deferred, and how lists are streamed."""
    found: set[str] = set()
    for one in outputs:
        if one.stream is not None:
            if one.stream.when is not None:
                found.add(one.stream.when.variable)
            if isinstance(one.stream.initial_count, str):
                found.add(one.stream.initial_count)
        for place in one.places:
            defer = place.defer
            while defer is not None:
                if defer.when is not None:
                    found.add(defer.when.variable)
                defer = defer.parent
        found |= delivery_variables(one.outputs)
    return found


@dataclass(slots=True)
class _Below:
    """What hangs on the part that is being divided off, whose objects are of type `type`."""

    type: str
    parts: list[Part] = field(default_factory=list)
    streams: list[Streamed] = field(default_factory=list)


@dataclass(slots=True)
class _Division:
    plan: Plan
    types: PublicTypes
    variables: Mapping[str, Any]
    _before: dict[int, frozenset[int]] = field(default_factory=dict)

    def part(
        self, defers: Defers, hops: tuple[Output, ...], type_name: str, outputs: Sequence[Output]
    ) -> Part:
        below = _Below(type_name)
        own = self._own(defers, (), outputs, below)
        read = compile_outputs(self.types, type_name, own, self.variables)
        parts, streams = tuple(below.parts), tuple(below.streams)
        return Part(
            defers, hops, type_name, own, read, withheld_spots(own), self._needed(own), parts, streams
        )

    # A

    def _own(
        self, defers: Defers, hops: tuple[Output, ...], outputs: Sequence[Output], below: _Below
    ) -> tuple[Output, ...]:
        """The outputs that come with these fragments; what comes otherwise is added to `below`."""
        own: list[Output] = []
        later: dict[Defers, list[Output]] = {}
        for one in held_in_order(tuple(outputs), self.variables):
            its = self._defers(one)
            if its != defers:
                later.setdefault(its, []).append(one)
            elif one.stream is not None and (first := one.stream.first(self.variables)) is not None:
                own.append(self._streamed(defers, hops, replace(one, first=first), below))
            else:
                inner = self._own(defers, (*hops, one), one.outputs, below)
                own.append(replace(one, conditions=ALWAYS, places=(), outputs=inner))
        # B
        for its, ones in later.items():
            type_name = named_type(hops[-1].type) if hops else below.type
            below.parts.append(self.part(its, hops, type_name, ones))
        return tuple(own)

    # D

    def _streamed(self, defers: Defers, hops: tuple[Output, ...], output: Output, below: _Below) -> Output:
        """The output with what is read of its first items; its list, and what hangs on them, go `below`."""
        item = self.part(defers, (), named_type(output.type), output.outputs)
        own = replace(output, conditions=ALWAYS, places=(), outputs=item.outputs)
        steps = self._needed((own,))
        label = output.stream.label if output.stream is not None else None
        streamed = Streamed(hops, own, label, item, compile_item(self.types, own), steps)
        below.parts.extend(replace(one, hops=(*hops, own, *one.hops)) for one in item.parts)
        below.streams.append(streamed)
        below.streams.extend(replace(one, hops=(*hops, own, *one.hops)) for one in item.streams)
        return own

    def _needed(self, outputs: Sequence[Output]) -> frozenset[int]:
        """The steps that give the outputs, and those before them."""
        return frozenset[int]().union(*(self._with_those_before(one) for one in _steps(outputs)))

    def _defers(self, output: Output) -> Defers:
        """The deferred fragments that the output comes with; none when it is also written outside of any."""
        found: set[Defer] = set()
        for place in output.places:
            if holds((place.when,), self.variables):
                defer = self._in_force(place.defer)
                if defer is None:
                    return frozenset()
                found.add(defer)
        return frozenset(one for one in found if not any(above in found for above in _above(one)))

    def _in_force(self, defer: Defer | None) -> Defer | None:
        """The innermost fragment that these variables let be deferred."""
        if defer is None:
            return None
        parent = self._in_force(defer.parent)
        if defer.when is not None and self.variables.get(defer.when.variable, True) is not defer.when.value:
            return parent
        return replace(defer, when=None, parent=parent)

    def _with_those_before(self, step: int) -> frozenset[int]:
        if step not in self._before:
            after = self.plan.steps[step].after
            self._before[step] = frozenset((step,)).union(*(self._with_those_before(one) for one in after))
        return self._before[step]


def _steps(outputs: Sequence[Output]) -> frozenset[int]:
    return frozenset[int]().union(*(one.steps | _steps(one.outputs) for one in outputs))


def _above(defer: Defer) -> Iterator[Defer]:
    parent = defer.parent
    while parent is not None:
        yield parent
        parent = parent.parent
