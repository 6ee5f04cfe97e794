"""Fetches a small document, such as a key set, from an address that an operator set."""

from __future__ import annotations

from typing import Final

import httpx

FETCH_TIMEOUT_S: Final = 5.0


async def fetch(url: str) -> bytes:
    """Return the body of a good answer; no redirect is followed. Raises OSError, naming only its kind."""
    try:
        async with httpx.AsyncClient(
            timeout=FETCH_TIMEOUT_S, follow_redirects=False, trust_env=False
        ) as client:
            answer = await client.get(url)
            answer.raise_for_status()
            return answer.content
    except httpx.HTTPError as error:
        raise OSError(f"{type(error).__name__} for the address that was set") from error
