"""Reads a request's body within its limit: what is too large is refused while it arrives, never held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.types import Receive

from edge.errors import HttpRefusal

DISCARD_LIMIT_BYTES: Final = 64 * 1_048_576
"""The rest of a refused body up to this size is let run out unread, so that its sender sees the answer."""


class ClientGone(Exception):  # noqa: N818 - not an error of anybody: the client hung up
    """The client went away while its request was read; there is nobody to answer."""


async def read_limited(headers: Mapping[str, str], receive: Receive, limit_bytes: int) -> bytes:
    """The whole body. Raises HttpRefusal 413 as soon as it is known to be too large, or ClientGone."""
    stated = headers.get("content-length", "")
    stated_bytes = int(stated) if stated.isascii() and stated.isdigit() else None
    if stated_bytes is not None and stated_bytes > limit_bytes:
        raise _too_large(limit_bytes, closing=stated_bytes > DISCARD_LIMIT_BYTES)
    chunks, received_bytes, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        received_bytes += len(chunk)
        if received_bytes > limit_bytes:
            raise _too_large(limit_bytes, closing=True)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limit_bytes: int, *, closing: bool) -> HttpRefusal:
    headers = {"connection": "close"} if closing else {}
    return HttpRefusal(413, "BODY_TOO_LARGE", headers=headers, limit=limit_bytes)
