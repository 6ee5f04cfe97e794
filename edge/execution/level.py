"""The objects at one place of the document, side by side, and where in the response each of them stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql.pyutils import Path

from edge.execution.plan import Field, Selection, Shape

Indices = tuple[int, ...]
"""Places in a list, in a list of that list…; empty for what stands in no list."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Objects of one type and what the response says of each so far, of equal length.

    `above` is the column of the field whose values the objects are; the root has none.
    """

    selection: Selection
    sources: Sequence[Any]
    results: Sequence[dict[str, Any]]
    above: Places | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the values of a column stand: under `field` of which object of `level`, where in its list."""

    level: Level
    field: Field
    owners: Sequence[int]
    indices: Sequence[Indices] | None = None

    def at(self, place: int) -> Place:
        return Place(self.level, self.field, self.owners[place], self.indices[place] if self.indices else ())

    def only(self, places: Sequence[int]) -> Places:
        owners, indices = self.owners, self.indices
        return Places(
            self.level,
            self.field,
            [owners[place] for place in places],
            None if indices is None else [indices[place] for place in places],
        )

    def put(self, values: Sequence[Any]) -> None:
        key, results = self.field.key, self.level.results
        if self.indices is None:
            for owner, value in zip(self.owners, values, strict=True):
                results[owner][key] = value
            return
        for owner, (*lists, last), value in zip(self.owners, self.indices, values, strict=True):
            holder = results[owner][key]
            for index in lists:
                holder = holder[index]
            holder[last] = value


@dataclass(frozen=True, slots=True, eq=False)
class Awaited:
    """Values still to come to these places."""

    places: Places
    shape: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """The place of one value in the response."""

    level: Level
    field: Field
    owner: int
    indices: Indices = ()

    @property
    def above(self) -> Place | None:
        """The place of the object that has this field; None for the root's."""
        places = self.level.above
        return None if places is None else places.at(self.owner)

    def chain(self) -> list[Place]:
        """This place and all above it, from the root down."""
        chain = [self]
        while (above := chain[-1].above) is not None:
            chain.append(above)
        return chain[::-1]

    def path(self) -> Path:
        """The place as graphql-core tells it to resolvers."""
        above = self.above
        path = Path(None if above is None else above.path(), self.field.key, self.field.parent.name)
        for index in self.indices:
            path = path.add_key(index, None)
        return path
