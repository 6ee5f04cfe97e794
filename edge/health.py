"""Whether a program lives and whether it can serve, and if not, what is missing and why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

READINESS_TIME_LIMIT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a program needs. `reason` says why it is not ready, for an operator; None when it is.

    A part that is not `essential` is reported but does not make the program unready (the
    gateway serves with every node down).
    """

    name: str
    reason: str | None = None
    essential: bool = True


Readiness = Callable[[], Awaitable[Sequence[Check]]]


DRAINING: Final = (Check("draining", "told to stop: send no more requests"),)


def health_routes(readiness: Readiness) -> list[Route]:
    """`/health/live` answers while the loop turns; `/health/ready` is 503 with reasons unless all is well.

    The application's `state.is_draining` says that the program was told to stop.
    """

    async def live(_: Request) -> Response:
        return _json(200, {"live": True})

    async def ready(request: Request) -> Response:
        checks = DRAINING if request.app.state.is_draining else await _checked(readiness)
        is_ready = all(check.reason is None for check in checks if check.essential)
        shown = [
            {
                "name": check.name,
                "ready": check.reason is None,
                "essential": check.essential,
                "reason": check.reason,
            }
            for check in checks
        ]
        return _json(200 if is_ready else 503, {"ready": is_ready, "checks": shown})

    return [Route("/health/live", live), Route("/health/ready", ready)]


async def _checked(readiness: Readiness) -> Sequence[Check]:
    try:
        async with asyncio.timeout(READINESS_TIME_LIMIT_S):
            return await readiness()
    except TimeoutError:
        return (Check("checks", f"not answered within {READINESS_TIME_LIMIT_S} s"),)


def _json(status: int, content: object) -> Response:
    return Response(orjson.dumps(content), status, {"cache-control": "no-store"}, "application/json")
