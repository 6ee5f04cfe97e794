"""Pictures of results: the same file for the same figures, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.results import Result, Row

OURS: Final = "#1f5f8b"
OURS_LIGHT: Final = "#7fb2d6"
BARE: Final = "#9a9a9a"
BARE_LIGHT: Final = "#cfcfcf"
AIM: Final = "#b3541e"
PALETTE: Final = (OURS, BARE, OURS_LIGHT, BARE_LIGHT)
STYLE: Final[Any] = {  # its own type lists every setting there is
    "figure.facecolor": "white",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e4e4e4",
    "legend.framealpha": 1.0,
    "legend.edgecolor": "white",
    "svg.hashsalt": "creditbank",  # else every drawing has other identifiers
    "svg.fonttype": "none",  # text stays text: smaller, and searchable
}


def draw(result: Result, folder: Path) -> Path:
    """Draw a result as SVG into the folder; return the file."""
    with mpl.rc_context(STYLE):
        figure = DRAWN[result.name](result)
        if result.quick:
            figure.text(0.99, 0.01, "smoke test: figures mean nothing", ha="right", color=AIM, size=8)
        file = folder / f"{result.name}.svg"
        folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, metadata={"Date": None})
    return file


def _figure(panels: int, title: str) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(4.8 * panels, 4.0), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    figure.suptitle(title, fontsize=12)
    return figure, list(axes)


def _bars(
    axes: Axes, groups: Sequence[str], series: Mapping[str, Sequence[float]], colours: Sequence[str] = PALETTE
) -> None:
    """Groups of bars side by side, each with its value above it."""
    width = 0.8 / len(series)
    for place, (name, values) in enumerate(series.items()):
        left = [group - 0.4 + width * (place + 0.5) for group in range(len(groups))]
        drawn = axes.bar(left, values, width * 0.92, label=name, color=colours[place])
        axes.bar_label(drawn, labels=[_shown(value) for value in values], padding=2, fontsize=8)
    axes.set_xticks(range(len(groups)), groups)
    axes.tick_params(length=0)
    axes.margins(y=0.15)


def _shown(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _transcript(result: Result) -> Figure:
    figure, axes = _figure(2, result.title)
    for panel, comparison in zip(axes, ("in process", "over HTTP"), strict=True):
        rows = [row for row in result.rows if row["comparison"] == comparison]
        shards = sorted({row["shards"] for row in rows})
        names = list(dict.fromkeys(row["contender"] for row in rows))
        series = {
            name: [_only(rows, shards=count, contender=name)["ratio"] for count in shards] for name in names
        }
        _bars(panel, [f"{count} region{'s' * (count > 1)}" for count in shards], series)
        panel.axhline(2.0, color=AIM, linewidth=1, linestyle="--", label="aim now: 2.0")
        panel.set_title(comparison)
        panel.set_ylabel("CPU per request, bare client = 1")
        panel.legend(fontsize=8, loc="upper right")
        panel.set_ylim(0, panel.get_ylim()[1] * 1.25)
    return figure


def _recognition(result: Result) -> Figure:
    figure, axes = _figure(2, result.title)
    names = [row["way"] for row in result.rows]
    _bars(
        axes[0],
        names,
        {
            "time": [row["time_ms"] for row in result.rows],
            "CPU of gateway and both banks": [row["cpu_ms"] for row in result.rows],
        },
        (OURS, OURS_LIGHT),
    )
    axes[0].set_title("time and CPU")
    axes[0].set_ylabel("ms")
    asked = [member for member in result.columns if member.startswith("asked_")]
    _bars(
        axes[1],
        names,
        {member.removeprefix("asked_"): [row[member] for row in result.rows] for member in asked},
        (OURS, OURS_LIGHT),
    )
    axes[1].set_title("requests that each bank answered")
    for panel in axes:
        panel.set_yscale("log")
        panel.legend(fontsize=8, loc="upper left")
        panel.set_ylim(1, panel.get_ylim()[1] * 3)
    return figure


def _lookups(result: Result) -> Figure:
    figure, axes = _figure(1, result.title)
    figure.set_size_inches(9.5, 4.4)
    rows = list(reversed(result.rows))
    names = [f"{row['asked']}, {row['selected']}, {row['database']}" for row in rows]
    drawn = axes[0].barh(names, [row["per_cpu_s"] for row in rows], 0.7, color=OURS)
    axes[0].bar_label(drawn, labels=[f"{row['per_cpu_s']:,}" for row in rows], padding=3, fontsize=8)
    axes[0].axvline(10_000, color=AIM, linewidth=1, linestyle="--", label="aim: 10,000")
    axes[0].set_xscale("log")
    axes[0].set_xlabel("decisions for a second of CPU")
    axes[0].tick_params(axis="y", labelsize=8, length=0)
    axes[0].legend(fontsize=8, loc="lower right")
    axes[0].margins(x=0.22)
    return figure


def _writes(result: Result) -> Figure:
    figure, axes = _figure(1, result.title)
    figure.set_size_inches(7.0, 4.0)
    groups = list(dict.fromkeys(f"{row['database']}, {row['concurrent']} at a time" for row in result.rows))
    names = list(dict.fromkeys(row["writes"] for row in result.rows))
    _bars(
        axes[0],
        groups,
        {name: [row["per_s"] for row in result.rows if row["writes"] == name] for name in names},
    )
    axes[0].set_ylabel("writes per second")
    axes[0].tick_params(axis="x", labelsize=8)
    axes[0].legend(fontsize=8)
    return figure


def _node_reads(result: Result) -> Figure:
    figure, axes = _figure(2, result.title)
    groups = [f"{row['read']}\n{row['database']}" for row in result.rows]
    _bars(
        axes[0],
        groups,
        {
            "node": [row["cpu_us"] / 1000 for row in result.rows],
            "by hand": [row["by_hand_cpu_us"] / 1000 for row in result.rows],
        },
    )
    axes[0].set_title("CPU of one read")
    axes[0].set_ylabel("ms")
    _bars(
        axes[1],
        groups,
        {
            "short list": [row["statements_short"] for row in result.rows],
            "long list": [row["statements_long"] for row in result.rows],
        },
        (OURS_LIGHT, OURS),
    )
    axes[1].set_title("SQL statements of one read")
    for panel in axes:
        panel.tick_params(axis="x", labelsize=7)
        panel.legend(fontsize=8, loc="upper right")
        panel.set_ylim(0, panel.get_ylim()[1] * 1.2)
    return figure


def _federated(result: Result) -> Figure:
    figure, axes = _figure(2, result.title)
    names = [row["gateway"].replace(", ", ",\n") for row in result.rows]
    colours = [OURS if row["gateway"] == "this gateway" else BARE for row in result.rows]
    panels = {
        "requests answered in a second of its CPU": "per_cpu_s",
        "subgraph requests": "subgraph_requests",
    }
    for panel, (title, member) in zip(axes, panels.items(), strict=True):
        drawn = panel.bar(names, [row[member] for row in result.rows], 0.7, color=colours)
        panel.bar_label(drawn, padding=2, fontsize=8)
        panel.set_title(title)
        panel.tick_params(axis="x", labelsize=7, length=0)
    return figure


def _planning(result: Result) -> Figure:
    figure, axes = _figure(1, result.title)
    names = [row["planner"] for row in result.rows]
    _bars(axes[0], names, {"median": [row["median_ms"] for row in result.rows]})
    axes[0].set_ylabel("ms")
    return figure


def _memory(result: Result) -> Figure:
    figure, axes = _figure(1, result.title)
    panel = axes[0]
    panel.plot(
        [row["operations"] for row in result.rows], [row["rss_mb"] for row in result.rows], color=PALETTE[0]
    )
    panel.set_ylim(0, max(row["rss_mb"] for row in result.rows) * 1.25)
    panel.set_xlabel("distinct operations asked")
    panel.set_ylabel("resident MB")
    return figure


def _sheet_import(result: Result) -> Figure:
    figure, axes = _figure(2, result.title)
    names = [f"{row['database']}, {row['file']}" for row in result.rows]
    shown = {"first": "rows_per_s", "again": "again_rows_per_s"}
    _bars(axes[0], names, {name: [row[of] for row in result.rows] for name, of in shown.items()})
    axes[0].set_ylabel("rows/s")
    axes[0].legend(fontsize=8)
    _bars(axes[1], names, {"memory": [row["rss_mb"] for row in result.rows]})
    axes[1].set_ylabel("MB beyond the beginning")
    for panel in axes:
        panel.tick_params(axis="x", rotation=20)
    return figure


def _worst_cases(result: Result) -> Figure:
    figure, axes = _figure(2, result.title)
    panel = axes[0]
    rows = [row for row in result.rows if row["outcome"]]  # without the gateway that is asked nothing else
    names = [row["operation"] for row in rows]
    drawn = panel.barh(names, [row["median_ms"] for row in rows], color=PALETTE[0])
    panel.bar_label(drawn, labels=[row["outcome"] for row in rows], padding=2, fontsize=8)
    panel.invert_yaxis()
    panel.margins(x=0.5)
    panel.set_xlabel("ms of CPU from text to plan")
    stood = axes[1].barh(names, [row["stood_ms"] for row in rows], color=PALETTE[1])
    axes[1].bar_label(stood, labels=[_shown(row["stood_ms"]) for row in rows], padding=2, fontsize=8)
    axes[1].invert_yaxis()
    axes[1].set_yticks([])
    axes[1].set_xlabel("longest stop of the event loop meanwhile, ms")
    return figure


def _profile(result: Result) -> Figure:
    figure, axes = _figure(1, result.title)
    figure.set_size_inches(7.5, 4.0)
    rows = list(reversed(result.rows))
    drawn = axes[0].barh([row["part"] for row in rows], [row["ms"] for row in rows], 0.7, color=OURS)
    labels = [f"{row['ms']:.2f} ms  ({row['share_percent']:.0f} %)" for row in rows]
    axes[0].bar_label(drawn, labels=labels, padding=3, fontsize=8)
    axes[0].grid(visible=True, axis="x")
    axes[0].grid(visible=False, axis="y")
    axes[0].set_xlabel("ms of CPU for one request")
    axes[0].margins(x=0.22)
    axes[0].tick_params(length=0)
    return figure


def _resilience(result: Result) -> Figure:
    """Each figure as a share of its aim; blue is what holds."""
    figure, axes = _figure(1, result.title)
    rows = [row for row in reversed(result.rows) if row["share_of_aim"] is not None]
    figure.set_size_inches(9.5, 1.0 + 0.32 * len(rows))
    names = [f"{row['experiment']}: {row['figure']}" for row in rows]
    colours = [OURS if row["holds"] == "yes" else AIM for row in rows]
    drawn = axes[0].barh(names, [row["share_of_aim"] for row in rows], 0.7, color=colours)
    axes[0].bar_label(drawn, [f"{row['value']:g}  ({row['aim']})" for row in rows], padding=3, fontsize=8)
    axes[0].axvline(1.0, color=AIM, linewidth=1, linestyle="--")
    axes[0].grid(visible=True, axis="x")
    axes[0].grid(visible=False, axis="y")
    axes[0].set_xlabel("share of the aim")
    axes[0].tick_params(axis="y", labelsize=7, length=0)
    axes[0].margins(x=0.22)
    return figure


def _only(rows: Sequence[Row], **wanted: Any) -> Row:
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


def _node_at_size(result: Result) -> Figure:
    figure, axes = _figure(2, result.title)
    reads = list(dict.fromkeys(row["read"] for row in result.rows))
    for panel, member, title in (
        (axes[0], "cpu_us", "CPU of one read"),
        (axes[1], "p50_ms", "Time of one read"),
    ):
        by_database = {
            f"node, {row['database']}": [
                one[member] / (1000 if member == "cpu_us" else 1)
                for one in result.rows
                if one["database"] == row["database"]
            ]
            for row in result.rows
        }
        rival = [
            one["rival_cpu_us"] / 1000 if member == "cpu_us" else one["rival_ms"]
            for one in result.rows
            if one["rival_ms"] is not None
        ]
        _bars(panel, reads, {**by_database, **({"PostGraphile, PostgreSQL": rival} if rival else {})})
        panel.set_title(title)
        panel.set_ylabel("ms")
        panel.legend(fontsize=8)
    return figure


DRAWN: Final[Mapping[str, Callable[[Result], Figure]]] = {
    "transcript": _transcript,
    "recognition": _recognition,
    "lookups": _lookups,
    "node_reads": _node_reads,
    "writes": _writes,
    "node_at_size": _node_at_size,
    "federated": _federated,
    "planning": _planning,
    "memory": _memory,
    "sheet_import": _sheet_import,
    "worst_cases": _worst_cases,
    "profile": _profile,
    "resilience": _resilience,
}
