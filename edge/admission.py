"""Who is let in: a request beyond the limit at work is told so at once, before anything of it is read.

A refusal must cost next to nothing, or refusing would be the overload: its bytes are ready beforehand,
`edge.door` sends them before the request becomes a task, and the log has one line a second that counts
them. Health and metrics do not come this way.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import orjson
from starlette.types import Scope, Send

from edge.concurrency import ConcurrencyLimit
from edge.errors import ErrorFormatter, HttpRefusal
from edge.limits import Limits
from edge.logs import Logger
from edge.messages import preferred_locale
from edge.metrics import Metrics
from edge.negotiation import MediaType, accepted
from edge.operation import Locale
from edge.responses import COMMON_HEADERS

PULSE_S: Final = 0.01
"""How often the loop's delay is looked at while requests are being answered."""
STATUS: Final = 503
STATUS_LINE: Final = b"HTTP/1.1 503 Service Unavailable\r\n"
RETRY_AFTER_S: Final = 1
TOLD_EVERY_S: Final = 1.0
REFUSALS_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as it is sent: for an ASGI server, and as bytes."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    written: bytes


class Admission:
    """Counts the requests being answered, and refuses more than the limit at work."""

    def __init__(self, limits: Limits, formatter: ErrorFormatter, metrics: Metrics, logger: Logger) -> None:
        self._limit = ConcurrencyLimit(limits)
        self._streams_limit = limits.streams
        self._metrics = metrics
        self._logger = logger
        self._in_flight = self._streams = 0
        self._is_watched = False
        self._refused = self._counted = self._told = 0
        self._told_s = float("-inf")
        self._refusals = lru_cache(REFUSALS_KEPT)(partial(_write, formatter))
        metrics.in_flight.set_function(lambda: self._in_flight)
        metrics.concurrency_limit.set_function(lambda: self._limit.value)

    def enter(self) -> Place | None:
        """A place, if there is one."""
        if self.is_full:
            return None
        if not self._is_watched:
            self._is_watched = True
            loop = asyncio.get_running_loop()
            due_s = loop.time() + PULSE_S
            loop.call_at(due_s, self._pulse, loop, due_s)
        return Place(self)

    def refusal(self) -> HttpRefusal:
        """Why somebody was not let in."""
        self._note()
        headers = {"retry-after": str(RETRY_AFTER_S)}
        return HttpRefusal(STATUS, "OVERLOADED", headers=headers, limit=self._limit.value)

    @property
    def is_full(self) -> bool:
        return self._in_flight >= self._limit.value

    async def refuse(self, scope: Scope, send: Send) -> None:
        """Answer 503 without reading the request."""
        accept = language = None
        for name, value in scope["headers"]:
            if name == b"accept-language":
                language = value.decode("latin-1")
            elif name == b"accept":
                accept = value.decode("latin-1")
        refusal = self._refusal(accept, language)
        await send({"type": "http.response.start", "status": STATUS, "headers": refusal.headers})
        await send({"type": "http.response.body", "body": refusal.body})

    def written_refusal(self, accept: str | None, language: str | None) -> bytes:
        """The same as HTTP's bytes, for a request with these headers."""
        return self._refusal(accept, language).written

    def _refusal(self, accept: str | None, language: str | None) -> Refusal:
        self._note()
        media_type = accepted(accept).single or MediaType.JSON
        return self._refusals(preferred_locale(language), media_type, self._limit.value)

    def _note(self) -> None:
        """Counted now, told in the next pulse: whoever refuses is busy."""
        self._refused += 1

    def _tell(self, now_s: float) -> None:
        if self._refused > self._counted:
            self._metrics.refused(self._refused - self._counted)
            self._counted = self._refused
        if self._refused > self._told and now_s - self._told_s >= TOLD_EVERY_S:
            self._logger.warning("overloaded", refused=self._refused - self._told, limit=self._limit.value)
            self._told, self._told_s = self._refused, now_s

    def _pulse(self, loop: asyncio.AbstractEventLoop, due_s: float) -> None:
        now_s = loop.time()
        self._limit.observe(now_s, now_s - due_s, self._in_flight)
        self._tell(now_s)
        if self._in_flight:
            loop.call_at(now_s + PULSE_S, self._pulse, loop, now_s + PULSE_S)
        else:
            self._is_watched = False
            self._limit.rest()


class Place:
    """One request's place among those being answered, until the block ends."""

    __slots__ = ("_admission", "_outlives")

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._outlives = False

    def __enter__(self) -> Place:
        self._admission._in_flight += 1
        return self

    def __exit__(self, *_: object) -> None:
        if self._outlives:
            self._admission._streams -= 1
        else:
            self._admission._in_flight -= 1

    def outlive(self) -> bool:
        """Count as an open stream from now on, which is no load; False if there are too many."""
        admission = self._admission
        if admission._streams >= admission._streams_limit:
            return False
        self._outlives = True
        admission._in_flight -= 1
        admission._streams += 1
        return True


def _write(formatter: ErrorFormatter, locale: Locale, media_type: MediaType, limit: int) -> Refusal:
    refusal = HttpRefusal(STATUS, "OVERLOADED", limit=limit)
    body = orjson.dumps({"errors": [formatter.refusal(refusal, locale)]})
    headers = {
        **COMMON_HEADERS,
        "content-type": media_type.value,
        "content-language": locale,
        "content-length": str(len(body)),
        "retry-after": str(RETRY_AFTER_S),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Refusal(raw, body, STATUS_LINE + lines + b"\r\n" + body)
