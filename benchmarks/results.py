"""What a benchmark found, as a table for the terminal and as JSON for whoever draws or compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark's rows. `columns` are the members that the table shows, with their headings."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    quick: bool = False

    def print(self, console: Console) -> None:
        table = Table(title=self.title, title_justify="left", title_style="bold", header_style="dim")
        for member, heading in self.columns.items():
            is_text = all(isinstance(row.get(member), str | None) for row in self.rows)
            table.add_column(heading, justify="left" if is_text else "right", no_wrap=is_text)
        for row in self.rows:
            table.add_row(*(_shown(row.get(member)) for member in self.columns))
        console.print()
        console.print(table)
        for note in self.notes:
            console.print(f"  {note}", style="dim", highlight=False)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        (folder / f"{self.name}.json").write_bytes(orjson.dumps(asdict(self), option=options))


def read(file: Path) -> Result:
    """Read what `write` wrote."""
    return Result(**orjson.loads(file.read_bytes()))


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
