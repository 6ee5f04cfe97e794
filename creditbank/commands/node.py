"""`creditbank node`: run one region's credit bank, prepare its database, fill it from a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from creditbank.addresses import require_free
from creditbank.failure import Failure, explained
from region_node.domain.account import LearnerGroup
from region_node.domain.sheet import Layout

app = typer.Typer(
    help="Run a regional node (区域节点): one region's whole credit bank.", no_args_is_help=True
)

Config = Annotated[Path | None, typer.Option(help="Settings, TOML or JSON; the environment wins over it.")]

SERVE_HELP = (
    "Serve one region's bank until it is told to stop.\n\n"
    "Settings come from a file or from the environment (CREDITBANK_NODE_REGION=440000 …): the region, "
    "the database (sqlite:///FILE or postgresql://…), the catalogue bundle, three keys. "
    "Its database must be at the right revision: see `creditbank node migrate`.\n\n"
    "Example:\n\n"
    "  creditbank node serve --config node-440000.toml --port 8105"
)
MIGRATE_HELP = (
    "Bring the database to this program's revision; make it where it is new. Safe to repeat.\n\n"
    "Example:\n\n"
    "  creditbank node migrate --config node-440000.toml"
)
SEED_HELP = (
    "Fill the books from a file of dated steps, each one a change as an officer would make it "
    "(openAccount, submitOutcome, publishRules …). A step that the bank refuses stops it and is named; "
    "steps done before are not done again.\n\n"
    '  {"region": "440000", "steps": [\n\n'
    '    {"on": "2026-01-05", "do": "openAccount", "as": "li", "with": {"input": {…}}},\n\n'
    '    {"on": "2026-01-06", "do": "submitOutcome", "with": {"account": "$li", "input": {…}}}]}\n\n'
    "Example:\n\n"
    "  creditbank node seed steps.json --config node-440000.toml"
)

IMPORT_HELP = (
    "Import an outcome sheet (学习成果上传表), CSV or XLSX: good rows are submitted, every bad one is listed "
    "in a rejects file with line, column, code and reason.\n\n"
    "The first row names the columns of the layout: course (课程), certificate (证书) or exchange (互认). "
    "Running it again changes nothing and goes on where it stopped.\n\n"
    "Example:\n\n"
    "  creditbank node import sheet.xlsx --layout certificate --open-accounts IN_SCHOOL --config node.toml"
)


AUDIT_HELP = (
    "Hold the whole stored history against itself: every entry against its leaf in the log, the log's "
    "tree, every signed head, balances, references, steps. Reads only, in one snapshot; a node may be "
    "serving meanwhile. Whatever was changed is named, table and row; then the exit status is 1.\n\n"
    "Example:\n\n"
    "  creditbank node audit --config node-440000.toml"
)


@app.command("serve", help=SERVE_HELP)
def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 unless set.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8101 unless set.")] = None,
) -> None:
    from region_node import app as program
    from region_node.settings import PREFIX, read_settings

    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    with explained(PREFIX):
        settings = read_settings(config, **given)
        require_free(settings.host, settings.port, f"node {settings.region}", "Give another: --port PORT")
        program.serve(settings)


@app.command("migrate", help=MIGRATE_HELP)
def migrate(config: Config = None) -> None:
    from region_node import app as program
    from region_node.settings import PREFIX, read_settings

    with explained(PREFIX):
        settings = read_settings(config)
        revision = asyncio.run(program.migrate(settings))
    typer.echo(f"{settings.region}: the database is at revision {revision}")


@app.command("seed", help=SEED_HELP)
def seed(steps: Annotated[Path, typer.Argument(help="The steps, JSON.")], config: Config = None) -> None:
    from region_node import app as program
    from region_node.settings import PREFIX, read_settings

    with explained(PREFIX):
        settings = read_settings(config)
        with typer.progressbar(length=1, label=f"filling {settings.region}") as bar:

            def progress(done: int, of: int) -> None:
                bar.length = of
                bar.update(1)

            count = asyncio.run(program.seed(settings, steps, progress))
    typer.echo(f"{settings.region}: {count} steps done")


@app.command("import", help=IMPORT_HELP)
def import_sheet(
    file: Annotated[Path, typer.Argument(help="The sheet, CSV (UTF-8 or GB 18030) or XLSX.")],
    layout: Annotated[Layout, typer.Option(help="Which columns it has.")],
    open_accounts: Annotated[
        LearnerGroup | None,
        typer.Option(help="Open accounts for learners who have none, in this group; else such rows are bad."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where bad rows are listed; FILE.rejects.csv unless given.")
    ] = None,
    config: Config = None,
) -> None:
    from region_node import app as program
    from region_node.settings import PREFIX, read_settings
    from region_node.sheet_files import open_sheet

    listed = rejects or file.with_name(file.name + ".rejects.csv")
    with explained(PREFIX):
        settings = read_settings(config)
        sheet = open_sheet(file, layout)
        with typer.progressbar(length=sheet.rows, label=f"importing into {settings.region}") as bar:
            report = asyncio.run(
                program.import_outcomes(settings, sheet, listed, open_accounts, progress=bar.update)
            )
    typer.echo(
        f"{settings.region}: {report.submitted} of {report.rows} rows are in the books, "
        f"{report.accounts_opened} accounts opened, {report.rejected} rejected"
    )
    if report.rejected:
        typer.echo(f"what is wrong with them: {listed}")


@app.command("audit", help=AUDIT_HELP)
def audit(config: Config = None) -> None:
    from region_node import app as program
    from region_node.domain.audit import Fault
    from region_node.settings import PREFIX, read_settings

    def found(fault: Fault) -> None:
        typer.echo(f"\r{fault}")

    with explained(PREFIX):
        settings = read_settings(config)
        with typer.progressbar(length=1, label=f"auditing {settings.region}") as bar:

            def progress(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            faults = asyncio.run(program.audit(settings, found, progress))
            rows = bar.pos
    if faults:
        raise Failure(f"{settings.region}: {faults} faults in the stored history")
    typer.echo(f"{settings.region}: {rows} rows of history, and every one is as it was written")
