"""The demo from beginning to end: lay out, fill, start, tell, stay up, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from creditbank.demo.ask import Client
from creditbank.demo.processes import Program, Programs, require_ports
from creditbank.demo.story import SILENT, Check, Story
from creditbank.demo.welcome import welcome
from creditbank.demo.world import MOOC, REGIONS, Ports, World, fill, lay_out, name_of
from creditbank.failure import Failure, explained

GATEWAY: Final = "gateway"
WATCH_PAUSE_S: Final = 0.5
WIDTH_CHARACTERS: Final = 150
INTERRUPTED: Final = 130


def run_demo(folder: Path, ports: Ports, *, once: bool) -> None:
    """Raises `Failure`: what stands in the way, the first answer that is not as expected, or Ctrl-C."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_CHARACTERS)
    require_ports(ports.named())
    _forget_settings()
    try:
        with _signals(), explained(), Programs(folder.absolute()) as programs:
            world = lay_out(folder, ports)
            _start(world, programs, console)
            story = _tell(world, programs, console, once=once)
            require_all(story.checks, console)
            if not once:
                welcome(world, story.learner, console)
                _stay(programs, console)
    except KeyboardInterrupt:
        raise Failure("stopped by you; everything it had started has ended", status=INTERRUPTED) from None


def _start(world: World, programs: Programs, console: Console) -> None:
    """Start gateway and platform, then each bank as soon as its books are filled; wait for all of them."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        filling = progress.add_task("filling eight banks 建账", total=len(REGIONS))
        answering = progress.add_task("programs that answer 启动", total=len(REGIONS) + 2)
        _start_gateway(world, programs)
        _start_platform(world, programs)
        for region in REGIONS:
            progress.update(filling, description=f"filling {name_of(region)} 建账", refresh=True)
            asyncio.run(fill(world, region))
            _start_node(world, programs, region)
            progress.update(filling, advance=1, refresh=True)
        progress.update(filling, description="eight banks filled 建账")
        programs.await_ready(lambda program: progress.update(answering, advance=1, refresh=True))


def _start_gateway(world: World, programs: Programs) -> Program:
    arguments = ["gateway", "serve", "--config", str(world.gateway_config)]
    return programs.start(GATEWAY, world.ports.gateway, arguments)


def _start_platform(world: World, programs: Programs) -> Program:
    """Another team's program: not a command of ours, but a module that knows nothing of us."""
    arguments = ["--courses", str(world.mooc_courses), "--port", str(world.ports.mooc)]
    return programs.start("mooc", world.ports.mooc, arguments, module="creditbank.demo.mooc")


def _start_node(world: World, programs: Programs, region: str) -> Program:
    arguments = ["node", "serve", "--config", str(world.node_config(region))]
    return programs.start(region, world.ports.node(region), arguments)


def _tell(world: World, programs: Programs, console: Console, *, once: bool) -> Story:
    with Client(f"http://127.0.0.1:{world.ports.gateway}") as client:
        story = Story(world, client, console)
        story.transcript()
        story.both_axes()
        story.recognition()
        story.once_only()
        story.portable()
        story.fraud()
        programs.pause(SILENT)
        try:
            story.region_by_region(resume=lambda: programs.resume(SILENT))
        finally:
            programs.resume(SILENT)
        programs.stop(SILENT)
        story.silence()
    if not once:
        _start_node(world, programs, SILENT)
        programs.await_ready(lambda program: None)
    return story


def require_all(checks: Sequence[Check], console: Console) -> None:
    """Raise `Failure` naming the first answer that is not as expected."""
    failed = [check for check in checks if not check.holds]
    if failed:
        raise Failure(f"{len(failed)} of {len(checks)} answers are not as expected; first {failed[0]}")
    console.print(f"[green]All {len(checks)} answers are as expected.[/green] 全部符合预期。")


def _stay(programs: Programs, console: Console) -> None:
    """Watch the programs until Ctrl-C, which ends the demo in good order."""
    try:
        while True:
            program = programs.ended()
            if program is not None:
                _mourn(program, programs, console)
            time.sleep(WATCH_PAUSE_S)
    except KeyboardInterrupt:
        console.print("\nEnding all programs. 正在结束。")


def _mourn(program: Program, programs: Programs, console: Console) -> None:
    """Say that a program ended by itself: without a bank the demo goes on, without the gateway it cannot."""
    programs.forget(program.name)
    how = _how(program.process.returncode)
    if program.name == GATEWAY:
        raise Failure(f"the gateway ended ({how}). Its last lines:\n{program.tail()}")
    console.print(
        f"[yellow]{_called(program)} ended ({how}).[/yellow] The gateway goes on without it and says "
        f"so in its answers; its log: {program.log}. Start it again: {program.command}",
        soft_wrap=True,
    )


def _called(program: Program) -> str:
    return name_of(program.name) if program.name in REGIONS else MOOC


def _how(status: int) -> str:
    return f"by {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def _forget_settings() -> None:
    """The demo's programs have settings of its own; an operator's environment must not mix with them."""
    for name in [name for name in os.environ if name.startswith("CREDITBANK_")]:
        del os.environ[name]


@contextmanager
def _signals() -> Iterator[None]:
    """Being asked to end, or losing the terminal, is as Ctrl-C: the programs are ended first."""

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    asked = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(one, interrupt) for one in asked]
    try:
        yield
    finally:
        for one, handler in zip(asked, before, strict=True):
            signal.signal(one, handler)
