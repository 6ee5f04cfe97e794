"""`creditbank schema`: print, check, compose and plan, without running anything."""

from __future__ import annotations

import difflib
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from creditbank.failure import Failure, explained

if TYPE_CHECKING:
    from gateway.federation.composition.supergraph import Supergraph

app = typer.Typer(
    help="The contract (接口契约): print it, check it, compose a supergraph, show a query's plan.",
    no_args_is_help=True,
)


BREAKING_STATUS: Final = 2
DIFFERENCE_LIMIT_LINES: Final = 40


SUPERGRAPH_MARK: Final = "enum join__Graph"
SKEWS: Final = {
    "older": "while nodes are still on the old contract, the gateway on the new 旧版节点:",
    "newer": "while nodes are already on the new contract, the gateway on the old 新版节点:",
}


class Name(StrEnum):
    REGION = "region"
    NATIONAL = "national"
    SUPERGRAPH = "supergraph"
    API = "api"


PRINT_HELP = (
    "Print one schema of the contract, as the code has it now.\n\n"
    "`api` is what a client sees; `region` and `national` are the two subgraphs; `supergraph` is both, "
    "composed. --write writes the contract's files instead.\n\n"
    "Examples:\n\n"
    "  creditbank schema print api > api.graphql\n\n"
    "  creditbank schema print --write"
)
CHECK_HELP = (
    "Without arguments: the contract's files are what the code exports, or it says which are not.\n\n"
    "With OLD and NEW, two schema files: what changed, worst first. Ends with status 2 where a change "
    "breaks somebody. For the nodes' contract it also says what a gateway tells of nodes that are still on "
    "the old version, or already on the new one: the others are not touched.\n\n"
    "Examples:\n\n"
    "  creditbank schema check\n\n"
    "  creditbank schema check released.graphql mine.graphql"
)
COMPOSE_HELP = (
    "Compose subgraphs into a supergraph, and print it.\n\n"
    "CONFIG is TOML or JSON; paths are relative to it:\n\n"
    "  \\[subgraphs.registry]\n\n"
    '  url = "https://registry.example/graphql"\n\n'
    '  schema = "registry.graphql"\n\n'
    "Without a schema file the subgraph at the url is asked for its SDL (`_service`).\n\n"
    "Example:\n\n"
    "  creditbank schema compose subgraphs.toml > supergraph.graphql"
)
PLAN_HELP = (
    "Show how the gateway would answer an operation: which subgraph is asked what, in which order.\n\n"
    "Nothing is asked. Shards do not appear in a plan: routing follows from the values, at run time.\n\n"
    "Example:\n\n"
    "  creditbank schema plan --operation transcript.graphql"
)


@app.command("print", help=PRINT_HELP)
def print_schema(
    name: Annotated[Name, typer.Argument(help="Which schema.")] = Name.API,
    write: Annotated[bool, typer.Option("--write", help="Write the contract's files.")] = False,
) -> None:
    from creditbank import contract

    with explained():
        texts = contract.exported()
        if write:
            for path in contract.write(texts):
                typer.echo(f"wrote {path}")
        else:
            typer.echo(_api(texts["supergraph"]) if name is Name.API else texts[name], nl=False)


@app.command("check", help=CHECK_HELP)
def check(
    old: Annotated[Path | None, typer.Argument(help="A schema as it was.", show_default=False)] = None,
    new: Annotated[Path | None, typer.Argument(help="The schema as it is.", show_default=False)] = None,
) -> None:
    if old is None:
        _check_contract()
    elif new is None:
        raise Failure("give two files to compare, OLD and NEW, or none to check the contract's files")
    else:
        _check_change(old, new)


@app.command("compose", help=COMPOSE_HELP)
def compose(config: Annotated[Path, typer.Argument(help="Which subgraphs there are.")]) -> None:
    from creditbank.subgraph_schemas import read_subgraphs
    from gateway.federation.composition import compose as composition

    with explained():
        result = composition.compose(read_subgraphs(config))
        for hint in result.hints:
            sys.stderr.write(f"hint: {hint.code} {hint.coordinate}: {hint.message}\n")
        typer.echo(result.sdl(), nl=False)


@app.command("plan", help=PLAN_HELP)
def plan(
    operation: Annotated[Path, typer.Option(help="A file with the operation; - for standard input.")],
    supergraph: Annotated[
        Path | None, typer.Option(help="A supergraph; the contract's unless given.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Which operation, where the file has several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    from gateway.federation.composition.api_schema import build_api_schema
    from gateway.federation.document.prepare import prepare
    from gateway.federation.planning.capability import Capabilities
    from gateway.federation.planning.planner import plan_operation
    from gateway.federation.planning.print_plan import plan_to_json, print_plan
    from gateway.federation.sharding.read_facts import read_facts

    with explained():
        text = sys.stdin.read() if str(operation) == "-" else operation.read_text(encoding="utf-8")
        known = _supergraph(supergraph)
        prepared = prepare(build_api_schema(known), text, name)
        found = plan_operation(Capabilities(known), prepared, frozenset(read_facts(known)))
        typer.echo(json.dumps(plan_to_json(found), indent=2) if as_json else print_plan(found).rstrip())


def _api(supergraph_sdl: str) -> str:
    from graphql import print_schema as print_graphql

    from gateway.federation.composition.api_schema import build_api_schema
    from gateway.federation.composition.read_supergraph import read_supergraph

    return print_graphql(build_api_schema(read_supergraph(supergraph_sdl))) + "\n"


def _check_contract() -> None:
    from creditbank import contract

    with explained():
        texts = contract.exported()
    stale = {name: text for name, text in texts.items() if contract.stored(name) != text}
    for name, text in stale.items():
        typer.echo(_difference(name, contract.stored(name) or "", text))
    if stale:
        files = ", ".join(f"schema/{name}.graphql" for name in stale)
        raise Failure(f"not what the code exports: {files}. Write them anew: make contract")
    typer.echo(f"the contract's files are what the code exports: {', '.join(texts)}")


def _difference(name: str, stored: str, exported: str) -> str:
    """The first lines that differ; the whole can be seen by writing the files."""
    lines = difflib.unified_diff(
        stored.splitlines(), exported.splitlines(), f"schema/{name}.graphql", "the code", lineterm="", n=1
    )
    return "\n".join(list(lines)[:DIFFERENCE_LIMIT_LINES])


def _check_change(old: Path, new: Path) -> None:
    from gateway.federation.composition.check_change import compare
    from gateway.federation.sharding.check_skew import effects

    with explained():
        before, after = (file.read_text(encoding="utf-8") for file in (old, new))
        changes = compare(before, after)
        met = [] if SUPERGRAPH_MARK in before + after else effects(before, after, changes)
    for change in changes:
        typer.echo(str(change))
    for shards, heading in SKEWS.items():
        told = [str(effect) for effect in met if effect.shards == shards]
        if told:
            typer.echo("\n  ".join((heading, *told)))
    breaking = sum(change.kind == "breaking" for change in changes)
    if breaking:
        raise Failure(f"{breaking} of {len(changes)} changes break somebody", status=BREAKING_STATUS)
    typer.echo(f"{len(changes)} changes, none of them breaking")


def _supergraph(file: Path | None) -> Supergraph:
    from gateway.app import stored_contract
    from gateway.federation.composition.read_supergraph import read_supergraph

    return read_supergraph(file.read_text(encoding="utf-8") if file else stored_contract())
