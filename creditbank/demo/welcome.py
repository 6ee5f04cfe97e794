"""What somebody needs to try the running demo: addresses, tokens, and commands to copy."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from creditbank.demo.scenarios import SHOP
from creditbank.demo.world import MOOC, REGIONS, World, name_of
from edge.caller import Role

_PUBLIC: Final = (
    '{ recognisedBy(from: "320000", major: "530701", certificate: { code: "%s", level: INTERMEDIATE }) '
    "{ to decision creditsRecognised reasons { code message } } }"
)
_TRANSCRIPT: Final = (
    '{ learner(id: "%s") { totalCredits outcomes { edges { node { title credits region { name } } } } } }'
)


def welcome(world: World, learner: str, console: Console) -> None:
    """Write a token for each role into the folder and print where everything is."""
    console.rule("[bold]It stays up for you[/bold]  现在请你试用（Ctrl-C 结束）", align="left")
    _addresses(world, console)
    tokens = _tokens(world, learner)
    table = Table(title="Tokens, valid for twelve hours (令牌)", title_justify="left")
    table.add_column("file")
    table.add_column("who may ask what")
    for file, meaning in tokens.values():
        table.add_row(_shown(file), meaning)
    console.print(table)
    console.print("Everybody may ask what a certificate is worth elsewhere (公开查询):")
    console.print(_curl(world, _PUBLIC % SHOP), soft_wrap=True, markup=False)
    console.print("A portal asks for a transcript over all regions (门户查询):")
    console.print(_curl(world, _TRANSCRIPT % learner, tokens["portal"][0]), soft_wrap=True, markup=False)
    console.print(
        f"In the explorer, the header is: Authorization: Bearer …, from {_shown(tokens['portal'][0])}"
    )


def _addresses(world: World, console: Console) -> None:
    table = Table(title="Addresses (地址)", title_justify="left")
    for column in ("program", "explorer and GraphQL", "metrics"):
        table.add_column(column)
    ports = {"gateway 网关": world.ports.gateway} | {
        name_of(code): world.ports.node(code) for code in REGIONS
    }
    for name, port in ports.items():
        table.add_row(name, f"http://127.0.0.1:{port}/graphql", f"http://127.0.0.1:{port}/metrics")
    table.add_row(MOOC, f"http://127.0.0.1:{world.ports.mooc}/graphql", "–")
    console.print(table)


def _tokens(world: World, learner: str) -> dict[str, tuple[Path, str]]:
    """Return role → its token's file, and what the role may do."""
    region = "320000"
    issued = {
        "portal": (world.token(Role.PORTAL), "a national portal: reads across regions (门户)"),
        "learner": (world.token(Role.LEARNER, learner=learner), "the transcript's learner (学习者本人)"),
        "officer": (world.token(Role.OFFICER, region=region), f"reads and writes {name_of(region)} (经办人)"),
        "auditor": (world.token(Role.AUDITOR, region=region), f"reads {name_of(region)} (审计)"),
    }
    folder = world.folder / "tokens"
    folder.mkdir(mode=0o700, exist_ok=True)
    files = {}
    for role, (token, meaning) in issued.items():
        files[role] = (folder / f"{role}.jwt", meaning)
        owner_only = os.open(files[role][0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(owner_only, "w", encoding="ascii") as file:
            file.write(token)
    return files


def _curl(world: World, query: str, token: Path | None = None) -> str:
    proof = f' -H "authorization: Bearer $(cat {_shown(token)})"' if token else ""
    body = json.dumps({"query": query})
    url = f"http://127.0.0.1:{world.ports.gateway}/graphql"
    return f"  curl -s {url} -H 'content-type: application/json'{proof} -d '{body}'"


def _shown(path: Path) -> str:
    """The path as one would type it from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
