"""The express lane: a client's connection on llhttp, which drives the exchange from the read to the write.

It takes what is hot, a POST of a whole request to one of the dialects, and a question for its health, and hands every
other connection to aiohttp with the bytes read so far: the first request that is neither decides. What cannot be read
without doubt is refused, and the connection is closed. A client that closes its side before its answer is there has left:
so it is with every client that goes away, and one that still listens cannot be told from it.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from math import inf
from typing import Any, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from msgspec import DecodeError

from generated import canonical as c
from runtime.core import exchange as x
from runtime.core import pool as core
from runtime.core.affinity import key_of
from runtime.core.clients import estimate, tokens_of
from runtime.core.exchange import Exchange
from runtime.core.kept import Found
from runtime.core.outcome import Outcome, Verdict, spent
from runtime.core.own_answers import loss_header
from runtime.core.translate import Refused, Translation, Wanted, glance
from runtime.shell import gateway as gate
from runtime.shell import incoming
from runtime.shell.aside import Aside
from runtime.shell.express import Course, Known, Leg, learn
from runtime.shell.lane_upstream import ONE_WRITE, Request, Wires, header_name
from runtime.shell.snapshot import Line

HEAD_LIMIT = 96 << 10  # bytes of a request's head
HEADERS_MOST = 128
AHEAD_LIMIT = 64 << 10  # bytes of further requests that are taken while one is answered
IDLE_S = 75.0  # between two requests, and between two reads of one
LINGER_S = 5.0  # to take what a refused client still sends, so that it can read why
TICK_S = 0.02  # the sweeper's shortest pause
TICK_SHARE = 30  # of its time at most this part is spent in sweeping
HOUSEKEEPING_S = 1.0
PATHS_KNOWN = 1024
HEADS_KNOWN = 256
ONCE = frozenset(("host", "content-length", "transfer-encoding", "expect"))
NOT_PLAIN = frozenset(("content-length", "transfer-encoding", "expect", "origin", "upgrade"))  # of a GET
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
AGENT = re.compile(rb"\r\nuser-agent:[^\r]*", re.IGNORECASE)


class Hot(NamedTuple):
    """A path that the lane serves."""

    path: str
    dialect: str


class Message:
    """One request that comes in."""

    __slots__ = (
        *("headers", "hot", "keeps", "method", "page", "parts", "path", "query_string", "seen", "size", "taken"),
        *("target", "whole"),
    )

    def __init__(self) -> None:
        self.target = b""
        self.headers: dict[str, str] = {}
        self.parts: list[bytes] = []
        self.size = self.taken = 0  # bytes of its body; of all that came since it began
        self.hot: Hot | None = None
        self.page: gate.Whole | None = None  # of our own, that is asked for
        self.keeps = self.whole = False
        self.seen: gate.Seen | None = None  # once it is let in
        self.method = self.path = self.query_string = ""


class Swift:
    """A request whose first account has it already; the exchange takes over where that is not all."""

    __slots__ = (
        *("acquired", "admitted", "began", "body", "course", "id", "key", "leg", "sent", "tokens", "translation"),
    )

    def __init__(self, course: Course, body: bytes, began: float, id: str) -> None:
        self.course, self.body, self.began, self.id = course, body, began, id
        self.tokens = estimate(body)
        self.key: str | None = None
        self.leg: Leg | None = None
        self.translation: Translation | None = None  # where the body is not passed on as it is
        self.sent = False


class TooMuch(Exception):
    """More than is taken of one request: its body, or its head."""


class NotHot(Exception):
    """Nothing more is read here. Behind a hot one in the same read it is not handed over: where it begins is not known."""


class Lane:
    """All clients' connections, what they have in common, and the one timer for all their deadlines."""

    def __init__(self, gateway: gate.Gateway, aside: Aside) -> None:
        self.gateway, self.aside = gateway, aside
        self.clock = gateway.clock
        self.wires = Wires(gateway.environ, self.clock, lambda: gateway.upstreams)
        self.running: set[Front] = set()  # with an exchange that is not done
        self.fronts: dict[Front, None] = {}
        self.draining = False
        self._loop = asyncio.get_running_loop()
        self._hot: dict[bytes, Hot | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0  # the moment the timer is set to
        self._pause = TICK_S
        self._tidied = 0.0
        self._stamped = 0
        self._stamp = b""
        self._known: dict[tuple[bytes, bytes], Known] = {}  # heads that may come again
        self._arm(self.clock() + HOUSEKEEPING_S)

    def __call__(self) -> Front:
        return Front(self)

    def known(self, data: bytes, message: Message) -> Known | None:
        """A head that llhttp has read of the first bytes of a message."""
        if (parts := learn(data, message)) is None:
            return None
        known = self._known.get(parts)
        if known is None:
            if len(self._known) >= HEADS_KNOWN:
                self._known.clear()
            known = self._known[parts] = Known(*parts, message)
        return known

    def hot(self, target: bytes) -> Hot | None:
        """What is served at a request's target, if that is hot."""
        path = target.partition(b"?")[0]
        try:
            return self._hot[path]
        except KeyError:
            pass
        if len(self._hot) >= PATHS_KNOWN:
            self._hot.clear()
        found = None
        if path.startswith(b"/") and path.isascii() and b"%" not in path and b"#" not in path:
            served, named = self.gateway.paths.find(path.decode())
            posted = [(dialect, operation) for method, dialect, operation in served if method == "POST"]
            if len(posted) == 1 and posted[0][1] == "generate" and not named:
                found = Hot(path.decode(), posted[0][0])
        self._hot[path] = found
        return found

    # -- time

    def due(self, wake: float) -> None:
        """A deadline that may be earlier than the others."""
        if wake < self._next:
            self._arm(max(wake, self.clock() + self._pause))

    def _arm(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = moment
        self._timer = self._loop.call_at(self.clock.loop_time(moment), self._sweep)

    def _sweep(self) -> None:
        now = self.clock()
        soonest = self._tidied + HOUSEKEEPING_S
        if soonest <= now:
            self._tidied, soonest = now, now + HOUSEKEEPING_S
            self._tidy(now)
        for front in [*self.running]:
            if front.wake <= now:
                front.time_is_up()
            soonest = min(soonest, front.wake)
        after = self.clock()
        self._pause = max(TICK_S, (after - now) * TICK_SHARE)
        self._timer = None
        self._arm(max(soonest, after + self._pause))

    def _tidy(self, now: float) -> None:
        self.wires.sweep(now)
        for front in [front for front in self.fronts if front.quiet_until <= now and front.idle]:
            front.close()

    def date(self, now: float) -> bytes:
        second = int(now)
        if second != self._stamped:
            self._stamped, self._stamp = second, f"date: {formatdate(second, usegmt=True)}\r\n".encode()
        return self._stamp

    # -- the end

    async def shutdown(self, seconds: float) -> None:
        """Lets requests in flight end for so long; closes everything."""
        self.draining = True
        end = self.clock() + seconds
        for front in [*self.fronts]:
            if front.idle:
                front.close()
        while self.running and self.clock() < end:
            await asyncio.sleep(TICK_S)
        if self._timer is not None:
            self._timer.cancel()
        for front in [*self.fronts]:
            front.abort()
        self.wires.close()


class Front(asyncio.Protocol):
    """One client's connection, with one request at a time in an exchange."""

    __slots__ = (
        *("_ahead", "_ahead_size", "_aside", "_asked", "_call", "_closing", "_errand", "_held", "_keeps", "_known"),
        *("_lane", "_line", "_linger", "_message", "_out", "_parser", "_passed_on", "_paused", "_problem", "_raw"),
        *("_ready", "_seen", "_streams", "_swift", "_transport", "_until", "exchange", "first_byte", "quiet_until"),
    )

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._message: Message | None = None  # that comes in
        self._ready: deque[Message] | tuple[()] = ()  # that are whole and not answered; most connections need none
        self._ahead: deque[bytes] | tuple[()] = ()  # what was read while one is answered
        self._ahead_size = 0
        self._raw: list[bytes] | None = None  # what was read of the first message, until it turns out to be hot
        self._problem: Exception | None = None  # with what comes behind those that are ready
        self._known: Known | None = None  # the head of the request before
        self._keeps = True  # the connection, after the answer
        self._closing = self._linger = self._paused = False
        self._aside: list[bytes] | None = None  # what came of a connection that is handed over
        self.quiet_until = lane.clock() + IDLE_S
        self._rest()

    def _rest(self) -> None:
        """No request is being answered."""
        self._seen: gate.Seen | None = None
        self._swift: Swift | None = None
        self._until = inf  # when a swift one must be answered
        self.exchange: Exchange | None = None
        self.first_byte: float | None = None
        self._call: Any = None
        self._asked: asyncio.Future[Any] | None = None  # of the pool
        self._errand: asyncio.Task[Any] | None = None  # what is done beside: links fetched, an answer found or kept
        self._held: tuple[str, core.Lease] | None = None  # the pool, and the slot we have there
        self._line: Line | None = None  # of that account
        self._passed_on: Mapping[str, str] = {}
        self._out: list[bytes] = []
        self._streams = False  # the head of a stream is out

    # -- what asyncio tells

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = HttpRequestParser(self)
        self._lane.fronts[self] = None

    def data_received(self, data: bytes) -> None:
        if self._linger or self._closing:
            if self._aside is not None:
                self._aside.append(data)
            return
        if self.idle and not self._ready and not self._ahead and self._problem is None:
            if (known := self._known) is not None and self._message is None:
                body = known.body(data)
                if body is not None and self._express(known, body):
                    return
            self._read(data)
            self._go_on()
            return
        if not self._ahead:
            self._ahead = deque()
        self._ahead.append(data)
        self._ahead_size += len(data)
        if self._ahead_size > AHEAD_LIMIT:
            self._transport.pause_reading()

    def connection_lost(self, problem: Exception | None) -> None:
        self._closing = True
        self._lane.fronts.pop(self, None)
        self._parser = None
        message, self._message = self._message, None
        if not self.idle:
            self._gone()
        elif message is not None and message.seen is not None:
            message.seen.status = gate.GONE
            self._lane.gateway.over(message.seen)

    def pause_writing(self) -> None:
        self._paused = True
        if self._call is not None:
            self._call.pause()

    def resume_writing(self) -> None:
        self._paused = False
        if self._call is not None:
            self._call.resume()

    def close(self) -> None:
        self._closing = True
        self._transport.close()

    def abort(self) -> None:
        self._closing = True
        self._transport.abort()

    @property
    def idle(self) -> bool:
        """No request is being answered."""
        return self._seen is None and self._swift is None

    @property
    def wake(self) -> float:
        """When its time is up."""
        return self._until if self.exchange is None else self.exchange.wake

    # -- reading requests

    def _read(self, data: bytes) -> None:
        begins = self._message is None  # with the first byte of a message
        if begins:
            self._raw = [data]
        elif self._raw is not None:
            self._raw.append(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as problem:
            self._problem = problem
        message = self._message
        if begins and (only := message or self._ready[0] if len(self._ready) + (message is not None) == 1 else None):
            self._known = self._lane.known(data, only) if only.hot is not None else None
        if message is not None:
            message.taken += len(data)
            if self._raw is not None and message.method and message.hot is None and not self._ready:
                self._hand_over(b"".join([*self._raw, *self._ahead]))

    def _go_on(self) -> None:
        """To what comes next: a request that is whole, a mistake, what has been read, or what will be."""
        while not (self._closing or self._linger):
            if self._ready:
                message = self._ready.popleft()
                self._ready = self._ready or ()
                self._answer(message)
                return
            if self._problem is not None:
                self._refuse(self._problem)
                return
            if not self._ahead:
                self.quiet_until = self._lane.clock() + IDLE_S
                if self._message is not None:
                    self._wait_for_more(self._message)
                return
            data = self._ahead.popleft()
            self._ahead_size -= len(data)
            if not self._ahead:
                self._transport.resume_reading()
            self._read(data)

    def on_message_begin(self) -> None:
        if self._ready:
            self._raw = None
        self._message = Message()

    def on_url(self, target: bytes) -> None:
        self._message.target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        message = self._message
        if message.method:
            return  # a trailer
        headers, key = message.headers, header_name(name)
        text = value.decode("utf-8", "surrogateescape")
        if key not in headers:
            headers[key] = text
            if len(headers) > HEADERS_MOST:
                raise TooMuch
        elif key in ONCE:
            raise ValueError(f"it has two {key} headers")
        elif len(headers[key]) + len(text) > HEAD_LIMIT:
            raise TooMuch
        else:
            headers[key] = f"{headers[key]}, {text}"

    def on_headers_complete(self) -> None:
        message, parser = self._message, self._parser
        headers = message.headers
        coding = headers.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            raise ValueError("its transfer-encoding is not `chunked`")
        method = message.method = parser.get_method().decode()
        if (
            method == "POST"
            and parser.get_http_version() == "1.1"
            and not parser.should_upgrade()
            and "content-encoding" not in headers
            and ("expect" not in headers or headers["expect"].lower() == "100-continue")
        ):
            message.hot = self._lane.hot(message.target)
        elif method == "GET" and NOT_PLAIN.isdisjoint(headers) and parser.get_http_version() == "1.1":
            message.page = self._lane.gateway.health(message.target.decode("latin-1"))
        if message.hot is None and message.page is None:
            raise NotHot
        self._raw = None
        if "host" not in headers:
            raise ValueError("it has no host header")
        if message.hot is None:
            return
        message.path, query = message.hot.path, message.target.partition(b"?")[2]
        if query:
            message.query_string = query.decode("utf-8", "surrogateescape")

    def on_body(self, data: bytes) -> None:
        message = self._message
        message.size += len(data)
        if message.size > gate.BODY_LIMIT:
            raise TooMuch
        message.parts.append(data)

    def on_message_complete(self) -> None:
        message, self._message = self._message, None
        message.keeps, message.whole = self._parser.should_keep_alive(), True
        if not self._ready:
            self._ready = deque()
        self._ready.append(message)

    def _wait_for_more(self, message: Message) -> None:
        """A part of a request is here; what can be refused already is."""
        if not message.method:
            if message.taken > HEAD_LIMIT:
                self._refuse(TooMuch())
        elif message.seen is None and self._let_in(message):
            if int(message.headers.get("content-length", 0)) > gate.BODY_LIMIT:
                self._refuse(TooMuch())
            elif not message.size and "expect" in message.headers:
                self._transport.write(CONTINUE)

    def _hand_over(self, data: bytes) -> None:
        """The connection is aiohttp's from here on."""
        self._closing = True
        self._message = self._parser = None
        self._lane.fronts.pop(self, None)
        self._aside = [data]
        if self._lane.aside.ready:
            self._cross()
        else:
            self._transport.pause_reading()
            self._lane.wires.spawn(self._lane.aside.prepare()).add_done_callback(self._cross_late)

    def _cross(self) -> None:
        other, data, self._aside = self._lane.aside(), b"".join(self._aside), None
        self._transport.set_protocol(other)
        other.connection_made(self._transport)
        other.data_received(with_one_agent(data))

    def _cross_late(self, prepared: asyncio.Task[None]) -> None:
        if prepared.cancelled() or prepared.exception() is not None:
            self._transport.abort()
        elif not self._transport.is_closing():
            self._cross()
            self._transport.resume_reading()

    def _refuse(self, problem: Exception) -> None:
        """Answers what cannot be read, or is too much, and closes."""
        message, self._message = self._message, None
        cause = problem.__context__ or problem
        hot = None if message is None else message.hot
        dialect = gate.DEFAULT_DIALECT if hot is None else hot.dialect
        if isinstance(cause, NotHot):
            self._close_softly()
            return
        if not isinstance(cause, TooMuch):
            error = c.Error("invalid_request", f"this is no request of HTTP/1.1: {cause}", status=400)
        elif hot is None:
            error = c.Error("invalid_request", "the head of this request is too long", status=431)
        else:
            error = gate.too_large()
        seen = self._lane.gateway.see({}) if message is None or message.seen is None else message.seen
        self._answer_at_once(seen, self._lane.gateway.refuse(seen, gate.Refusal(dialect, error)), False)

    # -- a request's way

    def _let_in(self, message: Message) -> bool:
        """Whether the request may be served, as far as its head tells; else it is answered."""
        gateway = self._lane.gateway
        message.seen = seen = gateway.see(message.headers)
        try:
            gateway.check_origin(message, seen)
            gateway.let_in(message, seen, message.hot.dialect)
        except gate.Refusal as refusal:
            whole = gateway.refuse(seen, refusal)
        except Exception as bug:
            whole = gateway.fail(seen, bug)
        else:
            return True
        self._answer_at_once(seen, whole, message.whole and message.keeps)
        return False

    def _answer(self, message: Message) -> None:
        if message.page is not None:
            self._answer_at_once(self._lane.gateway.see(message.headers), message.page, message.keeps)
            return
        if message.seen is None and not self._let_in(message):
            return
        seen, parts = message.seen, message.parts
        self._seen, self._keeps = seen, message.keeps
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        asked = self._lane.gateway.earlier(message, seen, body)
        if asked is None:
            self._begin(message, body)
        else:
            self._send_on(asked, lambda found: self._begin(message, body, found))

    def _begin(self, message: Message, body: bytes, found: asyncio.Task[Found] | None = None) -> None:
        """`found`: what the request goes on from."""
        gateway, seen = self._lane.gateway, message.seen
        try:
            self._passed_on = gateway.begin(message, seen, body, found=found and found.result())
        except gate.Refusal as refusal:
            self._answer_at_once(seen, gateway.refuse(seen, refusal), message.keeps)
            return
        except Exception as bug:
            self._answer_at_once(seen, gateway.fail(seen, bug), message.keeps)
            return
        self.exchange, seen.run = seen.exchange, self
        self._lane.running.add(self)
        self._take((x.Start(),))

    def _express(self, known: Known, body: bytes) -> bool:
        """Sends a request of a head that is known. Where anything is not plain it is False, and nothing has happened."""
        lane = self._lane
        gateway = lane.gateway
        if known.in_force is not gateway.in_force:
            known.under(gateway)
        if not known.swift or lane.draining:
            return False
        try:
            peek = glance(body)
        except (DecodeError, UnicodeDecodeError):
            return False
        course, now = known.course(peek), lane.clock()
        if course is None or known.in_force.bound.of_body(body) is not None:
            return False
        swift = Swift(course, body, now, known.id or gate.new_id())
        who, clients = known.who, known.in_force.clients
        if who is not None and clients.denies(who, swift.tokens, now) is not None:
            return False
        if course.wants_key:
            swift.key = key_of(body, known.sent, who)
        ask = core.Ask(course.route.model, now, key=swift.key, tokens=swift.tokens, explain=course.explains)
        acquired = course.queue.pool.at_once(ask, now)
        if acquired is None:
            return False
        swift.acquired = acquired
        swift.admitted = None if who is None else clients.count(who, swift.tokens, now)
        self._swift, self._keeps = swift, True
        lane.running.add(self)
        try:
            leg = swift.leg = course.leg(acquired.account, lane.wires, now)
            if leg is None:
                self._slow()
                return True
            if leg.passes:
                body = leg.reader.passed(body)
            else:
                swift.translation = course.translation(acquired.account, leg.dialect, now)
                body = swift.translation.request(body).body
        except (Refused, Wanted):
            swift.translation = None
            self._slow()
            return True
        except Exception as bug:
            self._slow(False)
            self._fail(bug)
            return True
        swift.sent = True
        head = b"%bcontent-length: %d\r\n\r\n" % (swift.id.encode().join(leg.head), len(body))
        self._call = lane.wires.send(self, leg.spot, Request(head, body, leg.place, leg.seconds))
        if self._paused:
            self._call.pause()
        self._until = now + course.seconds
        lane.due(self._until)
        return True

    def whole(self, call: Any, headers: Mapping[str, str], body: bytes) -> bool:
        """A whole answer of 200, in one read; False where the exchange shall hear of it."""
        swift = self._swift
        if swift is None or call is not self._call or swift.course.stream or self._lane.draining:
            return False
        if not headers.get("content-type", "").startswith("application/json"):
            return False
        leg, translation, gateway = swift.leg, swift.translation, self._lane.gateway
        now = self._lane.clock()
        try:
            if translation is None:
                if (usage := leg.reader.counts(body)) is None:
                    return False
                losses = ()
            else:
                body, usage, losses = translation.answer(body), translation.usage, translation.losses
        except Exception:
            return False  # the exchange will meet it, too
        self._call = self._swift = None
        self._lane.running.discard(self)
        rest, used = spent(headers, now, leg.quotas), None
        if usage is not None:
            sent = (usage.input or 0) + (usage.cache_read or 0) + (usage.cache_write or 0)
            used = (sent, (usage.output or 0) + (usage.reasoning or 0))
        lease = swift.acquired.lease
        swift.course.queue.report(lease, WELL if rest is None else Verdict(Outcome.OK, rest), used, now - lease.at, now)
        told = b""
        if losses and swift.course.route.loss != "silent":
            told = b"isogloss-loss: %b\r\n" % loss_header(losses).encode()
        head = swift.id.encode().join(swift.course.known.answer)
        head = b"%b%b%bcontent-length: %d\r\n\r\n" % (head, told, self._lane.date(now), len(body))
        if not self._closing:
            if len(body) > ONE_WRITE:
                self._transport.writelines((head, body))
            else:
                self._transport.write(head + body)
        charge = usage if used is not None and sum(used) else c.Usage(input=swift.tokens)
        if gateway.usage is not None:
            gateway.usage.add(*leg.used, charge, now)
        if swift.admitted is not None:
            swift.course.known.in_force.clients.end(swift.admitted, tokens_of(charge), now)
        gateway.telemetry.swift(now, swift.began, swift.id, leg, swift.acquired.why, losses, usage)
        self._until = inf
        if self._ahead:
            self._over()
        else:
            self.quiet_until = now + IDLE_S
        return True

    def more(self, call: Any, data: bytes) -> bool:
        """A piece of a stream; past the commit point there is mostly one thing to do about it."""
        exchange = self.exchange
        if exchange is None or exchange.state is not STREAMING or call is not self._call:
            return False
        try:
            out = exchange.pass_on(data, self._lane.clock())
            if out is None:
                return True
            if type(out) is bytes:
                if not self._closing:
                    self._transport.write(b"%x\r\n%b\r\n" % (len(out), out))
                return True
            for command in out:
                _DO[type(command)](self, command)
        except Exception as bug:
            self._fail(bug)
            return True
        self._flush()
        if exchange.done:
            self._finish()
        return True

    def _slow(self, goes_on: bool = True) -> None:
        """The exchange takes over: it knows what to do about everything."""
        swift, self._swift, self._until = self._swift, None, inf
        course, lane = swift.course, self._lane
        known, acquired = course.known, swift.acquired
        seen = self._seen = gate.Seen(swift.id, swift.began, known.in_force)
        seen.client, seen.who, seen.run = known.dialect, known.who, self
        seen.model, seen.upstream_model, seen.stream = course.model, course.route.model, course.stream
        seen.tokens, seen.admitted = swift.tokens, swift.admitted
        self._passed_on = incoming.passed_on(swift.id, known.sent)
        self._held, self._line = (course.pool, acquired.lease), course.queue.line(acquired.account)
        exchange = lane.gateway.exchange(
            seen, swift.body, course.peek, course.route, known.sent, swift.began, swift.key
        )
        self.exchange = seen.exchange = exchange
        if swift.sent:
            dialect = swift.leg.dialect
            translation = swift.translation or exchange.translate(acquired.account, dialect, course.route.model)
            exchange.go_on(acquired, dialect, translation)
        else:
            exchange.receive(x.Start(), swift.began)
            if goes_on:
                self._take((acquired,))

    def _answer_at_once(self, seen: gate.Seen, whole: gate.Whole, keeps: bool) -> None:
        self._keeps = keeps
        self._write_whole(*whole)
        self._flush()
        self._lane.gateway.over(seen)
        self._over()

    def happen(self, call: Any, events: Iterable[x.Event]) -> None:
        if call is self._call:
            if self._swift is not None:
                self._slow()
            self._take(events, call)

    def moved(self, call: Any, other: Any) -> None:
        if call is self._call:
            self._call = other
            if self._paused:
                other.pause()
        else:
            other.hang_up()

    def time_is_up(self) -> None:
        if self._swift is not None:
            self._slow()
        self._take((x.Timer(),))

    def _take(self, events: Iterable[x.Event], call: Any = None) -> None:
        """Events, and what the exchange makes of them; `call` is the one they come from."""
        exchange, now = self.exchange, self._lane.clock()
        try:
            for event in events:
                if call is not None:
                    if call is not self._call:
                        break
                    if type(event) in _LAST:
                        self._call = None
                self._step(event, now)
                if exchange.done:
                    break
        except Exception as bug:
            self._fail(bug)
            return
        self._flush()
        if exchange.done:
            self._finish()
        else:
            self._lane.due(exchange.wake)

    def _step(self, event: x.Event | None, now: float) -> None:
        receive = self.exchange.receive
        while event is not None:
            commands, event = receive(event, now), None
            for command in commands:
                event = _DO[type(command)](self, command)
            if event is not None:  # what the pool says is later than what it was told
                now = self._lane.clock()

    def _finish(self) -> None:
        """The exchange is done, and so is its answer."""
        seen = self._seen
        seen.status = self.exchange.status
        self._let_go()
        self._lane.gateway.over(seen)
        self._over()

    def _over(self) -> None:
        """The connection's next request."""
        self._rest()
        if not self._keeps or self._lane.draining:
            self._close_softly() if self._message is not None or self._problem is not None else self.close()
        elif self._ready or self._ahead or self._problem is not None:
            asyncio.get_running_loop().call_soon(self._go_on)
        else:
            self.quiet_until = self._lane.clock() + IDLE_S

    def _close_softly(self) -> None:
        """The client may still be sending: who is hung up on in that may never read its answer."""
        self._linger = True
        self._message = None
        self.quiet_until = self._lane.clock() + LINGER_S
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._transport.resume_reading()

    def _gone(self) -> None:
        """The client has left."""
        if self._swift is not None:
            self._slow()
        seen, exchange = self._seen, self.exchange
        seen.status = gate.GONE
        if exchange is None:
            self._call_back()
            self._lane.gateway.over(seen)
            self._rest()
        else:
            try:
                if not exchange.done:
                    for command in exchange.receive(x.Gone(), self._lane.clock()):
                        _DO[type(command)](self, command)
            finally:
                self._let_go()
                self._lane.gateway.over(seen)
                self._rest()

    def _fail(self, bug: Exception) -> None:
        """A mistake of the gateway's own. Where the head is out, a broken connection is all that can be said."""
        seen, streams = self._seen, self._streams
        whole = self._lane.gateway.fail(seen, bug)
        self._out.clear()
        self._let_go()
        if streams:
            self._lane.gateway.over(seen)
            self._rest()
            self.abort()
        else:
            self._answer_at_once(seen, whole, self._keeps)

    def _let_go(self) -> None:
        """Nothing that was taken outlives the exchange, whatever went wrong."""
        self._lane.running.discard(self)
        self._call_back()
        asked, self._asked = self._asked, None
        if asked is not None and asked.done() and isinstance(asked.result()[0], core.Acquired):
            self._acquired(self.exchange.pool, asked.result())
        if self._held is not None:
            pool, lease = self._held
            self._seen.in_force.queues[pool].report(lease, Verdict(Outcome.CLIENT))
        if (call := self._call) is not None:
            self._call = None
            call.leave() if self.exchange.done else call.hang_up()

    # -- commands

    def _do_send(self, command: x.Send) -> None:
        if command.data:
            self._out.append(b"%x\r\n%b\r\n" % (len(command.data), command.data))

    def _do_head(self, command: x.SendHead) -> None:
        self.first_byte = self._lane.clock()
        self._streams = True
        self._write_head(200, command.headers | gate.own_headers(self._seen), b"transfer-encoding: chunked\r\n\r\n")

    def _do_finish(self, command: x.Finish) -> None:
        self._out.append(LAST_CHUNK)

    def _do_answer(self, command: x.Answer) -> None:
        self.first_byte = self._lane.clock()
        self._write_whole(command.status, command.headers | gate.own_headers(self._seen), command.body)

    def _do_acquire(self, command: x.Acquire) -> x.Event | None:
        answer = self._seen.in_force.queues[command.pool].ask(command.ask)
        if isinstance(answer, asyncio.Future):
            self._asked = answer
            answer.add_done_callback(self._answered)
            return None
        return self._acquired(command.pool, answer)

    def _answered(self, asked: asyncio.Future[Any]) -> None:
        if asked is self._asked and not asked.cancelled():
            self._asked = None
            self._take((self._acquired(self.exchange.pool, asked.result()),))

    def _acquired(self, pool: str, answer: Any) -> core.Acquired | core.Refused:
        event, self._line = answer
        if isinstance(event, core.Acquired):
            self._held = (pool, event.lease)
        return event

    def _do_withdraw(self, command: x.Withdraw) -> None:
        self._seen.in_force.queues[command.pool].withdraw(command.ask)

    def _do_release(self, command: x.Release) -> None:
        self._held = None
        queue = self._seen.in_force.queues[command.pool]
        queue.report(command.lease, command.verdict, command.used, command.latency)

    def _do_fetch(self, command: x.Fetch) -> None:
        self._send_on(self._lane.gateway.upstreams.fetch(command.urls), self._reported)

    def _do_keep(self, command: x.Keep) -> None:
        self._send_on(self._lane.gateway.kept.keep(command), self._reported)

    def _reported(self, errand: asyncio.Task[x.Event]) -> None:
        self._take((errand.result(),))

    def _send_on(self, errand: Coroutine[Any, Any, Any], then: Callable[[asyncio.Task[Any]], None]) -> None:
        self._errand = asyncio.ensure_future(errand)
        self._errand.add_done_callback(lambda done: self._returned(done, then))

    def _returned(self, errand: asyncio.Task[Any], then: Callable[[asyncio.Task[Any]], None]) -> None:
        if errand is self._errand and not errand.cancelled():
            self._errand = None
            then(errand)

    def _call_back(self) -> None:
        errand, self._errand = self._errand, None
        if errand is not None:
            errand.cancel()

    def _do_open(self, command: x.Open) -> None:
        seconds = self._seen.in_force.snapshot.connect[command.pool]
        self._call = self._lane.wires.call(self, self._line, command.request, command.stream, self._passed_on, seconds)
        if self._paused:
            self._call.pause()

    def _do_hang_up(self, command: x.CloseUpstream) -> None:
        self._call_back()
        if (call := self._call) is not None:
            self._call = None
            call.hang_up()

    # -- writing

    def _write_whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self._write_head(status, headers, b"content-length: %d\r\n\r\n" % len(body))
        self._out.append(body)

    def _write_head(self, status: int, headers: Mapping[str, str], last: bytes) -> None:
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        if not self._keeps or self._lane.draining:
            last = b"connection: close\r\n" + last
        self._out += (
            _status_line(status),
            lines.encode("utf-8", "surrogateescape"),
            self._lane.date(self._lane.clock()),
            last,
        )

    def _flush(self) -> None:
        out = self._out
        if out and not self._closing:
            if len(out[-1]) > ONE_WRITE:
                self._transport.writelines(out)
            else:
                self._transport.write(b"".join(out))
        self._out = []


WELL = Verdict(Outcome.OK)
STREAMING = x.State.STREAMING
_LAST = (x.End, x.Broken)
_DO: dict[type, Callable[[Front, Any], x.Event | None]] = {
    x.Send: Front._do_send,
    x.SendHead: Front._do_head,
    x.Finish: Front._do_finish,
    x.Answer: Front._do_answer,
    x.Acquire: Front._do_acquire,
    x.Withdraw: Front._do_withdraw,
    x.Fetch: Front._do_fetch,
    x.Keep: Front._do_keep,
    x.Open: Front._do_open,
    x.CloseUpstream: Front._do_hang_up,
    x.Release: Front._do_release,
}


def with_one_agent(data: bytes) -> bytes:
    """A request's bytes as aiohttp takes them: some programs name themselves beside their library, and it refuses that.

    Such a request is the last of its connection, as aiohttp would read the next without us.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    if len(AGENT.findall(head)) < 2:
        return data
    first = AGENT.search(head).end()
    return head[:first] + AGENT.sub(b"", head[first:]) + b"\r\nconnection: close" + end + rest


@cache
def _status_line(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()
