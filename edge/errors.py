"""What a caller may learn of an error, and what stays in our logs.

An error that was meant for the caller carries a code: a refusal of the domain, a limit, a
mistake in the request. It passes, worded in the caller's language. Anything else is a
fault of ours: the caller gets a correlation id, the log gets the rest.

    PublicError        meant for the caller: a code and the values its wording needs
    └── HttpRefusal    refuses a whole HTTP request, with its status
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError

from edge.messages import Messages
from edge.operation import EMPTY, ExecutionResult, Locale

INTERNAL: Final = "INTERNAL_ERROR"
PARSE_FAILED: Final = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED: Final = "GRAPHQL_VALIDATION_FAILED"
EXECUTION_FAILED: Final = "GRAPHQL_EXECUTION_FAILED"

FormattedError = dict[str, Any]


class PublicError(Exception):
    """An error meant for the caller. `values` fill its wording and travel as extensions.

    `message` is the English text for a code that no catalogue words. Raised in a
    resolver, it reaches the response through `extensions`, which graphql-core copies.
    """

    def __init__(self, code: str, message: str | None = None, /, **values: Any) -> None:
        super().__init__(message or code)
        self.code = code
        self.values = values

    @property
    def extensions(self) -> dict[str, Any]:
        """The error's `extensions` in a response."""
        return {"code": self.code, **self.values}


class HttpRefusal(PublicError):  # noqa: N818 - a refusal is what it is; callers catch PublicError
    """Refuses a whole HTTP request: nothing of it was executed, or its answer is not waited for."""

    def __init__(
        self, status: int, code: str, /, *, headers: Mapping[str, str] = EMPTY, **values: Any
    ) -> None:
        super().__init__(code, **values)
        self.status = status
        self.headers = headers


def coded_error(code: str, **values: Any) -> GraphQLError:
    """A GraphQL error with a code; `ErrorFormatter` words it, so the message here is the code alone."""
    return GraphQLError(code, extensions={"code": code, **values})


class ErrorFormatter:
    """Formats errors for one program: masks, words, and reports what it masked.

    `report(correlation_id, exception)` gets every masked original; it must not raise.
    """

    def __init__(self, messages: Messages, report: Callable[[str, BaseException], None]) -> None:
        self._messages = messages
        self._report = report

    def format_all(
        self, result: ExecutionResult, locale: Locale, correlation_id: str
    ) -> list[FormattedError]:
        """The `errors` entry of a response, in the order in which they happened."""
        return [
            self._graphql(error, result.executed, locale, correlation_id)
            if isinstance(error, GraphQLError)
            else self._worded(dict(error), locale)
            for error in result.errors
        ]

    def refusal(self, error: PublicError, locale: Locale) -> FormattedError:
        """The one error of a response to a request that was refused whole."""
        return self._worded({"message": str(error), "extensions": error.extensions}, locale)

    def unexpected(self, error: BaseException, locale: Locale, correlation_id: str) -> FormattedError:
        """A fault of ours, for the caller: an id to quote, and nothing else."""
        self._report(correlation_id, error)
        extensions = {"code": INTERNAL, "correlationId": correlation_id}
        return self._worded({"message": INTERNAL, "extensions": extensions}, locale)

    def _graphql(
        self, error: GraphQLError, executed: bool, locale: Locale, correlation_id: str
    ) -> FormattedError:
        formatted: FormattedError = {**error.formatted}
        if not (error.extensions and error.extensions.get("code")):
            original = error.original_error
            if original is not None and not isinstance(original, GraphQLError):
                masked = self.unexpected(original, locale, correlation_id)
                return {**formatted, **masked}
            formatted["extensions"] = {"code": _code(error, executed), **(error.extensions or {})}
        return self._worded(formatted, locale)

    def _worded(self, error: FormattedError, locale: Locale) -> FormattedError:
        """The error in the caller's language: by the wording of its code, else by its sentence."""
        extensions = error.get("extensions") or {}
        code = extensions.get("code")
        message = hint = None
        if isinstance(code, str):
            message = self._messages.say(code, locale, extensions)
            hint = self._messages.hint(code, locale, extensions)
        if hint is not None:
            error = {**error, "extensions": {**extensions, "hint": hint}}
        return {**error, "message": message or self._messages.retell(str(error.get("message", "")), locale)}


def _code(error: GraphQLError, executed: bool) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return PARSE_FAILED
    return EXECUTION_FAILED if executed else VALIDATION_FAILED
