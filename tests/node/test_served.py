"""A node on a real socket: health, metrics, the explorer, bad HTTP, and logs that tell nothing personal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import OKPKey

from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.logs import make_logger
from edge.tokens import issue_token
from region_node.app import Node
from schema.membership import QUESTION
from tests.node.bank import new_key
from tests.node.conftest import SetClock, citizen_number, node_settings
from tests.node.databases import REGION, Engine
from tests.serving import Servers

OPEN = """mutation($n: String!, $k: String!) {
  openAccount(region: "320000", input: {citizenNumber: $n, group: VETERAN}, idempotencyKey: $k) {
    ... on AccountChanged { account { id learner { id } citizenNumberMasked } } } }"""


@dataclass
class OnSocket:
    client: httpx.Client
    officer: dict[str, str]
    log: io.BytesIO


@pytest.fixture(scope="module")
def node(database_engines: dict[str, Engine], keys_file: Path, token_key: OKPKey) -> Iterator[OnSocket]:
    settings = node_settings(database_engines["sqlite"].fresh(), keys_file)
    token = issue_token(token_key, Caller(Role.OFFICER, "an-officer", region=REGION))
    with Servers() as servers:
        log = io.BytesIO()
        node = Node(settings, clock=SetClock(), bundle=load_sample(), logger=make_logger("node", log))
        served = servers.start(node.app)
        with httpx.Client(base_url=served.url, verify=False) as client:  # noqa: S501 - plain HTTP
            yield OnSocket(client, {"authorization": f"Bearer {token}"}, log)


def test_it_lives_is_ready_and_counts(node: OnSocket) -> None:
    assert node.client.get("/health/live").json() == {"live": True}
    assert node.client.get("/health/ready").json()["ready"] is True
    node.client.post("/graphql", json={"query": "{ __typename }"})
    assert "200" in node.client.get("/metrics").text


def test_the_explorer_offers_examples_that_are_valid(node: OnSocket) -> None:
    page = node.client.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 200
    examples = node.client.get("/explorer/setup.json").json()["examples"]
    assert len(examples) >= 4
    for example in examples:
        answer = node.client.post("/graphql", json={"query": example["query"], "variables": {}})
        codes = {error["extensions"]["code"] for error in answer.json().get("errors", [])}
        assert codes <= {"BAD_USER_INPUT"}, example["title"]  # variables that this test leaves out


def test_nothing_personal_is_logged(node: OnSocket) -> None:
    number = citizen_number(77)
    for given in (number, number[:-1] + "?"):
        answer = node.client.post(
            "/graphql", json={"query": OPEN, "variables": {"n": given, "k": new_key()}}, headers=node.officer
        )
        assert answer.status_code == 200
    logged = node.log.getvalue().decode()
    assert '"event":"request"' in logged
    for secret in (number, number[6:14], "an-officer", node.officer["authorization"][-20:]):
        assert secret not in logged


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": "Bearer nonsense"}, "UNAUTHENTICATED"),
        ({"authorization": "Basic YTpi"}, "UNAUTHENTICATED"),
    ],
)
def test_a_wrong_token_is_refused(node: OnSocket, headers: dict[str, str], code: str) -> None:
    answer = node.client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_a_body_of_ten_megabytes_is_refused(node: OnSocket) -> None:
    answer = node.client.post(
        "/graphql", content=b" " * 10_000_000, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


def test_limits_hold_at_the_node_itself(node: OnSocket) -> None:
    deep = "{ learner(id: 1) " + "{ accounts { learner " * 20 + "{ id }" + " } }" * 20 + " }"
    for query, code in (
        (deep, "LIMIT_DEPTH"),
        ('{ accounts(region: "320000", first: 201) { totalCount } }', "LIMIT_PAGE_SIZE"),
        ("{ " + " ".join(f"a{number}: __typename" for number in range(70)) + " }", "LIMIT_ALIASES"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
    ):
        answer = node.client.post("/graphql", json={"query": query}, headers=node.officer).json()
        assert code in {error["extensions"]["code"] for error in answer["errors"]}


def test_gateways_that_ask_who_joined_fill_no_log(node: OnSocket) -> None:
    """They ask more than once a second: a line is written when the answer ends otherwise than before."""

    def lines(**more: object) -> int:
        before = node.log.getvalue().count(b'"event":"request"')
        answer = node.client.post("/graphql", json={"query": QUESTION, **more})
        assert answer.status_code == 200
        return node.log.getvalue().count(b'"event":"request"') - before

    well = {"variables": {"type": "Learner", "challenge": "once"}}
    assert [lines(**well) for _ in range(3)] == [1, 0, 0]
    assert [lines(), lines(), lines(**well), lines(**well)] == [1, 0, 1, 0]
    assert lines(query="{ __typename }") == lines(query="{ __typename }") == 1
