"""The limit at work: it falls while the loop is late, and only then, and finds its way back."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from edge.concurrency import FEWEST_SAMPLES, ConcurrencyLimit
from edge.limits import Limits

LIMITS = Limits()
PULSE_S = 0.01
TARGET_S = LIMITS.loop_delay_ms / 1000
INTERVAL_PULSES = LIMITS.loop_delay_interval_ms // 10 + 1


@dataclass
class Clocked:
    """A limit and the time that it is told."""

    limit: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(LIMITS))
    now_s: float = 0.0

    def pulses(self, count: int, delay_s: float, in_flight: int | None = None) -> None:
        """`in_flight`: as many as are let in, where none is given."""
        for _ in range(count):
            self.now_s += PULSE_S + delay_s
            self.limit.observe(self.now_s, delay_s, self.limit.value if in_flight is None else in_flight)


def test_it_begins_small_and_rises_to_all_that_is_allowed_while_many_wait_for_nodes() -> None:
    clocked = Clocked()
    assert clocked.limit.value == LIMITS.in_flight_first
    clocked.pulses(50 * INTERVAL_PULSES, TARGET_S / 2)
    assert clocked.limit.value == LIMITS.in_flight


def test_it_does_not_rise_for_those_who_are_not_there_and_forgets_what_they_needed() -> None:
    clocked = Clocked()
    clocked.pulses(1000, 0.0, LIMITS.in_flight_first // 2)
    assert clocked.limit.value == LIMITS.in_flight_first
    clocked.pulses(50 * INTERVAL_PULSES, 0.0)
    clocked.pulses(100 * INTERVAL_PULSES, 0.0, 5)
    assert clocked.limit.value == LIMITS.in_flight_first


def test_a_standing_queue_lowers_it_at_once_below_what_runs_and_never_below_the_fewest() -> None:
    clocked = Clocked()
    clocked.pulses(FEWEST_SAMPLES, TARGET_S * 10, 50)
    assert clocked.limit.value == 25
    clocked.pulses(100, TARGET_S * 1.1)
    assert clocked.limit.value == LIMITS.in_flight_fewest


@given(st.integers(0, 2**32))
def test_long_turns_now_and_then_are_no_queue(seed: int) -> None:
    """A large answer is written, memory is cleaned up: one turn in three may be as late as it likes."""
    chance, clocked = random.Random(seed), Clocked()  # noqa: S311 - repeatable, no secret
    for _ in range(100):
        clocked.pulses(1, chance.uniform(0.0, 1.0))
        clocked.pulses(2, chance.uniform(0.0, TARGET_S))
    assert clocked.limit.value >= LIMITS.in_flight_first


def test_it_comes_back_in_seconds_once_the_loop_is_in_time_and_at_once_after_a_rest() -> None:
    clocked = Clocked()
    clocked.pulses(1000, TARGET_S * 2)
    assert clocked.limit.value == LIMITS.in_flight_fewest
    began_s = clocked.now_s
    while clocked.limit.value < LIMITS.in_flight_first:
        clocked.pulses(1, 0.0)
    assert clocked.now_s - began_s < 5
    clocked.pulses(1000, TARGET_S * 2)
    clocked.limit.rest()
    assert clocked.limit.value == LIMITS.in_flight_first


@given(st.floats(0.0002, 0.02), st.integers(50, 2000))
def test_with_more_clients_than_one_process_can_serve_each_admitted_one_is_served_soon(
    work_s: float, clients: int
) -> None:
    """A loop that does one piece of work for each request in its turn: its delay is what runs times that."""
    clocked = Clocked()
    for _ in range(600):
        running = min(clients, clocked.limit.value)
        clocked.pulses(1, running * work_s, running)
    running = min(clients, clocked.limit.value)
    fewest = LIMITS.in_flight_fewest
    assert running * work_s <= max(TARGET_S * 1.2, fewest * work_s)
    assert running >= min(clients, LIMITS.in_flight, max(TARGET_S / work_s * 0.6, fewest)) - 1
