"""Which media type answers a request (GraphQL over HTTP, "Content Negotiation"; RFC 9110, 12.5.1).

The two JSON types differ in status codes, so the choice matters. `application/json` is
the answer to a missing Accept and to wildcards, as clients of that age expect. The
streaming types are only ever used when a client names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import Enum
from functools import lru_cache
from typing import Final

ACCEPT_LIMIT_CHARACTERS: Final = 1_024
ACCEPTS_CACHED_LIMIT: Final = 256
INCREMENTAL_SPEC: Final = "v0.2"
"""What clients call the format with `pending`, `incremental`, `completed` and `hasNext`, if they name it.
Source: https://specs.apollo.dev/incremental/
"""


class MediaType(Enum):
    """What edge can write. The value is the response's Content-Type."""

    GRAPHQL_RESPONSE = "application/graphql-response+json; charset=utf-8"
    JSON = "application/json; charset=utf-8"
    EVENT_STREAM = "text/event-stream; charset=utf-8"
    MULTIPART = 'multipart/mixed; boundary="-"'
    MULTIPART_SUBSCRIPTION = 'multipart/mixed; boundary="-"; subscriptionSpec=1.0'


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a client takes: for one response, for a stream of them, for one in parts, and whether it wants
    a page to read.

    `single` is None when the client takes neither JSON type; `stream` when it takes no stream; `parts` when
    it does not take the current format of incremental delivery.
    """

    single: MediaType | None
    stream: MediaType | None
    parts: MediaType | None
    page: bool


@lru_cache(maxsize=ACCEPTS_CACHED_LIMIT)
def accepted(accept: str | None) -> Accepted:
    """Reads an Accept header. One that is malformed or too long accepts nothing it does not clearly name."""
    if accept is None or not accept.strip():
        return Accepted(MediaType.JSON, None, None, page=False)
    single: tuple[float, int, MediaType] | None = None
    stream: tuple[float, MediaType] | None = None
    parts: tuple[float, MediaType] | None = None
    page = 0.0
    for kind, parameters, quality in _ranges(accept[:ACCEPT_LIMIT_CHARACTERS]):
        candidate = _single(kind, parameters)
        if candidate is not None and (single is None or (quality, *candidate[:1]) > single[:2]):
            single = (quality, *candidate)
        streaming = _stream(kind, parameters)
        if streaming is not None and (stream is None or quality > stream[0]):
            stream = (quality, streaming)
        incremental = _parts(kind, parameters)
        if incremental is not None and (parts is None or quality > parts[0]):
            parts = (quality, incremental)
        if kind == "text/html":
            page = quality
    named_json = single[0] if single is not None and single[1] > 0 else 0.0
    return Accepted(
        single[2] if single else None,
        stream[1] if stream else None,
        parts[1] if parts else None,
        page=page > 0 and page >= named_json,
    )


def _single(kind: str, parameters: Message) -> tuple[int, MediaType] | None:
    """How exactly a range names a JSON type (higher wins at equal quality), and which."""
    if str(parameters.get_param("charset", "utf-8")).lower() not in ("utf-8", "utf8"):
        return None
    return {
        "application/graphql-response+json": (2, MediaType.GRAPHQL_RESPONSE),
        "application/json": (1, MediaType.JSON),
        "application/*": (0, MediaType.JSON),
        "*/*": (0, MediaType.JSON),
    }.get(kind)


def _stream(kind: str, parameters: Message) -> MediaType | None:
    if kind == "text/event-stream":
        return MediaType.EVENT_STREAM
    if kind == "multipart/mixed":
        subscription = parameters.get_param("subscriptionspec") is not None
        return MediaType.MULTIPART_SUBSCRIPTION if subscription else MediaType.MULTIPART
    return None


def _parts(kind: str, parameters: Message) -> MediaType | None:
    """A client that names a format of its own (`deferSpec`, `subscriptionSpec`) cannot read ours."""
    if kind == "text/event-stream":
        return MediaType.EVENT_STREAM
    if kind != "multipart/mixed":
        return None
    stated = parameters.get_param("incrementalspec", INCREMENTAL_SPEC)
    others = any(parameters.get_param(name) is not None for name in ("deferspec", "subscriptionspec"))
    return MediaType.MULTIPART if stated == INCREMENTAL_SPEC and not others else None


def _ranges(accept: str) -> Iterator[tuple[str, Message, float]]:
    """The header's media ranges with their parameters and quality, without those it rules out (q=0)."""
    for part in accept.split(","):
        parsed = content_type(part)
        try:
            quality = float(str(parsed.get_param("q", "1")))
        except ValueError:
            continue
        if 0.0 < quality <= 1.0:
            yield part.partition(";")[0].strip().lower(), parsed, quality


def content_type(header: str) -> Message:
    """A header of the shape of Content-Type, its parameters readable with `get_param`."""
    message = Message()
    message["content-type"] = header.strip()
    return message
