"""Bytes of an HTTP response as a GraphQL reply, or as the failure they are (GraphQL over HTTP, 6)."""

from __future__ import annotations

from functools import lru_cache

import orjson

from gateway.clients.connection import Answered
from gateway.clients.failures import NodeFailure, invalid, overloaded, rejected
from gateway.federation.transport import Reply, Unparsed

GRAPHQL_JSON = "application/graphql-response+json"
MEDIA_CACHED_LIMIT = 256
TRANSIENT = frozenset({502, 503, 504})  # a balancer without a node behind it


def read_reply(answered: Answered) -> Reply | Unparsed:
    """Return the reply, or its bytes when all but they say that it is one; raises `NodeFailure`.

    A refusal (4xx) that is itself a GraphQL response is a reply without data, so that the node's own
    words reach the client; a 503 that says when to come again is `SHARD_BUSY`, and any other status than
    2xx is `SHARD_REJECTED`.
    """
    status, body = answered.status, answered.body
    media, is_json = _media(answered.content_type)
    if 200 <= status < 300:
        if not is_json:
            raise invalid(f"It answered with {media or 'nothing'} where JSON was expected.")
        return Unparsed(body, parse_reply)
    if 400 <= status < 500 and is_json:
        try:
            reply = parse_reply(body)
        except NodeFailure:
            raise rejected(f"It answered with HTTP status {status}.") from None
        if reply.data is None and reply.errors:
            return reply
    if status == 503 and answered.retry_after:
        raise overloaded(answered.retry_after)
    if status >= 500:
        raise NodeFailure(
            "SHARD_REJECTED",
            f"It answered with HTTP status {status}.",
            is_sick=True,
            is_transient=status in TRANSIENT,
        )
    if 300 <= status < 400:
        raise rejected("It answered with a redirect, which is never followed: correct its address.")
    raise rejected(f"It answered with HTTP status {status}.")


@lru_cache(MEDIA_CACHED_LIMIT)
def _media(content_type: str) -> tuple[str, bool]:
    media = content_type.partition(";")[0].strip().lower()
    return media, media in ("application/json", GRAPHQL_JSON)


def parse_reply(body: bytes) -> Reply:
    """Return the reply that `body` is; raises `NodeFailure` where it is no GraphQL response in JSON."""
    if not body:
        raise invalid("It answered with nothing.")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise invalid("Its answer is not JSON.") from None
    return reply_of(content)


def reply_of(content: object) -> Reply:
    """Return the reply that this JSON is; raises `NodeFailure` where it is no GraphQL response."""
    if type(content) is not dict:
        raise invalid("Its answer is not a GraphQL response.")
    data = content.get("data")
    if len(content) == 1 and type(data) is dict:
        return Reply(data)
    errors, extensions = content.get("errors"), content.get("extensions")
    errors = [] if errors is None else errors
    extensions = {} if extensions is None else extensions
    if not (
        type(errors) is list
        and all(type(error) is dict for error in errors)
        and type(extensions) is dict
        and (type(data) is dict or (data is None and bool(errors)))
    ):
        raise invalid("Its answer is not a GraphQL response.")
    return Reply(data, tuple(errors), extensions)
