"""The express lane against odd, hostile and broken HTTP, on real sockets; h11 says what the bytes mean.

The law on both sides: what the lane takes, h11 takes for the same. It may refuse more than h11 does.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import ssl
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import h11
import msgspec
import pytest

from generated.policy import Tls
from runtime.shell import gateway as gate
from runtime.shell import lane
from runtime.shell.snapshot import Missing, Snapshot
from runtime.shell.tls import server_context
from tests.test_app import CHAT, CHAT_PATH, COMPLETION, MESSAGES_PATH, SECRETS, STREAM, Served, policy, serving, until

BODY = json.dumps(CHAT).encode()
ANSWER = json.dumps(COMPLETION).encode()
SIZED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\n"
Script = Callable[[int, asyncio.StreamWriter], Awaitable[None]]


def posted(body: bytes = BODY, more: bytes = b"") -> bytes:
    return HEAD + b"content-length: %d\r\n" % len(body) + more + b"\r\n" + body


def chunked(*parts: bytes, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    return b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n" + trailers + b"\r\n"


class Raw:
    """An upstream of bytes: h11 reads what it is asked, `replies` says what is written; b"" hangs up, None waits."""

    def __init__(self, *replies: bytes | None | Script) -> None:
        self.replies = list(replies) or [SIZED]
        self.bodies: list[bytes] = []
        self.connections = 0
        self.problems: list[str] = []

    @asynccontextmanager
    async def running(self, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        async with server:
            scheme, host = ("https", "localhost") if context else ("http", "127.0.0.1")
            yield f"{scheme}://{host}:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (body := await self._request(reader)) is not None:
                self.bodies.append(body)
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if reply is None:
                    await reader.read(1)
                elif callable(reply):
                    await reply(len(self.bodies), writer)
                else:
                    writer.write(reply)
                    await writer.drain()
                if reply in (None, b"") or writer.is_closing():
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        except h11.RemoteProtocolError as problem:
            self.problems.append(str(problem))
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes | None:
        connection, body = h11.Connection(h11.SERVER), b""
        while True:
            match connection.next_event():
                case h11.NEED_DATA:
                    data = await reader.read(1 << 16)
                    if not data:
                        return None
                    connection.receive_data(data)
                case h11.Request() as request:
                    assert request.method == b"POST" and dict(request.headers)[b"host"]
                case h11.Data(data=data):
                    body += data
                case h11.EndOfMessage():
                    return body


@asynccontextmanager
async def before(*replies: bytes | None | Script, more: str = "", **settings) -> AsyncIterator[tuple[Served, Raw]]:
    raw = Raw(*replies)
    async with raw.running() as url, serving(policy(url, more=more, **{"retries": 0, **settings})) as served:
        yield served, raw
        assert not raw.problems


def port_of(served: Served) -> int:
    return int(served.url.rpartition(":")[2])


async def told(served: Served, *sent: bytes, end: bool = True, seconds: float = 5.0) -> list[tuple[int, bytes]]:
    """What comes back for the bytes: answers, read by h11, as status and body. Each of `sent` is a write of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served), limit=1 << 24)
    for piece in sent:
        writer.write(piece)
        await asyncio.sleep(0.01 if len(sent) > 1 else 0)
    answers = await asyncio.wait_for(answers_of(reader, len(h11_requests(b"".join(sent))) or 1 if end else 99), seconds)
    writer.close()
    return answers


async def answers_of(reader: asyncio.StreamReader, most: int) -> list[tuple[int, bytes]]:
    connection, answers, status, body = h11.Connection(h11.CLIENT), [], 0, b""
    connection.send(h11.Request(method="POST", target="/", headers=[("host", "h"), ("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    while True:
        match connection.next_event():
            case h11.NEED_DATA:
                data = await reader.read(1 << 16)
                if not data and connection.their_state is h11.SEND_RESPONSE:
                    return answers
                connection.receive_data(data)
            case h11.InformationalResponse(status_code=code):
                answers.append((code, b""))
            case h11.Response(status_code=code):
                status, body = code, b""
            case h11.Data(data=data):
                body += data
            case h11.EndOfMessage():
                answers.append((status, body))
                rest, _ = connection.trailing_data
                if sum(code >= 200 for code, _ in answers) >= most or connection.our_state is not h11.DONE:
                    return answers
                if connection.their_state is h11.MUST_CLOSE:
                    return answers
                connection.start_next_cycle()
                connection.send(
                    h11.Request(method="POST", target="/", headers=[("host", "h"), ("content-length", "0")])
                )
                connection.send(h11.EndOfMessage())
                if not rest and reader.at_eof():
                    return answers
            case h11.ConnectionClosed():
                return answers


def h11_requests(data: bytes) -> list[tuple[bytes, bytes]]:
    """Target and body of every request that h11 reads out of bytes, up to the first mistake."""
    connection, found, target, body = h11.Connection(h11.SERVER), [], b"", b""
    connection.receive_data(data)
    try:
        while True:
            match connection.next_event():
                case h11.Request() as request:
                    target, body = request.target, b""
                case h11.Data(data=more):
                    body += bytes(more)
                case h11.EndOfMessage():
                    found.append((target, body))
                    if connection.their_state is not h11.DONE:
                        return found
                    connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                    connection.send(h11.EndOfMessage())
                    if connection.our_state is not h11.DONE:
                        return found
                    connection.start_next_cycle()
                case _:
                    return found
    except h11.RemoteProtocolError:
        return found


def h11_answer(data: bytes) -> tuple[int, bytes] | None:
    """The first whole answer that h11 reads out of what an upstream sent until it hung up.

    llhttp passes over empty lines before an answer, and over anything in the words behind a status; so they are taken out.
    """
    data = re.sub(rb"(HTTP/1\.1 \d\d\d)(?: [^\r\n]*)?\r\n", rb"\1 OK\r\n", data.lstrip(b"\r\n"))
    connection, status, body = h11.Connection(h11.CLIENT), 0, b""
    connection.send(h11.Request(method="POST", target="/", headers=[("host", "h"), ("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    ended = False
    try:
        while True:
            match connection.next_event():
                case h11.Response(status_code=code):
                    status = code
                case h11.Data(data=more):
                    body += bytes(more)
                case h11.EndOfMessage():
                    return status, body
                case h11.NEED_DATA:
                    if ended:
                        return None
                    connection.receive_data(b"")
                    ended = True
                case h11.InformationalResponse():
                    pass
                case _:
                    return None
    except h11.RemoteProtocolError:
        return None


# -- requests


def cut(chance: random.Random, data: bytes) -> list[bytes]:
    places = sorted(chance.sample(range(1, len(data)), min(chance.randint(0, 3), len(data) - 1)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def request(chance: random.Random, number: int) -> bytes:
    """A proper request, in one of the ways there are."""
    body = json.dumps({**CHAT, "seed": number}).encode()
    names = ["X-Thing", "accept", "User-Agent", "x-request-id"]
    headers = b"".join(
        b"%b: %b\r\n" % (name.encode(), b"v%d" % number) for name in chance.sample(names, chance.randint(0, 3))
    )
    if chance.random() < 0.5:
        return HEAD + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body
    extension = chance.choice([b"", b";a", b';a="b c"', b";a=b;c=d"])
    trailers = chance.choice([b"", b"X-Trailer: yes\r\n", b"host: another\r\n"])
    parts = cut(chance, body)
    return (
        HEAD + headers + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*parts, extension=extension, trailers=trailers)
    )


SPECKS = [
    b"\r",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"\0",
    b"0",
    b"1",
    b"9",
    b"a",
    b"\xff",
    b"-",
    b"+",
    b'"',
    b"\x0b",
    b"_",
    b"x",
]


def mutated(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data = data[:at] + chance.choice(SPECKS) + data[at:]
            case 1:
                data = data[:at] + data[at + 1 :]
            case 2:
                data = data[:at] + chance.choice(SPECKS) + data[at + 1 :]
            case 3:  # a line twice
                line = data[data.rfind(b"\n", 0, at) + 1 : (data.find(b"\n", at) + 1) or len(data)]
                data = data[:at] + data[at:].replace(line, line * 2, 1)
    return data


@pytest.mark.parametrize("seed", range(4))
async def test_proper_requests_are_read_as_h11_reads_them(seed: int):
    chance = random.Random(seed)
    async with before() as (served, raw):
        for number in range(25):
            data = b"".join(request(chance, 10 * number + n) for n in range(chance.randint(1, 4)))
            wanted = h11_requests(data)
            assert wanted
            raw.bodies.clear()
            answers = await told(served, *cut(chance, data))
            assert [status for status, _ in answers] == [200] * len(wanted)
            assert raw.bodies == [body for _, body in wanted]


@pytest.mark.parametrize("seed", range(8))
async def test_what_the_lane_takes_h11_takes_for_the_same(seed: int):
    chance = random.Random(seed)
    refused, wanted = 0, []
    async with before() as (served, raw):
        for number in range(60):
            data = mutated(chance, b"".join(request(chance, 10 * number + n) for n in range(2)))
            wanted += [body for _, body in h11_requests(data)]  # each is another
            before_it = len(raw.bodies)
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
            writer.write(data)
            writer.write_eof() if chance.random() < 0.3 else None
            with suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(reader.read(), 0.05)
            writer.close()
            # some of them are no requests of the dialect; on a busy machine some come in later
            assert Counter(raw.bodies) <= Counter(wanted), data
            refused += len(raw.bodies) < before_it + 2
        assert refused > 10


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"content-length: 5\r\ncontent-length: 5\r\n", b"12345"),
        (b"content-length: 5\r\ncontent-length: 6\r\n", b"123456"),
        (b"content-length: 5, 5\r\n", b"12345"),
        (b"content-length: +5\r\n", b"12345"),
        (b"content-length: 0x5\r\n", b"12345"),
        (b"content-length: -5\r\n", b"12345"),
        (b"content-length: 99999999999999999999999\r\n", b"12345"),
        (b"content-length: 5\r\ntransfer-encoding: chunked\r\n", chunked(BODY)),
        (b"transfer-encoding: chunked\r\ncontent-length: 5\r\n", chunked(BODY)),
        (b"transfer-encoding: gzip, chunked\r\n", chunked(BODY)),
        (b"transfer-encoding: chunked, gzip\r\n", chunked(BODY)),
        (b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", chunked(BODY)),
        (b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", chunked(BODY)),
        (b"transfer-encoding: xchunked\r\n", chunked(BODY)),
        (b"transfer-encoding:\x0bchunked\r\n", chunked(BODY)),
        (b"transfer-encoding : chunked\r\n", chunked(BODY)),
        (b"transfer-encoding: chunked\r\n", b"0x5\r\n12345\r\n0\r\n\r\n"),
        (b"transfer-encoding: chunked\r\n", b"5 \r\n12345\r\n0\r\n\r\n"),
        (b"transfer-encoding: chunked\r\n", b"5\n12345\n0\n\n"),
        (b"transfer-encoding: chunked\r\n", b"5\r\n123456\r\n0\r\n\r\n"),
        (b"transfer-encoding: chunked\r\n", b"-5\r\n12345\r\n0\r\n\r\n"),
        (b"transfer-encoding: chunked\r\n", b"fffffffffffffffff\r\n12345\r\n0\r\n\r\n"),
        (b"transfer-encoding: chunked\r\n", chunked(b"12345", trailers=b"content-length: 5\r\n")),
        (b"x-folded: one\r\n two\r\ncontent-length: 5\r\n", b"12345"),
        (b"x-nul: \0\r\ncontent-length: 5\r\n", b"12345"),
        (b"x-bare: a\nb: c\r\ncontent-length: 5\r\n", b"12345"),
        (b"x-bare: a\rb: c\r\ncontent-length: 5\r\n", b"12345"),
        (b": no name\r\ncontent-length: 5\r\n", b"12345"),
        (b"host: another\r\ncontent-length: 5\r\n", b"12345"),
        (b"expect: 100-continue\r\nexpect: 100-continue\r\ncontent-length: 5\r\n", b"12345"),
    ],
)
async def test_what_is_ambiguous_is_refused_and_the_connection_closed(headers: bytes, body: bytes):
    async with before() as (served, raw):
        ((status, said),) = await told(served, HEAD + headers + b"\r\n" + body + posted(), end=False)
        assert status == 400, said
        assert json.loads(said)["error"]["type"] == "invalid_request_error"
        assert not raw.bodies
        assert served.log()[-1]["status"] == 400


async def test_a_request_without_a_host_is_refused():
    async with before() as (served, raw):
        data = posted().replace(b"host: gateway\r\n", b"")
        ((status, said),) = await told(served, data, end=False)
        assert (status, "host" in said.decode(), raw.bodies) == (400, True, [])


@pytest.mark.parametrize("how", ["a long line", "many lines", "one name again and again", "no end", "a long target"])
async def test_a_head_that_is_too_long(how: str):
    long = b"x" * (lane.HEAD_LIMIT + 1)
    heads = {
        "a long line": HEAD + b"x-long: " + long,
        "many lines": HEAD + b"".join(b"x-%d: y\r\n" % n for n in range(lane.HEADERS_MOST + 1)),
        "one name again and again": HEAD + b"x-same: %b\r\n" % long[: lane.HEAD_LIMIT // 4] * 5,
        "no end": HEAD + b"x-short: y\r\n" * (lane.HEAD_LIMIT // 10),
        "a long target": b"POST /" + long,
    }
    async with before() as (served, raw):
        ((status, _),) = await told(served, heads[how], end=False)
        assert (status, raw.bodies) == (431, [])


async def test_hot_requests_in_one_read_are_answered_in_order():
    async with before() as (served, raw):
        bodies = [json.dumps({**CHAT, "seed": n}).encode() for n in range(20)]
        answers = await told(served, b"".join(map(posted, bodies)))
        assert [status for status, _ in answers] == [200] * 20
        assert raw.bodies == bodies


async def test_requests_that_come_while_one_is_answered_wait_their_turn():
    async def slow(number: int, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(SIZED)

    async with before(slow) as (served, raw):
        listed = b"GET /v1/models HTTP/1.1\r\nhost: gateway\r\n\r\n"
        answers = await told(served, posted(), posted(), listed)
        assert [status for status, _ in answers] == [200, 200, 200]
        assert b'"object":"list"' in answers[2][1].replace(b" ", b"")
        assert len(raw.bodies) == 2


async def test_further_requests_byte_by_byte():
    async with before() as (served, raw):
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in posted() * 40:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        await until(lambda: len(raw.bodies) == 40)
        writer.close()


async def test_who_sends_ever_more_while_one_is_answered_is_held_up():
    async with before(None) as (served, raw):
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        writer.write(posted())
        await until(lambda: raw.bodies)
        for _ in range(400):
            writer.write(posted(b" " * 100_000))
        await asyncio.sleep(0.2)
        assert writer.transport.get_write_buffer_size() > 20_000_000
        writer.transport.abort()


async def test_an_odd_request_in_one_read_with_a_hot_one_closes_the_connection_unanswered():
    async with before() as (served, _):
        data = posted() + b"GET /v1/models HTTP/1.1\r\nhost: gateway\r\n\r\n"
        assert [status for status, _ in await told(served, data, end=False)] == [200]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nhost: g\r\n\r\n", 200),
        (b"GET /healthz HTTP/1.1\r\nhost: g\r\norigin: http://localhost\r\n\r\n", 200),
        (b"GET /healthz HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}", 200),
        (b"HEAD /healthz HTTP/1.1\r\nhost: g\r\nconnection: close\r\n\r\n", 200),
        (b"GET /v1/chat/completions HTTP/1.1\r\nhost: g\r\n\r\n", 405),
        (b"POST /v1/nothing HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}", 404),
        (posted().replace(b"HTTP/1.1", b"HTTP/1.0"), 200),
        (posted(more=b"connection: upgrade\r\nupgrade: h2c\r\n"), 200),
        (posted().replace(b" /v1", b" http://gateway/v1"), 200),
        (posted().replace(b"/v1/chat", b"/v1/%63hat"), 200),
        (posted(more=b"expect: something-else\r\n"), 200),
    ],
)
async def test_what_is_not_hot_goes_to_the_other_server(data: bytes, status: int):
    for pieces in ([data], [data[:9], data[9:]], [data[:-3], data[-3:]]):
        async with before() as (served, _):
            if b"HEAD" in data:
                reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
                writer.writelines(pieces)
                assert (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()
            else:
                assert [status for status, _ in await told(served, *pieces)][-1] == status


async def test_health_is_told_at_once():
    """Also behind a hot request in the same read, and before one, on a connection that stays."""
    page = b"GET /healthz HTTP/1.1\r\nhost: g\r\n\r\n"
    async with before() as (served, _):
        for data in (page + posted(), posted() + page, page + page):
            assert [status for status, _ in await told(served, data)] == [200, 200]
        served.gateway.draining = True
        asked = page.replace(b"healthz", b"readyz").replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
        assert [status for status, _ in await told(served, asked)] == [503]


AGENTS = b"GET / HTTP/1.1\r\nhost: g\r\nUser-Agent: program\r\naccept: */*\r\nuser-agent: library\r\n\r\n"


async def test_a_program_that_names_itself_beside_its_library():
    """aiohttp refuses that: such a request reaches it with the first name, and is the last of its connection."""
    async with before() as (served, _):
        for pieces in ([AGENTS], [AGENTS[:60], AGENTS[60:]]):
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.01)
            said = await reader.read()
            assert said.startswith(b"HTTP/1.1 200") and b"connection: close" in said.lower()
            writer.close()
    named = b"\r\nuser-agent: quoted"
    assert lane.with_one_agent(AGENTS + named) == (
        b"GET / HTTP/1.1\r\nhost: g\r\nUser-Agent: program\r\naccept: */*\r\nconnection: close\r\n\r\n" + named
    )
    once = AGENTS.replace(b"user-agent: library\r\n", b"")
    assert lane.with_one_agent(once + named * 2) == once + named * 2, "what stands in a body is nobody's name"


async def test_a_body_that_is_announced():
    async with before() as (served, raw):
        head, body = posted(more=b"Expect: 100-Continue\r\n").split(b"\r\n\r\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        writer.write(head + b"\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == lane.CONTINUE
        writer.write(body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
        assert await told(served, posted(more=b"Expect: 100-continue\r\n")) == [(200, ANSWER)]  # it did not wait
        assert raw.bodies == [BODY, BODY]


CLIENTS = "clients: [{name: alice, key: env:CLIENT}]\n"


async def test_who_is_not_let_in_is_told_so_before_its_body():
    head = HEAD + b"content-length: 1000000\r\n\r\n"
    async with before(more=CLIENTS) as (served, _):
        assert [status for status, _ in await told(served, head, end=False)] == [401]
        assert [
            status
            for status, _ in await told(
                served, head.replace(b"\r\n\r\n", b"\r\nexpect: 100-continue\r\n\r\n"), end=False
            )
        ] == [401]
        key = b"authorization: Bearer %b\r\n" % SECRETS["CLIENT"].encode()
        answers = await told(served, posted(), posted(more=key))  # a whole request leaves the connection in order
        assert [status for status, _ in answers] == [401, 200]


async def test_a_body_that_says_it_is_too_large_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "BODY_LIMIT", 1000)
    async with before() as (served, raw):
        for data in (
            HEAD + b"content-length: 1001\r\n\r\n",
            HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunked(b" " * 1001),
        ):
            ((status, said),) = await told(served, data, end=False)
            assert (status, json.loads(said)["error"]["message"][:9]) == (413, "a request")
        assert not raw.bodies


async def test_a_client_that_closes_its_side_has_left():
    async with before(None) as (served, raw):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        writer.write(posted())
        await until(lambda: raw.bodies)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), 2) == b""
        await until(lambda: served.log())
        assert (served.log()[0]["status"], served.log()[0]["attempts"][0]["outcome"]) == (499, "client")
        assert list(served.gateway.snapshot.pools["main"].in_flight.values()) == [0]
        writer.close()


async def test_a_client_that_leaves_in_its_body():
    async with before(more=CLIENTS) as (served, raw):
        key = b"authorization: Bearer %b\r\n" % SECRETS["CLIENT"].encode()
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        writer.write(posted(more=key)[:-5])
        await asyncio.sleep(0.05)
        writer.close()
        await until(lambda: served.log())
        assert (served.log()[0]["status"], raw.bodies) == (499, [])


async def test_who_says_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lane, "IDLE_S", 0.2)
    monkeypatch.setattr(lane, "HOUSEKEEPING_S", 0.05)
    async with before() as (served, _):
        for data in (b"", posted()[:20], posted()[:-1], posted()):
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
            writer.write(data)
            said = await asyncio.wait_for(reader.read(), 3)
            assert said.startswith(b"HTTP/1.1 200") == (data == posted())
            writer.close()


async def test_connection_close_is_honoured_and_said():
    async with before() as (served, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        writer.write(posted(more=b"connection: close\r\n"))
        said = await asyncio.wait_for(reader.read(), 3)
        assert said.startswith(b"HTTP/1.1 200") and b"\r\nconnection: close\r\n" in said
        writer.close()


# -- answers of upstreams


def answer(chance: random.Random, number: int) -> tuple[bytes, bool]:
    """A proper answer, and whether its end is that of the connection."""
    body = json.dumps({**COMPLETION, "id": f"n{number}"}).encode()
    interim = chance.choice(
        [b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"]
    )
    head = (
        interim
        + b"HTTP/1.1 200 "
        + chance.choice([b"OK", b"", b"Very well"])
        + b"\r\nContent-Type: application/json\r\n"
    )
    match chance.randrange(3):
        case 0:
            return head + b"content-length: %d\r\n\r\n%b" % (len(body), body), False
        case 1:
            parts, extension = cut(chance, body), chance.choice([b"", b";a=b"])
            trailers = chance.choice([b"", b"x-trailer: yes\r\n"])
            return head + b"transfer-encoding: chunked\r\n\r\n" + chunked(
                *parts, extension=extension, trailers=trailers
            ), False
        case _:
            return head + b"\r\n" + body, True


def written(pieces: Sequence[bytes], close: bool) -> Script:
    async def script(number: int, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        if close:
            writer.close()

    return script


@pytest.mark.parametrize("seed", range(4))
async def test_proper_answers_are_read_as_h11_reads_them(seed: int):
    chance = random.Random(seed)
    cases = [answer(chance, number) for number in range(40)]
    async with before(*(written(cut(chance, data), close) for data, close in cases), SIZED) as (served, raw):
        for data, _ in cases:
            async with served.post(CHAT_PATH, CHAT) as got:
                assert (got.status, await got.read()) == h11_answer(data)
        assert raw.connections <= 1 + sum(close for _, close in cases)


@pytest.mark.parametrize("seed", range(8))
async def test_what_the_lane_takes_of_an_upstream_h11_takes_for_the_same(seed: int):
    chance = random.Random(seed)
    cases = [(mutated(chance, answer(chance, number)[0])) for number in range(60)]
    refused = 0
    async with before(*(written(cut(chance, data), True) for data in cases), SIZED) as (served, _):
        for data in cases:
            async with served.post(CHAT_PATH, CHAT) as got:
                said = await got.read()
            if got.status == 200:
                assert (200, said) == h11_answer(data), data
            else:
                refused += 1
        assert refused > 5


@pytest.mark.parametrize(
    "data",
    [
        SIZED.replace(b"content-length:", b"content-length: 3\r\ncontent-length:"),
        SIZED.replace(b"content-length:", b"transfer-encoding: chunked\r\ncontent-length:"),
        SIZED.replace(b"\r\ncontent-length", b"\r\nx-folded: a\r\n b\r\ncontent-length"),
        SIZED.replace(b"HTTP/1.1", b"HTTP/3.7"),
        SIZED.replace(b"HTTP/1.1 200", b"HTTP/1.1 20"),
        SIZED.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 101 No\r\nconnection: upgrade\r\nupgrade: x"),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n" + chunked(ANSWER),
        b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(ANSWER),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(ANSWER).replace(b"\r\n", b"\n"),
        b"HTTP/1.1 200 OK\r\n" + b"x-much: y\r\n" * 20_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
        b"SSH-2.0-OpenSSH\r\n",
    ],
)
async def test_what_is_no_answer(data: bytes):
    async with before(data, SIZED) as (served, raw):
        status, body = await served.chat()
        assert status == 502
        assert "sent what cannot be read: " in body["error"]["message"]
        assert await served.chat() == (200, COMPLETION)
        assert raw.connections == 2


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_that_has_no_body(status: int):
    """Whatever its length says: the next answer on the connection is the next answer."""
    bare = b"HTTP/1.1 %d X\r\ncontent-length: 5\r\n\r\n" % status
    async with before(bare, SIZED) as (served, raw):
        async with served.post(CHAT_PATH, CHAT) as got:
            assert got.status >= 500  # nothing is no answer
        assert await served.chat() == (200, COMPLETION)
        assert raw.connections == 1


async def test_a_second_answer_that_nobody_asked_for_is_given_to_nobody():
    other = SIZED.replace(b"Hi", b"No")
    async with before(SIZED + other, SIZED) as (served, raw):
        assert await served.chat() == (200, COMPLETION)
        assert await served.chat() == (200, COMPLETION)
        assert raw.connections == 2

    async def late(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(SIZED)
        await asyncio.sleep(0.05)
        writer.write(other)

    async with before(late, SIZED) as (served, raw):
        assert await served.chat() == (200, COMPLETION)
        await asyncio.sleep(0.1)
        assert await served.chat() == (200, COMPLETION)
        assert raw.connections == 2


@pytest.mark.parametrize("length", [b"content-length: 999999\r\n", b"transfer-encoding: chunked\r\n"])
async def test_an_answer_that_breaks_off(length: bytes):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + length + b"\r\n"
    body = b"5\r\n12345\r\n" if b"chunked" in length else b"12345"
    async with before(written([head + body], True)) as (served, _):
        status, said = await served.chat()
        assert (status, "broke off in the answer" in said["error"]["message"]) == (502, True)


async def test_an_answer_before_the_question_is_out():
    """Its connection is not used again: nobody knows how much of the question was read."""
    big = {**CHAT, "messages": [{"role": "user", "content": "x" * 8_000_000}]}
    early = b"HTTP/1.1 413 No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(early if asked == 1 else SIZED)
        await asyncio.sleep(0.5)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 16)
    async with server, serving(policy(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", retries=0)) as served:
        assert (await served.chat(big))[0] == 413
        assert (await served.chat())[0] == 200
        assert asked == 2


# -- connections that are used again


def hung_up(after: bytes = b"", reset: bool = False) -> Script:
    async def script(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await writer.drain()
        if reset:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        writer.close()

    return script


@pytest.mark.parametrize("reset", [False, True])
async def test_what_an_idle_connection_lost_unanswered_is_asked_once_more(reset: bool):
    async with before(SIZED, hung_up(reset=reset), SIZED) as (served, raw):
        assert await served.chat() == (200, COMPLETION)
        assert await served.chat() == (200, COMPLETION)
        assert (len(raw.bodies), raw.connections) == (3, 2)
        assert [attempt["outcome"] for attempt in served.log()[1]["attempts"]] == ["ok"]


async def test_what_a_new_connection_lost_is_a_failure():
    async with before(hung_up(), SIZED) as (served, raw):
        status, body = await served.chat()
        assert (status, "without an answer" in body["error"]["message"], len(raw.bodies)) == (502, True, 1)
        raw.replies = [SIZED, hung_up(), hung_up(), SIZED]
        assert (await served.chat())[0] == 200
        assert (await served.chat())[0] == 502  # once more is once
        assert len(raw.bodies) == 4


@pytest.mark.parametrize("begun", [b"H", SIZED[:30], SIZED[:-1], b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_what_was_answered_in_part_is_not_asked_again(begun: bytes):
    async with before(SIZED, hung_up(begun), SIZED) as (served, raw):
        assert (await served.chat())[0] == 200
        assert (await served.chat())[0] == 502
        assert len(raw.bodies) == 2


async def test_idle_connections_are_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("runtime.shell.lane_upstream.IDLE_S", 0.1)
    monkeypatch.setattr(lane, "HOUSEKEEPING_S", 0.05)
    async with before() as (served, raw):
        for _ in range(2):
            assert (await served.chat())[0] == 200
            await asyncio.sleep(0.4)
        assert raw.connections == 2


async def test_a_stream_whose_end_is_late_keeps_its_connection():
    async def stream(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(chunked(b"".join(STREAM))[: -len(b"0\r\n\r\n")])
        await asyncio.sleep(0.1)
        writer.write(b"0\r\n\r\n")

    async with before(stream) as (served, raw):
        for _ in range(2):
            async with served.post(CHAT_PATH, {**CHAT, "stream": True}) as got:
                assert (await got.read()) == b"".join(STREAM)
            await asyncio.sleep(0.2)
        assert raw.connections == 1


async def test_an_event_leaves_in_the_read_it_came_in():
    """One write for a whole read, however many events it has."""
    async with before(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(*STREAM)
    ) as (served, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        body = json.dumps({**CHAT, "stream": True}).encode()
        writer.write(posted(body))
        said = await reader.readuntil(b"0\r\n\r\n")
        assert said.count(b"\r\n%x\r\n" % len(b"".join(STREAM))) == 1
        writer.close()


# -- TLS


async def test_both_sides_speak_tls(certificate: tuple[Path, Path]):
    authority, key = certificate
    context = server_context(Tls(cert=str(authority), key=str(key)))
    trusting = ssl.create_default_context(cafile=authority)
    raw = Raw()
    async with raw.running(context) as url:
        text = policy(url, retries=0).replace("base_url:", f"ca: {authority}, base_url:")
        async with serving(text, tls=context) as served:
            here = served.url.replace("127.0.0.1", "localhost")
            for path, body in ((CHAT_PATH, CHAT), (MESSAGES_PATH, {**CHAT, "max_tokens": 5})):
                async with served.session.post(here + path, json=body, ssl=trusting) as got:
                    assert got.status == 200
            async with served.session.get(here + "/healthz", ssl=trusting) as got:
                assert got.status == 200
            assert raw.connections == 1
        async with serving(policy(url, retries=0)) as served:
            status, said = await served.chat()
            assert (status, "certificate is not trusted" in said["error"]["message"]) == (502, True)


def test_files_that_are_no_certificate(certificate: tuple[Path, Path], tmp_path: Path):
    cert, key = map(str, certificate)
    live = server_context(Tls(cert=cert, key=key))
    for tls, said in (
        (Tls(cert="/nowhere.pem", key=key), "/nowhere.pem cannot be read: No such file or directory"),
        (Tls(cert=key, key=key), "are no certificate and its key"),
        (Tls(cert=cert, key=cert), "are no certificate and its key"),
    ):
        with pytest.raises(Missing, match=said):
            server_context(tls, live)


# -- heads that come again


async def answered(reader: asyncio.StreamReader) -> int:
    """The status of one answer that has a content-length, and was read to its end."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5.0)
    await asyncio.wait_for(reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", head)[1])), 5.0)
    return int(head[9:12])


def body_of(number: int, model: str = "m") -> bytes:
    return json.dumps({**CHAT, "model": model, "seed": number}).encode()


@pytest.mark.parametrize("seed", range(6))
async def test_what_comes_behind_a_known_head_is_taken_as_h11_takes_it(seed: int):
    chance, wanted = random.Random(seed), []
    async with before() as (served, raw):
        for number in range(0, 4000, 100):
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
            for same in range(2):
                writer.write(posted(body_of(number + same)))
                assert await answered(reader) == 200
                raw.bodies.pop()
            more = b"".join(posted(body_of(number + 2 + n)) for n in range(chance.randint(1, 2)))
            data = mutated(chance, more) if chance.random() < 0.8 else more
            for read in {data, data.replace(b"\nPOST", b"POST")}:  # llhttp passes over a line end before a request
                wanted += [body for _, body in h11_requests(read)]
            for piece in cut(chance, data):
                writer.write(piece)
                await asyncio.sleep(0)
            with suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(reader.read(), 0.03)
            writer.close()
        assert raw.bodies
        assert not Counter(raw.bodies) - Counter(wanted)


@pytest.mark.parametrize(
    "length", [b"+%d", b"0x%x", b" %d ", b"%d,%d", b"-%d", b"%d.0", b"", b"00%d", b"%d;", b"0000000000%d", b"%d\x0b"]
)
async def test_another_length_behind_a_known_head_is_read_as_the_first_is(length: bytes):
    body = body_of(1)
    number = length.replace(b"%x", b"%x" % len(body)).replace(b"%d", b"%d" % len(body))
    data = posted(body).replace(b"content-length: %d" % len(body), b"content-length: " + number)
    async with before() as (served, raw):
        found = []
        for known in (False, True):
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
            if known:
                writer.write(posted())
                assert await answered(reader) == 200
            raw.bodies.clear()
            writer.write(data)
            found.append((await answered(reader), list(raw.bodies)))
            writer.close()
    assert found[0] == found[1]


async def test_a_known_head_costs_no_parser_and_no_exchange(monkeypatch):
    """Else those before would say nothing."""
    async with before() as (served, raw):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        writer.write(posted(body_of(1)))
        assert await answered(reader) == 200
        monkeypatch.setattr("runtime.shell.gateway.Gateway.exchange", None)
        monkeypatch.setattr("runtime.shell.lane.Front._read", None)
        writer.write(posted(body_of(22)))
        assert await answered(reader) == 200
        writer.close()
    assert [json.loads(body)["seed"] for body in raw.bodies] == [1, 22]


async def test_the_log_says_the_same_of_a_request_that_had_no_exchange():
    keys = "clients:\n  - {name: team, key: env:CLIENT, rpm: 1000, tokens_per_day: 1000000}\n"
    async with before(more=keys) as (served, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        for number in (11, 22):
            writer.write(posted(body_of(number), b"authorization: Bearer gw-client-token\r\n"))
            assert await answered(reader) == 200
        writer.close()
        first, second = served.log()
        assert [*first] == [*second]
        differs = ("time", "id", "seconds", "first_byte")
        assert {**first, **dict.fromkeys(differs)} == {**second, **dict.fromkeys(differs)}
        assert first["who"] == "team"
        assert served.gateway.telemetry.requests == {("openai-chat", 200): 2}
        assert served.gateway.telemetry.attempts == {("a", "ok"): 2}
        (state,) = served.gateway.in_force.clients._states.values()
        assert (state.in_flight, state.budgets["day"].held) == (0, 0)
        assert state.budgets["day"].used == 2 * sum(
            COMPLETION["usage"][part] for part in ("prompt_tokens", "completion_tokens")
        )


async def test_a_known_head_has_what_the_policy_gives_it_now():
    keys = "clients:\n  - {name: team, key: env:CLIENT, models: [%s]}\n"
    async with before(more=keys % "m") as (served, raw):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        sent = posted(body_of(1), b"authorization: Bearer gw-client-token\r\n")
        statuses = []
        for allowed in ("m", "m", "other", "m"):
            snapshot = served.gateway.snapshot
            rules = [msgspec.structs.replace(snapshot.rules[0], models=[allowed])]
            served.gateway.take(snapshot_with(snapshot, rules))
            for _ in range(2):
                writer.write(sent)
                statuses.append(await answered(reader))
        writer.close()
        assert statuses == [200] * 4 + [403] * 2 + [200] * 2
        assert len(raw.bodies) == 6


def snapshot_with(snapshot: Snapshot, rules: list) -> Snapshot:
    return Snapshot(
        snapshot.pools, snapshot.settings, snapshot.connect, snapshot.lines, snapshot.routes, snapshot.clients, rules
    )


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}", 400),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nnone", 500),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}", 200),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 22\r\n\r\n"
            + b'{"error": "disk full"}',
            500,
        ),
        (b"", 502),
        (
            SIZED.replace(b"content-length: %d" % len(ANSWER), b"transfer-encoding: chunked").replace(
                ANSWER, chunked(ANSWER)
            ),
            200,
        ),
    ],
)
async def test_an_answer_that_is_not_plain_is_the_exchange_s(reply: bytes, status: int):
    async with before(SIZED, reply, reply, reply) as (served, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(served))
        for number, wanted in enumerate((200, status)):
            writer.write(posted(body_of(10 + number)))
            assert await answered(reader) == wanted
        writer.close()
        first, second = served.log()
        assert (first["status"], second["status"]) == (200, status)
        assert [attempt["outcome"] for attempt in second["attempts"]][-1] == (
            "ok" if status == 200 else second["attempts"][0]["outcome"]
        )
        assert served.gateway.in_force.queues["main"].pool.in_flight == {"a": 0}
