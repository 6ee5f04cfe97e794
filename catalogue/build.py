"""Files → bundle: the edge around the pure core in assemble.py.

By default one bad row stops the build, and every bad row is reported. With a file for rejects
the bad rows go there and the rest is built. Both files are written whole or not at all.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from catalogue.assemble import Entries, Readers, assemble
from catalogue.bundle import decode, encode, write_whole
from catalogue.entries import AppliedRule, Counts, Region
from catalogue.errors import BadRowsError, CatalogueError, OutputError, Problem, SourceError
from catalogue.findings import Findings
from catalogue.layouts import CERTIFICATES, MAJORS, PROFILES, REGIONS, Layout
from catalogue.reading import read_regions
from catalogue.rows import LINE_LIMIT_BYTES, RowReader

KNOWN_REGIONS_FILE: Final = Path(__file__).parent / "sample" / "regions.csv"
PROGRESS_STEP_BYTES: Final = 32 * 1024
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

# Called with the list's name, the bytes read so far and the bytes of the whole file.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Sources:
    """The official lists' files. `regions` None takes the built-in list of all provinces."""

    majors: Path
    certificates: Path
    profiles: Path
    regions: Path | None = None

    @property
    def each(self) -> tuple[tuple[Layout, Path], ...]:
        listed = [(MAJORS, self.majors), (CERTIFICATES, self.certificates), (PROFILES, self.profiles)]
        return (*listed, (REGIONS, self.regions)) if self.regions else tuple(listed)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What became of one list: `set_aside` of its `rows` were bad; `columns_not_read` no layout names."""

    source: str
    file: str
    rows: int
    set_aside: int
    columns_not_read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built, and everything that was noticed on the way."""

    version: str
    hash: str
    size_bytes: int
    counts: Counts
    applied_rules: tuple[AppliedRule, ...]
    sources: tuple[SourceReport, ...]
    problems: tuple[Problem, ...]


def build(
    sources: Sources,
    out: Path,
    *,
    version: str,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Build the bundle at `out`. `rejects` ends in .csv for CSV, in anything else for JSON Lines.

    Raises BadRowsError (without `rejects`, or when no major or certificate is left), SourceError,
    OutputError, or CatalogueError MALFORMED_VERSION.
    """
    check_version(version)
    _check_outputs(sources, out, rejects)
    readers = _readers(sources, progress)
    entries, problems = assemble(readers, known_regions())
    if problems and (rejects is None or not (entries.majors and entries.certificates)):
        raise BadRowsError(problems)
    raw = encode(entries, version)
    if rejects is not None:
        write_whole(rejects, _rejects(sources, problems, as_csv=rejects.suffix.lower() == ".csv"))
    write_whole(out, raw)
    return _report(entries, raw, readers, problems)


def check_version(version: str) -> None:
    """Raise CatalogueError MALFORMED_VERSION unless `version` is fit for file names and URLs."""
    if not _VERSION.fullmatch(version):
        raise CatalogueError(
            "MALFORMED_VERSION",
            f"“{version}” cannot be a version.",
            "Use up to 40 letters, digits, dots, hyphens or underscores, such as 2025.12.",
        )


def read_entries(sources: Sources) -> Entries:
    """Return the entries of sources that must be without fault. Raises BadRowsError or SourceError."""
    entries, problems = assemble(_readers(sources, None), known_regions())
    if problems:
        raise BadRowsError(problems)
    return entries


def known_regions() -> tuple[Region, ...]:
    """Return the provinces that come with the program, with their English names."""
    findings = Findings()
    regions = read_regions(_reader(REGIONS, KNOWN_REGIONS_FILE, None), findings, {})
    if findings.problems:
        raise BadRowsError(findings.problems)
    return regions


def _report(entries: Entries, raw: bytes, readers: Readers, problems: Sequence[Problem]) -> BuildReport:
    built = decode(raw)
    return BuildReport(
        version=built.version,
        hash=built.hash,
        size_bytes=len(raw),
        counts=built.counts,
        applied_rules=entries.applied_rules,
        sources=tuple(
            SourceReport(
                source=reader.layout.source,
                file=reader.file,
                rows=reader.row_count,
                set_aside=len({p.line for p in problems if p.source == reader.layout.source}),
                columns_not_read=reader.columns_not_read,
            )
            for reader in readers.each
        ),
        problems=tuple(problems),
    )


def _check_outputs(sources: Sources, out: Path, rejects: Path | None) -> None:
    """Refuse to write over what is being read, before any work is done."""
    files = {path.resolve() for _, path in sources.each}
    for target in (out, *([rejects] if rejects else [])):
        if target.resolve() in files:
            what = f"{target} is one of the lists to read, or is named twice."
            raise OutputError("OUTPUT_IS_SOURCE", what, "Name another file to write.")
        files.add(target.resolve())


def _readers(sources: Sources, progress: Progress | None) -> Readers:
    read = {layout.source: _reader(layout, path, progress) for layout, path in sources.each}
    return Readers(
        majors=read[MAJORS.source],
        certificates=read[CERTIFICATES.source],
        profiles=read[PROFILES.source],
        regions=read.get(REGIONS.source),
    )


def _reader(layout: Layout, path: Path, progress: Progress | None) -> RowReader:
    return RowReader(layout, path.name, _lines(layout, path, progress))


def _lines(layout: Layout, path: Path, progress: Progress | None = None) -> Iterator[bytes]:
    """Yield the file's lines; of one longer than a row may be, just enough to see that it is."""
    try:
        with path.open("rb") as file:
            total = path.stat().st_size
            told = 0
            while line := file.readline(LINE_LIMIT_BYTES + 2):
                yield line
                while not line.endswith(b"\n") and (line := file.readline(LINE_LIMIT_BYTES)):
                    pass
                if progress and file.tell() - told >= PROGRESS_STEP_BYTES:
                    told = file.tell()
                    progress(layout.source, told, total)
            if progress:
                progress(layout.source, total, total)
    except OSError as error:
        what = f"{path} ({layout.source}) cannot be read: {error.strerror}."
        raise SourceError("SOURCE_UNREADABLE", what, "Give a file that exists and may be read.") from error


def _rejects(sources: Sources, problems: Sequence[Problem], *, as_csv: bool) -> bytes:
    """Return the rows set aside, each with its file, line and reasons, and as it stood in the list."""
    by_line: defaultdict[tuple[str, int], list[Problem]] = defaultdict(list)
    for problem in problems:
        by_line[problem.source, problem.line].append(problem)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    if as_csv:
        table.writerow(["file", "line", "column", "code", "reason", "row"])
    for layout, path in sources.each:
        for line, raw in enumerate(_lines(layout, path), start=1):
            found = by_line.get((layout.source, line))
            if not found:
                continue
            row = raw.rstrip(b"\r\n").decode(errors="backslashreplace")
            if as_csv:
                table.writerows([path.name, line, p.column, p.fault, p.reason, row] for p in found)
            else:
                reasons = [{"column": p.column, "code": p.fault, "reason": p.reason} for p in found]
                reject = {"file": path.name, "line": line, "problems": reasons, "row": row}
                text.write(orjson.dumps(reject, option=orjson.OPT_APPEND_NEWLINE).decode())
    return text.getvalue().encode()
