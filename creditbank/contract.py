"""The contract files of `schema/`, as the code exports them now.

The files are what other teams read and what the gateway composes from; the code is where
they come from. `creditbank schema check` holds the two together.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import gateway.national.schema
import region_node.graph.schema
from gateway.app import contract_supergraph

NAMES = ("region", "national", "supergraph")


def exported() -> dict[str, str]:
    """Return each contract file's text by name, made from the code. Raises CompositionFailedError."""
    region = region_node.graph.schema.export_sdl()
    national = gateway.national.schema.export_sdl()
    return {
        "region": region,
        "national": national,
        "supergraph": contract_supergraph(region=region, national=national),
    }


def stored(name: str) -> str | None:
    """Return the text of the contract file `name`, or None where it does not stand."""
    file = files("schema") / f"{name}.graphql"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def write(texts: dict[str, str]) -> list[Path]:
    """Write the contract files into the checkout and return their paths."""
    folder = Path(str(files("schema")))
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.graphql"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
