"""The subscription to an account's events: all of its history, from any place on, as it is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLError
from joserfc.jwk import OKPKey

from edge.caller import PUBLIC, Caller, Role
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, ResultStream, Trace
from region_node.graph.executor import NodeExecutor
from region_node.storage.watch import watch
from tests.node.bank import deposited, open_account, step, submit
from tests.node.conftest import Served, serving
from tests.node.databases import REGION, Engine

EVENTS = """subscription($account: ID!, $after: String) { accountEvents(account: $account, after: $after) {
  cursor accountEvent { status } outcomeEvent { step } outcome { id status } entry { kind credits } } }"""
OFFICER = Caller(Role.OFFICER, "an officer", region=REGION)
HISTORY = ["OPEN", "SUBMITTED", "VERIFIED", "DEPOSIT"]
ARRIVES_S = 30


@asynccontextmanager
async def events(
    served: Served, account: str, after: str | None = None, caller: Caller = OFFICER
) -> AsyncIterator[ResultStream]:
    stream = await subscribed(served, account, after, caller)
    assert isinstance(stream, ResultStream)
    try:
        yield stream
    finally:
        await stream.payloads.aclose()


async def subscribed(
    served: Served, account: str, after: str | None, caller: Caller
) -> ExecutionResult | ResultStream:
    call = CallContext(caller, float("inf"), Trace("0" * 32, "0" * 16), accepts_stream=True)
    operation = Operation(EVENTS, {"account": account, "after": after})
    return await NodeExecutor(served.node.bank, Limits()).execute(operation, call)


async def following(stream: ResultStream) -> dict[str, Any]:
    payload = await asyncio.wait_for(stream.payloads.__anext__(), ARRIVES_S)
    assert not payload.errors
    event: dict[str, Any] = payload.data["accountEvents"]
    return event


def shown(event: dict[str, Any]) -> str:
    """One word for what happened."""
    for name, member in (("accountEvent", "status"), ("outcomeEvent", "step"), ("entry", "kind")):
        if event[name] is not None:
            return str(event[name][member])
    raise AssertionError(event)


async def test_history_comes_first_and_then_what_is_recorded(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    outcome = await deposited(served.officer, account)
    async with events(served, account) as stream:
        assert sorted([shown(await following(stream)) for _ in HISTORY]) == sorted(HISTORY)
        waiting = asyncio.create_task(following(stream))
        await asyncio.sleep(0)
        assert not waiting.done()
        await step(served.officer, "revokeOutcome", outcome, reason="an error", ground="ERROR")
        told = [await waiting, await following(stream)]
        assert {shown(event) for event in told} == {"REVOKED", "REVERSAL"}
        (revoked,) = [event for event in told if event["outcomeEvent"]]
        assert revoked["outcome"] == {"id": outcome, "status": "REVOKED"}


async def test_every_cursor_goes_on_behind_its_event(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    for order in range(2):
        await deposited(served.officer, account, title=f"course {order}")
    async with events(served, account) as stream:
        whole = [await following(stream) for _ in range(7)]
    for place, event in enumerate(whole[:-1]):
        async with events(served, account, event["cursor"]) as stream:
            rest = [await following(stream) for _ in whole[place + 1 :]]
        assert rest == whole[place + 1 :]


async def test_many_may_wait_and_only_those_of_the_account_are_told(sqlite_served: Served) -> None:
    served = sqlite_served
    accounts = [(await open_account(served.officer, order))["account"]["id"] for order in (1, 2)]
    async with events(served, accounts[0]) as first, events(served, accounts[0]) as second:
        assert [shown(await following(stream)) for stream in (first, second)] == ["OPEN", "OPEN"]
        waiting = [asyncio.create_task(following(stream)) for stream in (first, second)]
        await submit(served.officer, accounts[1])
        assert not any(one.done() for one in waiting)
        await submit(served.officer, accounts[0])
        assert [shown(await one) for one in waiting] == ["SUBMITTED", "SUBMITTED"]
    assert not served.node.bank.changes


async def test_what_another_process_records_is_told_too(
    engine: Engine, keys_file: Path, token_key: OKPKey
) -> None:
    """Two nodes over one database: each knows of the other's changes by the database alone."""
    url = engine.fresh()
    async with serving(url, keys_file, token_key) as here, serving(url, keys_file, token_key) as there:
        account = (await open_account(here.officer))["account"]["id"]
        watching = asyncio.create_task(watch(here.node.database, here.node.bank.changes))
        try:
            async with events(here, account) as stream:
                assert shown(await following(stream)) == "OPEN"
                waiting = asyncio.create_task(following(stream))
                await submit(there.officer, account)
                assert shown(await waiting) == "SUBMITTED"
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (PUBLIC, "UNAUTHENTICATED"),
        (Caller(Role.LEARNER, "another", learner_id="L-OTHER"), "FORBIDDEN"),
        (Caller(Role.OFFICER, "elsewhere", region="310000"), "FORBIDDEN"),
    ],
)
async def test_only_who_may_read_the_account_may_listen(
    sqlite_served: Served, caller: Caller, code: str
) -> None:
    account = (await open_account(sqlite_served.officer))["account"]["id"]
    assert await refusal(sqlite_served, account, None, caller) == code


async def test_what_is_no_account_and_what_is_no_cursor_is_refused(sqlite_served: Served) -> None:
    account = (await open_account(sqlite_served.officer))["account"]["id"]
    assert await refusal(sqlite_served, f"{REGION}-A-NOBODY") == "UNKNOWN_ACCOUNT"
    for cursor in ("", "?", "W10", "WzEsMiwzXQ", "WzEsLTFd"):
        assert await refusal(sqlite_served, account, cursor) == "INVALID_CURSOR"


async def refusal(served: Served, account: str, after: str | None = None, caller: Caller = OFFICER) -> Any:
    answer = await subscribed(served, account, after, caller)
    assert isinstance(answer, ExecutionResult)
    (error,) = answer.errors
    assert isinstance(error, GraphQLError)
    return (error.extensions or {}).get("code")
