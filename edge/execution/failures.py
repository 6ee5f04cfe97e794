"""What failed, told and taken out of the response when all else is done.

A failure takes the nearest place above it that may be null ("Handling Execution Errors" in the
specification). They are weighed in the order in which their fields stand in the response, so that
one request's errors do not depend on what was awaited first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, located_error

from edge.execution.level import Place

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    place: Place
    error: Exception


def settle(
    data: dict[str, Any], failures: Iterable[Failure]
) -> tuple[dict[str, Any] | None, list[GraphQLError] | None]:
    """Return the response's `data`, nulls put where failures take them (in place), and its errors."""
    errors: list[GraphQLError] = []
    taken: set[Path] = set()
    told = [_Told(failure) for failure in failures]
    for one in sorted(told, key=lambda one: one.order):
        nulled = one.path[: one.nullable_at]
        if any(nulled[:length] in taken for length in range(len(nulled) + 1)):
            continue
        taken.add(nulled)
        errors.append(located_error(one.error, one.nodes, list(one.path)))
        if nulled:
            _put_null(data, nulled)
    return (None if () in taken else data), errors or None


class _Told:
    """A failure with its path, and how much of that leads to the nearest place that may be null."""

    __slots__ = ("error", "nodes", "nullable_at", "order", "path")

    def __init__(self, failure: Failure) -> None:
        path: list[str | int] = []
        order: list[int] = []
        self.nullable_at = 0
        for place in failure.place.chain():
            steps: Path = (place.field.key, *place.indices)
            for step, non_null in zip(steps, place.field.non_null, strict=False):
                path.append(step)
                if not non_null:
                    self.nullable_at = len(path)
            order += (place.field.order, *place.indices)
        self.path: Path = tuple(path)
        self.order = order
        self.nodes = failure.place.field.nodes
        self.error = failure.error


def _put_null(data: dict[str, Any], path: Path) -> None:
    holder: Any = data
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = None
