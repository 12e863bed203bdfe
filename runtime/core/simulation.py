"""A policy under load in virtual time: the gateway's own exchanges, pools and client limits, before invented upstreams.

Only upstreams and time are made up. Times are seconds from the start of the simulation; `chance` gives numbers in [0, 1).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from math import cos, exp, inf, log, pi, sqrt
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from generated import canonical as c
from runtime.core import exchange as x
from runtime.core import pool as core
from runtime.core.clients import Admitted, Clients, Denied, tokens_of
from runtime.core.exchange import Exchange, Settings
from runtime.core.outcome import Outcome
from runtime.core.pool import Acquired, Pool
from runtime.core.route import Routes, Unknown

CLIENT = "openai-chat"  # the protocol that errors are counted in
SAMPLES = 240  # points of the picture
SPREAD = 0.6  # sigma of the lognormal times
RETRY_AFTER = 10.0  # of a 429 storm
SLOW = 10.0  # how much longer a slow stream takes
FIRST = 0.15  # the part of an answer's time before its first piece
FAILS_AFTER = 0.2  # seconds in which a vendor says no

Chance = Callable[[], float]
NotNegative, NotNegativeWhole = Annotated[float, Meta(ge=0)], Annotated[int, Meta(ge=0)]


class Arrival(Struct, frozen=True):
    """One request of a load."""

    at: float
    model: str
    seconds: NotNegative = 8.0  # that the upstream takes, all in all
    tokens: NotNegativeWhole = 1000  # sent
    output: NotNegativeWhole = 300
    stream: bool = True
    client: str | None = None
    key: str | None = None  # of its conversation


class Trouble(Struct, frozen=True):
    """What goes wrong upstream: `outage` answers 503, `storm` says 429 half the time, `slow` drags every tenth answer."""

    kind: str
    begins: float
    ends: float
    accounts: frozenset[tuple[str, str]]  # pool and name


class PerAccount(Struct):
    """What came to one account."""

    attempts: int = 0
    served: int = 0
    failed: int = 0
    rests: int = 0
    rested: float = 0.0  # seconds
    busy: float = 0.0  # seconds of requests
    most: int = 0  # requests at once
    in_flight: int = 0  # now; in the end 0


class Report(Struct):
    """What became of a load. `waits` are the seconds in the queue of each served request, in order."""

    requests: int = 0
    served: int = 0
    cut: int = 0
    retries: int = 0  # attempts after the first
    ended: float = 0.0  # when the last request was over
    refused: Counter[str] = field(default_factory=Counter)
    accounts: dict[tuple[str, str], PerAccount] = {}
    waits: list[float] = []
    series: dict[str, list[float]] = {}  # of the picture: by name, SAMPLES numbers

    def wait(self, part: float) -> float:
        """The wait that this part of the served requests did not exceed."""
        return self.waits[min(int(part * len(self.waits)), len(self.waits) - 1)] if self.waits else 0.0


def poisson(
    rate: float,
    count: int,
    models: list[str],
    seconds: float,
    chance: Chance,
    bursts: bool = False,
    stream: bool = False,
) -> Iterator[Arrival]:
    """Requests at a mean `rate` a second. `bursts`: five times as many in ten seconds of each minute, so fewer between."""
    now, factors = 0.0, len(_FACTORS)
    for _ in range(count):
        often = rate if not bursts else rate * 5 if now % 60 < 10 else rate * 0.2
        now -= log(1 - chance()) / often
        took = seconds * _FACTORS[int(chance() * factors)]
        tokens = 1 + int(1000 * _FACTORS[int(chance() * factors)])
        yield Arrival(now, models[int(chance() * len(models))], took, tokens, 1 + int(took * 40), stream)


def _normal(u: float, v: float) -> float:
    """From two numbers between 0 and 1, one that is normally distributed."""
    return sqrt(-2 * log(u)) * cos(2 * pi * v)


_GRID = [(n + 0.5) / 64 for n in range(64)]
# lognormal: positive, with a long tail, and 1 on the mean
_FACTORS = [exp(SPREAD * _normal(u, v) - SPREAD * SPREAD / 2) for u in _GRID for v in _GRID]


class _Stream:
    """An upstream's stream as an exchange reads it: content with the first piece, and an end."""

    __slots__ = ("content", "ended", "failure", "usage")

    def __init__(self, usage: c.Usage) -> None:
        self.content = self.ended = False
        self.failure = None
        self.usage = usage

    def feed(self, data: bytes) -> bytes:
        self.content = True
        return data

    def eof(self) -> bytes:
        self.ended = True
        return b""

    def fail(self, error: c.Error) -> bytes:
        return b""


class _Translation:
    """Nothing is translated: both sides are made up."""

    __slots__ = ("fetched", "usage")
    losses: tuple = ()

    def __init__(self, arrival: Arrival) -> None:
        self.usage = c.Usage(input=arrival.tokens, output=arrival.output)

    def to(self, account: core.Account, dialect: str, model: str) -> "_Translation":
        return self

    def request(self, body: bytes) -> None:
        return None

    def stream(self) -> _Stream:
        return _Stream(self.usage)

    def answer(self, body: bytes) -> bytes:
        return body

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> c.Error:
        kind = "rate_limit" if status == 429 else "overloaded"
        return c.Error(kind=kind, message="simulated", status=status)


_START, _TIMER, _END = x.Start(), x.Timer(), x.End()
_WELL = x.Head(200, {"content-type": "text/event-stream"})
_WELL_WHOLE = x.Head(200, {"content-type": "application/json"})
_DOWN = x.Head(503, {})
_LIMITED = x.Head(429, {"retry-after": f"{RETRY_AFTER:g}"})
_PIECE = x.Data(b"data")
_ACQUIRE, _OPEN, _RELEASE = x.Acquire, x.Open, x.Release
_PAUSING, _ACQUIRING, _DONE = x.State.PAUSING, x.State.ACQUIRING, x.State.DONE


class _Request:
    __slots__ = ("account", "admitted", "answered_by", "arrival", "exchange", "step")

    def __init__(self, arrival: Arrival, exchange: Exchange, admitted: Admitted | None) -> None:
        self.arrival, self.exchange, self.admitted = arrival, exchange, admitted
        self.account: tuple[str, str] | None = None  # pool and name
        self.answered_by = 0.0  # by its pool, while it waits there
        self.step = 0  # events of an earlier step are void


class Simulation:
    """One run. `pools`, `settings`, `routes` and `clients` are the gateway's; they are used up by it."""

    def __init__(
        self,
        pools: Mapping[str, Pool],
        settings: Mapping[str, Settings],
        routes: Routes,
        clients: Clients | None,
        troubles: Iterable[Trouble],
        chance: Chance,
    ) -> None:
        self.pools, self.settings, self.routes, self.clients = pools, settings, routes, clients
        self.troubles, self.chance = list(troubles), chance
        self.report = Report()
        self.report.accounts = {(name, one.name): PerAccount() for name, pool in pools.items() for one in pool.accounts}
        self._now = 0.0
        self._events: list[tuple[float, int, _Request | None, int, Any]] = []
        self._count = 0
        self._asking: dict[int, _Request] = {}  # by identity of the ask
        self._armed: dict[str, float] = {}  # when each pool is looked at again
        self._served: list[float] = []  # when
        self._said_no: list[float] = []
        self._retried: list[float] = []
        self._queue: list[tuple[float, int]] = []  # when, and who came or went

    def run(self, load: Iterable[Arrival]) -> Report:
        """Until the last request is over."""
        arrivals = iter(load)
        coming = next(arrivals, None)
        events = self._events
        while coming is not None or events:
            if coming is not None and (not events or coming.at <= events[0][0]):
                self._now = max(self._now, coming.at)
                self._arrive(coming)
                coming = next(arrivals, None)
                continue
            moment, _, request, step, event = heappop(events)
            if request is None:
                if self._armed.get(event) == moment:  # else it was put off, or is done
                    self._now = moment
                    del self._armed[event]
                    self._settle(event)
            elif step == request.step:
                self._now = moment
                self._happens(request, event)
        return self._finished()

    def _arrive(self, arrival: Arrival) -> None:
        report, admitted = self.report, None
        report.requests += 1
        if arrival.client is not None and self.clients is not None:
            answer = self.clients.forbid(arrival.client, arrival.model)
            answer = answer or self.clients.admit(arrival.client, arrival.tokens, self._now)
            if isinstance(answer, Denied):
                return self._refused(answer.error.code or answer.error.kind)
            admitted = answer
        try:
            route = self.routes.find(arrival.model, CLIENT)
        except Unknown:
            return self._refused("no route")
        exchange = Exchange(
            client=CLIENT,
            stream=arrival.stream,
            body=b"",
            route=route,
            translate=_Translation(arrival).to,
            settings=self.settings,
            chance=self.chance,
            conceal=bytes,
            now=self._now,
            key=arrival.key,
            tokens=arrival.tokens,
        )
        request = _Request(arrival, exchange, admitted)
        self._receive(request, _START)

    def _happens(self, request: _Request, event: Any) -> None:
        if event is _PIECE:  # the head comes with the first piece, or with all of it
            request.exchange.receive(_WELL, self._now)
        elif event is _END and not request.arrival.stream:
            request.exchange.receive(_WELL_WHOLE, self._now)
        elif event is _DOWN or event is _LIMITED:
            request.exchange.receive(event, self._now)
            event = _END
        self._receive(request, event)

    def _receive(self, request: _Request, event: Any) -> None:
        """Tells the exchange and does what it says, until it waits for something."""
        exchange, now = request.exchange, self._now
        while event is not None:
            commands, event = exchange.receive(event, now), None
            for command in commands:
                kind = type(command)
                if kind is _ACQUIRE:
                    event = self._acquire(request, command)
                elif kind is _OPEN:
                    self._open(request)
                elif kind is _RELEASE:
                    self._release(request, command)
                elif kind is x.CloseUpstream:
                    request.step += 1
                elif kind is x.Withdraw:
                    self._asking.pop(id(command.ask), None)
                    self.pools[command.pool].withdraw(command.ask)
                    self._settle(command.pool)
        state = exchange.state
        if state is _DONE:
            self._over(request)
        elif state is _PAUSING or state is _ACQUIRING:
            request.step += 1
            if state is _PAUSING or exchange.wake < request.answered_by:
                self._at(exchange.wake, request, _TIMER)

    def _acquire(self, request: _Request, command: x.Acquire) -> Any:
        pool = self.pools[command.pool]
        if self._armed.get(command.pool, inf) <= self._now:
            self._settle(command.pool)
        answer = pool.choose(command.ask, self._now)
        if answer is None:
            request.answered_by = command.ask.deadline
            self._asking[id(command.ask)] = request
            self._arm(command.pool)
            self._queue.append((self._now, 1))
            return None
        if type(answer) is Acquired:
            self._took(request, command.pool, answer)
        return answer

    def _took(self, request: _Request, pool: str, answer: Acquired) -> None:
        account = request.account = (pool, answer.account.name)
        one = self.report.accounts[account]
        one.attempts += 1
        one.in_flight += 1
        if one.in_flight > one.most:
            one.most = one.in_flight

    def _open(self, request: _Request) -> None:
        """Decides what the upstream will do, and when."""
        arrival, account, now = request.arrival, request.account, self._now
        seconds = arrival.seconds
        request.step += 1
        for trouble in self.troubles:
            if trouble.begins <= now < trouble.ends and account in trouble.accounts:
                if trouble.kind == "outage":
                    return self._at(now + FAILS_AFTER, request, _DOWN)
                if trouble.kind == "storm" and self.chance() < 0.5:
                    return self._at(now + FAILS_AFTER, request, _LIMITED)
                if trouble.kind == "slow" and self.chance() < 0.1:
                    seconds *= SLOW
        first = seconds * FIRST
        if arrival.stream:
            self._at(now + first, request, _PIECE)
        self._at(now + seconds, request, _END)
        wake = request.exchange.wake
        if wake < now + (first if arrival.stream else seconds):
            self._at(wake, request, _TIMER)

    def _release(self, request: _Request, command: x.Release) -> None:
        one, now = self.report.accounts[request.account], self._now
        pool, lease, verdict = self.pools[command.pool], command.lease, command.verdict
        one.in_flight -= 1
        one.busy += now - lease.at
        if verdict.outcome is Outcome.OK:
            one.served += 1
            pool.report(lease, verdict, now, command.used, command.latency)
        else:
            one.failed += 1
            before = pool.rest_ends(lease.account)
            pool.report(lease, verdict, now, command.used, command.latency)
            back = pool.rest_ends(lease.account)
            if back > max(before, now):
                one.rests += before <= now
                one.rested += back - max(before, now)
        if pool.waiting:
            self._settle(command.pool)

    def _settle(self, name: str) -> None:
        pool = self.pools[name]
        for ask, answer in pool.settle(self._now):
            request = self._asking.pop(id(ask))
            self._queue.append((self._now, -1))
            request.step += 1
            if type(answer) is Acquired:
                self._took(request, name, answer)
            self._receive(request, answer)
        if pool.waiting:
            self._arm(name)

    def _arm(self, name: str) -> None:
        wake = self.pools[name].wake(self._now)
        if wake is not None and wake < self._armed.get(name, inf):
            self._armed[name] = wake
            self._at(wake, None, name)

    def _at(self, moment: float, request: _Request | None, event: Any) -> None:
        self._count += 1
        heappush(self._events, (moment, self._count, request, request.step if request else 0, event))

    # -- what became of it

    def _over(self, request: _Request) -> None:
        request.step += 1
        exchange, report = request.exchange, self.report
        report.ended = self._now
        well = exchange.error is None
        again = len(exchange.attempts) - 1
        if again > 0:
            report.retries += again
            self._retried += [self._now] * again
        if request.admitted is not None:
            used = tokens_of(exchange.usage) if well else 0
            self.clients.end(request.admitted, used, self._now)
        if well:
            report.served += 1
            self._served.append(self._now)
            report.waits.append(sum([why.waited for why in exchange.whys]))
        elif exchange.status == 200:
            report.cut += 1
        else:
            self._refused(exchange.error.code or f"{exchange.status} {exchange.error.kind}")

    def _refused(self, why: str) -> None:
        self.report.refused[why] += 1
        self.report.ended = self._now
        self._said_no.append(self._now)

    def _finished(self) -> Report:
        report = self.report
        report.waits.sort()
        width = max(report.ended, 1e-9) / SAMPLES
        for name, moments in (("served", self._served), ("refused", self._said_no), ("retries", self._retried)):
            counts = [0] * SAMPLES
            for moment in moments:
                counts[min(int(moment / width), SAMPLES - 1)] += 1
            report.series[f"{name} a second"] = [count / width for count in counts]
        longest, waiting = [0.0] * SAMPLES, 0
        for moment, step in self._queue:
            waiting += step
            place = min(int(moment / width), SAMPLES - 1)
            longest[place] = max(longest[place], float(waiting))
        report.series["waiting"] = longest
        return report
