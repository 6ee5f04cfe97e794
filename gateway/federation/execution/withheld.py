"""Tells the client, at each place of the response, what it may not see there.

Where to look is worked out once for each plan; a plan that withholds nothing spends nothing on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.federation.document.operation import Conditions, Withheld
from gateway.federation.errors import UNAUTHORISED
from gateway.federation.execution.project import holds
from gateway.federation.planning.plan import Output

PLACES_LIMIT: Final = 100
"""Places at which one field is said to be withheld: a list may repeat it many times."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """An output that is withheld, or leads to some that are (`below`)."""

    name: str
    key: str
    types: frozenset[str] | None
    conditions: Conditions
    withheld: tuple[Withheld, ...]
    below: tuple[Spot, ...]


def withheld_spots(outputs: tuple[Output, ...]) -> tuple[Spot, ...]:
    """Where a response with these outputs withholds something."""
    spots = (
        Spot(one.name, one.key, one.types, one.conditions, one.withheld, withheld_spots(one.outputs))
        for one in outputs
    )
    return tuple(spot for spot in spots if spot.withheld or spot.below)


def withheld_errors(
    spots: tuple[Spot, ...], value: Mapping[str, Any], variables: Mapping[str, Any], place: Place = ()
) -> list[dict[str, Any]]:
    """An entry of `errors` for each place at or below `value`, at most PLACES_LIMIT for each field."""
    return list(_Search(variables).at(spots, value, place))


@dataclass(frozen=True, slots=True)
class _Search:
    variables: Mapping[str, Any]
    told: Counter[Spot] = field(default_factory=Counter)

    def at(self, spots: tuple[Spot, ...], value: Any, place: Place) -> Iterator[dict[str, Any]]:
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from self.at(spots, one, (*place, index))
        elif isinstance(value, dict):
            for spot in spots:
                if spot.types is not None and value.get("__typename") not in spot.types:
                    continue
                if self.told[spot] < PLACES_LIMIT and holds(spot.conditions, self.variables):
                    here = (*place, spot.name)
                    if spot.withheld:
                        self.told[spot] += 1
                        yield from (_error(one, here) for one in spot.withheld)
                    else:
                        yield from self.at(spot.below, value.get(spot.key), here)


def _error(one: Withheld, place: Place) -> dict[str, Any]:
    message = f"You may not see {one.coordinate}. Ask with a token that allows it, or leave it out."
    extensions = {"code": UNAUTHORISED, "coordinate": one.coordinate}
    return {"message": message, "path": [*place, *one.path], "extensions": extensions}
