"""Random parcels over random depots."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from tests.engine.sharding.parcels import Parcel

FEW = settings(max_examples=30)  # each example pages through many requests
DEPOTS = ("east", "north", "south", "west")
LABELS = st.none() | st.text(st.sampled_from("aAz\u00e9\u4e2d\U0001f4e6 "), max_size=3)
WEIGHTS = st.none() | st.decimals(0, 999, places=1).map(str)


@st.composite
def parcels(draw: st.DrawFn, largest: int = 24) -> list[Parcel]:
    """Parcels with IDs unique everywhere, in any depots, with few sizes so that ties are common."""
    homes = draw(st.lists(st.sampled_from(DEPOTS), max_size=largest))
    return [
        Parcel(
            f"{depot}-{number:02}",
            draw(st.integers(0, 4)),
            draw(LABELS),
            draw(WEIGHTS),
            draw(st.sampled_from(("ann", "bo"))),
        )
        for number, depot in enumerate(homes)
    ]
