"""`creditbank agreement`: what a draft would change, before anybody signs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from creditbank.failure import Failure, explained

FILE_LIMIT_BYTES = 256 * 1_048_576
PIPED_WIDTH = 160
"""Columns of a table that goes into a file or another program."""

app = typer.Typer(help="Agreements between regions (互认协议).", no_args_is_help=True)

SIMULATE_HELP = (
    "Replay past requests as if a draft agreement had been in force (协议模拟): what each learner group and "
    "each rule gains and loses, as a table and, with --svg, as a plot.\n\n"
    "TERMS is the draft in the form that is hashed and signed: parties, kind, accepts, scope, firstDay, "
    "lastDay, version. REQUESTS are JSON files with decisions of the region as they were answered, with "
    "`evidence` and `decidedAt`: regions keep no lookups, so those who asked bring what they kept. "
    "An officer's or auditor's token of the region is needed. Nothing is written there.\n\n"
    "Example:\n\n"
    "  creditbank agreement simulate draft.json answers.json --region 320000 --url http://127.0.0.1:8102 "
    "--token officer.token --svg draft.svg"
)


@app.callback()
def agreement() -> None:
    """Agreements between regions (互认协议)."""


@app.command("simulate", help=SIMULATE_HELP)
def simulate(
    terms: Annotated[Path, typer.Argument(help="The draft, JSON.")],
    requests: Annotated[list[Path], typer.Argument(help="Decisions with their evidence, JSON.")],
    region: Annotated[str, typer.Option(help="The region that decides, by code.")],
    url: Annotated[str, typer.Option(help="Its node, or a gateway.")],
    token: Annotated[Path, typer.Option(help="A file that holds a bearer token.")],
    svg: Annotated[Path | None, typer.Option(help="Where the plot is written.")] = None,
) -> None:
    import json

    from rich.console import Console

    from creditbank import simulation, simulation_views

    with explained():
        try:
            draft = simulation.terms_input(json.loads(_read(terms)), region)
            asked = simulation.read_requests([_read(file) for file in requests], region)
        except (KeyError, TypeError, AttributeError) as error:
            raise Failure(f"a file is not of the form that --help tells: {error!r}") from None
        if not asked:
            raise Failure(f"no decision of region {region} with its evidence is in these files")
        bearer = _read(token).decode("ascii").strip()
        totals = simulation.simulate(url, bearer, region, draft, asked)
        if svg is not None:
            title = f"{region}: credits gained and lost under the draft (学分增减)"
            svg.write_text(simulation_views.plot(totals, title), encoding="utf-8")
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    console.print(simulation_views.decisions_table(totals))
    console.print(simulation_views.lines_table(totals))


def _read(file: Path) -> bytes:
    if file.stat().st_size > FILE_LIMIT_BYTES:
        raise Failure(f"{file} has more than {FILE_LIMIT_BYTES} bytes")
    return file.read_bytes()
