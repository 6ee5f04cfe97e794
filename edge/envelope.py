"""From the bytes of a request to envelopes: the parameters of GraphQL over HTTP, their types checked.

Whatever cannot be read is refused here with 400 and a code that says where and why, so
that nothing behind this file meets an ill-typed parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from edge.errors import HttpRefusal
from edge.limits import Limits
from edge.negotiation import content_type
from edge.operation import EMPTY

QUERY_PARAMETERS_LIMIT: Final = 32
JSON_TYPE_NAMES: Final = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """One operation as it was asked for; its document may be given by text, by id or by hash."""

    query: str | None
    document_id: str | None
    variables: Mapping[str, Any]
    operation_name: str | None
    extensions: Mapping[str, Any]


@lru_cache(maxsize=256)
def check_content_type(header: str | None) -> None:
    """Raises HttpRefusal 415 unless the body is said to be JSON in UTF-8."""
    if header is None or header.partition(";")[0].strip().lower() != "application/json":
        raise HttpRefusal(415, "MEDIA_TYPE_UNSUPPORTED", found=_shown(header))
    charset = content_type(header).get_param("charset", "utf-8")
    if str(charset).lower() not in ("utf-8", "utf8"):
        raise HttpRefusal(415, "CHARSET_UNSUPPORTED", found=_shown(str(charset)))


def check_content_encoding(header: str | None) -> None:
    """Raises HttpRefusal 415 for a compressed body: its size could not be limited while it arrives."""
    if header is not None and header.strip().lower() not in ("", "identity"):
        raise HttpRefusal(
            415, "CONTENT_ENCODING_UNSUPPORTED", headers={"accept-encoding": "identity"}, found=_shown(header)
        )


def read_body(body: bytes, limits: Limits) -> Envelope | list[Envelope]:
    """One envelope, or a batch of them when the body is a JSON array."""
    content = read_json(body, limits)
    if not isinstance(content, list):
        return read_envelope(content, "body")
    if not content:
        raise HttpRefusal(400, "BATCH_EMPTY")
    if len(content) > limits.operation_batch:
        raise HttpRefusal(400, "BATCH_TOO_LARGE", limit=limits.operation_batch, found=len(content))
    return [read_envelope(item, f"body[{index}]") for index, item in enumerate(content)]


def read_query_string(query_string: bytes, limits: Limits) -> Envelope:
    """The envelope in a URL: `variables` and `extensions` are JSON there; the first of a name counts."""
    if len(query_string) > limits.body_limit_bytes:
        raise HttpRefusal(413, "BODY_TOO_LARGE", limit=limits.body_limit_bytes)
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=QUERY_PARAMETERS_LIMIT,
        )
    except UnicodeDecodeError:
        raise HttpRefusal(400, "BODY_NOT_UTF8") from None
    except ValueError:
        raise _invalid("query string", f"at most {QUERY_PARAMETERS_LIMIT} parameters", "longer") from None
    content: dict[str, Any] = dict(reversed(pairs))
    for name in ("variables", "extensions"):
        if name in content:
            content[name] = read_json(content[name].encode(), limits) if content[name] else None
    return read_envelope(content, "query string")


def read_json(text: bytes, limits: Limits) -> Any:
    """The JSON value of a text. Raises HttpRefusal 400 that says where and why it is none, or too deep."""
    if not text.strip():
        raise HttpRefusal(400, "BODY_MISSING")
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _json_refusal(text, error, limits) from None
    # Only a text with that many brackets can be that deep, which spares most requests the walk.
    if text.count(b"{") + text.count(b"[") > limits.json_depth and _deeper(content, limits.json_depth):
        raise HttpRefusal(400, "JSON_TOO_DEEP", limit=limits.json_depth)
    return content


def _json_refusal(text: bytes, error: orjson.JSONDecodeError, limits: Limits) -> HttpRefusal:
    try:
        text.decode()
    except UnicodeDecodeError:
        return HttpRefusal(400, "BODY_NOT_UTF8")
    if "depth limit" in error.msg:
        return HttpRefusal(400, "JSON_TOO_DEEP", limit=limits.json_depth)
    return HttpRefusal(400, "BODY_NOT_JSON", line=error.lineno, column=error.colno)


def _deeper(content: Any, limit: int) -> bool:
    level = [content]
    for _ in range(limit + 1):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def read_envelope(content: Any, where: str) -> Envelope:
    """The envelope in a JSON value that stands at `where`. Raises HttpRefusal 400 ENVELOPE_INVALID."""
    if not isinstance(content, dict):
        raise _invalid(where, "an object", _type_name(content))
    return Envelope(
        _text(content, "query"),
        _text(content, "documentId"),
        _object(content, "variables"),
        _text(content, "operationName") or None,
        _object(content, "extensions"),
    )


def _text(content: dict[str, Any], name: str) -> str | None:
    value = content.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _invalid(name, "a string or null", _type_name(value))


def _object(content: dict[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    if value is None:
        return EMPTY
    if isinstance(value, dict):
        return value
    raise _invalid(name, "an object or null", _type_name(value))


def _invalid(parameter: str, expected: str, found: str) -> HttpRefusal:
    return HttpRefusal(400, "ENVELOPE_INVALID", parameter=parameter, expected=expected, found=found)


def _type_name(value: object) -> str:
    return JSON_TYPE_NAMES[type(value)]


def _shown(text: str | None) -> str:
    """A piece of the caller's header, short enough to say back to them."""
    return "missing" if text is None else text[:80]
