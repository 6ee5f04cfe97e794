"""Gateway and nodes on a virtual clock and a network that fails by a seed; what must hold is checked.

Five hundred seeds each time, another number by the variable SIMULATION_SEEDS; one seed by SIMULATION_SEED.
A failing seed says which it is, and replays to the byte (docs/SIMULATION.md).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from tests.simulation.network import MOODS
from tests.simulation.virtual_clock import run
from tests.simulation.world import CODES, World

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "500"))
ONE_SEED = os.environ.get("SIMULATION_SEED")
BATCH = 50


def live(seed: int) -> tuple[list[str], Counter[str]]:
    """One world from its beginning to its end; returns what happened."""

    async def main() -> tuple[list[str], Counter[str]]:
        world = World(random.Random(seed))  # noqa: S311 - repeatable, no secret
        await world.live()
        return world.network.trace, world.reached

    try:
        return run(main())
    except BaseException as failure:
        failure.add_note(f"SIMULATION_SEED={seed} replays this")
        raise


def batches() -> Sequence[range]:
    if ONE_SEED is not None:
        return [range(int(ONE_SEED), int(ONE_SEED) + 1)]
    return [range(first, min(first + BATCH, SEEDS)) for first in range(0, SEEDS, BATCH)]


@pytest.mark.parametrize("seeds", batches(), ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_whatever_the_network_does(seeds: range) -> None:
    for seed in seeds:
        live(seed)


def test_a_seed_replays_to_the_byte() -> None:
    for seed in range(5):
        assert live(seed) == live(seed)


HAPPENS = {
    *(f"fate {fate}" for mood in MOODS.values() for fate in mood),
    *("fate delivered", "fate restarted", "fate late, cancelled", "fate delivered, cancelled"),
    *("breaker closed", "breaker half-open", "breaker open", "retry", "hedge"),
    *(f"error {code}" for code in CODES),
    *("error UNSUPPORTED_BY_SHARD", "error UNKNOWN_SHARD"),
    *("moved while asked", "left while asked", "suspended while asked", "left", "paged through"),
    *("changed", "changed, but the answer was lost"),
}


def test_all_that_can_happen_does() -> None:
    reached = Counter[str]()
    for seed in range(100):
        reached.update(live(seed)[1])
    assert {one for one in HAPPENS if not reached[one]} == set()
