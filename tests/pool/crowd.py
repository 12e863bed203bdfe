"""Whole exchanges in virtual time: clients, pools and upstreams that may do anything, from one seed.

The exchanges, pools and translations are the gateway's. What the shell would do with their commands is done here, and what
must hold of it is asserted on the way: it says "wrong" at the first command that breaks a promise.
"""

from __future__ import annotations

import re
from collections import Counter
from heapq import heappop, heappush
from math import inf
from random import Random

from generated import canonical as c
from runtime.core import exchange as x
from runtime.core import own_answers, translate
from runtime.core.account import Account
from runtime.core.exchange import Broken, Data, End, Exchange, Gone, Head, Settings, Start, State, Timer
from runtime.core.limits import Limits
from runtime.core.pool import Acquired, Lease, Pool
from runtime.core.route import Route

DIALECTS = {"openai-chat": "openai", "anthropic-messages": "anthropic", "ollama-chat": "ollama"}
SSE, LINES, JSON = (
    {"content-type": kind} for kind in ("text/event-stream", "application/x-ndjson", "application/json")
)
FRAME_END = {dialect: b"\n" if dialect == "ollama-chat" else b"\n\n" for dialect in DIALECTS}
MODEL = "some-model"
QUESTION = {
    "openai-chat": b'{"model": "m", "messages": [{"role": "user", "content": "Hello"}]}',
    "anthropic-messages": b'{"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}',
    "ollama-chat": b'{"model": "m", "messages": [{"role": "user", "content": "Hello"}]}',
}
WHOLE = {
    "openai-chat": b'{"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "some-model", "choices":'
    b' [{"index": 0, "message": {"role": "assistant", "content": "Good \xe2\x98\x80 morning"}, "finish_reason": "stop"}],'
    b' "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}}',
    "anthropic-messages": b'{"id": "msg_1", "type": "message", "role": "assistant", "model": "some-model", "content":'
    b' [{"type": "text", "text": "Good \xe2\x98\x80 morning"}], "stop_reason": "end_turn", "stop_sequence": null,'
    b' "usage": {"input_tokens": 9, "output_tokens": 4}}',
    "ollama-chat": b'{"model": "some-model", "created_at": "1970-01-01T00:00:01Z", "message": {"role": "assistant",'
    b' "content": "Good \xe2\x98\x80 morning"}, "done": true, "done_reason": "stop", "prompt_eval_count": 9,'
    b' "eval_count": 4}',
}


def _chunk(delta: bytes, finish: bytes = b"null") -> bytes:
    start = b'data: {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "some-model", '
    return start + b'"choices": [{"index": 0, "delta": ' + delta + b', "finish_reason": ' + finish + b"}]}\n\n"


def _event(name: bytes, data: bytes) -> bytes:
    return b"event: " + name + b'\ndata: {"type": "' + name + b'"' + data + b"}\n\n"


def _line(content: bytes, done: bytes) -> bytes:
    start = b'{"model": "some-model", "created_at": "1970-01-01T00:00:01Z", "message": {"role": "assistant", '
    return start + b'"content": "' + content + b'"}, "done": ' + done + b"}\n"


STREAM = {
    "openai-chat": _chunk(b'{"role": "assistant", "content": ""}')
    + b"".join(_chunk(b'{"content": "' + word + b'"}') for word in (b"Good ", b"\xe2\x98\x80", b" morning"))
    + _chunk(b"{}", b'"stop"')
    + b"data: [DONE]\n\n",
    "anthropic-messages": _event(
        b"message_start",
        b', "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "some-model", "content": [],'
        b' "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 1}}',
    )
    + _event(b"content_block_start", b', "index": 0, "content_block": {"type": "text", "text": ""}')
    + b"".join(
        _event(b"content_block_delta", b', "index": 0, "delta": {"type": "text_delta", "text": "' + word + b'"}')
        for word in (b"Good ", b"\xe2\x98\x80", b" morning")
    )
    + _event(b"content_block_stop", b', "index": 0')
    + _event(
        b"message_delta",
        b', "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 4}',
    )
    + _event(b"message_stop", b""),
    "ollama-chat": b"".join(_line(word, b"false") for word in (b"Good ", b"\xe2\x98\x80", b" morning"))
    + _line(b"", b'true, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 4'),
}
MEANS_NOTHING = {dialect: own_answers.keepalive(dialect) for dialect in DIALECTS}
_LOSSES = re.compile(rb": isogloss-loss [^\n]*\n\n")
CUT = Broken(c.Error(kind="truncated", message="the connection broke off", status=502))

# What an upstream does with one request: (seconds to wait, event) in order; after the last it is silent.
Script = list[tuple[float, x.Event]]


def well(dialect: str, stream: bool, pieces: list[int] = (), pause: float = 0.0) -> Script:
    """The right answer, in pieces of so many bytes, and then the rest."""
    kind = JSON if not stream else LINES if dialect == "ollama-chat" else SSE
    body, script, place = (STREAM if stream else WHOLE)[dialect], [(pause, Head(200, kind))], 0
    for size in [*pieces, len(body)]:
        if piece := body[place : place + size]:
            script.append((pause, Data(piece)))
        place += size
    return [*script, (pause, End())]


def cut(script: Script, place: int, then: x.Event | None) -> Script:
    """Only that many bytes of an answer, and then something else, or nothing any more."""
    left = []
    for pause, event in script:
        if isinstance(event, Data):
            left.append((pause, Data(event.data[:place])))
            place -= len(event.data)
            if place <= 0:
                break
        else:
            left.append((pause, event))
    left = [(pause, event) for pause, event in left if not isinstance(event, End) and event != Data(b"")]
    return left if then is None else [*left, (0.0, then)]


def error(status: int, headers: dict[str, str] | None = None, kind: str = "an error") -> Script:
    body = b'{"type": "error", "error": {"type": "%s", "message": "no"}}' % kind.encode()
    return [(0.1, Head(status, JSON | (headers or {}))), (0.1, Data(body)), (0.0, End())]


class Client:
    """One exchange, what the shell knows of it, and all that its client has got."""

    def __init__(self, world: Crowd, number: int, dialect: str, stream: bool, route: Route) -> None:
        self.world, self.number, self.dialect, self.stream = world, number, dialect, stream
        self.exchange = Exchange(
            client=dialect,
            stream=stream,
            body=QUESTION[dialect],
            route=route,
            translate=self.translation,
            settings=world.settings,
            chance=world.chance.random,
            conceal=bytes,
            now=world.now,
            key=f"k{number % 5}",
            tokens=10,
        )
        self.began = world.now
        self.lease: Lease | None = None
        self.upstream = 0  # number of the open call; 0: none
        self.left = False  # the client has
        self.head: dict[str, str] | None = None
        self.body = b""
        self.answer: x.Answer | None = None
        self.finished = False
        self.attempts: Counter[str] = Counter()  # by account
        self.waits: x.Acquire | None = None

    def translation(self, account: Account, dialect: str, model: str) -> translate.Translation:
        return translate.Translation(self.dialect, dialect, account.provider, model, now=1, new_id=lambda: "id")

    def take(self, event: x.Event | None) -> None:
        exchange, world = self.exchange, self.world
        while event is not None:
            before = exchange.state
            commands, event = exchange.receive(event, world.now), None
            for command in commands:
                assert event is None, "something follows a question that is answered at once"
                event = self.do(command, before)
        if exchange.done:
            assert self.lease is None and not self.upstream and self.waits is None, "something outlives the exchange"
            assert self.left or self.finished, "no end for its client"
            self.ended = world.now
        else:
            world.at(max(exchange.wake, world.now), self, Timer(), None)

    def do(self, command: x.Command, before: State) -> x.Event | None:
        world = self.world
        match command:
            case x.Acquire(name, ask):
                assert self.lease is None and before is not State.STREAMING, "a second attempt past the commit point"
                world.settle(name)
                answer = world.pools[name].choose(ask, world.now)
                if answer is None:
                    self.waits = command
                    world.asking[id(ask)] = self
                    world.arm(name)
                    return None
                return self.acquired(name, answer)
            case x.Withdraw(name, ask):
                world.asking.pop(id(ask), None)
                self.waits = None
                world.pools[name].withdraw(ask)
                world.settle(name)
            case x.Open(name, account, request, stream):
                assert self.lease is not None and self.lease.account == account.name
                assert stream == self.stream and request.body
                self.attempts[account.name] += 1
                world.calls += 1
                self.upstream = world.calls
                moment = world.now
                for pause, event in world.upstream(self, account):
                    moment += pause
                    world.at(moment, self, event, self.upstream)
            case x.CloseUpstream():
                self.upstream = 0
            case x.Release(name, lease, verdict, used, latency):
                assert lease is self.lease, "another's slot"
                self.lease = None
                self.upstream = 0
                world.live[name, lease.account] -= 1
                world.pools[name].report(lease, verdict, world.now, used, latency)
                world.settle(name)
            case x.Answer():
                assert not self.finished and self.head is None and not self.left
                self.answer, self.finished = command, True
            case x.SendHead(headers):
                assert not self.finished and self.head is None and not self.left and self.stream
                self.head = headers
            case x.Send(data):
                assert self.head is not None and not self.finished and not self.left
                self.body += b"" if data == MEANS_NOTHING[self.dialect] else _LOSSES.sub(b"", data)
            case x.Finish():
                assert self.head is not None and not self.finished
                self.finished = True
        return None

    def acquired(self, name: str, answer: x.Event) -> x.Event:
        if isinstance(answer, Acquired):
            assert self.lease is None, "two slots"
            self.lease = answer.lease
            world, place = self.world, (name, answer.account.name)
            world.live[place] += 1
            most = answer.account.max_concurrency
            assert most is None or world.live[place] <= most, "too many at once"
        return answer

    # -- what became of it

    @property
    def well(self) -> bool:
        return self.finished and self.exchange.error is None

    def check(self) -> None:
        """What a client has got is the right answer, or an error in its own protocol; never anything between."""
        assert self.ended - self.began <= self.world.longest, "it took too long"
        if self.left:
            return
        texts, end = self.world.reference[self.dialect, self.stream], FRAME_END[self.dialect]
        if self.answer is not None and self.well:
            assert self.answer.status == 200 and self.answer.body in texts, "another answer"
        elif self.answer is not None:
            status, body = own_answers.error_answer(self.dialect, self.exchange.error)
            assert (self.answer.status, self.answer.body) == (status, body) and status >= 400
            assert status not in (429, 503) or int(self.answer.headers["retry-after"]) >= 1
        elif self.well:
            assert self.body in texts or any(_all_but_the_end(self.body, text, end) for text in texts), "another stream"
        else:
            assert any(_same_start(self.body, text, end) for text in texts), (
                "an error, and not where the answer broke off"
            )
            marks = (b"[DONE]", b"message_stop", b'"done":true')
            assert all(mark not in self.body for mark in marks), "the end of what has none"


def _all_but_the_end(body: bytes, text: bytes, end: bytes) -> bool:
    """Whether only what says nothing more is missing: the upstream closed the stream after it had said why it stopped."""
    stopped = max(text.find(word) for word in (b'"stop"}', b'"end_turn"', b'"done_reason"'))
    return text.startswith(body) and len(body) >= text.index(end, stopped)


def _same_start(body: bytes, text: bytes, end: bytes) -> bool:
    """Whether this is the text so far and then an error frame."""
    place = next((n for n, (one, other) in enumerate(zip(body, text, strict=False)) if one != other), len(text))
    start = body.rfind(end, 0, place) + len(end) if place and end in body[:place] else 0
    return b'"error"' in body[start:] and body[start:].count(end) == 1


class Crowd:
    def __init__(self, seed: str, accounts: dict[str, list[Account]] | None = None) -> None:
        self.chance = Random(seed)
        self.now = 1_000_000.0
        self.pools = {
            name: Pool(name, of, strategy=self.chance.choice(STRATEGIES), queue_size=20, chance=self.chance.random)
            for name, of in (accounts or self._accounts()).items()
        }
        settings = Settings(retries=2, patience=30.0, first_byte=20.0, stream_idle=20.0, total=100.0, keepalive=15.0)
        self.settings = dict.fromkeys(self.pools, settings)
        self.longest = settings.total + 1.0
        self.events: list[tuple[float, int, Client | None, x.Event | str, int | None]] = []
        self.asking: dict[int, Client] = {}  # by identity of the ask
        self.armed: dict[str, float] = {}
        self.live: Counter[tuple[str, str]] = Counter()
        self.clients: list[Client] = []
        self.calls = self.count = 0
        self.reference = REFERENCE
        self.script = self._anything

    def _accounts(self) -> dict[str, list[Account]]:
        pick = self.chance.choice
        named = iter("abcdefgh")

        def some(count: int) -> list[Account]:
            spoken = [(dialect, provider) for dialect, provider in DIALECTS.items()]
            made = []
            for _ in range(count):
                dialect, provider = pick(spoken)
                limits = Limits(rpm=pick((None, None, 5)))
                most = pick((None, 1, 1, 2))
                made.append(Account(next(named), provider, (dialect,), max_concurrency=most, limits=limits))
            return made

        return {"main": some(pick((1, 2, 3, 4))), "spare": some(pick((1, 2)))}

    def at(self, moment: float, client: Client | None, event: x.Event | str, call: int | None) -> None:
        self.count += 1
        heappush(self.events, (moment, self.count, client, event, call))

    def come(self, dialect: str, stream: bool, pools: tuple[str, ...] = ("main",)) -> Client:
        client = Client(self, len(self.clients), dialect, stream, Route(pools, MODEL))
        self.clients.append(client)
        client.take(Start())
        return client

    def leave(self, client: Client) -> None:
        if not client.exchange.done:
            client.left = True
            client.take(Gone())

    def run(self, until: float = inf) -> None:
        while self.events and self.events[0][0] <= until:
            self.now, _, client, event, call = heappop(self.events)
            if client is None:
                self.armed.pop(event, None)
                self.settle(event)
            elif client.exchange.done or (call is not None and call != client.upstream):
                continue
            elif isinstance(event, Timer):
                if client.exchange.wake <= self.now:
                    before = client.exchange.state
                    client.take(event)
                    # where two things were due at once the other is done next
                    stirred = client.exchange.state is not before or client.exchange.wake > self.now
                    assert stirred, "awake again, and nothing to do"
            else:
                if isinstance(event, End | Broken):
                    client.upstream = 0
                client.take(event)

    def settle(self, name: str) -> bool:
        answers = self.pools[name].settle(self.now)
        for ask, answer in answers:
            client = self.asking.pop(id(ask))
            client.waits = None
            client.take(client.acquired(name, answer))
        self.arm(name)
        return bool(answers)

    def arm(self, name: str) -> None:
        wake = self.pools[name].wake(self.now)
        if wake is not None and wake < self.armed.get(name, inf):
            self.armed[name] = wake
            self.at(wake, None, name, None)

    def upstream(self, client: Client, account: Account) -> Script:
        return self.script(client, account)

    def _anything(self, client: Client, account: Account) -> Script:
        """Mostly the right answer; else one of all that may go wrong."""
        chance = self.chance
        dialect, stream = account.dialects[0], client.stream
        size = len((STREAM if stream else WHOLE)[dialect])
        pieces = [chance.randint(1, 200) for _ in range(chance.choice((0, 3, 30)))]
        right = well(dialect, stream, pieces, chance.choice((0.0, 0.1, 1.0)))
        match chance.randint(0, 24):
            case 0 | 1 | 2:
                return cut(right, chance.randint(0, size), chance.choice((End(), CUT, None)))
            case 3:
                return error(429, chance.choice(({}, {"retry-after": "3"}, {"retry-after": "90"})), "rate_limit_error")
            case 4:
                return error(chance.choice((500, 502, 503, 529)))
            case 5:
                return error(chance.choice((401, 403)), kind="authentication_error")
            case 6:
                return error(404, kind="model_not_found")
            case 7:
                return cut(error(chance.choice((429, 500))), chance.randint(0, 40), chance.choice((End(), CUT, None)))
            case 8:
                return [(chance.choice((0.0, 5.0)), CUT)]
            case 9:
                return []
            case 10:
                return [(0.1, Head(200, SSE)), (0.1, Data(b"<html>\n\nnot what was asked for\n\n")), (0.0, End())]
            case 11:
                return [(0.0, Head(200, JSON)), (0.0, End())]
        return right

    def check(self) -> None:
        """At the end: everybody has got something, and nothing is held any more."""
        assert not self.asking and all(not count for count in self.live.values())
        for name, pool in self.pools.items():
            assert pool.waiting == 0 and not any(pool.in_flight.values()), f"a slot of {name} is lost"
        for client in self.clients:
            assert client.exchange.done
            client.check()


STRATEGIES = ("round_robin", "least_busy", "latency", "fill_first")


def _reference() -> dict[tuple[str, bool], set[bytes]]:
    """What each client gets of each upstream that answers well and in one piece."""
    texts: dict[tuple[str, bool], set[bytes]] = {}
    for upstream, provider in DIALECTS.items():
        for dialect in DIALECTS:
            for stream in (False, True):
                world = Crowd("", {"main": [Account("a", provider, (upstream,))]})
                world.script = lambda client, account: well(account.dialects[0], client.stream)
                client = world.come(dialect, stream)
                world.run()
                assert client.well
                texts.setdefault((dialect, stream), set()).add(client.answer.body if client.answer else client.body)
    return texts


REFERENCE: dict[tuple[str, bool], set[bytes]] = {}
REFERENCE |= _reference()
