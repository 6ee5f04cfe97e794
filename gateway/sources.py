"""What the supergraph is composed from: the banks' contract, and the SDL of other teams' subgraphs.

All of them are files; no subgraph is asked for anything, so that the gateway starts with all of them down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from gateway.federation.composition.compose import Subgraph, compose
from gateway.national.schema import REGION_SUBGRAPH, SUBGRAPH
from gateway.settings import ForeignSubgraph, GatewaySettings

SDL_LIMIT_BYTES: Final = 16_000_000
"""Of one file; the whole contract has a hundredth of it."""


def contract_supergraph(*, region: str, national: str, further: Sequence[Subgraph] = ()) -> str:
    """Compose the contract's two subgraphs, and `further` ones. Raises CompositionFailedError."""
    contract = [Subgraph(REGION_SUBGRAPH, "", region), Subgraph(SUBGRAPH, "", national)]
    return compose([*contract, *further]).sdl()


def stored_contract() -> str:
    """Compose the contract's files as they came with the program."""
    return Sources().compose()


def _stored(subgraph: str) -> Path:
    return Path(str(files("schema").joinpath(f"{subgraph}.graphql")))


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the SDL of each subgraph stands. `national` is none of the files that are followed while
    the gateway runs: the code that answers it is this program's, and does not change with the file."""

    region: Path = field(default_factory=lambda: _stored(REGION_SUBGRAPH))
    national: str = field(default_factory=lambda: read_sdl(_stored(SUBGRAPH)))
    foreign: tuple[ForeignSubgraph, ...] = ()

    @classmethod
    def of(cls, settings: GatewaySettings) -> Sources:
        return cls(settings.contract or _stored(REGION_SUBGRAPH), foreign=settings.subgraphs)

    def files(self) -> tuple[Path, ...]:
        """The files to be followed."""
        return (self.region, *(one.sdl for one in self.foreign))

    def compose(self) -> str:
        """Return the supergraph of what the files say now.

        Raises CompositionFailedError, OSError, ValueError (not text, or too large).
        """
        further = [Subgraph(one.name, one.url, read_sdl(one.sdl)) for one in self.foreign]
        return contract_supergraph(region=read_sdl(self.region), national=self.national, further=further)


def read_sdl(path: Path) -> str:
    """Return a file's SDL. Raises OSError, ValueError for one that is too large or not text."""
    if path.stat().st_size > SDL_LIMIT_BYTES:
        raise ValueError(f"{path.name}: it has more than {SDL_LIMIT_BYTES} bytes")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name}: it is not text in UTF-8") from None
