"""Sockets to nodes: used again while all is well, closed at once when whoever asked has gone."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.clients.connection import Connection
from gateway.clients.exchange import Answered, PooledExchange
from gateway.clients.failures import NodeFailure
from gateway.clients.settings import HttpSettings

PATIENT = HttpSettings(timeout_ms=600_000)
LONG_S = 600.0
"""No test waits for so long: what ends before has ended for another reason."""
TEST_LIMIT_S = 20.0
OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"
CLOSING = OK + b"connection: close\r\n"
SHORT = OK + b"content-length: 2\r\n\r\nhi"

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Door:
    """A server that counts its connections. `converse` is called with each."""

    def __init__(self, converse: Converse) -> None:
        self._converse = converse
        self._changed = asyncio.Condition()
        self._open: set[asyncio.Task[None]] = set()
        self.opened = 0
        self.requests = 0
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        await self._note(task, is_open=True)
        try:
            await self._converse(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side has closed
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            await self._note(task, is_open=False)

    async def _note(self, task: asyncio.Task[None], *, is_open: bool) -> None:
        async with self._changed:
            self.opened += is_open
            (self._open.add if is_open else self._open.discard)(task)
            self._changed.notify_all()

    async def request(self, reader: asyncio.StreamReader) -> bytes:
        """The next request's body."""
        head = await reader.readuntil(b"\r\n\r\n")
        async with self._changed:
            self.requests += 1
            self._changed.notify_all()
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return await reader.readexactly(length)

    async def until(
        self, *, opened: int | None = None, now_open: int | None = None, requests: int = 0
    ) -> None:
        def is_so() -> bool:
            return (
                opened in (None, self.opened)
                and now_open in (None, len(self._open))
                and self.requests >= requests
            )

        async with asyncio.timeout(TEST_LIMIT_S), self._changed:
            await self._changed.wait_for(is_so)


@asynccontextmanager
async def door(
    converse: Callable[[Door, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Door]:
    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await converse(made, reader, writer)

    made = Door(begin)
    server = await asyncio.start_server(made, "127.0.0.1", 0, ssl=tls)
    scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
    made.url = f"{scheme}://{host}:{server.sockets[0].getsockname()[1]}/graphql?at=once"
    async with server:
        yield made
        await made.until(now_open=0)  # whoever used it has left nothing open


@asynccontextmanager
async def exchange(settings: HttpSettings = PATIENT) -> AsyncIterator[PooledExchange]:
    made = PooledExchange(settings)
    try:
        yield made
    finally:
        await made.aclose()


async def silent(to: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await to.request(reader)
    await reader.read()


async def half(to: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await to.request(reader)
    writer.write(OK + b"content-length: 1000000\r\n\r\n" + bytes(200_000))
    await writer.drain()
    await reader.read()


async def polite(to: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        body = await to.request(reader)
        writer.write(OK + b"content-length: %d\r\n\r\n" % len(body) + body)


def saying(*answers: bytes) -> Callable[..., Awaitable[None]]:
    """Answer each request of a connection by the next of these bytes, and close it after the last."""

    async def say(to: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await to.request(reader)
            writer.write(answer)
        await writer.drain()
        writer.close()

    return say


async def post(by: PooledExchange, to: Door, body: bytes = b"{}") -> Answered:
    return await by.post(to.url, [("accept", "text/plain")], body, LONG_S)


async def turns(count: int) -> None:
    """Let the loop look at its sockets so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts, and reads no path


LOOPS = pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, uvloop.new_event_loop])


@LOOPS
@pytest.mark.parametrize("behave", [silent, half])
def test_cancelled_requests_leave_no_socket_open(
    loop: Callable[[], asyncio.AbstractEventLoop], behave: Converse
) -> None:
    """Neither here nor at the node, which hears at once that nobody waits any more."""

    async def main() -> None:
        async with door(behave) as to, exchange() as by:  # type: ignore[arg-type]
            before = open_descriptors()
            for wave in range(1, 11):
                asking = [asyncio.create_task(post(by, to)) for _ in range(20)]
                await to.until(requests=20 * wave)
                for task in asking:
                    task.cancel()
                outcomes = await asyncio.gather(*asking, return_exceptions=True)
                assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
                await to.until(opened=20 * wave, now_open=0)
            await turns(5)
            assert open_descriptors() <= before

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


async def test_a_request_cancelled_while_it_connects_leaves_nothing() -> None:
    with socket.socket() as listening:  # its queue is full: what comes next is never accepted
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        queued = [socket.socket() for _ in range(4)]
        for one in queued:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        before = open_descriptors()
        async with exchange() as by:
            asking = [
                asyncio.create_task(by.post(f"http://127.0.0.1:{port}/", [], b"", LONG_S)) for _ in range(9)
            ]
            await asyncio.sleep(0)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            await turns(5)
            assert open_descriptors() <= before
        for one in queued:
            one.close()


async def test_a_request_that_is_too_late_closes_its_socket() -> None:
    async with door(silent) as to, exchange() as by:
        with pytest.raises(NodeFailure) as failed:
            await by.post(to.url, [], b"", 0.05)
        assert failed.value.code == "SHARD_TIMEOUT"
        await to.until(opened=1, now_open=0)


@LOOPS
def test_each_request_on_one_socket_has_the_time_that_it_was_given(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Whether that is longer or shorter than those had that were answered before it."""

    async def main() -> None:
        clock = asyncio.get_running_loop()
        near, far = socket.socketpair()
        _, connection = await clock.create_connection(lambda: Connection(clock, 1_000), sock=near)
        for wait_s in (LONG_S, 0.02):
            until_s = clock.time() + wait_s
            answered = asyncio.create_task(connection.ask(b"hasty", until_s))
            await turns(1)
            connection.data_received(SHORT)
            assert (await answered).body == b"hi"
        patient = asyncio.create_task(connection.ask(b"patient", clock.time() + LONG_S))
        passed = asyncio.Event()
        clock.call_at(until_s + 0.01, passed.set)
        await passed.wait()
        assert not patient.done()
        connection.data_received(SHORT)
        assert (await patient).body == b"hi"
        with pytest.raises(NodeFailure) as failed:
            await connection.ask(b"hasty", clock.time() + 0.02)
        assert failed.value.code == "SHARD_TIMEOUT"
        far.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


async def test_one_socket_carries_one_request_after_the_other() -> None:
    async with door(polite) as to:
        async with exchange() as by:
            for order in range(5):
                answered = await post(by, to, b"%d" % order)
                assert answered == Answered(200, "text/plain", b"%d" % order)
            assert to.opened == 1
            together = await asyncio.gather(*(post(by, to, b"%d" % order) for order in range(7)))
            assert [each.body for each in together] == [b"%d" % order for order in range(7)]
            assert to.opened == 7
        await to.until(now_open=0)


async def test_no_more_sockets_wait_than_the_limit() -> None:
    async with door(polite) as to, exchange(HttpSettings(idle_connections_per_shard=2)) as by:
        await asyncio.gather(*(post(by, to) for _ in range(6)))
        await to.until(opened=6, now_open=2)


async def test_sockets_that_wait_long_are_closed() -> None:
    async with door(polite) as to, exchange(HttpSettings(idle_connection_ms=20)) as by:
        await asyncio.gather(*(post(by, to) for _ in range(3)))
        await to.until(opened=3, now_open=0)
        assert (await post(by, to)).status == 200


async def test_a_socket_that_the_node_closed_is_not_used_again() -> None:
    async with door(saying(SHORT)) as to, exchange() as by:
        for number in range(1, 4):
            assert (await post(by, to)).body == b"hi"
            await to.until(opened=number, now_open=0)
            await turns(5)  # until this side has heard of it, too


@pytest.mark.parametrize(
    "answer",
    [
        CLOSING + b"content-length: 2\r\n\r\nhi",
        CLOSING + b"\r\nhi",
        b"HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nhi",
        OK + b"transfer-encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + SHORT,
    ],
)
async def test_an_answer_may_end_in_every_way_that_http_has(answer: bytes) -> None:
    async with door(saying(answer)) as to, exchange() as by:
        assert await post(by, to) == Answered(200, "text/plain", b"hi")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (OK + b"content-length: 9\r\n\r\nhi", "SHARD_UNREACHABLE"),
        (OK + b"transfer-encoding: chunked\r\n\r\n1\r\nh\r\n", "SHARD_UNREACHABLE"),
        (OK + b"content-length: 2\r\ncontent-length: 3\r\n\r\nhi", "SHARD_UNREACHABLE"),
        (OK + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "SHARD_UNREACHABLE"),
        (SHORT + SHORT, "SHARD_UNREACHABLE"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            "SHARD_UNREACHABLE",
        ),
        (OK + b"x: " + bytes(200_000).replace(b"\0", b"y"), "SHARD_INVALID_REPLY"),
    ],
)
async def test_an_answer_that_is_not_whole_or_not_one_is_none(answer: bytes, code: str) -> None:
    async with door(saying(answer)) as to, exchange() as by:
        with pytest.raises(NodeFailure) as failed:
            await post(by, to)
        assert failed.value.code == code


async def test_what_comes_unasked_is_nobodys_answer() -> None:
    heard = asyncio.Event()

    async def talkative(to: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await to.request(reader)
        writer.write(SHORT)
        await heard.wait()
        writer.write(OK + b"content-length: 5\r\n\r\nfalse")
        await reader.read()

    async with door(talkative) as to, exchange() as by:
        for number in range(1, 3):
            heard.clear()
            assert (await post(by, to)).body == b"hi"
            heard.set()
            await to.until(opened=number, now_open=0)


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "a\0", "学"])
async def test_a_header_that_would_be_two_is_not_sent(value: str) -> None:
    async with door(polite) as to, exchange() as by:
        with pytest.raises(NodeFailure) as failed:
            await by.post(to.url, [("tracestate", value)], b"", LONG_S)
        assert failed.value.code == "SHARD_REJECTED"
        assert to.opened == 0


async def test_a_stream_is_read_as_it_comes_and_waits_for_its_reader() -> None:
    size = 4_000_000

    async def stream(to: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await to.request(reader)
        writer.write(OK + b"content-length: %d\r\n\r\n" % size + bytes(size))
        await writer.drain()
        writer.close()

    async with door(stream) as to, exchange() as by, by.open(to.url, [], b"", LONG_S) as opened:
        assert (opened.status, opened.content_type) == (200, "text/plain")
        read = 0
        while (chunk := await opened.read()) is not None:
            read += len(chunk)
        assert read == size


@pytest.mark.parametrize("behave", [silent, half])
async def test_a_stream_that_nobody_reads_any_more_is_closed(behave: Converse) -> None:
    async with door(behave) as to, exchange() as by:  # type: ignore[arg-type]

        async def listen() -> None:
            async with by.open(to.url, [], b"", LONG_S) as opened:
                while await opened.read():
                    pass

        listening = [asyncio.create_task(listen()) for _ in range(20)]
        await to.until(requests=20)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await to.until(opened=20, now_open=0)


async def test_closing_ends_what_is_on_its_way() -> None:
    async with door(silent) as to:
        by = PooledExchange(PATIENT)
        asking = asyncio.create_task(post(by, to))
        await to.until(requests=1)
        await by.aclose()
        with pytest.raises(NodeFailure):
            await asking


async def test_tls_is_proved_against_known_authorities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    async with door(polite, serving) as to:
        async with exchange() as strange:
            with pytest.raises(NodeFailure) as failed:
                await post(strange, to)
            assert failed.value.code == "SHARD_UNREACHABLE"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with exchange() as knowing:
            assert (await post(knowing, to, b"private")).body == b"private"


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_file, key_file
