"""How long one shard is waited for, by its own history: a shard that answers in 20 ms is not waited for 5 s.

The allowance is a multiple of what nearly all of its latest answers took. An answer that did not
come within it says that the history no longer holds: the allowance doubles each time, so that a shard
that has become slower, not silent, is heard again.
"""

from __future__ import annotations

from collections import deque

from gateway.clients.settings import PatienceSettings

REVIEW_EVERY = 8  # answers; sorting the history for each would cost more than the figure is worth


class Patience:
    """One shard's. Times are in seconds."""

    def __init__(self, settings: PatienceSettings) -> None:
        self._settings = settings
        self._latest_s: deque[float] = deque(maxlen=settings.answers)
        self._doubled = 1
        self._since = 0
        self._allowance_s: float | None = None
        self._usual_s: float | None = None

    def allowance_s(self) -> float | None:
        """The longest wait that its history supports; None while there is too little of it."""
        return None if self._allowance_s is None else self._allowance_s * self._doubled

    def usual_s(self) -> float | None:
        """What nearly all of its answers take; None while too few are known."""
        return self._usual_s

    def answered(self, took_s: float) -> None:
        self._latest_s.append(took_s)
        self._doubled = 1
        self._since += 1
        known = len(self._latest_s)
        if known >= self._settings.fewest_answers and self._since >= REVIEW_EVERY:
            self._since = 0
            self._usual_s = sorted(self._latest_s)[int(self._settings.share * (known - 1))]
            floor_s = self._settings.floor_ms / 1000
            self._allowance_s = max(self._usual_s * self._settings.factor, floor_s)

    def waited_in_vain(self) -> None:
        if self._allowance_s is not None and self._doubled < self._settings.doubled_limit:
            self._doubled *= 2
