"""`creditbank catalogue`: build the national catalogue from the official lists, and look into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from catalogue.build import BuildReport, Sources, build
from catalogue.bundle import load
from catalogue.entries import (
    COURSE_KIND_NAMES,
    MAJOR_LEVEL_NAMES,
    SKILL_LEVEL_NAMES,
    AppliedRule,
    Certificate,
    Counts,
    CourseKind,
    Major,
)
from catalogue.errors import BadRowsError, CatalogueError, Problem
from catalogue.lookup import Catalogue
from catalogue.sample import load_sample

PROBLEMS_SHOWN_LIMIT: Final = 50
HITS_SHOWN_LIMIT: Final = 30

app = typer.Typer(
    name="catalogue",
    help="Build the national catalogue (majors, courses, X certificates) and look into it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
_COUNT_NAMES: Final = {
    "regions": "regions (区域)",
    "categories": "categories of majors (专业大类)",
    "classes": "classes of majors (专业类)",
    "majors": "majors (专业)",
    "profiles": "majors with a profile (专业简介)",
    "courses": "courses (课程)",
    "certificate_names": "names of certificates (证书名称)",
    "certificates": "certificates (证书)",
    "citations": "citations of a certificate by a major (书证关联)",
}


@app.command("build")
def build_command(
    majors: Annotated[Path, typer.Option(help="职业教育专业目录, the list of majors. CSV.")],
    certificates: Annotated[Path, typer.Option(help="X 证书名录, the list of certificates. CSV.")],
    profiles: Annotated[Path, typer.Option(help="专业简介, the profiles of majors. JSON Lines.")],
    out: Annotated[Path, typer.Option(help="The bundle to write.")],
    version: Annotated[str, typer.Option(help="What to call this edition, such as 2025.12.")],
    regions: Annotated[
        Path | None, typer.Option(help="GB/T 2260 provinces, CSV; the built-in list when absent.")
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Set bad rows aside in this file (.csv, or JSON Lines) and build the rest."),
    ] = None,
) -> None:
    """Make one bundle from the official lists: versioned, hashed, loaded by gateway and nodes alike.

    Every row is checked: its cells, its codes, and what it says of the other lists. A bad row is
    reported with file, line, column and reason. [bold]Unless you give --rejects, one bad row means
    that nothing is built.[/bold] The same lists under the same version give the same hash, in
    whatever order their rows stand. docs/CATALOGUE.md describes the layouts.

    [dim]Example:[/dim] creditbank catalogue build --majors majors.csv --certificates certificates.csv
    --profiles profiles.jsonl --version 2025.12 --out catalogue-2025.12.bundle
    """
    sources = Sources(majors=majors, certificates=certificates, profiles=profiles, regions=regions)
    with _reported(), _progress() as progress:
        tasks = {layout.source: progress.add_task(layout.source, total=None) for layout, _ in sources.each}
        report = build(
            sources,
            out,
            version=version,
            rejects=rejects,
            progress=lambda source, done, total: progress.update(tasks[source], completed=done, total=total),
        )
    _show_report(report, out, rejects)


@app.command("show")
def show_command(
    bundle: Annotated[
        Path | None, typer.Argument(help="A bundle; the built-in sample when absent.", show_default=False)
    ] = None,
    major: Annotated[str, typer.Option(help="Show the major with this code, such as 530701.")] = "",
    certificate: Annotated[
        str, typer.Option(help="Show the certificate with this code or name, such as 网店运营推广.")
    ] = "",
    search: Annotated[str, typer.Option(help="List majors and certificates whose name holds this.")] = "",
) -> None:
    """Verify a bundle and show what it holds: version, hash, counts, and how oddities were treated.

    [dim]Examples:[/dim] creditbank catalogue show  ·  creditbank catalogue show my.bundle --major 530701
    """
    with _reported():
        catalogue = load(bundle) if bundle else load_sample()
    console = Console()
    if major:
        found = catalogue.major(major)
        _show_major(console, catalogue, found or _nothing(f"No major has the code {major}."))
    if certificate:
        by_code = catalogue.certificate(certificate)
        named = [by_code] if by_code else catalogue.certificates_named(certificate)
        for one in named or _nothing(f"No certificate has the code or name {certificate}."):
            _show_certificate(console, catalogue, one)
    if search:
        _show_hits(console, catalogue, search)
    if not (major or certificate or search):
        _show_summary(console, catalogue.version, catalogue.hash, catalogue.counts, catalogue.applied_rules)


@contextmanager
def _reported() -> Iterator[None]:
    """Turn a catalogue error into its message and exit code 1."""
    try:
        yield
    except BadRowsError as error:
        console = Console(stderr=True)
        _show_problems(console, error.problems)
        console.print(f"[red]Nothing was built: {error.row_count} bad row(s).[/red] {escape(error.remedy)}")
        raise typer.Exit(1) from error
    except CatalogueError as error:
        console = Console(stderr=True)
        console.print(f"[red]{escape(error.what)}[/red] {escape(error.remedy)} [dim]\\[{error.code}][/dim]")
        raise typer.Exit(1) from error


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description:>12}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress


def _nothing(what: str) -> NoReturn:
    Console(stderr=True).print(f"[red]{escape(what)}[/red]")
    raise typer.Exit(1)


def _show_report(report: BuildReport, out: Path, rejects: Path | None) -> None:
    console = Console()
    lists = Table(title="Lists read", title_justify="left")
    for column in ("list", "file", "rows", "set aside", "columns not read"):
        lists.add_column(column, justify="right" if column in ("rows", "set aside") else "left")
    for source in report.sources:
        not_read = ", ".join(source.columns_not_read) or "–"
        lists.add_row(source.source, source.file, f"{source.rows:,}", f"{source.set_aside:,}", not_read)
    console.print(lists)
    _show_summary(console, report.version, report.hash, report.counts, report.applied_rules)
    if report.problems:
        _show_problems(Console(stderr=True), report.problems)
        aside = sum(source.set_aside for source in report.sources)
        console.print(f"[yellow]{aside} bad row(s) were set aside in {rejects}.[/yellow]")
    console.print(f"[green]Built {out}[/green] ({report.size_bytes:,} bytes)")


def _show_summary(
    console: Console, version: str, digest: str, counts: Counts, rules: Sequence[AppliedRule]
) -> None:
    held = Table(title=f"Catalogue {version}", title_justify="left")
    held.add_column("holds")
    held.add_column("count", justify="right")
    for name, label in _COUNT_NAMES.items():
        held.add_row(label, f"{getattr(counts, name):,}")
    console.print(held)
    console.print(f"SHA-256 {digest}", highlight=False, soft_wrap=True)
    if rules:
        treated = Table(title="Oddities treated by rule (docs/CATALOGUE.md)", title_justify="left")
        treated.add_column("count", justify="right")
        treated.add_column("what")
        for rule in rules:
            treated.add_row(f"{rule.count:,}", rule.meaning)
        console.print(treated)


def _show_problems(console: Console, problems: Sequence[Problem]) -> None:
    for problem in problems[:PROBLEMS_SHOWN_LIMIT]:
        console.print(str(problem), markup=False, highlight=False, soft_wrap=True)
    if len(problems) > PROBLEMS_SHOWN_LIMIT:
        console.print(
            f"… and {len(problems) - PROBLEMS_SHOWN_LIMIT} more problems; --rejects FILE lists all."
        )
    by_code = Counter(problem.fault for problem in problems)
    console.print(
        "Problems by code: " + ", ".join(f"{code} {count}" for code, count in by_code.most_common())
    )


def _show_major(console: Console, catalogue: Catalogue, major: Major) -> None:
    table = Table(title=f"{major.code} {major.name}", title_justify="left", show_header=False)
    table.add_row("level (层次)", f"{MAJOR_LEVEL_NAMES[major.level]} {major.level}")
    table.add_row("class (专业类)", f"{major.major_class.code} {major.major_class.name}")
    table.add_row("category (专业大类)", f"{major.category.code} {major.category.name}")
    table.add_row("duration (学制)", major.duration or "–")
    table.add_row("national control (国家控制)", "yes" if major.national_control else "no")
    for kind in CourseKind:
        names = [course.name for course in major.courses if course.kind is kind]
        if names:
            table.add_row(COURSE_KIND_NAMES[kind], "、".join(names))
    for certificate in catalogue.certificates_of(major.code):
        table.add_row(f"certificate {certificate.code}", certificate.name)
    console.print(table)


def _show_certificate(console: Console, catalogue: Catalogue, certificate: Certificate) -> None:
    table = Table(title=f"{certificate.code} {certificate.name}", title_justify="left", show_header=False)
    table.add_row("organisation (培训评价组织)", certificate.organisation or "not stated")
    table.add_row("batch (批次)", str(certificate.batch or "not stated"))
    stated = "" if certificate.levels_stated else " (not stated; all three taken)"
    table.add_row(
        "levels (等级)", "、".join(SKILL_LEVEL_NAMES[level] for level in certificate.levels) + stated
    )
    if len(certificate.spellings) > 1:
        table.add_row("also spelt (又作)", "、".join(certificate.spellings[1:]))
    for major in catalogue.majors_citing(certificate.code):
        table.add_row(f"cited by {major.code}", f"{major.name} ({MAJOR_LEVEL_NAMES[major.level]})")
    console.print(table)


def _show_hits(console: Console, catalogue: Catalogue, text: str) -> None:
    majors, certificates = catalogue.find_majors(text=text), catalogue.find_certificates(text=text)
    table = Table(title=f"{len(majors)} majors and {len(certificates)} certificates", title_justify="left")
    table.add_column("code")
    table.add_column("name")
    table.add_column("is")
    for major in majors[:HITS_SHOWN_LIMIT]:
        table.add_row(major.code, major.name, MAJOR_LEVEL_NAMES[major.level])
    for certificate in certificates[:HITS_SHOWN_LIMIT]:
        table.add_row(certificate.code, certificate.name, certificate.organisation or "–")
    console.print(table)
