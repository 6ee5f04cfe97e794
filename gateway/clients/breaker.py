"""A breaker for one shard: after enough failures it is left alone for a while, then probed by one request.

closed ──enough of the latest failed──▶ open ──after the pause──▶ half-open ──success──▶ closed
                                         ▲                            └──failure, pause doubled──┐
                                         └──────────────────────────────────────────────────────┘
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from gateway.clients.settings import BreakerSettings

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Asked before every request, told of every outcome. `clock` gives seconds, `chance` is in [0, 1)."""

    def __init__(
        self, settings: BreakerSettings, clock: Callable[[], float], chance: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._outcomes: deque[tuple[float, bool]] = deque(maxlen=settings.outcomes)
        self._pause_ms = float(settings.reset_ms)
        self._probe_at: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        if self._probe_at is None:
            return "closed"
        return "half-open" if self._probing or self._clock() >= self._probe_at else "open"

    def allows(self) -> bool:
        """Whether a request may be sent now. The one that is let through half-open is the probe."""
        if self._probe_at is None:
            return True
        if self._probing or self._clock() < self._probe_at:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        if self._probe_at is not None:
            self._outcomes.clear()
            self._pause_ms = self._settings.reset_ms
            self._probe_at = None
            self._probing = False
        self._outcomes.append((self._clock(), True))

    def failed(self) -> None:
        now = self._clock()
        if self._probe_at is not None:
            if self._probing:
                self._pause_ms = min(self._pause_ms * 2, self._settings.reset_limit_ms)
                self._open(now)
            return
        self._outcomes.append((now, False))
        if self._should_open(now):
            self._open(now)

    def abandoned(self) -> None:
        """The request ended without saying anything about the shard."""
        self._probing = False

    def _should_open(self, now: float) -> bool:
        oldest = now - self._settings.window_ms / 1000
        recent = [succeeded for at, succeeded in self._outcomes if at >= oldest]
        failures = recent.count(False)
        return failures >= self._settings.failures and failures >= self._settings.failure_share * len(recent)

    def _open(self, now: float) -> None:
        """Pause for up to a tenth longer, so that many gateways do not probe a node together."""
        self._probing = False
        self._probe_at = now + self._pause_ms / 1000 * (1 + 0.1 * self._chance())
