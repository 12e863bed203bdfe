"""The express lane's way to upstreams: connections of its own, kept and used again, read by llhttp.

A call is one request of one exchange. Whoever makes it is told by `happen(call, events)`, once for each read, and may
`pause`, `resume` and `hang_up` it, or `leave` it where the rest of the answer does not matter. Who goes through a proxy,
and what has no wire, is called by way of aiohttp: `borrowed.py`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import aiohappyeyeballs
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from generated import canonical as c
from runtime.core import exchange as x
from runtime.shell.queue import Clock
from runtime.shell.snapshot import Line, proxy_in

if TYPE_CHECKING:
    from runtime.shell.upstream import Upstreams

AGENT = "isogloss"
LEFTOVER_S = 1.0  # for the end of a body behind its last event, so that the connection can be used again
IDLE_S = 30.0  # a connection that nobody uses is kept
HEAD_LIMIT = 128 << 10  # bytes of an answer's head, and of what comes before it
HEADERS_MOST = 256
PIECE = 1 << 20  # bytes that are unpacked at once
ONE_WRITE = 64 << 10  # bytes that are rather copied than written by themselves
HEADS_KEPT = 256  # for each account
SECOND_FAMILY_S = 0.25  # before an address of the other family is tried beside the first


class Caller(Protocol):
    def happen(self, call: Any, events: Iterable[x.Event]) -> None:
        """What came in one read. An event that no longer matters is not taken."""

    def whole(self, call: Any, headers: Mapping[str, str], body: bytes) -> bool:
        """A whole answer of 200, in one read; False where it shall be told as what happens."""

    def more(self, call: Any, data: bytes) -> bool:
        """A piece of the body, and nothing else in this read; False likewise."""

    def moved(self, call: Any, other: Any) -> None:
        """The call goes on as another: with a connection, or once more on a new one."""


class Spot(NamedTuple):
    """Where connections go; those of one spot are alike."""

    host: str
    port: int
    tls: bool
    ca: str | None  # certificates that are trusted, too: PEM


class Request(NamedTuple):
    """What is sent, and to whom; `seconds` are for a new connection."""

    head: bytes
    body: bytes
    place: str
    seconds: float


class Wire(asyncio.Protocol):
    """One connection to an upstream."""

    __slots__ = (
        *(
            "_begun",
            "_caller",
            "_closing",
            "_coding",
            "_ended",
            "_headers",
            "_heard",
            "_inflate",
            "_keeps",
            "_parts",
            "_spoilt",
        ),
        *(
            "_place",
            "_pool",
            "_parser",
            "_request",
            "_sized",
            "_status",
            "_transport",
            "_used",
            "leaving",
            "on_body",
            "since",
            "spot",
        ),
    )

    def __init__(self, pool: Wires, spot: Spot) -> None:
        self._pool, self.spot = pool, spot
        self._caller: Caller | None = None
        self._request: Request | None = None  # until something of its answer has come
        self._parts: list[bytes] = []
        self.on_body = self._parts.append
        self._used = 0
        self._closing = False
        self.leaving = False  # nobody waits for the rest of this answer
        self.since = 0.0  # idle or leaving
        self._place = ""
        self._expect()

    def _expect(self) -> None:
        """An answer comes next."""
        self._status, self._heard = 0, 0
        self._begun = self._ended = self._keeps = self._sized = self._spoilt = False
        self._headers: dict[str, str] = {}
        self._inflate: Inflate | None = None

    # -- what the caller does

    def send(self, caller: Caller, request: Request) -> None:
        self._caller, self._request, self._place = caller, request, request.place
        self._used += 1
        if len(request.body) <= ONE_WRITE:
            self._transport.write(request.head + request.body)
        else:
            self._transport.writelines((request.head, request.body))

    def pause(self) -> None:
        self._transport.pause_reading()

    def resume(self) -> None:
        self._transport.resume_reading()

    def hang_up(self) -> None:
        self._caller = None
        if not self._ended:
            self._drop()

    def leave(self) -> None:
        """Takes what may still come behind the last event, for a moment; the connection can then be used again."""
        self._caller = None
        if not self._ended:
            self.leaving = True
            self._transport.resume_reading()
            self._pool.left(self)

    @property
    def usable(self) -> bool:
        return not self._closing and not self._transport.is_closing()

    def _drop(self) -> None:
        self._closing = True
        self._transport.abort()

    # -- what asyncio tells

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        if self._caller is None and not self.leaving:
            self._drop()  # nobody has asked for anything, or who has asked is gone
            return
        self._request = None
        if not self._status:
            self._heard += len(data)
        problem = None
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as wrong:
            self._closing = True
            if not self._ended:
                problem = str(wrong.__context__ or wrong)
        if not self._status and self._heard > HEAD_LIMIT:
            problem = "its head has no end"
        caller = self._caller
        parts = self._parts
        if caller is None or problem is not None or self._inflate is not None:
            plain = False
        elif self._begun:
            plain = not self._ended and len(parts) == 1 and caller.more(self, parts[0])
        else:
            plain = self._ended and self._status == 200 and caller.whole(self, self._headers, b"".join(parts))
        if caller is not None and not plain:
            caller.happen(self, self._events(problem))
        parts.clear()
        if problem is not None or self._spoilt:
            self._caller = None
            self._drop()
        elif self._ended:
            self._done()

    def _events(self, problem: str | None) -> Iterator[x.Event]:
        """Everything that one read has brought. Nothing of an answer that is no HTTP is taken after the mistake."""
        if self._status and not self._begun:
            self._begun = True
            yield x.Head(self._status, self._headers)
        if self._parts:
            data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            if self._inflate is None:
                yield x.Data(data)
            else:
                try:
                    yield from map(x.Data, self._inflate.feed(data))
                except zlib.error:
                    problem = CODING
        if problem is None and self._ended and self._inflate is not None and not self._inflate.whole:
            problem = CODING
        if problem is not None:
            self._spoilt = True
            yield x.Broken(c.Error("internal", f"{self._place} sent what cannot be read: {problem}", status=502))
        elif self._ended:
            yield x.End()

    def _done(self) -> None:
        """The answer is over; the connection is kept, where both sides want that."""
        self._caller = None
        self.leaving = False
        if self._closing or not self._keeps or self._transport.get_write_buffer_size():
            self._drop()
        elif not self._transport.is_closing():
            self._transport.resume_reading()
            self._expect()
            self._pool.keep(self)

    def connection_lost(self, problem: Exception | None) -> None:
        self._closing = True
        self._pool.forget(self)
        caller, self._caller, self._parser = self._caller, None, None
        if caller is None or self._ended:
            return
        if self._request is not None and self._used > 1:
            # the upstream gave up an idle connection as we used it again: it has answered nothing, and another is tried
            caller.moved(self, Dial(self._pool, self.spot, caller, self._request))
        elif not self._begun:
            caller.happen(self, [_lost(f"{self._place} closed the connection without an answer", "internal")])
        elif problem is None and not self._sized and (self._inflate is None or self._inflate.whole):
            caller.happen(self, [x.End()])
        else:
            caller.happen(self, [_lost(f"the connection to {self._place} broke off in the answer", "truncated")])

    # -- what llhttp tells

    def on_message_begin(self) -> None:
        if self._ended:
            self._closing = True  # a second answer to one request: not to be trusted any further
            raise ValueError("it answers what nobody has asked")
        self._headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._status:
            return  # a trailer
        headers = self._headers
        key = header_name(name)
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
        if len(headers) > HEADERS_MOST:
            raise ValueError("its head has too many lines")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            if status == 101:
                raise ValueError("it changes the protocol, and nobody has asked for that")
            return  # an interim answer
        headers = self._headers
        coding = headers.get("transfer-encoding")
        if coding is not None and (coding.lower() != "chunked" or self._parser.get_http_version() == "1.0"):
            raise ValueError("its transfer-encoding is not `chunked`")
        self._status = status
        self._sized = coding is not None or "content-length" in headers
        packed = headers.get("content-encoding", "").lower()
        if packed not in ("", "identity"):
            if packed not in CODINGS:
                raise ValueError(CODING)
            self._inflate = Inflate(packed)

    def on_message_complete(self) -> None:
        if self._status:
            self._ended, self._keeps = True, self._parser.should_keep_alive()


CODING = "its content-encoding is not what it says"
CODINGS = ("gzip", "x-gzip", "deflate")


class Inflate:
    """A content-encoding being undone."""

    __slots__ = ("_deflate", "_unpack")

    def __init__(self, coding: str) -> None:
        self._deflate = coding == "deflate"
        self._unpack: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most PIECE bytes. Raises zlib.error."""
        if self._unpack is None:  # of `deflate` there are two kinds
            bare = self._deflate and data[0] & 15 != 8
            self._unpack = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS | 32)
        while data and not self._unpack.eof:
            if piece := self._unpack.decompress(data, PIECE):
                yield piece
            data = self._unpack.unconsumed_tail

    @property
    def whole(self) -> bool:
        return self._unpack is None or self._unpack.eof


class Dial:
    """A connection being made for a call."""

    def __init__(self, pool: Wires, spot: Spot, caller: Caller, request: Request) -> None:
        self._pool, self._spot, self._caller, self._request = pool, spot, caller, request
        self._paused = False
        self._task = pool.spawn(self._run())

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def hang_up(self) -> None:
        self._task.cancel()

    leave = hang_up

    async def _run(self) -> None:
        place = self._request.place
        try:
            async with asyncio.timeout(self._request.seconds):
                wire = await self._pool.connect(self._spot)
        except TimeoutError:
            error = c.Error("timeout", f"could not connect to {place} in time", status=504)
            self._caller.happen(self, [x.Broken(error)])
        except (OSError, ValueError) as problem:  # an SSLError is an OSError
            self._caller.happen(self, [_lost(f"could not connect to {place}: {_reason(problem)}", "internal")])
        else:
            self._caller.moved(self, wire)
            wire.send(self._caller, self._request)
            if self._paused:
                wire.pause()


class Wires:
    """All connections of the lane to upstreams."""

    def __init__(self, environ: Mapping[str, str], clock: Clock, upstreams: Callable[[], Upstreams]) -> None:
        self.upstreams, self._proxy, self._clock = upstreams, proxy_in(environ), clock
        self._idle: dict[Spot, list[Wire]] = {}  # the one used last is used next
        self._leaving: dict[Wire, None] = {}
        self._all: set[Wire] = set()
        self._contexts: dict[str | None, ssl.SSLContext] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def call(
        self, caller: Caller, line: Line, outgoing: Any, stream: bool, passed_on: Mapping[str, str], seconds: float
    ) -> Any:
        """Sends a request; `seconds` are for the connection, where a new one is needed."""
        spot = self.spot(line) if outgoing.request is None else None
        if spot is None:
            from runtime.shell.borrowed import Borrowed  # with aiohttp, which most gateways never need

            return Borrowed(self, caller, line, outgoing, stream, passed_on, seconds)
        told = request_head(line, outgoing, stream, passed_on)
        head = b"%bcontent-length: %d\r\n\r\n" % (told, len(outgoing.body))
        return self.send(caller, spot, Request(head, outgoing.body, line.place, seconds))

    def send(self, caller: Caller, spot: Spot, request: Request) -> Wire | Dial:
        """Sends it on a connection that is idle, or a new one."""
        idle = self._idle.get(spot)
        while idle:
            wire = idle.pop()
            if wire.usable:
                wire.send(caller, request)
                return wire
        return Dial(self, spot, caller, request)

    def spot(self, line: Line) -> Spot | None:
        """None where the way there is not straight."""
        if line.spot is None:
            way, url = line.way, line.url("")
            straight = (
                not (way.proxy is not None if way is not None else self._proxy and not line.local)
                and line.credentials is None
                and url.scheme in ("http", "https")
                and url.user is None
                and url.host
            )
            tls = url.scheme == "https"
            line.spot = Spot(url.host, url.port, tls, way and way.ca) if straight else False
        return line.spot or None

    async def connect(self, spot: Spot) -> Wire:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(spot.host, spot.port, type=socket.SOCK_STREAM)
        place = await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=SECOND_FAMILY_S, loop=loop)
        try:
            place.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            place.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            more = {"ssl": self._context(spot.ca), "server_hostname": spot.host} if spot.tls else {}
            _, wire = await loop.create_connection(lambda: Wire(self, spot), sock=place, **more)
        except BaseException:
            place.close()
            raise
        self._all.add(wire)
        return wire

    def _context(self, ca: str | None) -> ssl.SSLContext:
        if ca not in self._contexts:
            context = self._contexts[ca] = ssl.create_default_context()
            if ca is not None:
                context.load_verify_locations(cadata=ca)
            context.set_alpn_protocols(["http/1.1"])
        return self._contexts[ca]

    def keep(self, wire: Wire) -> None:
        self._leaving.pop(wire, None)
        wire.since = self._clock()
        self._idle.setdefault(wire.spot, []).append(wire)

    def left(self, wire: Wire) -> None:
        wire.since = self._clock()
        self._leaving[wire] = None

    def forget(self, wire: Wire) -> None:
        self._all.discard(wire)
        self._leaving.pop(wire, None)
        idle = self._idle.get(wire.spot)
        if idle and wire in idle:
            idle.remove(wire)

    def sweep(self, now: float) -> None:
        """Closes what has been idle for long, and what does not come to its end."""
        for spot, idle in list(self._idle.items()):
            old = [wire for wire in idle if wire.since + IDLE_S <= now]
            for wire in old:
                wire.hang_up()
            if len(old) == len(idle):
                del self._idle[spot]
            else:
                self._idle[spot] = idle[len(old) :]
        for wire in [wire for wire in self._leaving if wire.since + LEFTOVER_S <= now]:
            wire.hang_up()

    def spawn(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for wire in list(self._all):
            wire.hang_up()


def _usual(stream: bool) -> dict[str, str]:
    accept = "text/event-stream, application/json" if stream else "application/json"
    return {"user-agent": AGENT, "accept": accept, "accept-encoding": "identity"}


def headers_to(line: Line, outgoing: Any, stream: bool, passed_on: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request that goes by way of aiohttp; the account's own go before what is passed on."""
    return {**_usual(stream), **passed_on, **outgoing.headers, **line.headers, **line.credential(outgoing.auth)}


def request_head(line: Line, outgoing: Any, stream: bool, passed_on: Mapping[str, str]) -> bytes:
    """All but its length; what is the same in every request to an account is written once."""
    auth = outgoing.auth
    key = (outgoing.path, stream, auth["header"], auth["format"], *outgoing.headers.items())
    known = line.heads.get(key)
    if known is None:
        if len(line.heads) >= HEADS_KEPT:
            line.heads.clear()
        url = line.url(outgoing.path)
        own = {**outgoing.headers, **line.headers, **line.credential(auth)}
        headers = {"host": url.host_port_subcomponent, **_usual(stream), **own}
        lines = [f"POST {url.raw_path_qs} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), ""]
        if any("\r" in one or "\n" in one for one in lines):
            raise ValueError(f"a header for {line.place} has a line end in it")
        known = line.heads[key] = ("\r\n".join(lines).encode("utf-8", "surrogateescape"), own.keys())
    head, own = known
    told = "".join([f"{name}: {value}\r\n" for name, value in passed_on.items() if name not in own])
    return head + told.encode("utf-8", "surrogateescape")


@lru_cache(1024)
def header_name(name: bytes) -> str:
    return name.lower().decode("latin-1")


def _lost(what: str, kind: str) -> x.Broken:
    return x.Broken(c.Error(kind, what, status=502))


def _reason(problem: BaseException) -> str:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {problem.verify_message}"
    number = getattr(problem, "errno", None)
    if number in errno.errorcode and not isinstance(problem, ssl.SSLError | socket.gaierror):
        return os.strerror(number)
    return getattr(problem, "strerror", None) or type(problem).__name__
