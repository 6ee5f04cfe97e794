"""`creditbank`: one command for everything that a person does with the product.

Commands import what they run only when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import sys

import typer

from catalogue.cli import app as catalogue_app
from creditbank.commands import agreement, demo, gateway, node, registry, schema, token, verify
from creditbank.failure import Failure

EPILOG = (
    "Begin with [bold]creditbank demo[/bold]: eight regional banks and the gateway on this machine. "
    "先试 [bold]creditbank demo[/bold]：在本机启动八个区域学分银行和网关。"
)

app = typer.Typer(
    name="creditbank",
    help=(
        "The interchange of credit banks (学分银行互认枢纽).\n\n"
        "Every region runs its own [bold]node[/bold]: accounts, learning outcomes, a ledger, rules. "
        "The [bold]gateway[/bold] asks them all and answers what a certificate of one region "
        "is worth in another."
    ),
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo", help=demo.HELP)(demo.run)
app.add_typer(gateway.app, name="gateway")
app.add_typer(node.app, name="node")
app.add_typer(registry.app, name="registry")
app.add_typer(schema.app, name="schema")
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(agreement.app, name="agreement")
app.command("token", help=token.HELP)(token.run)
app.command("verify", help=verify.HELP)(verify.run)


def main() -> None:
    """Run the command line; a `Failure` becomes one line on standard error and its exit status."""
    try:
        app()
    except Failure as failure:
        sys.stderr.write(f"creditbank: {failure}\n")
        raise SystemExit(failure.status) from None
