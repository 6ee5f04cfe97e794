"""The server's side of a connection, which refuses at the socket while there are too many requests.

As an ASGI task a refusal costs a fifth of a small answer, so that at five times the load half of the CPU
would go into saying no. Here a request that has come whole is refused by a look at its head; every other
goes the usual way, and is refused there.
"""

from __future__ import annotations

import re
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from edge.admission import Admission

ADMISSION: Final = "admission"
"""Where the lifespan's state has the program's `edge.admission.Admission`."""
GRAPHQL_POST: Final = b"POST /graphql HTTP/1.1\r\n"
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = "content-length"
LANGUAGE: Final = "accept-language"
ACCEPT: Final = "accept"
UNUSUAL: Final = frozenset(("origin", "connection", "expect", "transfer-encoding"))
"""Whoever says one of these needs more than a plain refusal: CORS, closing, a body in chunks."""
TELLING: Final = re.compile(
    r"\r\n(accept|accept-language|content-length"
    r"|origin|connection(?!: keep-alive\r\n)|expect|transfer-encoding):[ \t]*([^\r]*)"
)
"""The headers that matter here, in a head in lower case: one walk over it costs less than two look-ups."""


class Door(HttpToolsProtocol):
    """Uvicorn's connection, with a look at what comes."""

    def data_received(self, data: bytes) -> None:
        admission: Admission | None = self.app_state.get(ADMISSION)
        if admission is not None and admission.is_full and self._is_between_requests():
            told = _told_by_whole_post(data)
            if told is not None:
                accept, language = told.get(ACCEPT), told.get(LANGUAGE)
                self.transport.write(admission.written_refusal(accept, language))
                return
        super().data_received(data)

    def _is_between_requests(self) -> bool:
        """Whether no request has begun to come since the last was answered."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None:
            headers: object = self.headers
            return headers is None
        is_over = cycle.response_complete and not cycle.more_body and not self.pipeline
        return is_over and self.headers is cycle.scope["headers"]


def _told_by_whole_post(data: bytes) -> dict[str, str] | None:
    """Its telling headers, when these bytes are one whole request of the usual kind, and nothing more."""
    if not data.startswith(GRAPHQL_POST):
        return None
    end = data.find(END_OF_HEAD)
    found = TELLING.findall(data[: end + 2].decode("latin-1").lower())
    told: dict[str, str] = dict(found)
    is_whole = told.get(LENGTH) == str(len(data) - end - len(END_OF_HEAD))
    return told if is_whole and len(told) == len(found) and UNUSUAL.isdisjoint(told) else None
