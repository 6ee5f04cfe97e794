"""Batches, automatic persisted queries and trusted documents."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from edge.documents import MemoryPersistedQueries, TrustedDocuments
from edge.limits import Limits
from edge.settings import EdgeSettings
from tests.edge.conftest import Program, Start

QUERY = "{ hello }"
SHA256 = hashlib.sha256(QUERY.encode()).hexdigest()
HELLO = {"data": {"hello": "hello world"}}


def persisted(sha256: Any = SHA256, version: Any = 1, **rest: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": sha256}}, **rest}


def code_of(body: dict[str, Any]) -> str:
    assert "data" not in body
    code: str = body["errors"][0]["extensions"]["code"]
    return code


async def test_a_batch_is_answered_in_order_and_a_mistake_stays_in_its_place(program: Program) -> None:
    envelopes = [{"query": QUERY}, {"query": "{"}, {"query": "{ breaks }"}, {"query": '{ hello(name: "z") }'}]
    response = await program.post(envelopes)
    assert response.status_code == 200
    first, second, third, fourth = response.json()
    assert (first, fourth) == (HELLO, {"data": {"hello": "hello z"}})
    assert code_of(second) == "GRAPHQL_PARSE_FAILED"
    assert third["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"


async def test_a_batch_beyond_the_limit_is_refused(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(operation_batch=2)))
    assert (await program.post([{"query": QUERY}] * 2)).json() == [HELLO, HELLO]
    response = await program.post([{"query": QUERY}] * 3)
    assert response.status_code == 400
    extensions = response.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["limit"], extensions["found"]) == ("BATCH_TOO_LARGE", 2, 3)


async def test_a_stream_does_not_fit_in_a_batch(program: Program) -> None:
    answers = (await program.post([{"query": "subscription { count(to: 1) }"}, {"query": QUERY}])).json()
    assert code_of(answers[0]) == "STREAM_NOT_ACCEPTED"
    assert answers[1] == HELLO


async def test_a_persisted_query_is_asked_for_once_and_then_known(program: Program) -> None:
    unknown = (await program.post(persisted())).json()
    assert code_of(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (await program.post(persisted(query=QUERY))).json() == HELLO
    assert (await program.post(persisted())).json() == HELLO
    extensions = json.dumps(persisted()["extensions"])
    assert (await program.client.get("/graphql", params={"extensions": extensions})).json() == HELLO


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        (persisted("0" * 64, query=QUERY), "PERSISTED_QUERY_HASH_MISMATCH"),
        (persisted(version=2), "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"extensions": {"persistedQuery": "x"}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 5}}},
            "PERSISTED_QUERY_NOT_SUPPORTED",
        ),
        ({"documentId": "sha256:" + SHA256}, "DOCUMENT_UNKNOWN"),
    ],
)
async def test_a_document_that_cannot_be_found_says_why(
    program: Program, envelope: dict[str, Any], code: str
) -> None:
    assert code_of((await program.post(envelope)).json()) == code


async def test_persisted_queries_can_be_switched_off(start: Start) -> None:
    program = await start(EdgeSettings("test", persisted_queries=False))
    assert (await program.post(persisted(query=QUERY))).json() == HELLO
    assert code_of((await program.post(persisted())).json()) == "PERSISTED_QUERY_NOT_SUPPORTED"


async def test_a_hash_of_a_mutation_does_not_run_it_by_get(program: Program) -> None:
    mutation = "mutation { add(by: 1) }"
    sha256 = hashlib.sha256(mutation.encode()).hexdigest()
    assert (await program.post(persisted(sha256, query=mutation))).json() == {"data": {"add": 2}}
    extensions = json.dumps(persisted(sha256)["extensions"])
    response = await program.client.get("/graphql", params={"extensions": extensions})
    assert response.status_code == 405


async def test_the_store_forgets_what_was_used_longest_ago() -> None:
    store = MemoryPersistedQueries(limit=2, limit_bytes=10)
    await store.keep("a", "1234")
    await store.keep("b", "1234")
    assert await store.find("a") == "1234"
    await store.keep("c", "12")
    assert [await store.find(name) for name in "abc"] == ["1234", None, "12"]
    await store.keep("d", "123456789")
    assert [await store.find(name) for name in "acd"] == [None, None, "123456789"]
    await store.keep("e", "12345678901")
    assert [await store.find(name) for name in "de"] == [None, None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello.graphql").write_text(QUERY)
    (tmp_path / "notes.txt").write_text("{ me }")
    return tmp_path


async def test_a_trusted_document_is_named_by_its_file_or_its_hash(start: Start, folder: Path) -> None:
    program = await start(EdgeSettings("test", trusted_documents=folder))
    for name in ("hello", SHA256, f"sha256:{SHA256}"):
        assert (await program.post({"documentId": name})).json() == HELLO
    assert (await program.post(persisted())).json() == HELLO
    assert (await program.post({"query": "{ me }"})).json() == {"data": {"me": "public"}}
    assert (await program.client.get("/graphql", params={"documentId": "hello"})).json() == HELLO


async def test_nothing_but_trusted_documents_runs_when_that_is_set(start: Start, folder: Path) -> None:
    program = await start(EdgeSettings("test", trusted_documents=folder, trusted_documents_only=True))
    assert (await program.post({"documentId": "hello"})).json() == HELLO
    assert (await program.post({"query": QUERY})).json() == HELLO
    for envelope in (
        {"query": "{ me }"},
        {"query": QUERY + " "},
        {"query": "{ me }", "documentId": "hello"},
        persisted(hashlib.sha256(b"{ me }").hexdigest(), query="{ me }"),
    ):
        assert code_of((await program.post(envelope)).json()) == "DOCUMENT_NOT_TRUSTED"
    unknown = (await program.post(persisted(hashlib.sha256(b"{ me }").hexdigest()))).json()
    assert code_of(unknown) == "PERSISTED_QUERY_NOT_FOUND"


def test_a_folder_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        TrustedDocuments.from_folder(tmp_path / "none")
