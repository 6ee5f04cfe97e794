"""`creditbank gateway`: run the federating gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from creditbank.addresses import require_free
from creditbank.failure import explained

app = typer.Typer(
    help="Run the gateway (网关): one GraphQL address for all regional banks.", no_args_is_help=True
)

SERVE_HELP = (
    "Serve the gateway until it is told to stop.\n\n"
    "It needs a register of nodes, the published agreements and the catalogue bundle: settings `registry`, "
    "`pairings` and `catalogue`, from a TOML or JSON file or from the environment "
    "(CREDITBANK_GATEWAY_REGISTRY=…), which wins. It starts and answers with every node down.\n\n"
    "With --supergraph it serves any composed supergraph instead, without the banks: each subgraph is "
    "asked at the address the supergraph states.\n\n"
    "Examples:\n\n"
    "  creditbank gateway serve --config gateway.toml --port 8000\n\n"
    "  creditbank gateway serve --supergraph supergraph.graphql"
)


@app.callback()
def _group() -> None:
    """Keep `serve` a command of its own, for others will follow."""


@app.command("serve", help=SERVE_HELP)
def serve(
    config: Annotated[Path | None, typer.Option(help="Settings, TOML or JSON.")] = None,
    supergraph: Annotated[
        Path | None, typer.Option(help="Serve this composed supergraph instead of the banks.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 unless set.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8000 unless set.")] = None,
) -> None:
    from gateway import app as program
    from gateway.settings import PREFIX, read_settings

    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    with explained(PREFIX):
        if supergraph is not None:
            program.serve_supergraph(supergraph, config=config, **given)
        else:
            settings = read_settings(config, **given)
            require_free(settings.host, settings.port, "the gateway", "Give another: --port PORT")
            program.serve(settings)
