"""What a client asks of the engine, and what it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.federation.composition.guards import Claims
from gateway.federation.sharding.coverage import Coverage

NOBODY: Final = Claims()
"""A caller who has shown nothing: sees what is open to everyone."""


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request, as it was read from wherever it came.

    With `extensions` {"cost": true} the response says what the operation was estimated to cost; with
    {"complete": true} it has no data where any shard's part is missing. The root fields with the response
    keys `without` are not run: they are null. Whoever names them tells the client why.
    """

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    without: frozenset[str] = frozenset()

    @property
    def wants_complete(self) -> bool:
        """Whether it is to be answered whole or not at all."""
        return self.extensions.get("complete") is True


@dataclass(slots=True)
class RequestContext:
    """What goes with one request through the engine.

    `headers` are sent on to every subgraph. `deadline_s` is a point on the event loop's clock
    (`loop.time()`): what has not come by then is missing from the response. `coverage` is filled on the way.
    `claims` is what the caller has shown; an operation over `cost_budget` is refused (None: there is none).
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    deadline_s: float = float("inf")
    coverage: Coverage = field(default_factory=Coverage)
    claims: Claims = NOBODY
    may_introspect: bool = True
    cost_budget: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A GraphQL response. `refused`: nothing was executed, so the response has no `data` entry at all.

    An error with `extensions.service` comes from that subgraph, and may say what is not meant for
    clients: masking is up to whoever answers them.
    A response that `has_next` is the first of several: of the fragments `pending` the others tell.
    """

    data: Mapping[str, Any] | None
    errors: tuple[Mapping[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    refused: bool = False
    pending: tuple[Mapping[str, Any], ...] = ()
    has_next: bool = False

    def formatted(self) -> dict[str, Any]:
        """The response as the specification writes it (section 7.1)."""
        response: dict[str, Any] = {"errors": list(self.errors)} if self.errors else {}
        if not self.refused:
            response["data"] = self.data
        if self.extensions:
            response["extensions"] = dict(self.extensions)
        return {**response, **self.incremental()}

    def incremental(self) -> dict[str, Any]:
        """The entries of a response that others follow."""
        return {"pending": list(self.pending), "hasNext": True} if self.has_next else {}


@dataclass(frozen=True, slots=True)
class SubsequentResponse:
    """One of the responses after the first.

    `pending` tells of more to come: `id`, `path`, `label`. `incremental` brings `data` for the `id` that was
    pending, at `subPath` below it. `completed` says which `id` is whole now, or in `errors` why it never will
    be. Source: https://github.com/graphql/graphql-spec/pull/1110
    """

    pending: tuple[Mapping[str, Any], ...] = ()
    incremental_data: tuple[Mapping[str, Any], ...] = ()
    completed: tuple[Mapping[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    has_next: bool = False

    def incremental(self) -> dict[str, Any]:
        """Its entries but for `extensions`; lists that have nothing are left out."""
        lists = {"pending": self.pending, "incremental": self.incremental_data, "completed": self.completed}
        return {**{name: list(one) for name, one in lists.items() if one}, "hasNext": self.has_next}

    def formatted(self) -> dict[str, Any]:
        """As the specification writes it."""
        return {**self.incremental(), **({"extensions": dict(self.extensions)} if self.extensions else {})}
