"""`creditbank token`: bearer tokens for trying the product, never for a real installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from creditbank.failure import Failure
from edge.caller import Caller, Role
from schema.ids import is_region_code

HELP = (
    "Print a bearer token for trying the product (演示令牌).\n\n"
    "The first use makes a key pair: the private key FILE and, beside it, FILE.jwks, "
    "which gateway and nodes are told to trust. `creditbank demo` makes its own and prints where.\n\n"
    "Examples:\n\n"
    "  creditbank token --role officer --region 440000 --key var/demo/identity.json\n\n"
    "  creditbank token --role learner --learner L-ABCDEFGHIJKLMNOPQRSTUVWXYZ --key var/demo/identity.json"
)


def run(
    role: Annotated[Role, typer.Option(help="What the caller is: portal, learner, officer or auditor.")],
    key: Annotated[Path, typer.Option(help="The private key file; made when it does not exist.")],
    region: Annotated[
        str | None, typer.Option(help="Region code of an officer or auditor, such as 440000.")
    ] = None,
    learner: Annotated[str | None, typer.Option(help="The learner's own learnerId.")] = None,
    subject: Annotated[str, typer.Option(help="Who it is, as the token's `sub`.")] = "demo",
    hours: Annotated[float, typer.Option(min=0.01, max=24.0, help="How long the token holds.")] = 12.0,
    issuer: Annotated[str | None, typer.Option(help="The token's `iss`; the demo's unless given.")] = None,
    audience: Annotated[str | None, typer.Option(help="The token's `aud`; the demo's unless given.")] = None,
) -> None:
    from edge.tokens import DEMO_AUDIENCE, DEMO_ISSUER, generate_key, issue_token, read_key, write_key

    caller = Caller(role, subject, region, learner)
    _require_consistent(caller)
    if not key.exists():
        key.parent.mkdir(parents=True, exist_ok=True)
        write_key(generate_key(), key, jwks_beside(key))
    try:
        pair = read_key(key)
    except (OSError, ValueError) as error:
        raise Failure(f"{key} holds no private key: {error}") from None
    token = issue_token(
        pair,
        caller,
        issuer=issuer or DEMO_ISSUER,
        audience=audience or DEMO_AUDIENCE,
        lifetime_s=round(hours * 3600),
    )
    typer.echo(token)


def jwks_beside(key: Path) -> Path:
    """Return where the public half of `key` stands."""
    return key.with_name(key.name + ".jwks")


def _require_consistent(caller: Caller) -> None:
    if caller.role is Role.PUBLIC:
        raise Failure("a public caller needs no token: send none")
    if caller.role is Role.LEARNER and caller.learner_id is None:
        raise Failure("a learner's token needs --learner with the learnerId")
    if caller.role in (Role.OFFICER, Role.AUDITOR) and caller.region is None:
        raise Failure(f"an {caller.role.value}'s token needs --region with a region code such as 440000")
    if caller.region is not None and not is_region_code(caller.region):
        raise Failure(f"{caller.region!r} is not a region code: six digits, such as 440000")
