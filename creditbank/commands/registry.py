"""`creditbank registry`: sign, check and show the register of regional nodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creditbank.failure import Failure, explained

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

app = typer.Typer(
    help="The register of regional nodes (节点登记册): sign, check and show it.", no_args_is_help=True
)

Register = Annotated[Path, typer.Argument(help="The register, JSON.")]

KEY_HELP = (
    "Make a key pair for signing registers.\n\n"
    "The private key goes to FILE, which only you can read; keep it where no gateway runs. The public one "
    "goes to FILE.jwks, which gateways and nodes pin by the setting `registry_keys`.\n\n"
    "Example:\n\n"
    "  creditbank registry key office.jwk"
)
SIGN_HELP = (
    "Sign a register, and write it in place of the old one (or to --output), whole.\n\n"
    "REGISTER lists the shards, signed before or not:\n\n"
    '  {"shards": [{"code": "310000", "name": "Shanghai", "url": "https://bank.example/graphql"}]}\n\n'
    "Each signing raises the version by one, since a gateway takes no older register than the one it has. "
    "Gateways that follow the file take it up within seconds; no restart, no failed request.\n\n"
    "To add a region, add its entry. To move one, change its url. To drain one before a standstill, set "
    '"status": "DRAINING" (queries only); to suspend it, "SUSPENDED" (never asked). Then sign.\n\n'
    "Example:\n\n"
    "  creditbank registry sign nodes.json --key office.jwk"
)
CHECK_HELP = (
    "Check a register as a gateway does before it takes it up: form, addresses, keys, signature.\n\n"
    "Every fault is named; the exit status is then 1.\n\n"
    "Example:\n\n"
    "  creditbank registry check nodes.json --keys office.jwk.jwks"
)
SHOW_HELP = (
    "Show who is in a register, where, how each stands, and by which key its answers are checked.\n\n"
    "Example:\n\n"
    "  creditbank registry show nodes.json"
)
Private = Annotated[
    bool, typer.Option("--private-addresses", help="Allow private addresses, as a gateway may by settings.")
]


@app.command("key", help=KEY_HELP)
def key(file: Annotated[Path, typer.Argument(help="Where the private key goes.")]) -> None:
    from creditbank.commands.token import jwks_beside
    from edge.tokens import generate_key, write_key

    if file.exists():
        raise Failure(f"{file} is there already, and what it signed would be worth nothing without it")
    with explained():
        made = generate_key()
        write_key(made, file, jwks_beside(file))
    typer.echo(f"{file} signs; gateways pin {jwks_beside(file)} (key {made.thumbprint()})")


@app.command("sign", help=SIGN_HELP)
def sign(
    register: Register,
    key: Annotated[Path, typer.Option(help="The private key (creditbank registry key).")],
    output: Annotated[Path | None, typer.Option(help="Where to write it; in place unless given.")] = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="Its version; one more than it has unless given.")
    ] = None,
) -> None:
    from datetime import UTC, datetime

    from catalogue.bundle import write_whole
    from edge import registry_signature
    from gateway.registry import read_content, registry_of

    with explained():
        content = read_content(register)
        before = content.get("version", 0)
        if version is None:
            version = before + 1 if isinstance(before, int) else 1
        signed = registry_signature.sign(content, _private_key(key), version, datetime.now(UTC))
        unread = registry_signature.NO_SIGNATURE_NEEDED  # it was just made
        found = registry_of(signed, register.name, "", unread, allow_private=True)
        written = output or register
        write_whole(written, (json.dumps(signed, ensure_ascii=False, indent=2) + "\n").encode())
    typer.echo(f"{written} is version {version}, {len(found.shards)} shards, signed with {key}")


@app.command("check", help=CHECK_HELP)
def check(
    register: Register,
    keys: Annotated[Path, typer.Option(help="The public keys that may have signed it, JWKS or JWK.")],
    private_addresses: Private = False,
) -> None:
    from edge.registry_signature import Trust, pinned_keys
    from gateway.registry import read_registry

    with explained():
        try:
            trust = Trust(pinned_keys(keys.read_bytes()))
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(f"{keys} holds no public keys: {error}") from None
        found = read_registry(register, "", trust, allow_private=private_addresses)
    typer.echo(f"version {found.version}, {len(found.shards)} shards: it holds. 登记册有效。")


@app.command("show", help=SHOW_HELP)
def show(register: Register) -> None:
    from joserfc.jwk import import_key

    from edge.region_keys import key_id
    from edge.registry_signature import NO_SIGNATURE_NEEDED
    from gateway.registry import read_content, read_registry

    with explained():
        content = read_content(register)
        found = read_registry(register, "", NO_SIGNATURE_NEEDED, allow_private=True)
        signature = content.get("signature")
        signer = key_id(signature) if isinstance(signature, str) else None
    head = f"version {content.get('version')}, issued {content.get('issuedAt')}, signed with key {signer}"
    typer.echo(head if signer else "nobody signed it")
    for shard in found.shards.values():
        typer.echo(f"{shard.code}  {shard.status:<9}  {shard.url}  {shard.name}")
        if shard.replica is not None:
            typer.echo(f"  replica {shard.replica}")
        if (signing := shard.signing_key()) is not None:
            typer.echo(f"  answers are signed with key {import_key(signing).thumbprint()}")


def _private_key(file: Path) -> OKPKey:
    from joserfc.errors import JoseError

    from edge.tokens import read_key

    try:
        found = read_key(file)
    except (JoseError, ValueError, TypeError) as error:
        raise Failure(f"{file} holds no private key: {error}") from None
    if not found.is_private:
        raise Failure(f"{file} holds a public key; registers are signed with the private one")
    return found
