"""Queries alike that are on their way together are sent once, and nobody's leaving is another's loss."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from gateway.clients.deduplicated import DeduplicatedTransport
from gateway.clients.failures import timed_out, unreachable
from gateway.clients.http import HttpTransport
from gateway.clients.metrics import ShardMetrics
from gateway.clients.settings import DeduplicationSettings, HttpSettings
from gateway.federation.transport import Reply, ShardRequest, TransportFailure, Unparsed
from tests.gateway.clients.servers import Heard, asking, response, serving


@dataclass
class Held:
    """A transport whose answers come when the test lets them."""

    sent: list[ShardRequest] = field(default_factory=list)
    answers: list[asyncio.Future[Reply]] = field(default_factory=list)

    async def send(self, request: ShardRequest) -> Reply:
        self.sent.append(request)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        return await answer


Asking = asyncio.Task[Reply | Unparsed]


async def begun(transport: DeduplicatedTransport, *requests: ShardRequest) -> list[Asking]:
    tasks = [asyncio.ensure_future(transport.send(request)) for request in requests]
    await asyncio.sleep(0)
    return tasks


async def test_twenty_clients_at_once_are_one_request_on_the_socket() -> None:
    heard = Heard()
    async with serving(response(b'{"data": {"rows": [1]}}'), heard=heard) as address:

        class At:
            def url(self, subgraph: str, shard: str) -> str:
                return address

        http = HttpTransport(At(), HttpSettings())
        registry = CollectorRegistry()
        transport = DeduplicatedTransport(http, observer=ShardMetrics(registry))
        # Each client has a trace and mappings of its own, as each HTTP request has.
        requests = [asking(headers={"traceparent": f"t{n}"})._replace(variables={"a": 1}) for n in range(20)]
        answers = await asyncio.gather(*map(transport.send, requests))
        replies = [one.read() if isinstance(one, Unparsed) else one for one in answers]
        await http.aclose()
    assert len(heard.bodies) == 1
    assert all(reply.data == {"rows": [1]} for reply in replies)
    assert len({id(reply.data) for reply in replies}) == 20, "each has a tree of its own to add to"
    labels = {"subgraph": requests[0].subgraph, "shard": requests[0].shard}
    assert registry.get_sample_value("creditbank_shard_joined_total", labels) == 19


@pytest.mark.parametrize(
    "other",
    [
        asking()._replace(shard="elsewhere"),
        asking()._replace(subgraph="another"),
        asking()._replace(query="{ other }"),
        asking()._replace(variables={"a": 2}),
        asking(headers={"Authorization": "Bearer another"}),
        asking(headers={"accept-language": "zh"}),
        asking(kind="mutation"),
    ],
    ids=["shard", "subgraph", "text", "variables", "caller", "language", "mutation"],
)
async def test_what_differs_is_sent_too(other: ShardRequest) -> None:
    inner = Held()
    tasks = await begun(DeduplicatedTransport(inner), asking(), other)
    assert inner.sent == [asking(), other]
    for answer in inner.answers:
        answer.set_result(Reply({}))
    await asyncio.gather(*tasks)


async def test_two_mutations_alike_are_two() -> None:
    inner = Held()
    tasks = await begun(DeduplicatedTransport(inner), asking(kind="mutation"), asking(kind="mutation"))
    assert len(inner.sent) == 2
    for answer in inner.answers:
        answer.set_result(Reply({}))
    await asyncio.gather(*tasks)


async def test_nothing_is_remembered_once_the_answer_is_there() -> None:
    inner = Held()
    transport = DeduplicatedTransport(inner)
    for number in (1, 2):
        (task,) = await begun(transport, asking())
        inner.answers[-1].set_result(Reply({"number": number}))
        assert (await task) == Reply({"number": number})
    assert len(inner.sent) == 2


async def test_one_who_waits_may_leave_alone() -> None:
    inner = Held()
    first, second, third = await begun(DeduplicatedTransport(inner), asking(), asking(), asking())
    second.cancel()
    await asyncio.wait([second])
    inner.answers[0].set_result(Reply({"a": 1}))
    assert [await first, await third] == [Reply({"a": 1})] * 2
    assert len(inner.sent) == 1


async def test_when_the_first_leaves_the_others_ask_anew_once_for_all() -> None:
    inner = Held()
    first, second, third = await begun(DeduplicatedTransport(inner), asking(), asking(), asking())
    first.cancel()
    await asyncio.wait([first])
    await asyncio.sleep(0)
    assert inner.answers[0].cancelled()
    assert len(inner.sent) == 2
    inner.answers[1].set_result(Reply({"a": 1}))
    assert [await second, await third] == [Reply({"a": 1})] * 2


async def test_when_all_leave_the_request_is_cancelled_and_none_follows() -> None:
    inner = Held()
    tasks = await begun(DeduplicatedTransport(inner), asking(), asking())
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert [answer.cancelled() for answer in inner.answers] == [True]


async def test_a_failure_is_everybodys() -> None:
    inner = Held()
    tasks = await begun(DeduplicatedTransport(inner), asking(), asking())
    inner.answers[0].set_exception(unreachable("gone"))
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [each.code for each in outcomes if isinstance(each, TransportFailure)] == ["SHARD_UNREACHABLE"] * 2
    assert len(inner.sent) == 1


async def test_who_has_more_time_than_the_first_asks_anew_when_its_time_is_up() -> None:
    inner = Held()
    transport = DeduplicatedTransport(inner, clock=lambda: 100.0)
    hasty, patient = await begun(transport, asking(deadline_s=100.0), asking(deadline_s=200.0))
    inner.answers[0].set_exception(timed_out())
    with pytest.raises(TransportFailure):
        await hasty
    await asyncio.sleep(0)
    inner.answers[1].set_result(Reply({"a": 1}))
    assert await patient == Reply({"a": 1})


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        (DeduplicationSettings(flights=0), 4),
        (DeduplicationSettings(waiting=1), 3),
        (DeduplicationSettings(), 1),
    ],
    ids=["none may be joined", "one may wait", "by default"],
)
async def test_beyond_a_limit_each_is_sent(settings: DeduplicationSettings, sent: int) -> None:
    inner = Held()
    tasks = await begun(DeduplicatedTransport(inner, settings), *[asking() for _ in range(4)])
    assert len(inner.sent) == sent
    for answer in inner.answers:
        answer.set_result(Reply({}))
    assert await asyncio.gather(*tasks) == [Reply({})] * 4
