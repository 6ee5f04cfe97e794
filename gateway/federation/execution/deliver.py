"""Delivers a response in parts: what is there first, and of the deferred rest each piece when it is there.

  A. the steps run as for any plan, all at once; whatever comes wakes the delivery (`piecewise`);
  B. the response itself goes out when all that it reads is there;
  C. a deferred fragment at a place of the response is *pending*; it goes out when all that it reads is
     there: its pieces are read, and what hangs on them becomes pending in its turn;
  D. a piece that several fragments share goes out once, with the first; one whose null reaches its top
     takes with it the fragments that it belongs to;
  E. items of a streamed list go out in the order in which they came, each when all that is read of it is
     there; one whose null reaches its top ends the list.

At most PENDING_LIMIT fragments and lists are pending at a time; further ones follow as others complete.
Source of the format: https://github.com/graphql/graphql-spec/pull/1110
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from gateway.federation.document.operation import Defer
from gateway.federation.execution.compiled import CompiledPlan
from gateway.federation.execution.complete import Completer, NullBubble
from gateway.federation.execution.gather import Object
from gateway.federation.execution.parts import List, Part, Piece, Place, Streamed
from gateway.federation.execution.piecewise import PiecewiseRun
from gateway.federation.execution.project import UnexpectedValue
from gateway.federation.execution.request import RequestContext, Response, SubsequentResponse
from gateway.federation.execution.run_plan import ERRORS_LIMIT, Dispatch, time_is_up
from gateway.federation.execution.withheld import withheld_errors

PENDING_LIMIT: Final = 500
"""Fragments and lists of one response that a client is told of before they are there."""

Key = tuple[Defer | Streamed, Place]
Errors = list[dict[str, Any]]


@dataclass(slots=True, eq=False)
class Pending:
    """A deferred fragment at a place. It has an `id` once the client was told of it."""

    defer: Defer
    place: Place
    pieces: list[Piece] = field(default_factory=list)
    id: str = ""

    def announced(self) -> dict[str, Any]:
        label = {} if self.defer.label is None else {"label": self.defer.label}
        return {"id": self.id, "path": list(self.place), **label}


@dataclass(slots=True, eq=False)
class Streaming:
    """A streamed list of which `sent` items have gone out. It has an `id` once the client was told of it."""

    list: List
    sent: int
    id: str = ""

    def announced(self) -> dict[str, Any]:
        label = {} if self.list.streamed.label is None else {"label": self.list.streamed.label}
        return {"id": self.id, "path": [*self.list.place], **label}


@dataclass(slots=True)
class Payload:
    """What goes out next."""

    pending: list[dict[str, Any]] = field(default_factory=list)
    incremental: list[dict[str, Any]] = field(default_factory=list)
    completed: list[dict[str, Any]] = field(default_factory=list)


class Delivery:
    """The responses to one operation, as they come: `first`, then those iterated over.

    `aclose` ends whatever still runs.
    """

    def __init__(
        self,
        plan: CompiledPlan,
        first: Part,
        variables: Mapping[str, Any],
        dispatch: Dispatch,
        context: RequestContext,
        pending_limit: int = PENDING_LIMIT,
    ) -> None:
        self._plan = plan
        self._part = first
        self._variables = variables
        self._context = context
        self._pending_limit = pending_limit
        self._run = PiecewiseRun(plan, variables, dispatch, context)
        self._running: asyncio.Task[bool] | None = None
        self._ids = count()
        self._open: dict[Key, Pending | Streaming] = {}
        self._failed: set[Key] = set()
        self._delivered: set[tuple[Part, Place]] = set()

    async def first(self) -> Response:
        """The response without what is deferred. Nothing comes after it unless it `has_next`."""
        self._running = asyncio.create_task(self._run.finish())
        self._running.add_done_callback(lambda _: self._run.progress.set())
        piece = Piece(self._part, self._run.root, ())
        await self._until(lambda: self._run.is_there(piece))
        data, errors = self._read(piece)
        if self._is_late():
            errors.append(time_is_up())
        payload = Payload()
        if data is not None:
            self._discover(piece.part, piece.value, data, piece.place)
            self._announce(payload)
        has_next = bool(self._open)
        if not has_next:
            await self.aclose()
        extensions = {} if has_next else self._coverage()
        return Response(
            data, tuple(errors[:ERRORS_LIMIT]), extensions, pending=tuple(payload.pending), has_next=has_next
        )

    def __aiter__(self) -> Delivery:
        return self

    async def __anext__(self) -> SubsequentResponse:
        """What is there by now that was not before; waits for it."""
        if not self._open:
            raise StopAsyncIteration
        await self._until(lambda: any(map(self._is_there, self._open.values())))
        payload = Payload()
        while ready := [one for one in self._open.values() if self._is_there(one)]:
            for one in ready:
                if isinstance(one, Streaming):
                    self._advance(one, payload)
                else:
                    self._complete(one, payload)
            self._announce(payload)
        has_next = bool(self._open)
        if not has_next:
            await self.aclose()
        return SubsequentResponse(
            tuple(payload.pending),
            tuple(payload.incremental),
            tuple(payload.completed),
            {} if has_next else self._coverage(),
            has_next=has_next,
        )

    async def aclose(self) -> None:
        """End what still runs: nobody waits for it."""
        self._open.clear()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait((self._running,))

    # B, C

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is so, or nothing more will come."""
        while not (self._is_over() or is_so()):
            self._run.progress.clear()
            await self._run.progress.wait()
        if self._running is not None and self._running.done():
            self._running.result()

    def _is_there(self, pending: Pending | Streaming) -> bool:
        """Whether something can go out of what the client was told of."""
        if not pending.id:
            return False
        if self._is_over():
            return True
        if isinstance(pending, Streaming):
            return self._run.has_next(pending.list, pending.sent)
        return all(self._run.is_there(piece, pending.defer) for piece in pending.pieces)

    def _is_over(self) -> bool:
        return self._running is not None and self._running.done()

    def _is_late(self) -> bool:
        return self._running is not None and self._running.done() and not self._running.result()

    def _discover(self, part: Part, value: Object, data: Mapping[str, Any], place: Place) -> None:
        """Note what hangs on a part at an object that goes out."""
        for piece in part.pieces(value, data, place):
            for defer in sorted(piece.part.defers, key=_number):
                at = _above(piece.place, defer.depth)
                pending = self._open.setdefault((defer, at), Pending(defer, at))
                if isinstance(pending, Pending):
                    pending.pieces.append(piece)
        for one in part.lists(value, data, place):
            sent = min(len(one.items), one.streamed.output.first or 0)
            if sent < len(one.items) or not self._run.is_whole(one):
                self._open[one.streamed, one.place] = Streaming(one, sent)

    def _announce(self, payload: Payload) -> None:
        """Tell the client of fragments, as many as may be pending; one in another only after that one.

        Of one that came with others already there is nothing to tell.
        """
        told = sum(1 for one in self._open.values() if one.id)
        for key, one in list(self._open.items()):
            if one.id or told >= self._pending_limit:
                continue
            above: list[Key] = []
            is_there = False
            if isinstance(one, Pending):
                above = [(parent, _above(one.place, parent.depth)) for parent in _parents(one.defer)]
                is_there = all((piece.part, piece.place) in self._delivered for piece in one.pieces)
            if is_there or any(parent in self._failed for parent in above):
                del self._open[key]
            elif not any(parent in self._open for parent in above):
                one.id = str(next(self._ids))
                told += 1
                payload.pending.append(one.announced())

    # D

    def _complete(self, pending: Pending, payload: Payload) -> None:
        """Let a fragment go out, or say why it does not."""
        key: Key = (pending.defer, pending.place)
        read: list[tuple[Piece, dict[str, Any], Errors]] = []
        late = [time_is_up()] if self._is_late() else []
        pieces = list(pending.pieces)
        for piece in pieces:
            if (piece.part, piece.place) in self._delivered:
                continue
            data, errors = self._read(piece)
            if data is None:
                del self._open[key]
                self._failed.add(key)
                failure = {"id": pending.id, "errors": (errors + late)[:ERRORS_LIMIT]}
                payload.completed.append(failure)
                return
            read.append((piece, data, errors))
            below = piece.part.pieces(piece.value, data, piece.place)
            pieces.extend(one for one in below if pending.defer in one.part.defers)
        for piece, data, errors in read:
            self._delivered.add((piece.part, piece.place))
            payload.incremental.append(self._incremental(piece, data, errors + late, pending))
            self._discover(piece.part, piece.value, data, piece.place)
            late = []
        del self._open[key]
        payload.completed.append({"id": pending.id})

    def _incremental(
        self, piece: Piece, data: dict[str, Any], errors: Errors, pending: Pending
    ) -> dict[str, Any]:
        """A piece as it is written: under the fragment, of those it belongs to, that is nearest to it."""
        nearest = pending
        for defer in sorted(piece.part.defers, key=_number):
            other = self._open.get((defer, _above(piece.place, defer.depth)))
            if isinstance(other, Pending) and other.id and len(other.place) > len(nearest.place):
                nearest = other
        entry: dict[str, Any] = {"id": nearest.id}
        if sub_path := piece.place[len(nearest.place) :]:
            entry["subPath"] = list(sub_path)
        entry["data"] = data
        if errors:
            entry["errors"] = errors[:ERRORS_LIMIT]
        return entry

    def _read(self, piece: Piece) -> tuple[dict[str, Any] | None, Errors]:
        """A piece's data, None when a null reached its top; and its errors."""
        part = piece.part
        errors = self._run.errors_of(part.steps, part.outputs, piece.place)
        if part.withheld:
            errors += withheld_errors(part.withheld, piece.value, self._variables, piece.place)
        try:
            return part.read(piece.value), errors
        except UnexpectedValue:
            known = [tuple(error["path"]) for error in errors if error.get("path")]
            completer = Completer(self._plan.types, self._variables, known)
            data = completer.response(piece.value, part.type, part.outputs, piece.place)
            return data, errors + completer.errors

    # E

    def _advance(self, pending: Streaming, payload: Payload) -> None:
        """Let the items go out that are there, and say when there are no more."""
        one = pending.list
        key: Key = (one.streamed, one.place)
        items: list[Any] = []
        found: list[tuple[Any, Any, Place]] = []
        errors: Errors = []
        failure: Errors | None = None
        while pending.sent < len(one.items) and failure is None and self._is_there(pending):
            value, place = one.items[pending.sent], (*one.place, pending.sent)
            its = self._errors_of_item(one, value, place)
            try:
                items.append(self._read_item(one, value, place, its))
                found.append((value, items[-1], place))
                errors += its
                pending.sent += 1
            except NullBubble:
                failure = its
        if items:
            entry: dict[str, Any] = {"id": pending.id, "items": items}
            if errors:
                entry["errors"] = errors[:ERRORS_LIMIT]
            payload.incremental.append(entry)
        for value, data, place in found:
            for inner, read, at in one.objects(value, data, place):
                self._discover(one.streamed.item, inner, read, at)
        is_whole = self._is_over() or self._run.is_whole(one)
        if failure is None and is_whole and pending.sent == len(one.items):
            failure = self._run.errors_of(one.streamed.steps, (), one.place)
            failure += [time_is_up()] if self._is_late() else []
        if failure is not None:
            del self._open[key]
            why = {"errors": failure[:ERRORS_LIMIT]} if failure else {}
            payload.completed.append({"id": pending.id, **why})

    def _errors_of_item(self, one: List, value: Any, place: Place) -> Errors:
        streamed = one.streamed
        errors = self._run.errors_of(streamed.steps, streamed.item.outputs, place)
        if streamed.item.withheld:
            errors += withheld_errors(streamed.item.withheld, value, self._variables, place)
        return errors

    def _read_item(self, one: List, value: Any, place: Place, errors: Errors) -> Any:
        """An item's data; `errors` grow. Raises `NullBubble` when it is null and may not be."""
        try:
            return one.streamed.read(value)
        except UnexpectedValue:
            known = [tuple(error["path"]) for error in errors if error.get("path")]
            completer = Completer(self._plan.types, self._variables, known, errors=errors)
            return completer.item(value, one.streamed.output, place)

    def _coverage(self) -> dict[str, Any]:
        coverage = self._context.coverage.extension()
        return {} if coverage is None else {"coverage": coverage}


def _above(place: Place, depth: int) -> Place:
    """The place `depth` fields down towards `place`, with the list positions after the last of them."""
    names = 0
    for index, step in enumerate(place):
        names += isinstance(step, str)
        if names > depth:
            return place[:index]
    return place


def _number(defer: Defer) -> int:
    return defer.number


def _parents(defer: Defer) -> list[Defer]:
    found = []
    while defer.parent is not None:
        defer = defer.parent
        found.append(defer)
    return found
