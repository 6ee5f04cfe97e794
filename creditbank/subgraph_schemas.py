"""The schemas of the subgraphs that a person wants composed: from files, or from the subgraphs themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.configuration import read_file

if TYPE_CHECKING:
    from gateway.federation.composition.compose import Subgraph

QUESTION: Final = "{ _service { sdl } }"
ANSWER_TIMEOUT_S: Final = 10.0
ANSWER_LIMIT_BYTES: Final = 8_388_608


def read_subgraphs(config: Path) -> list[Subgraph]:
    """Read which subgraphs `config` lists, each with its SDL. Raises ValueError naming the place, OSError."""
    from gateway.federation.composition.compose import Subgraph

    listed = read_file(config).get("subgraphs")
    if not isinstance(listed, dict) or not listed:
        raise ValueError(f"{config} lists no subgraphs: see `creditbank schema compose --help`")
    subgraphs = []
    for name, stated in listed.items():
        schema, url = (
            (stated.get(key) for key in ("schema", "url")) if isinstance(stated, dict) else (None, None)
        )
        if isinstance(schema, str):
            sdl = (config.parent / schema).read_text(encoding="utf-8")
        elif isinstance(url, str) and url:
            sdl = ask_for_sdl(name, url)
        else:
            raise ValueError(f"{config}: subgraphs.{name} names neither a schema file nor a url to ask")
        subgraphs.append(Subgraph(name, url if isinstance(url, str) else "", sdl))
    return subgraphs


def ask_for_sdl(name: str, url: str) -> str:
    """Ask a running subgraph for its SDL (Federation, `_service`). Raises ValueError."""
    import httpx

    try:
        with httpx.Client(timeout=ANSWER_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            answer = client.post(url, json={"query": QUESTION})
            if len(answer.content) > ANSWER_LIMIT_BYTES:
                raise ValueError(f"{name}: the answer has more than {ANSWER_LIMIT_BYTES} bytes")
            sdl = answer.json()["data"]["_service"]["sdl"]
    except httpx.HTTPError as error:
        raise ValueError(f"{name}: {url} does not answer ({type(error).__name__})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{name}: {url} did not answer `{QUESTION}` with an SDL: {error}") from None
    if not isinstance(sdl, str) or not sdl.strip():
        raise ValueError(f"{name}: {url} gave no SDL")
    return sdl
