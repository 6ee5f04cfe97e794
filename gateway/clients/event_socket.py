"""A subgraph's events over a WebSocket, by the protocol graphql-transport-ws: one operation a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit, urlunsplit

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from gateway.clients.event_source import EventProtocol, NotSpoken
from gateway.clients.exchange import Headers, PooledExchange, check_headers
from gateway.clients.failures import invalid, rejected, timed_out, unreachable
from gateway.clients.replies import reply_of
from gateway.clients.settings import EventSettings
from gateway.federation.transport import Reply

SUBPROTOCOL: Final = Subprotocol("graphql-transport-ws")
OTHER_PROTOCOL: Final = f"It does not speak {SUBPROTOCOL} on a WebSocket."
OPERATION: Final = "1"
PROTOCOL_CODES: Final = 4400
"""From here on the protocol's own codes: an operation it will not run, a caller it does not know."""
CLOSE_S: Final = 1.0
"""How long the subgraph may take to say goodbye."""


class _Direct(connect):
    """To the address that was asked for: a redirect is a refusal."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class EventSocket(EventProtocol):
    """One connection for each subscription; leaving the block closes it, and so the subscription."""

    def __init__(self, sockets: PooledExchange, settings: EventSettings) -> None:
        self._sockets = sockets
        self._settings = settings

    @asynccontextmanager
    async def open(
        self, url: str, headers: Headers, body: bytes, wait_s: float
    ) -> AsyncIterator[AsyncGenerator[Reply, None]]:
        check_headers(headers)
        try:
            async with asyncio.timeout(wait_s):
                connection = await self._connected(url, headers)
        except TimeoutError:
            raise timed_out() from None
        except OSError:
            raise unreachable("It could not be reached.") from None
        try:
            async with asyncio.timeout(wait_s):
                await _subscribe(connection, headers, body)
            async with aclosing(self._events(connection)) as events:
                yield events
        except TimeoutError:
            raise timed_out() from None
        except ConnectionClosed as closed:
            _raise_closed(closed)
        except BaseException:
            connection.transport.abort()  # whoever leaves does not wait for a goodbye
            raise
        finally:
            await connection.close()

    async def _connected(self, url: str, headers: Headers) -> ClientConnection:
        """Raises OSError where no connection was made."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if is_tls else 80)
        silence_s = self._settings.silence_ms / 1000
        failed = OSError("it has no address")
        for address in await self._sockets.addresses(host, port):
            try:
                connection = await _Direct(
                    urlunsplit(("wss" if is_tls else "ws", parts.netloc, parts.path, parts.query, "")),
                    host=address,
                    port=port,
                    ssl=self._sockets.tls if is_tls else None,
                    subprotocols=[SUBPROTOCOL],
                    additional_headers=headers,
                    proxy=None,
                    open_timeout=None,
                    close_timeout=CLOSE_S,
                    ping_interval=silence_s / 3,
                    ping_timeout=silence_s,
                    max_size=self._settings.event_limit_bytes,
                )
            except InvalidHandshake as refused:
                _raise_refused(refused)
            except OSError as error:
                failed = error
            else:
                if connection.subprotocol == SUBPROTOCOL:
                    return connection
                connection.transport.abort()
                raise NotSpoken(rejected(OTHER_PROTOCOL))
        raise failed

    async def _events(self, connection: ClientConnection) -> AsyncGenerator[Reply, None]:
        while True:
            message = await _received(connection)
            match message.get("type"):
                case "next":
                    yield reply_of(message.get("payload"))
                case "error":
                    yield reply_of({"errors": message.get("payload")})
                    return
                case "complete":
                    return


async def _subscribe(connection: ClientConnection, headers: Headers, body: bytes) -> None:
    """Servers look for the caller's token in the handshake or here, so it is in both."""
    token = {name: value for name, value in headers if name == "authorization"}
    await connection.send(orjson.dumps({"type": "connection_init", "payload": token}).decode())
    while (await _received(connection)).get("type") != "connection_ack":
        pass
    subscribe = {"id": OPERATION, "type": "subscribe", "payload": orjson.Fragment(body)}
    await connection.send(orjson.dumps(subscribe).decode())


async def _received(connection: ClientConnection) -> dict[str, Any]:
    """The next message that is not about the connection itself."""
    while True:
        try:
            message = orjson.loads(await connection.recv())
        except orjson.JSONDecodeError:
            raise invalid("A message of its stream is not JSON.") from None
        if type(message) is not dict:
            raise invalid("A message of its stream is no object.")
        if message.get("type") != "ping":
            return message
        await connection.send('{"type":"pong"}')


def _raise_refused(refused: InvalidHandshake) -> NoReturn:
    if isinstance(refused, InvalidStatus):
        status = refused.response.status_code
        raise NotSpoken(rejected(f"It answered with HTTP status {status} where a WebSocket was asked for."))
    raise NotSpoken(rejected(OTHER_PROTOCOL))


def _raise_closed(closed: ConnectionClosed) -> NoReturn:
    if closed.sent is not None and closed.sent.code == CloseCode.MESSAGE_TOO_BIG:
        raise invalid("An event of its stream is too large.") from None
    if closed.rcvd is not None and closed.rcvd.code >= PROTOCOL_CODES:
        raise rejected(f"It closed the WebSocket with code {closed.rcvd.code}.") from None
    raise invalid("Its stream ended without saying that it was complete.") from None
