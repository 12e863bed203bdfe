"""Runs the commands of an exchange on aiohttp's connections, and reports what happened. Decides nothing."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from generated import canonical as c
from runtime.core import exchange as x
from runtime.core import pool as core
from runtime.core.echo import play
from runtime.core.exchange import Exchange
from runtime.core.outcome import Outcome, Verdict
from runtime.shell.credentials import Unavailable
from runtime.shell.fetch import fetch
from runtime.shell.lane_upstream import LEFTOVER_S, headers_to
from runtime.shell.queue import Answer, Clock, Queue
from runtime.shell.snapshot import Line, Snapshot, Way, proxy_in

ECHO_PACE_S = 0.02  # between two events of the built-in echo, in a stream
SOCKS_PORT = 1080


class Upstreams:
    """The connections to all upstreams."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._direct = _session()
        self._proxied = _session(trust_env=True) if proxy_in(environ) else self._direct
        self._tasks: set[asyncio.Task[None]] = set()
        self._ways: dict[Way, aiohttp.ClientSession] = {}

    def session(self, line: Line) -> aiohttp.ClientSession:
        """A proxy of the environment is never asked for an engine on this machine; an account's own always is."""
        if line.way is not None:
            if line.way not in self._ways:
                self._ways[line.way] = _along(line.way)
            return self._ways[line.way]
        return self._direct if line.local else self._proxied

    async def call(
        self, line: Line, path: str, body: bytes, headers: dict[str, str], seconds: float
    ) -> aiohttp.ClientResponse:
        """The head of the answer to a request; `seconds` are for a new connection.

        Raises Unavailable where the account has no credentials now.
        """
        url = line.url(path)
        if line.credentials is not None:
            headers |= await line.credentials.headers("POST", url, headers, body)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=seconds)
        return await self.session(line).post(
            url, data=body, headers=headers, allow_redirects=False, timeout=timeout, **line.options
        )

    async def fetch(self, urls: Sequence[str]) -> x.Fetched:
        """What links of a request lead to."""
        return await fetch(self._proxied, urls)

    def leave_rest(self, response: aiohttp.ClientResponse) -> None:
        """Takes what may still come behind the last event, for a moment; the connection can then be used again."""
        if response.content.at_eof():
            response.release()
        else:
            self._spawn(_leftover(response))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for session in {self._direct, self._proxied, *self._ways.values()}:
            await session.close()


def _along(way: Way) -> aiohttp.ClientSession:
    context: Any = True  # the system's certificates
    if way.ca is not None:
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=way.ca)
    if not way.socks:
        return _session(aiohttp.TCPConnector(ssl=context, **_KEPT))
    from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError, ProxyType

    class Connector(ProxyConnector):
        async def connect(self, *arguments: Any, **named: Any) -> Any:
            try:
                return await super().connect(*arguments, **named)
            except (ProxyConnectionError, ProxyError, ProxyTimeoutError) as problem:
                raise aiohttp.ClientConnectionError(str(problem)) from problem

    place = URL(way.proxy)
    user, password = way.login or (None, None)
    socks = Connector(
        place.host,
        place.port or SOCKS_PORT,
        proxy_type=ProxyType.SOCKS5,
        username=user,
        password=password,
        rdns=True,  # the proxy looks names up: they may be known there alone
        ssl=context,
        **_KEPT,
    )
    return _session(socks)


_KEPT = {"limit": 0, "keepalive_timeout": 30}  # connections: as many as are wanted, and used again


def _session(connector: aiohttp.BaseConnector | None = None, **more: Any) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector or aiohttp.TCPConnector(**_KEPT),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        read_bufsize=1 << 18,
        max_line_size=16384,
        max_field_size=65536,
        **more,
    )


async def _leftover(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(LEFTOVER_S):
            while await response.content.readany():
                pass
        response.release()
    except (TimeoutError, aiohttp.ClientError, OSError):
        response.close()


class Run:
    """One exchange being carried out for one client connection."""

    def __init__(
        self,
        exchange: Exchange,
        request: web.BaseRequest,
        snapshot: Snapshot,
        queues: Mapping[str, Queue],
        upstreams: Upstreams,
        clock: Clock,
        passed_on: Mapping[str, str],
        own_headers: Callable[[], dict[str, str]],
        keep: Callable[[x.Keep], Coroutine[Any, Any, x.Stored]] | None,
    ) -> None:
        self.exchange, self.request, self.snapshot, self.keep = exchange, request, snapshot, keep
        self.queues, self.upstreams, self.clock = queues, upstreams, clock
        self.passed_on, self.own_headers = passed_on, own_headers  # to every upstream; to the client
        self.response: web.StreamResponse | None = None
        self.first_byte: float | None = None
        self._place = ""
        self._answer: asyncio.Future[Answer] | None = None  # of the pool
        self._opening: asyncio.Task[aiohttp.ClientResponse] | None = None
        self._upstream: aiohttp.ClientResponse | None = None
        self._errand: asyncio.Task[x.Event] | None = None  # what is done beside: links fetched, an answer kept
        self._events: Any = None  # of an upstream without a wire
        self._held: tuple[str, core.Lease] | None = None  # the pool, and the slot we have there
        self._line: Line | None = None  # of that account

    async def play(self) -> web.StreamResponse:
        """Until the exchange is done. Raises CancelledError when the client has left."""
        event: x.Event | None = x.Start()
        try:
            while True:
                commands, event = self.exchange.receive(event, self.clock()), None
                for command in commands:
                    event = await self._do(command)
                if self.exchange.done:
                    return self.response
                if event is None:
                    event = await self._next()
        except (asyncio.CancelledError, ConnectionError):  # the client left, seen in reading or in writing
            if not self.exchange.done:
                for command in self.exchange.receive(x.Gone(), self.clock()):
                    await self._do(command)
            raise
        finally:
            self._let_go()

    async def _do(self, command: x.Command) -> x.Event | None:
        """Carries one command out; an event if it has come to something already."""
        match command:
            case x.Send(data):
                if data:
                    await self.response.write(data)
            case x.Acquire(pool, ask):
                answer = self.queues[pool].ask(ask)
                if isinstance(answer, asyncio.Future):
                    self._answer = answer
                    return None
                return self._acquired(pool, answer)
            case x.Fetch(urls):
                self._errand = asyncio.ensure_future(self.upstreams.fetch(urls))
            case x.Keep():
                self._errand = asyncio.ensure_future(self.keep(command))
            case x.Open(pool, _, outgoing, stream):
                self._open(pool, outgoing, stream)
            case x.Release(pool, lease, verdict, used, latency):
                self._held = None
                self.queues[pool].report(lease, verdict, used, latency)
            case x.CloseUpstream():
                self._hang_up()
            case x.SendHead(headers):
                self.response = web.StreamResponse(headers=headers | self.own_headers())
                self.first_byte = self.clock()
                await self.response.prepare(self.request)
            case x.Answer(status, headers, body):
                self.first_byte = self.clock()
                self.response = web.Response(status=status, headers=headers | self.own_headers(), body=body)
            case x.Finish():
                await self.response.write_eof()
            case x.Withdraw(pool, ask):
                self.queues[pool].withdraw(ask)
        return None

    def _acquired(self, pool: str, answer: Answer) -> core.Acquired | core.Refused:
        event, self._line = answer
        if isinstance(event, core.Acquired):
            self._held = (pool, event.lease)
        return event

    def _open(self, pool: str, outgoing: Any, stream: bool) -> None:
        if outgoing.request is not None:
            self._events = played(outgoing.request, stream)
            return
        line = self._line
        self._place = line.place
        headers = headers_to(line, outgoing, stream, self.passed_on)
        call = self.upstreams.call(line, outgoing.path, outgoing.body, headers, self.snapshot.connect[pool])
        self._opening = asyncio.ensure_future(call)

    async def _next(self) -> x.Event:
        """The next thing that happens."""
        wake = self.exchange.wake
        if self._errand is not None:
            await asyncio.wait((self._errand,), timeout=max(wake - self.clock(), 0.0))
            if not self._errand.done():
                return x.Timer()
            errand, self._errand = self._errand, None
            return errand.result()
        if self._upstream is not None:
            return await self._read(wake)
        if self._events is not None:
            event = await anext(self._events)
            if isinstance(event, x.Broken | x.End):
                self._events = None
            return event
        seconds = max(wake - self.clock(), 0.0)
        if self._opening is not None:
            await asyncio.wait((self._opening,), timeout=seconds)
            return self._opened() if self._opening.done() else x.Timer()
        if self._answer is not None:
            await asyncio.wait((self._answer,), timeout=seconds)
            if not self._answer.done():
                return x.Timer()
            answer, self._answer = self._answer.result(), None
            return self._acquired(self.exchange.pool, answer)
        await asyncio.sleep(seconds)
        return x.Timer()

    def _opened(self) -> x.Event:
        opening, self._opening = self._opening, None
        try:
            self._upstream = opening.result()
        except (Unavailable, aiohttp.ClientError, OSError, TimeoutError) as problem:
            return broken(problem, self._place)
        return x.Head(self._upstream.status, self._upstream.headers)

    async def _read(self, wake: float) -> x.Event:
        content = self._upstream.content
        try:
            data = content.read_nowait()
            if not data:
                async with asyncio.timeout_at(self.clock.loop_time(wake)):
                    data = await content.readany()
        except TimeoutError:
            return x.Timer()
        except (aiohttp.ClientError, OSError) as problem:
            data = content._read_nowait(-1)  # what came before the break, which the public methods keep back
            if not data:
                self._hang_up()
                return broken(problem, self._place)
        if data:
            return x.Data(data)
        upstream, self._upstream = self._upstream, None
        upstream.release()
        return x.End()

    def _hang_up(self) -> None:
        if self._errand is not None:
            self._errand.cancel()
            self._errand = None
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None
        self._events = None

    def _let_go(self) -> None:
        """Nothing that was taken outlives the exchange, whatever went wrong."""
        if self._answer is not None and self._answer.done() and isinstance(self._answer.result()[0], core.Acquired):
            self._acquired(self.exchange.pool, self._answer.result())
        if self._held is not None:
            pool, lease = self._held
            self.queues[pool].report(lease, Verdict(Outcome.CLIENT))
        if self._upstream is not None and self.exchange.done:
            self.upstreams.leave_rest(self._upstream)
            self._upstream = None
        self._hang_up()


async def played(request: c.Request, stream: bool) -> Any:
    """The built-in echo as events of an upstream."""
    script = play(request)
    if script.error is not None and not (stream and script.events):
        yield x.Broken(script.error, None)
        return
    yield x.Head(200, {})
    if stream:
        for event in script.events:
            await asyncio.sleep(ECHO_PACE_S)
            yield x.Played([event])
        if script.error is not None:
            yield x.Played([c.StreamError(script.error)])
    else:
        yield x.Played(script.events)
    yield x.End()


def broken(problem: BaseException, place: str) -> x.Broken:
    """What broke, in words that hold no address beyond the host."""
    kind, status = "internal", 502
    match problem:
        case Unavailable():
            error = c.Error(kind="overloaded", message=f"{place}: {problem}", status=503)
            return x.Broken(error, Outcome.CREDENTIAL)
        case aiohttp.ServerTimeoutError():
            kind, status, what = "timeout", 504, f"could not connect to {place} in time"
        case aiohttp.ClientConnectorError():
            reason = problem.os_error.strerror or type(problem.os_error).__name__
            what = f"could not connect to {place}: {reason}"
        case aiohttp.ServerDisconnectedError():
            what = f"{place} closed the connection without an answer"
        case aiohttp.ClientResponseError():
            what = f"{place} sent what cannot be read: {problem.message}"
        case aiohttp.ClientError() if isinstance(problem.__cause__, ContentEncodingError):
            what = f"{place} sent what cannot be read: its content-encoding is not what it says"
        case aiohttp.ClientPayloadError() | ConnectionError():
            kind, what = "truncated", f"the connection to {place} broke off in the answer"
        case _:
            what = f"no answer could be had from {place}: {type(problem).__name__}"
    return x.Broken(c.Error(kind=kind, message=what, status=status))
