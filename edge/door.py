"""The server's side of a connection, which refuses at the socket while there are too many requests.

As an ASGI task a refusal costs a fifth of a small answer, so that at five times the load half of the CPU
would go into saying no. Here a request that has come whole is refused by a look at its head; every other
goes the usual way, and is refused there.
"""

from __future__ import annotations

from typing import Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from edge.admission import Admission

ADMISSION: Final = "admission"
"""Where the lifespan's state has the program's `edge.admission.Admission`."""
GRAPHQL_POST: Final = b"POST /graphql HTTP/1.1\r\n"
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"\r\ncontent-length:"
LANGUAGE: Final = b"\r\naccept-language:"
ACCEPT: Final = b"\r\naccept:"
UNUSUAL: Final = (b"\r\norigin:", b"\r\nconnection:", b"\r\nexpect:", b"\r\ntransfer-encoding:")
"""Whoever says one of these needs more than a plain refusal: CORS, closing, a body in chunks."""
KEPT_ALIVE: Final = b"\r\nconnection: keep-alive\r\n"


class Door(HttpToolsProtocol):
    """Uvicorn's connection, with a look at what comes."""

    def data_received(self, data: bytes) -> None:
        admission: Admission | None = self.app_state.get(ADMISSION)
        if admission is not None and admission.is_full and self._is_between_requests():
            head = _head_of_whole_post(data)
            if head is not None:
                accept, language = _value(head, ACCEPT), _value(head, LANGUAGE)
                self.transport.write(admission.written_refusal(accept, language))
                return
        super().data_received(data)

    def _is_between_requests(self) -> bool:
        """Whether no request has begun to come since the last was answered."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None:
            return cast("object", self.headers) is None
        is_over = cycle.response_complete and not cycle.more_body and not self.pipeline
        return is_over and self.headers is cycle.scope["headers"]


def _head_of_whole_post(data: bytes) -> bytes | None:
    """The head, in lower case, when these bytes are one whole request of the usual kind, and nothing more."""
    if not data.startswith(GRAPHQL_POST):
        return None
    end = data.find(END_OF_HEAD)
    if end < 0:
        return None
    head = data[: end + 2].lower().replace(KEPT_ALIVE, b"\r\n")
    length = _value(head, LENGTH)
    if length is None or not length.isdigit() or head.count(LENGTH) != 1:
        return None
    is_whole = end + len(END_OF_HEAD) + int(length) == len(data)
    return head if is_whole and not any(name in head for name in UNUSUAL) else None


def _value(head: bytes, name: bytes) -> str | None:
    _, found, rest = head.partition(name)
    return rest.partition(b"\r\n")[0].strip().decode("latin-1") if found else None
