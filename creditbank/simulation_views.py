"""A simulation for people: a table for the terminal, and a plot as an SVG file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from rich.table import Table

from creditbank.simulation import Line, Totals
from schema.credits import format_credits

BAR_CELLS: Final = 20
NOBODY: Final = "–"
"""Stands for learners without an account in the region, and certificates without a learner."""

_ROW_PX: Final = 26
_LABEL_PX: Final = 460
_PLOT_PX: Final = 420
_MARGIN_PX: Final = 20
_GAINED, _LOST = "#1b7f5c", "#b3403a"


def lines_table(totals: Totals) -> Table:
    table = Table(title=f"{totals.requests} requests replayed (协议模拟)", expand=False)
    for name in ("Group 群体", "Rule 规则", "Course 课程"):
        table.add_column(name)
    for name in ("Requests", "Before 原", "After 模拟", "Gained 增", "Lost 减"):
        table.add_column(name, justify="right")
    table.add_column("")
    lines = list(totals.lines.values())
    longest = max((line.gained + line.lost for line in lines), default=0)
    for line in lines:
        amounts = (line.before, line.after, line.gained, line.lost)
        table.add_row(
            line.group or NOBODY,
            line.rule,
            line.course,
            str(line.requests),
            *(format_credits(amount) for amount in amounts),
            _bar(line, longest),
        )
    table.add_section()
    sums = [sum(getattr(line, name) for line in lines) for name in ("before", "after", "gained", "lost")]
    table.add_row("", "", "Sum 合计", str(totals.requests), *(format_credits(amount) for amount in sums), "")
    return table


def decisions_table(totals: Totals) -> Table:
    table = Table(title="Decisions (结论)", expand=False)
    for name in ("Before 原", "Under the draft 模拟"):
        table.add_column(name)
    table.add_column("Requests", justify="right")
    for (before, after), count in sorted(totals.decisions.items()):
        table.add_row(before, after, str(count))
    return table


def _bar(line: Line, longest: int) -> str:
    if longest == 0:
        return ""
    gained, lost = (round(BAR_CELLS * amount / longest) for amount in (line.gained, line.lost))
    return f"[green]{'█' * gained}[/][red]{'█' * lost}[/]"


def plot(totals: Totals, title: str) -> str:
    """Return an SVG: a bar to the right of the axis for what is gained, to the left for what is lost."""
    lines = list(totals.lines.values())
    longest = max((max(line.gained, line.lost) for line in lines), default=0) or 1
    height = _MARGIN_PX * 2 + _ROW_PX * (len(lines) + 1)
    width = _LABEL_PX + _PLOT_PX + _MARGIN_PX * 2
    axis = _LABEL_PX + _PLOT_PX // 2
    body = [part for number, line in enumerate(lines, start=1) for part in _row(line, number, axis, longest)]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    ends = f'x1="{axis}" y1="{_MARGIN_PX + _ROW_PX}" x2="{axis}" y2="{height - _MARGIN_PX}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            _text(_MARGIN_PX, _MARGIN_PX + 14, title, weight="bold"),
            *body,
            f'<line {ends} stroke="#333333"/>',
            "</svg>\n",
        )
    )


def _row(line: Line, number: int, axis: int, longest: int) -> Sequence[str]:
    top = _MARGIN_PX + _ROW_PX * number
    label = f"{line.group or NOBODY} · {line.course} ({line.rule})"
    return (
        _text(_MARGIN_PX, top + 17, label),
        *_side(line.gained, axis, top, longest, sign="+"),
        *_side(line.lost, axis, top, longest, sign="−"),
    )


def _side(amount: int, axis: int, top: int, longest: int, *, sign: str) -> Iterable[str]:
    if amount == 0:
        return ()
    # A figure beside the longest bar still needs room within its half.
    length = amount * (_PLOT_PX // 2 - 60) / longest
    gained = sign == "+"
    left, fill = (axis, _GAINED) if gained else (axis - length, _LOST)
    beside, anchor = (axis + length + 6, "start") if gained else (axis - length - 6, "end")
    return (
        f'<rect x="{left:.1f}" y="{top + 4}" width="{length:.1f}" height="{_ROW_PX - 8}" fill="{fill}"/>',
        _text(beside, top + 17, f"{sign}{format_credits(amount)}", anchor=anchor),
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'
    )
