"""Asks the gateway as any client would: one POST for each question, a bearer token where one is needed.

An answer may be taken whole, or in parts as they come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from creditbank.failure import Failure

TIMEOUT_S: Final = 30.0
EVENT: Final = "data: "


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response. `codes` are those of its errors, in order."""

    data: Mapping[str, Any]
    errors: tuple[Mapping[str, Any], ...]
    coverage: Mapping[str, Any]

    @property
    def codes(self) -> list[str]:
        return [str(error.get("extensions", {}).get("code")) for error in self.errors]


class Client:
    """One connection to the gateway. To be used as a context manager."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, query: str, token: str | None = None, **variables: Any) -> Answer:
        """Raises `Failure` where there is no GraphQL response."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            response = self._client.post(
                "/graphql", json={"query": query, "variables": variables}, headers=headers
            )
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Failure(f"the gateway gave no answer: {error!r}") from None
        if not isinstance(body, dict) or not ("data" in body or "errors" in body):
            raise Failure(f"the gateway gave no GraphQL answer, but status {response.status_code}")
        return Answer(
            body.get("data") or {},
            tuple(body.get("errors") or ()),
            body.get("extensions", {}).get("coverage", {}),
        )

    def parts(self, query: str, token: str | None = None, **variables: Any) -> Iterator[dict[str, Any]]:
        """The payloads of an answer in parts, as server-sent events bring them. Raises `Failure`."""
        headers = {"accept": "text/event-stream", **({"authorization": f"Bearer {token}"} if token else {})}
        body = {"query": query, "variables": variables}
        try:
            with self._client.stream("POST", "/graphql", json=body, headers=headers) as response:
                for line in response.iter_lines():
                    if line.startswith(EVENT):
                        yield json.loads(line.removeprefix(EVENT))
        except (httpx.HTTPError, ValueError) as error:
            raise Failure(f"the gateway gave no answer in parts: {error!r}") from None
