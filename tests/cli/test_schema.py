"""The contract on the command line: printed, checked, composed, planned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import build_schema, is_object_type, parse
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from creditbank import contract
from tests.cli.conftest import Run
from tests.serving import Servers

PRODUCTS = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { product: Product }
type Product @key(fields: "id") { id: ID! name: String }
"""
STOCK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Product @key(fields: "id") { id: ID! pieces: Int }
"""


@pytest.fixture
def subgraphs(tmp_path: Path) -> Path:
    (tmp_path / "products.graphql").write_text(PRODUCTS)
    (tmp_path / "stock.graphql").write_text(STOCK)
    config = tmp_path / "subgraphs.toml"
    config.write_text(
        '[subgraphs.products]\nurl = "https://products.example/graphql"\nschema = "products.graphql"\n'
        '[subgraphs.stock]\nurl = "https://stock.example/graphql"\nschema = "stock.graphql"\n'
    )
    return config


def test_the_api_is_what_a_client_sees(run: Run) -> None:
    api = build_schema(run("schema", "print").out)
    assert api.query_type is not None
    assert {"learner", "mutualRecognitions", "majors"} <= set(api.query_type.fields)
    assert not any(name.startswith(("join__", "_")) for name in api.query_type.fields)
    account = api.type_map["Account"]
    assert is_object_type(account)


@pytest.mark.parametrize("name", contract.NAMES)
def test_each_schema_of_the_contract_is_printed(name: str, run: Run) -> None:
    assert parse(run("schema", "print", name).out)


def test_a_contract_file_that_differs_is_named_with_the_way_to_mend_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = contract.exported()
    monkeypatch.setattr(contract, "stored", lambda name: texts[name])
    assert run("schema", "check").status == 0
    stale = texts | {"national": texts["national"].replace("mutualRecognitions", "recognitions")}
    monkeypatch.setattr(contract, "stored", lambda name: stale[name])
    failed = run("schema", "check")
    assert failed.status == 1
    assert "schema/national.graphql" in failed.err
    assert "make contract" in failed.err
    assert "+  mutualRecognitions(" in failed.out


def test_a_change_that_breaks_somebody_has_a_status_of_its_own(tmp_path: Path, run: Run) -> None:
    old, new, more = (tmp_path / f"{name}.graphql" for name in ("old", "new", "more"))
    old.write_text("type Query { major: String minor: String }")
    new.write_text("type Query { major: String }")
    more.write_text("type Query { major: String minor: String other: String }")
    broken = run("schema", "check", old, new)
    assert broken.status == 2
    assert "breaking: FIELD_REMOVED Query.minor" in broken.out
    safe = run("schema", "check", old, more)
    assert (safe.status, "none of them breaking" in safe.out) == (0, True)
    assert "two files" in run("schema", "check", old).err


def test_subgraphs_are_composed_and_an_operation_is_planned(
    subgraphs: Path, tmp_path: Path, run: Run
) -> None:
    composed = run("schema", "compose", subgraphs)
    assert composed.status == 0
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(composed.out)
    operation = tmp_path / "operation.graphql"
    operation.write_text("{ product { name pieces } }")
    planned = run("schema", "plan", "--operation", operation, "--supergraph", supergraph)
    assert [line for line in planned.out.splitlines() if line[:1].isdigit()] == [
        "1 products",
        "2 stock, after 1",
    ]
    plan = json.loads(
        run("schema", "plan", "--operation", operation, "--supergraph", supergraph, "--json").out
    )
    assert [request["subgraph"] for request in plan["requests"]] == ["products", "stock"]


def test_subgraphs_that_do_not_fit_are_told_with_place_and_cure(subgraphs: Path, run: Run) -> None:
    (subgraphs.parent / "stock.graphql").write_text(STOCK.replace("pieces: Int", "name: String"))
    failed = run("schema", "compose", subgraphs)
    assert failed.status == 1
    assert "INVALID_FIELD_SHARING" in failed.err
    assert "Traceback" not in failed.err


def test_a_configuration_that_names_no_file_is_told(tmp_path: Path, run: Run) -> None:
    config = tmp_path / "subgraphs.json"
    config.write_text('{"subgraphs": {"products": {}}}')
    failed = run("schema", "compose", config)
    assert "subgraphs.products names neither a schema file nor a url to ask" in failed.err
    config.write_text("{}")
    assert "lists no subgraphs" in run("schema", "compose", config).err


def test_the_contract_s_own_operations_are_planned_and_bad_ones_refused(tmp_path: Path, run: Run) -> None:
    operation = tmp_path / "operation.graphql"
    operation.write_text('{ learner(id: "L-1") { totalCredits } }')
    assert run("schema", "plan", "--operation", operation).out.startswith("1 region")
    operation.write_text("{ learnr { totalCredits } }")
    failed = run("schema", "plan", "--operation", operation)
    assert failed.status == 1
    assert "learnr" in failed.err


async def _products(scope: Scope, receive: Receive, send: Send) -> None:
    """A running subgraph that tells its SDL, and nothing else."""
    if scope["path"] == "/graphql":
        answer: Response = JSONResponse({"data": {"_service": {"sdl": PRODUCTS}}})
    else:
        answer = Response("<html>not here</html>", media_type="text/html")
    await answer(scope, receive, send)


def test_a_running_subgraph_is_asked_for_its_schema(subgraphs: Path, tmp_path: Path, run: Run) -> None:
    from_files = run("schema", "compose", subgraphs)
    with Servers() as servers:
        address = servers.start(_products).url.removesuffix("/graphql")
        config = tmp_path / "running.json"
        stock = {"url": "http://stock.example", "schema": str(subgraphs.parent / "stock.graphql")}
        asked = {"url": f"{address}/graphql"}
        config.write_text(json.dumps({"subgraphs": {"products": asked, "stock": stock}}))
        composed = run("schema", "compose", config)
        config.write_text(json.dumps({"subgraphs": {"products": {"url": f"{address}/wrong"}}}))
        refused = run("schema", "compose", config)
    assert composed.status == 0
    assert composed.out.count("join__field") == from_files.out.count("join__field")
    assert "products: " in refused.err
    assert "with an SDL" in refused.err
    config.write_text(json.dumps({"subgraphs": {"products": asked}}))
    assert "does not answer" in run("schema", "compose", config).err
