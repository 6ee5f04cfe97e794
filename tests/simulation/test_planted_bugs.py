"""The simulation finds what it is for: bugs that are planted into the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.clients.bulkhead import Bulkhead
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest, Unparsed
from tests.simulation.test_simulation import live
from tests.simulation.world import Plug

SEEDS = range(80)

Plant = Callable[[pytest.MonkeyPatch], None]


def retried_mutations(patch: pytest.MonkeyPatch) -> None:
    send = Plug.send

    async def as_queries(self: Plug, request: ShardRequest) -> Reply | Unparsed:
        return await send(self, request._replace(kind="query"))

    patch.setattr(Plug, "send", as_queries)


def deadlines_a_second_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Dispatcher, "_deadline_s", lambda self, context: context.deadline_s + 1.0)


def lost_places(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Bulkhead, "leave", lambda self: None)


def places_kept_by_the_cancelled(patch: pytest.MonkeyPatch) -> None:
    wait = Bulkhead.wait

    async def forgetful(self: Bulkhead) -> None:
        try:
            await wait(self)
        except asyncio.CancelledError:
            self.enter()
            raise

    patch.setattr(Bulkhead, "wait", forgetful)


PLANTS: tuple[Plant, ...] = (
    retried_mutations,
    deadlines_a_second_late,
    lost_places,
    places_kept_by_the_cancelled,
)


def find() -> None:
    for seed in SEEDS:
        live(seed)


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        find()
