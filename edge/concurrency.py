"""How many requests may be answered at once: as many as the process keeps up with, found while it runs.

What says that there are too many is how late the event loop does what is due, not how long answers take:
a slow node or a large question makes one answer late, and refusing others would help nobody; but when the
loop itself is late, every request waits for every other. As with CoDel, the least delay within an interval
counts: one long turn passes, a queue stands. As with AIMD, the limit falls by a share and rises by steps.
"""

from __future__ import annotations

from typing import Final

from edge.limits import Limits

FEWEST_SAMPLES: Final = 3
"""Delays that must be known before an interval is judged: one long turn alone is no queue."""
FALL: Final = 0.85
FALL_MOST: Final = 0.5
"""The later the loop, the deeper the limit falls at once: between these two."""
RISE: Final = 1.05
"""While its places are wanted; the limit then doubles in one and a half seconds."""
WANTED_SHARE: Final = 0.75
FADE: Final = 0.95
UNWANTED_SHARE: Final = 0.5


class ConcurrencyLimit:
    """The limit at work, between `in_flight_fewest` and `in_flight`. Knows no clock: times are told.

    It begins with `in_flight_first`, and goes back there when so many places are not wanted, so that a
    sudden flood is not let in whole before the first delay is seen.
    """

    def __init__(self, limits: Limits) -> None:
        self._most = float(limits.in_flight)
        self._first = float(min(limits.in_flight_first, limits.in_flight))
        self._fewest = float(min(limits.in_flight_fewest, limits.in_flight))
        self._target_s = limits.loop_delay_ms / 1000
        self._interval_s = limits.loop_delay_interval_ms / 1000
        self._value = self._first
        self._begun_s = 0.0
        self._least_s = 0.0
        self._samples = 0
        self._peak = 0

    @property
    def value(self) -> int:
        return int(self._value)

    def observe(self, now_s: float, delay_s: float, in_flight: int) -> None:
        """Note that the loop was `delay_s` late while so many requests were being answered."""
        if not self._samples:
            self._begun_s, self._least_s, self._peak = now_s - delay_s, delay_s, 0
        self._samples += 1
        self._least_s = min(self._least_s, delay_s)
        self._peak = max(self._peak, in_flight)
        if self._samples >= FEWEST_SAMPLES and now_s - self._begun_s >= self._interval_s:
            self._judge()
            self._samples = 0

    def rest(self) -> None:
        """Nobody is being answered: begin anew."""
        self._samples = 0
        self._value = self._first

    def _judge(self) -> None:
        if self._least_s > self._target_s:
            fall = min(FALL, max(FALL_MOST, self._target_s / self._least_s))
            self._value = max(min(self._value, self._peak) * fall, self._fewest)
        elif self._peak >= self._value * WANTED_SHARE:
            self._value = min(self._value * RISE + 1.0, self._most)
        elif self._peak < self._value * UNWANTED_SHARE and self._value > self._first:
            self._value = max(self._value * FADE, self._first)
