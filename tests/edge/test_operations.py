"""What an operator sees: logs, metrics, health and traces, with nothing personal in any of them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any

import pytest

from edge.caller import Role
from edge.health import Check
from edge.limits import Limits
from edge.logs import StandardLogs, loggable_name, make_logger
from edge.metrics import ERROR_CODES_LIMIT, Metrics
from edge.operation import CallContext, ExecutionResult, Operation
from edge.settings import EdgeSettings
from edge.tracing import trace_of
from tests.edge.conftest import SECRET, Start

TRACE_ID, PARENT_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_no_log_line_holds_anything_personal(start: Start) -> None:
    program = await start()
    token = program.token(Role.LEARNER, learner_id=f"L-{SECRET}")
    requests: list[Any] = [
        {"query": f'query {"Q" + SECRET} {{ hello(name: "{SECRET}") breaks refuses }}'},
        {"query": "query ($n: String) { hello(name: $n) }", "variables": {"n": SECRET}},
        {"query": "query ($n: Int) { items(first: $n) { id } }", "variables": {"n": SECRET}},
        {"query": f"{{ items(first: {SECRET}) {{ id }} }}"},
        {"query": f'{{ unknown(name: "{SECRET}") }}'},
        {"query": "{", "operationName": SECRET},
        {"documentId": SECRET},
        {"query": f'{{ hello(name: "{SECRET}'},
        [{"query": f'{{ hello(name: "{SECRET}") }}'}],
        {SECRET: SECRET},
    ]
    for body in requests:
        await program.post(body, authorization=f"Bearer {token}", x_learner=SECRET)
        await program.post(body, authorization=f"Bearer {token}{SECRET}")
    await program.client.get("/graphql", params={"query": f'{{ hello(name: "{SECRET}") }}'})
    written = program.log.getvalue().decode()
    assert len(program.lines()) > 20
    assert SECRET not in written
    assert token not in written
    assert token.split(".")[1] not in written


async def test_a_request_is_one_line_with_its_trace(start: Start) -> None:
    program = await start()
    officer = program.token(Role.OFFICER, region="440000")
    await program.post(
        {"query": "query Greeting { hello refuses }", "operationName": "Greeting"},
        authorization=f"Bearer {officer}",
        traceparent=f"00-{TRACE_ID}-{PARENT_ID}-01",
    )
    (line,) = program.lines()
    assert line["trace_id"] == TRACE_ID
    assert len(line["span_id"]) == 16
    assert line["duration_ms"] > 0
    assert len(line["document"]) == 64
    expected = {
        "event": "request",
        "program": "test",
        "level": "info",
        "method": "POST",
        "status": 200,
        "role": "officer",
        "region": "440000",
        "operation": "Greeting",
        "codes": ["FORBIDDEN"],
    }
    assert {name: line[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("name", "logged"),
    [
        (None, None),
        ("Transcript", "Transcript"),
        ("L310101199001011234", "L…"),
        ("a b", None),
        ("名", None),
        ("a" * 65, None),
    ],
)
def test_an_operations_name_is_made_harmless(name: str | None, logged: str | None) -> None:
    assert loggable_name(name) == logged


def test_what_libraries_log_comes_without_its_arguments() -> None:
    file = io.BytesIO()
    library = logging.Logger("library")
    library.addHandler(StandardLogs(make_logger("test", file)))
    try:
        raise ValueError(SECRET)
    except ValueError:
        library.exception("row %s is broken", SECRET)
    line = json.loads(file.getvalue())
    assert (line["message"], line["kind"], line["level"]) == (
        "row %s is broken",
        "builtins.ValueError",
        "error",
    )
    assert SECRET not in file.getvalue().decode()


@pytest.mark.parametrize(
    ("header", "continued", "sampled"),
    [
        (f"00-{TRACE_ID}-{PARENT_ID}-01", True, True),
        (f"00-{TRACE_ID}-{PARENT_ID}-00", True, False),
        (f"cc-{TRACE_ID}-{PARENT_ID}-01-future", True, True),
        (f"00-{TRACE_ID}-{PARENT_ID}-01-extra", False, False),
        (f"ff-{TRACE_ID}-{PARENT_ID}-01", False, False),
        (f"00-{'0' * 32}-{PARENT_ID}-01", False, False),
        (f"00-{TRACE_ID}-{'0' * 16}-01", False, False),
        (f"00-{TRACE_ID.upper()}-{PARENT_ID}-01", False, False),
        ("nonsense", False, False),
        (None, False, False),
    ],
)
def test_a_trace_is_continued_or_begun(header: str | None, continued: bool, sampled: bool) -> None:
    trace = trace_of(header)
    assert (trace.trace_id == TRACE_ID, trace.parent_id == PARENT_ID, trace.sampled) == (
        continued,
        continued,
        sampled,
    )
    flags = "01" if sampled else "00"
    assert trace.traceparent == f"00-{trace.trace_id}-{trace.span_id}-{flags}"
    assert trace_of(trace.traceparent).parent_id == trace.span_id


class Remembering:
    """An executor that remembers what it was given."""

    context: CallContext
    now_s: float

    async def execute(self, _: Operation, context: CallContext) -> ExecutionResult:
        self.context, self.now_s = context, asyncio.get_running_loop().time()
        return ExecutionResult({"a": 1})


async def test_an_executor_is_told_the_time_the_language_and_what_to_send_on(start: Start) -> None:
    executor = Remembering()
    program = await start(EdgeSettings("test", Limits(time_ms=60_000)), executor=executor)
    token = program.token()
    await program.post(
        {"query": "{ a }"},
        authorization=f"Bearer {token}",
        accept_language="zh",
        traceparent=f"00-{TRACE_ID}-{PARENT_ID}-01",
        tracestate="vendor=1",
        cookie="private=1",
    )
    context = executor.context
    assert (context.caller.role, context.locale, context.trace.trace_id) == (Role.PORTAL, "zh", TRACE_ID)
    assert context.accepts_stream is False
    assert 0 < context.deadline_s - executor.now_s <= 59.75
    assert context.headers == {
        "authorization": f"Bearer {token}",
        "accept-language": "zh",
        "traceparent": context.trace.traceparent,
        "tracestate": "vendor=1",
    }
    await program.post({"query": "{ a }"}, x_deadline_ms="1000")
    assert executor.context.deadline_s - executor.now_s <= 0.9


async def test_metrics_count_requests_and_errors(start: Start) -> None:
    program = await start()
    await program.ask("{ hello refuses }")
    await program.ask("{ hello }")
    await program.post(b"")
    text = (await program.client.get("/metrics")).text
    assert 'creditbank_graphql_requests_total{role="public",status="200"} 2.0' in text
    assert 'creditbank_graphql_requests_total{role="public",status="400"} 1.0' in text
    assert 'creditbank_graphql_errors_total{code="FORBIDDEN"} 1.0' in text
    assert "creditbank_graphql_request_seconds_count 3.0" in text
    assert "creditbank_graphql_requests_in_flight 0.0" in text


def test_invented_codes_do_not_make_labels_without_end() -> None:
    metrics = Metrics()
    metrics.answered(200, Role.PUBLIC, 0.1, (f"CODE_{number}" for number in range(ERROR_CODES_LIMIT + 50)))
    text = metrics.exposition().decode()
    assert text.count("creditbank_graphql_errors_total{") == ERROR_CODES_LIMIT + 1
    assert 'code="OTHER"} 50.0' in text


async def test_a_program_is_ready_when_all_it_needs_is_there(start: Start) -> None:
    checks = [
        Check("catalogue"),
        Check("database", "the file is locked"),
        Check("node 310000", "down", essential=False),
    ]

    async def readiness() -> list[Check]:
        return checks

    program = await start(readiness=readiness)
    assert (await program.client.get("/health/live")).json() == {"live": True}
    response = await program.client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["ready"] is False
    assert response.json()["checks"][1] == {
        "name": "database",
        "ready": False,
        "essential": True,
        "reason": "the file is locked",
    }
    del checks[1]
    response = await program.client.get("/health/ready")
    assert (response.status_code, response.json()["ready"]) == (200, True)


async def test_a_check_that_does_not_answer_is_not_waited_for(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.health.READINESS_TIME_LIMIT_S", 0.05)

    async def readiness() -> list[Check]:
        await asyncio.Event().wait()
        return []

    program = await start(readiness=readiness)
    response = await program.client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"][0]["reason"] == "not answered within 0.05 s"
