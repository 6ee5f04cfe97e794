"""Structured logs: one JSON object a line, with the trace it belongs to and nothing personal.

What may be logged is listed here field by field (`request_answered`), instead of being
filtered out of something larger: no variable, no token, no document, no message of a
foreign exception can be in a line, since none is ever handed over. A document is known by
its hash only.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import orjson
import structlog

from edge.caller import Caller
from edge.operation import Trace

FRAMES_LIMIT: Final = 30
CODES_LIMIT: Final = 20
_OPERATION_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,63}")
_LONG_NUMBER: Final = re.compile(r"\d{6,}")

Logger = structlog.typing.FilteringBoundLogger

_TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)


def make_logger(program: str, file: BinaryIO | None = None, level: int = logging.INFO) -> Logger:
    """A logger of JSON lines to `file` (standard error unless given), each line naming the program."""
    logger: Logger = structlog.wrap_logger(
        structlog.BytesLogger(file or sys.stderr.buffer),
        processors=[
            _add_trace_level_and_time,
            _as_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    ).bind(program=program)
    return logger


class in_trace:  # noqa: N801 # it is used as a function is; a generator costs three times as much
    """Every line logged inside this context, by any part of the program, carries the trace's ids."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def __enter__(self) -> None:
        self._before: Token[Trace | None] = _TRACE.set(self._trace)

    def __exit__(self, *_: object) -> None:
        _TRACE.reset(self._before)


def request_answered(
    logger: Logger,
    *,
    method: str,
    status: int,
    duration_s: float,
    caller: Caller,
    operation_name: str | None,
    document_sha256: str | None,
    codes: Iterable[str],
) -> None:
    """One line for each request. `operation_name` is the client's own text, so it is made harmless first."""
    logger.info(
        "request",
        method=method,
        status=status,
        duration_ms=round(duration_s * 1000, 2),
        role=caller.role.value,
        region=caller.region,
        operation=loggable_name(operation_name),
        document=document_sha256,
        codes=list(codes)[:CODES_LIMIT],
    )


def fault_masked(logger: Logger, correlation_id: str, error: BaseException) -> None:
    """One line for an error that the caller was only told an id of.

    Its kind and where it was raised are enough to find it. Its text stays out: texts of
    exceptions quote values (a database's quote whole rows).
    """
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_LIMIT:]
    cause = error.__cause__ or error.__context__
    logger.error(
        "fault",
        correlation_id=correlation_id,
        kind=_kind(error),
        cause=None if cause is None else _kind(cause),
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )


def loggable_name(operation_name: str | None) -> str | None:
    """An operation's name without long numbers, which could be somebody's; None for any other text."""
    if operation_name is None or _OPERATION_NAME.fullmatch(operation_name) is None:
        return None
    return _LONG_NUMBER.sub("…", operation_name)


class StandardLogs(logging.Handler):
    """Sends what libraries log by the standard module into our lines: the template, never its arguments."""

    def __init__(self, logger: Logger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Logs the record's unfilled message, and of an exception only its kind."""
        error = record.exc_info[1] if record.exc_info else None
        self._logger.log(
            record.levelno,
            "library",
            logger=record.name,
            message=str(record.msg),
            kind=None if error is None else _kind(error),
        )


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _add_trace_level_and_time(
    _: Any, level: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """What structlog's own processors add, in one: there is a line for every request."""
    trace = _TRACE.get()
    if trace is not None:
        event["trace_id"], event["span_id"] = trace.trace_id, trace.span_id
    event["level"] = level
    event["timestamp"] = f"{datetime.now(UTC).replace(tzinfo=None).isoformat()}Z"
    return event


def _as_line(_: Any, __: str, event: structlog.typing.EventDict) -> bytes:
    return orjson.dumps(event, default=str)
