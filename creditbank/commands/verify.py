"""`creditbank verify`: is this decision or credential what a region signed? Checked offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from creditbank.failure import Failure, explained

FILE_LIMIT_BYTES = 16 * 1_048_576

HELP = (
    "Check offline what a region signed (离线验证): a recognition decision (JSON that the graph answered) "
    "or a credential (a JWT). No address is asked; say whose keys you trust. "
    "With --inputs a decision is made again from what it rests on, and must be the same to the byte.\n\n"
    "Keys are a region's /.well-known/jwks.json, its signingKey, or a gateway's register. "
    "Exit status: 0 it holds, 1 it is false or revoked, 2 it cannot be told.\n\n"
    "Examples:\n\n"
    "  creditbank verify decision.json --keys registry.json\n\n"
    "  creditbank verify decision.json --keys nodes.json --inputs published.json --inputs standing.json\n\n"
    "  creditbank verify badge.jwt --keys jwks.json --status-list list.jwt"
)


def run(
    file: Annotated[Path, typer.Argument(help="The decision (JSON) or the credential (JWT).")],
    keys: Annotated[Path, typer.Option(help="The keys you trust: JWKS, JWK, or a register.")],
    status_list: Annotated[
        Path | None, typer.Option(help="The credential's status list (JWT), fetched before.")
    ] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option(help="What a decision rests on (JSON), to decide it again; may be given several times."),
    ] = None,
) -> None:
    from creditbank.findings import Verdict, whole_verdict
    from creditbank.rerun import read_inputs
    from creditbank.verification import verify
    from edge.region_keys import read_region_keys

    with explained():
        texts = [None if one is None else _read(one) for one in (file, keys, status_list)]
        try:
            trusted = read_region_keys(texts[1] or b"")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Failure(f"{keys} holds no keys: {error}", status=Verdict.UNKNOWN) from None
        try:
            given = read_inputs([_read(one) for one in inputs]) if inputs else None
        except (ValueError, KeyError, TypeError) as error:
            told = f"--inputs cannot be read: {error}"
            raise Failure(told, status=Verdict.UNKNOWN) from None
        findings = verify(texts[0] or b"", trusted, texts[2], given)
    marks = {Verdict.HOLDS: "✓", Verdict.FALSE: "✗", Verdict.UNKNOWN: "?"}
    for one in findings:
        typer.echo(f"{marks[one.verdict]} {one.told}")
    verdict = whole_verdict(findings)
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
