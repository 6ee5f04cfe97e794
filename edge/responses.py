"""An execution result as bytes, with the status that its media type asks for.

`application/graphql-response+json` tells by its status whether execution began
(GraphQL over HTTP, section 6.4.2); `application/json` is 200 for any well-formed request
(6.4.1). A request refused as a whole has its refusal's status in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.responses import Response

from edge.errors import ErrorFormatter, HttpRefusal
from edge.negotiation import MediaType
from edge.operation import ExecutionResult, Locale, Trace

Body = dict[str, Any]

COMMON_HEADERS: Final = {
    "vary": "Accept, Accept-Language, Authorization",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}


class ResponseWriter:
    """Writes what one request is answered: in its language, its media type, under its correlation id."""

    def __init__(
        self, formatter: ErrorFormatter, locale: Locale, trace: Trace, media_type: MediaType
    ) -> None:
        self._formatter = formatter
        self.locale = locale
        self._trace = trace
        self._media_type = media_type
        self.codes: list[str] = []
        """The codes of all errors written, for logs and metrics."""

    def body(self, result: ExecutionResult) -> Body:
        """The response as a JSON-ready object; errors come first, so that nobody misses them."""
        body: Body = {}
        if result.errors:
            body["errors"] = self._noted(self._formatter.format_all(result, self.locale, self._trace.span_id))
        if result.executed:
            body["data"] = result.data
        if result.extensions:
            body["extensions"] = result.extensions
        for name, value in result.incremental.items():
            body[name] = [self._entry(entry) for entry in value] if isinstance(value, list) else value
        return body

    def single(self, result: ExecutionResult) -> Response:
        """The response to one operation."""
        refused = not result.executed and self._media_type is MediaType.GRAPHQL_RESPONSE
        return self._response(400 if refused else 200, self.body(result))

    def batch(self, results: Iterable[ExecutionResult]) -> Response:
        """The responses to a batch, in the order of its operations."""
        return self._response(200, [self.body(result) for result in results])

    def refusal(self, refusal: HttpRefusal) -> Response:
        """The response to a request that was refused whole."""
        return self._response(refusal.status, self.refusal_body(refusal), refusal.headers)

    def refusal_body(self, refusal: HttpRefusal) -> Body:
        """Why a request is refused, or its stream ended."""
        return {"errors": self._noted([self._formatter.refusal(refusal, self.locale)])}

    def unexpected(self, error: BaseException) -> Response:
        """The response when we failed."""
        return self._response(500, self.unexpected_body(error))

    def unexpected_body(self, error: BaseException) -> Body:
        """What a caller is told when we failed: an id, under which the log has the rest."""
        masked = self._formatter.unexpected(error, self.locale, self._trace.span_id)
        return {"errors": self._noted([masked])}

    def _entry(self, entry: Any) -> Any:
        """One entry of `incremental`, `completed` or `pending`, its own errors masked and worded."""
        if not isinstance(entry, Mapping) or not entry.get("errors"):
            return entry
        errors: list[GraphQLError] = entry["errors"]
        formatted = self._formatter.format_all(
            ExecutionResult(errors=errors), self.locale, self._trace.span_id
        )
        return {**entry, "errors": self._noted(formatted)}

    def _noted(self, errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for error in errors:
            code = (error.get("extensions") or {}).get("code")
            self.codes.append(code if isinstance(code, str) else "NONE")
        return errors

    def _response(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
        head = _head(self._media_type, self.locale)
        more = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
        return _Written(status, [*head, *more], orjson.dumps(body))


class _Written(Response):
    """A response whose headers are bytes already, as they are nearly the same for all."""

    def __init__(self, status: int, head: list[tuple[bytes, bytes]], content: bytes) -> None:
        self.status_code = status
        self.body = content
        self.background = None
        self.raw_headers = [*head, (b"content-length", b"%d" % len(content))]


@lru_cache(maxsize=32)  # media types times languages
def _head(media_type: MediaType, locale: Locale) -> tuple[tuple[bytes, bytes], ...]:
    headers = {**COMMON_HEADERS, "content-language": locale, "content-type": media_type.value}
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
