"""`creditbank demo`: see the whole product run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELP = (
    "Start eight regional banks, another team's MOOC platform and the gateway on this machine, and show "
    "what they answer (演示).\n\n"
    "Each bank is a process with a database of its own, filled with synthetic learners and real majors, "
    "certificates and kinds of agreement. Shown are one learner's transcript over three regions, the "
    "recognition of certificates between regions with credits and reasons, and what is said when a region "
    "is silent. Then everything stays up for you to try; Ctrl-C ends it.\n\n"
    "With --once it checks every answer, stops, and ends with 0 when all are as expected.\n\n"
    "Examples:\n\n"
    "  creditbank demo\n\n"
    "  creditbank demo --once --gateway-port 18000 --node-port 18101"
)


def run(
    once: Annotated[bool, typer.Option("--once", help="Check every answer, then stop.")] = False,
    gateway_port: Annotated[int, typer.Option(min=1, max=65_535, help="The gateway's port.")] = 8000,
    node_port: Annotated[
        int,
        typer.Option(min=1, max=65_527, help="The first bank's port; the others and the platform follow."),
    ] = 8101,
    folder: Annotated[
        Path, typer.Option(help="Where databases, keys and logs go; emptied at every start.")
    ] = Path("var/demo"),
) -> None:
    from creditbank.demo.run import run_demo
    from creditbank.demo.world import Ports

    run_demo(folder, Ports(gateway_port, node_port), once=once)
