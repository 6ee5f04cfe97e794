"""`creditbank verify`: is this decision or credential what a region signed? Checked offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from creditbank.failure import Failure, explained

FILE_LIMIT_BYTES = 16 * 1_048_576

HELP = (
    "Check offline what a region signed (离线验证): a recognition decision (JSON that the graph answered) "
    "or a credential (a JWT). No address is asked; say whose keys you trust.\n\n"
    "Keys are a region's /.well-known/jwks.json, its signingKey, or a gateway's register. "
    "Exit status: 0 it holds, 1 it is false or revoked, 2 it cannot be told.\n\n"
    "Examples:\n\n"
    "  creditbank verify decision.json --keys registry.json\n\n"
    "  creditbank verify badge.jwt --keys jwks.json --status-list list.jwt"
)


def run(
    file: Annotated[Path, typer.Argument(help="The decision (JSON) or the credential (JWT).")],
    keys: Annotated[Path, typer.Option(help="The keys you trust: JWKS, JWK, or a register.")],
    status_list: Annotated[
        Path | None, typer.Option(help="The credential's status list (JWT), fetched before.")
    ] = None,
) -> None:
    from creditbank.verification import Verdict, verify
    from edge.region_keys import read_region_keys

    with explained():
        texts = [None if one is None else _read(one) for one in (file, keys, status_list)]
        try:
            trusted = read_region_keys(texts[1] or b"")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Failure(f"{keys} holds no keys: {error}", status=Verdict.UNKNOWN) from None
        findings = verify(texts[0] or b"", trusted, texts[2])
    marks = {Verdict.HOLDS: "✓", Verdict.FALSE: "✗", Verdict.UNKNOWN: "?"}
    for one in findings:
        typer.echo(f"{marks[one.verdict]} {one.told}")
    verdict = max(findings, key=lambda one: (one.verdict is not Verdict.HOLDS, one.verdict)).verdict
    words = {
        Verdict.HOLDS: "It holds. 验证通过。",
        Verdict.FALSE: "It is false or counts no more. 验证不通过。",
        Verdict.UNKNOWN: "It cannot be told. 无法验证。",
    }
    typer.echo(words[verdict])
    raise typer.Exit(verdict)


def _read(file: Path) -> bytes:
    if file.stat().st_size > FILE_LIMIT_BYTES:
        raise Failure(f"{file} has more than {FILE_LIMIT_BYTES} bytes")
    return file.read_bytes()
