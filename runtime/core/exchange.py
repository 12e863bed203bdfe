"""One client request from its first byte to the last of its answer, and every attempt made for it. No I/O.

The shell reports events to `receive` and carries out the commands it returns, in order; it decides nothing. At `wake` it
reports Timer, unless another event came first. TABLE says what may happen in which state and which states follow.

Rules:
  There is one commit point. Status, head and the message's start are held back until the first content event; before it
  any failure moves to another account, after it there is no second attempt, only the client protocol's error frame.
  A keep-alive in silence may force the head out: then failover stays possible, but a final failure is an error frame.
  Moving on after a rate, credential or model failure is not retrying; `retries` counts vendor and transport failures.
  `patience` bounds all waiting together, for an account and between retries.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from math import ceil, inf
from typing import Any, Protocol

import msgspec

from generated import canonical as c
from runtime.core import catalogue, own_answers, pool, translate
from runtime.core.account import Account
from runtime.core.bound import Owner
from runtime.core.clients import Admitted
from runtime.core.forms import Form
from runtime.core.kept import Keeping
from runtime.core.outcome import Faults, Outcome, Verdict, judge, spent
from runtime.core.route import Route

FETCH_S = 30.0  # for what links of a request lead to
KEEP_S = 5.0  # for an answer to be kept
ANSWER_LIMIT = 64 << 20  # bytes of a whole answer
ERROR_LIMIT = 1 << 20  # bytes of an error answer that are read
SAID_LIMIT = 300  # characters of an error's message in the log
HELD_LIMIT = 1 << 20  # bytes held back before the first content event
STREAM_TYPES = ("text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream")
JSON = {"content-type": "application/json"}


class Settings(msgspec.Struct, frozen=True):
    """How one pool treats a request; times in seconds."""

    retries: int = 2
    backoff: float = 0.5
    backoff_factor: float = 2.0
    backoff_max: float = 8.0
    jitter: float = 0.75  # the part of a pause that is left to chance
    patience: float = 30.0
    longest_wait: float = 60.0  # a rest that ends later is not waited for
    first_byte: float = 120.0  # of a stream; a whole answer has until `total`
    stream_idle: float = 300.0
    total: float = 600.0
    keepalive: float = 15.0


# -- events


class Start(msgspec.Struct, frozen=True):
    """Begin."""


class Head(msgspec.Struct, frozen=True):
    """The upstream's status and headers; these answer to lower-case names."""

    status: int
    headers: Mapping[str, str]


class Data(msgspec.Struct, frozen=True):
    """A piece of the upstream's body."""

    data: bytes


class Played(msgspec.Struct, frozen=True):
    """Canonical events of an upstream that has no wire."""

    events: list[Any]


class End(msgspec.Struct, frozen=True):
    """The upstream's body is over."""


class Broken(msgspec.Struct, frozen=True):
    """No connection, or it broke; or, with `outcome` None, the error of an upstream that has no wire."""

    error: c.Error
    outcome: Outcome | None = Outcome.TRANSPORT


class Fetched(msgspec.Struct, frozen=True):
    """What was behind the links, c.BytesSource by link; or why one of them could not be had."""

    sources: Mapping[str, Any]
    problem: str | None = None


class Stored(msgspec.Struct, frozen=True):
    """The answer is where Keep wanted it, or could not be put there."""

    kept: bool


class Timer(msgspec.Struct, frozen=True):
    """It is `wake`."""


class Gone(msgspec.Struct, frozen=True):
    """The client left."""


# -- commands


class Acquire(msgspec.Struct, frozen=True):
    """Ask this pool; answer with pool.Acquired or pool.Refused, at once or later."""

    pool: str
    ask: pool.Ask


class Withdraw(msgspec.Struct, frozen=True):
    """The ask is no longer wanted."""

    pool: str
    ask: pool.Ask


class Open(msgspec.Struct, frozen=True):
    """Send the request to the account's upstream; answer with Head or Broken."""

    pool: str
    account: Account
    request: Any  # translate.Outgoing
    stream: bool


class Fetch(msgspec.Struct, frozen=True):
    """Get what is behind these links; answer with Fetched."""

    urls: list[str]


class Keep(msgspec.Struct, frozen=True):
    """Keep these until that moment, each under its id, for the client they are for; answer with Stored.

    The first goes on from `after`, which is kept at least as long.
    """

    whose: str
    records: Mapping[str, bytes]
    until: float
    after: Sequence[str] = ()


class CloseUpstream(msgspec.Struct, frozen=True):
    """Hang up on the upstream, or on those of whom something is fetched."""


class Release(msgspec.Struct, frozen=True):
    """Report to the pool what the attempt came to."""

    pool: str
    lease: pool.Lease
    verdict: Verdict
    used: tuple[int, int] | None = None  # tokens in and out
    latency: float | None = None  # seconds to the answer's head


class Answer(msgspec.Struct, frozen=True):
    """The whole answer to the client, and its end."""

    status: int
    headers: dict[str, str]
    body: bytes


class SendHead(msgspec.Struct, frozen=True):
    """The head of a streamed answer."""

    headers: dict[str, str]


class Send(msgspec.Struct, frozen=True):
    """A piece of a streamed answer."""

    data: bytes


class Finish(msgspec.Struct, frozen=True):
    """The end of a streamed answer."""


Event = Start | pool.Acquired | pool.Refused | Head | Data | Played | End | Broken | Fetched | Stored | Timer | Gone
Command = Acquire | Withdraw | Fetch | Open | CloseUpstream | Release | Keep | Answer | SendHead | Send | Finish


class State(StrEnum):
    NEW = "new"
    ACQUIRING = "acquiring"  # the pool is asked
    PAUSING = "pausing"  # between two attempts
    FETCHING = "fetching"  # an account is there, and what links of the request lead to is not
    OPENING = "opening"  # the upstream has the request, and we have no head
    REFUSING = "refusing"  # its error answer comes in
    READING = "reading"  # its whole answer comes in
    HOLDING = "holding"  # its stream comes in, and nothing of it went out
    STREAMING = "streaming"  # past the commit point
    KEEPING = "keeping"  # the answer is whole, and its end waits until it can be found again
    DONE = "done"

    takes: dict[type, tuple[Callable, tuple["State", ...]]]  # its row of TABLE


S = State
_AGAIN = {S.ACQUIRING, S.PAUSING, S.DONE}  # where a failure before the commit point leads
_OVER = {S.KEEPING, S.DONE}  # where the end of an answer leads

# state -> event -> the method that takes it, and the states it may lead to
TABLE: dict[State, dict[type, tuple[str, set[State]]]] = {
    S.NEW: {
        Start: ("_start", {S.ACQUIRING}),
    },
    S.ACQUIRING: {
        pool.Acquired: ("_acquired", {S.OPENING, S.FETCHING, S.ACQUIRING}),
        pool.Refused: ("_refused", {S.ACQUIRING, S.DONE}),
        Timer: ("_wait_on", {S.ACQUIRING, S.DONE}),
        Gone: ("_leave_queue", {S.DONE}),
    },
    S.PAUSING: {
        Timer: ("_resume", {S.PAUSING, S.ACQUIRING}),
        Gone: ("_leave", {S.DONE}),
    },
    S.FETCHING: {
        Fetched: ("_fetched", {S.OPENING, S.FETCHING, S.ACQUIRING, S.DONE}),
        Timer: ("_wait_on", {S.FETCHING, S.DONE}),
        Gone: ("_leave_fetching", {S.DONE}),
    },
    S.OPENING: {
        Head: ("_head", {S.REFUSING, S.READING, S.HOLDING}),
        Broken: ("_broken", _AGAIN),
        Timer: ("_wait_on", {S.OPENING, *_AGAIN}),
        Gone: ("_leave_upstream", {S.DONE}),
    },
    S.REFUSING: {
        Data: ("_read_error", {S.REFUSING, *_AGAIN}),
        End: ("_refused_by_upstream", _AGAIN | _OVER),
        Broken: ("_refused_by_upstream", _AGAIN),
        Timer: ("_wait_on", {S.REFUSING, *_AGAIN}),
        Gone: ("_leave_upstream", {S.DONE}),
    },
    S.READING: {
        Data: ("_read_answer", {S.READING, *_AGAIN}),
        Played: ("_read_played", {S.READING}),
        End: ("_answer", _AGAIN | _OVER),
        Broken: ("_broken", _AGAIN),
        Timer: ("_wait_on", {S.READING, *_AGAIN}),
        Gone: ("_leave_upstream", {S.DONE}),
    },
    S.HOLDING: {
        Data: ("_hold", {S.HOLDING, S.STREAMING, *_AGAIN, *_OVER}),
        Played: ("_hold", {S.HOLDING, S.STREAMING, *_AGAIN, *_OVER}),
        End: ("_hold_end", _AGAIN | _OVER),
        Broken: ("_hold_end", _AGAIN | _OVER),
        Timer: ("_wait_on", {S.HOLDING, *_AGAIN}),
        Gone: ("_leave_upstream", {S.DONE}),
    },
    S.STREAMING: {
        Data: ("_pass", {S.STREAMING, *_OVER}),
        Played: ("_pass", {S.STREAMING, *_OVER}),
        End: ("_pass_end", _OVER),
        Broken: ("_pass_end", _OVER),
        Timer: ("_wait_on", {S.STREAMING, S.DONE}),
        Gone: ("_leave_upstream", {S.DONE}),
    },
    S.KEEPING: {
        Stored: ("_stored", {S.DONE}),
        Data: ("_pass_over", {S.KEEPING}),
        Played: ("_pass_over", {S.KEEPING}),
        End: ("_pass_over", {S.KEEPING}),
        Broken: ("_pass_over", {S.KEEPING}),
        Timer: ("_wait_on", _OVER),
        Gone: ("_leave", {S.DONE}),
    },
    S.DONE: {},
}


class Translate(Protocol):
    def __call__(self, account: Account, dialect: str, model: str) -> Any:
        """A translate.Translation from the client's dialect to the account's."""


class Attempt(msgspec.Struct):
    """One try, for the log."""

    account: str
    dialect: str
    outcome: str
    status: int | None = None  # the upstream's
    error: str | None = None


def preferred(account: Account, client: str) -> tuple[str, ...]:
    """The account's dialects in which the client's request could be said, the best first."""
    return catalogue.preferred(account.dialects, client)


class Exchange:
    """`client` is the client's dialect; `chance` gives a number in [0, 1); `conceal` takes secrets out of an error text."""

    __slots__ = (
        *("state", "attempts", "whys", "usage", "error", "status", "account", "dialect", "pool", "route"),
        *("translate", "counts", "_client", "_form", "_stream_wanted", "body", "_settings_of", "_chance", "_conceal"),
        *("_now", "_asking", "_speaks", "_unable", "_sources", "_candidate", "_lease", "_latency", "_pools"),
        *("_settings", "_patience", "_retries", "_end", "_until", "_asked_at", "_ask", "_excluded", "_avoided"),
        *("_failure", "_refusal", "_pauses", "_translation", "_stream", "_head_event", "_parts", "_played", "_size"),
        *("_head_sent", "_losses_sent", "_sent_at", "_keeping", "_keep", "_rest"),
    )

    def __init__(
        self,
        *,
        client: str,
        stream: bool,
        body: bytes,
        route: Route,
        translate: Translate,
        settings: Mapping[str, Settings],
        chance: Callable[[], float],
        conceal: Callable[[bytes], bytes],
        now: float,
        key: str | None = None,
        tokens: int = 0,
        pinned: str | None = None,
        explain: bool = False,
        admitted: Admitted | None = None,
        counts: bool = False,
        speaks: Callable[[Account, str], tuple[str, ...]] = preferred,
        unable: Mapping[str, frozenset[str]] | None = None,
        keeping: Keeping | None = None,
        keep: float = 0.0,
        form: Form | None = None,
    ) -> None:
        """`speaks` gives an account's dialects for this; `unable` are, by pool, the accounts that have none.

        With `counts` tokens are counted and nobody waits for it: vendors limit that apart, so that a failure says nothing
        of the account but of its key. `form` is the one of its dialect in which the client asks. What `keeping` makes of
        the answer is kept for `keep` seconds.
        """
        self.state = State.NEW
        self.attempts: list[Attempt] = []
        self.whys: list[pool.Why] = []  # one for each account that was acquired, and for each refusal that is explained
        self.usage: c.Usage | None = None
        self.error: c.Error | None = None  # what the client was told in the end
        self.status = 0  # what the client was told; 0 until then
        self.account: Account | None = None
        self.dialect = ""  # the account's
        self.pool = ""  # the one asked last
        self._client, self._form = client, form
        self._stream_wanted = stream
        self.body = body
        self.route = route
        self.translate = translate
        self._settings_of = settings
        self._chance = chance
        self._conceal = conceal
        self._now = now
        self._asking = (key, tokens, pinned, explain, admitted)  # as pool.Ask has them
        self.counts, self._speaks, self._unable = counts, speaks, unable or {}
        self._keeping, self._keep = keeping, keep
        self._rest: Callable[[], list[Command]] = list  # of an answer that is being kept
        self._sources: Mapping[str, Any] = {}  # what has been fetched
        self._candidate: Account | None = None  # for whom
        self._lease: pool.Lease | None = None
        self._latency: float | None = None
        self._pools = list(route.pools)
        self._settings = settings[self._pools[0]]
        self._patience = 0.0 if counts else self._settings.patience
        self._retries = self._settings.retries
        self._end = now + self._settings.total
        self._until = self._end  # when the present state must have come to something
        self._asked_at = now
        self._ask: pool.Ask | None = None
        self._excluded: frozenset[str] = frozenset()
        self._avoided: tuple[str, ...] = ()
        self._failure: tuple[Outcome, c.Error, float | None] | None = None  # the most telling so far
        self._refusal: c.Error | None = None  # our own
        self._pauses = 0
        self._translation: Any = None
        self._stream: Any = None  # StreamTranslation or Collector of the present attempt
        self._head_event: Head | None = None
        self._parts: list[bytes] = []
        self._played: list[Any] = []
        self._size = 0
        self._head_sent = False
        self._losses_sent = 0
        self._sent_at = now

    @property
    def done(self) -> bool:
        return self.state is State.DONE

    @property
    def committed(self) -> bool:
        """Past the commit point."""
        return self.state is State.STREAMING

    @property
    def wake(self) -> float:
        """When Timer is due, in seconds since the epoch."""
        until = self._until
        if self._stream_wanted and self._translation is not None:
            silent = self._sent_at + self._settings.keepalive
            return silent if silent < until else until
        return until

    @property
    def losses(self) -> list[Any]:
        """What the present attempt could not carry over, as far as it is known."""
        return [] if self._translation is None else self._translation.losses

    def receive(self, event: Event, now: float) -> list[Command]:
        """What to do about an event. An event that cannot happen in this state is the caller's mistake: RuntimeError."""
        try:
            method, following = self.state.takes[type(event)]
        except KeyError:
            raise RuntimeError(f"{type(event).__name__} cannot happen while {self.state}") from None
        self._now = now
        commands = method(self, event)
        assert self.state in following, f"{method} led to {self.state}"
        return commands

    def go_on(self, acquired: pool.Acquired, dialect: str, translation: Any) -> None:
        """Takes over where its caller has asked the first pool itself, and sent the request as `translation` has it."""
        self._start(Start())
        self._lease = acquired.lease
        self.whys.append(acquired.why)
        self._opened(acquired.account, dialect, translation)

    # -- accounts

    def _start(self, event: Start) -> list[Command]:
        return self._next_pool()

    def _next_pool(self) -> list[Command]:
        self.pool = self._pools.pop(0)
        self._settings = self._settings_of[self.pool]
        self._excluded, self._avoided = self._unable.get(self.pool, frozenset()), ()
        return self._acquire()

    def _acquire(self) -> list[Command]:
        self.state = State.ACQUIRING
        self._until = self._end
        self._asked_at = self._now
        # only the last pool is waited for: the others have one behind them
        patience = 0.0 if self._pools else min(self._patience, self._settings.longest_wait)
        deadline = min(self._now + patience, self._end)
        self._ask = pool.Ask(self.route.model, deadline, self._excluded, self._avoided, *self._asking)
        return [Acquire(self.pool, self._ask)]

    def _acquired(self, event: pool.Acquired) -> list[Command]:
        account, self._lease, self._latency = event.account, event.lease, None
        self.whys.append(event.why)
        self._patience -= self._now - self._asked_at
        return self._try(account)

    def _try(self, account: Account) -> list[Command]:
        """The request in the first of the account's dialects that can say it."""
        refusal: c.Error | None = None
        for dialect in self._speaks(account, self._client):
            translation = self.translate(account, dialect, self.route.model)
            translation.fetched = self._sources
            try:
                outgoing = translation.request(self.body)
            except translate.Wanted as wanted:
                self.state, self._candidate = State.FETCHING, account
                self._until = min(self._end, self._now + FETCH_S)
                return [Fetch(wanted.urls)]
            except translate.Refused as refused:
                refusal = refusal or refused.error
                continue
            self._opened(account, dialect, translation)
            return [Open(self.pool, account, outgoing, self._stream_wanted)]
        # none of its dialects can say this; another provider's account may
        why = f"the provider {account.provider} speaks no protocol in which {self._client} could be said"
        refusal = refusal or c.Error("invalid_request", why)
        self._refusal = self._refusal or refusal
        self._excluded |= {account.name}
        return [self._release(Verdict(Outcome.REQUEST)), *self._acquire()]

    def _opened(self, account: Account, dialect: str, translation: Any) -> None:
        self.state = State.OPENING
        self.account, self.dialect = account, dialect
        self._translation = translation
        self._head_event = None
        self._stream = translation.stream() if self._stream_wanted else None
        self._until = min(self._end, self._now + self._settings.first_byte) if self._stream_wanted else self._end

    def _fetched(self, event: Fetched) -> list[Command]:
        if event.problem is not None:
            return self._unfetched(event.problem)
        self._sources = {**self._sources, **event.sources}
        return self._try(self._candidate)

    def _unfetched(self, problem: str) -> list[Command]:
        error = c.Error("invalid_request", f"a link of this request leads nowhere: {problem}", status=400)
        return [self._release(Verdict(Outcome.REQUEST)), *self._give_up(error, None)]

    def _leave_fetching(self, event: Gone) -> list[Command]:
        self.state = State.DONE
        return [CloseUpstream(), self._release(Verdict(Outcome.CLIENT))]

    def _refused(self, event: pool.Refused) -> list[Command]:
        self._patience -= self._now - self._asked_at
        if event.record is not None:
            self.whys.append(event.record)
        if event.denied is not None:
            return self._give_up(event.denied.error, event.denied.wait)
        if self._pools and self._now < self._end:
            return self._next_pool()
        wait = None if event.until is None else max(event.until - self._now, 0.0)
        if self._failure is not None:
            outcome, error, told = self._failure
            return self._give_up(error, wait if outcome is Outcome.RATE else told)
        if self._refusal is not None:
            return self._give_up(self._refusal, None)
        return self._give_up(at_rest(self.pool, event.why, wait), wait)

    def _release(self, verdict: Verdict, usage: c.Usage | None = None) -> Release:
        used = None
        if self.counts and verdict.outcome in (Outcome.RATE, Outcome.VENDOR, Outcome.MODEL):
            verdict = Verdict(Outcome.REQUEST)
        if usage is not None:
            sent = (usage.input or 0) + (usage.cache_read or 0) + (usage.cache_write or 0)
            used = (sent, (usage.output or 0) + (usage.reasoning or 0))
        return Release(self.pool, self._lease, verdict, used, self._latency)

    # -- the upstream's head

    def _head(self, event: Head) -> list[Command]:
        self._head_event = event
        self._latency = self._now - self._lease.at
        self._parts, self._played, self._size = [], [], 0
        if not 200 <= event.status < 300:
            self.state = State.REFUSING
            return []
        kind = event.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self._stream_wanted and kind == "application/json" and not self._stream.arriving(kind):
            self.state = State.REFUSING  # a whole answer, or an error in the clothes of one
        elif self._stream_wanted:
            self.state = State.HOLDING
        else:
            self.state = State.READING
            if kind in STREAM_TYPES:
                self._stream = self._translation.collect()
        return []

    # -- an error answer

    def _read_error(self, event: Data) -> list[Command]:
        self._parts.append(event.data)
        self._size += len(event.data)
        limit = ANSWER_LIMIT if self._head_event.status < 300 else ERROR_LIMIT
        return [CloseUpstream(), *self._refused_by_upstream(event)] if self._size > limit else []

    def _refused_by_upstream(self, event: Event) -> list[Command]:
        status, headers = self._head_event.status, self._head_event.headers
        body = self._conceal(b"".join(self._parts))
        if 200 <= status < 300 and isinstance(event, End):
            try:
                whole = self._stream.whole(body)
            except translate.BadAnswer:
                pass
            else:
                return [*self._head_once(), *self._ended(whole)]
        error = self._translation.error(status, headers, body)
        if 200 <= status < 300 and error.kind == "invalid_request":  # said with 200: not to be believed
            error = msgspec.structs.replace(error, kind="internal")
        return self._failed(*judge(error, headers, self._now, self._faults, body))

    def _broken(self, event: Broken) -> list[Command]:
        if event.outcome is None:
            return self._failed_in_stream(event.error)
        return self._failed(Verdict(event.outcome), event.error)

    # -- a whole answer

    def _read_answer(self, event: Data) -> list[Command]:
        self._size += len(event.data)
        if self._size > ANSWER_LIMIT:
            error = c.Error(
                kind="internal", message=f"the upstream's answer is longer than {ANSWER_LIMIT >> 20} MiB", status=502
            )
            return [CloseUpstream(), *self._failed(Verdict(Outcome.VENDOR), error)]
        if self._stream is None:
            self._parts.append(event.data)
        else:
            self._stream.feed(event.data)
        return []

    def _read_played(self, event: Played) -> list[Command]:
        self._played += event.events
        return []

    def _answer(self, event: End) -> list[Command]:
        translation, collector = self._translation, self._stream
        try:
            if collector is not None:
                collector.eof()
                if collector.failure is not None:
                    return self._failed_in_stream(collector.failure)
                body = collector.answer()
            elif self._played:
                body = translation.answer_events(self._played)
            else:
                body = translation.answer(b"".join(self._parts))
        except translate.BadAnswer as bad:
            return self._failed_in_stream(bad.error)
        self.usage = translation.usage if collector is None else collector.usage
        self.status = 200
        return [self._success(), *self._last(body, lambda: [Answer(200, JSON | self._loss_header(), body)])]

    # -- a stream

    def _hold(self, event: Data | Played) -> list[Command]:
        self._until = min(self._end, self._now + self._settings.stream_idle)
        stream = self._stream
        out = stream.feed(event.data) if type(event) is Data else stream.events(event.events)
        if out:
            self._parts.append(out)
            self._size += len(out)
        if stream.failure is not None:  # in one read with the first content: nothing went out yet
            return [CloseUpstream(), *self._failed_in_stream(stream.failure)]
        if stream.content:
            self.state = State.STREAMING
            held, self._parts, self.body = b"".join(self._parts), [], b""
            return [*self._head_once(), *self._passed(held)]
        if stream.ended:  # an answer without content, but with its end
            return self._commit_ended()
        if self._size > HELD_LIMIT:
            error = c.Error(kind="internal", message="the upstream streams much and says nothing", status=502)
            return [CloseUpstream(), *self._failed(Verdict(Outcome.VENDOR), error)]
        return []

    def _hold_end(self, event: End | Broken) -> list[Command]:
        stream = self._stream
        self._parts.append(stream.eof())
        if stream.failure is not None:
            if isinstance(event, Broken):
                return self._broken(event)
            return self._failed_in_stream(stream.failure)
        return self._commit_ended()

    def _commit_ended(self) -> list[Command]:
        return [*self._head_once(), *self._ended(b"".join(self._parts))]

    def pass_on(self, data: bytes, now: float) -> bytes | list[Command] | None:
        """As `receive` of Data past the commit point, for a caller that is in a hurry: mostly it is what to send, or None."""
        self._now = now
        until = now + self._settings.stream_idle
        self._until = until if until < self._end else self._end
        stream = self._stream
        out, flow = stream.feed(data), stream.flow
        if flow.failure is not None or flow.ended:
            return self._passed(out)
        if not out:
            return None
        self._sent_at = now
        return out

    def _pass(self, event: Data | Played) -> list[Command]:
        self._until = min(self._end, self._now + self._settings.stream_idle)
        stream = self._stream
        return self._passed(stream.feed(event.data) if type(event) is Data else stream.events(event.events))

    def _passed(self, out: bytes) -> list[Command]:
        stream = self._stream
        if stream.failure is not None:
            return [CloseUpstream(), *self._cut(out, stream.failure)]
        if stream.ended:
            return self._ended(out)
        if not out:
            return []
        self._sent_at = self._now
        return [Send(out)]

    def _pass_end(self, event: End | Broken) -> list[Command]:
        out = self._stream.eof()
        if self._stream.failure is None:
            return self._ended(out)
        error = event.error if isinstance(event, Broken) else self._stream.failure
        return self._cut(out, error)

    def _ended(self, out: bytes) -> list[Command]:
        self.usage = self._stream.usage
        return [self._success(), *self._last(out, lambda: [Send(self._late_losses() + out), Finish()])]

    def _cut(self, out: bytes, error: c.Error) -> list[Command]:
        """The answer broke off past the commit point: the client's own error frame, and no finish reason."""
        verdict, error = judge(self._concealed(error), {}, self._now, self._faults)
        self.usage = self._stream.usage
        self.state = State.DONE
        self.error = error
        self._note(verdict.outcome, error)
        released = self._release(verdict, self.usage)
        return [released, Send(self._late_losses() + out + self._stream.fail(error)), Finish()]

    def _success(self) -> Release:
        self._note(Outcome.OK)
        rest = spent(self._head_event.headers, self._now, self._faults.quotas)
        return self._release(Verdict(Outcome.OK, rest), self.usage)

    # -- an answer that can be found again

    def _last(self, answer: bytes, rest: Callable[[], list[Command]]) -> list[Command]:
        """The end of an answer: where it is to be kept, not before it is. Who has read it may go on from it at once."""
        self.state, records = State.DONE, {}
        if self._keeping is not None:
            owner, provider = Owner(self.pool, self.account.name), self.account.provider
            records = self._keeping.records(answer, self._stream_wanted, provider, self.dialect, owner)
        if not records:
            return rest()
        self.state, self._rest = State.KEEPING, rest
        self._until = min(self._end, self._now + KEEP_S)
        return [Keep(self._keeping.whose, records, self._now + self._keep, self._keeping.after)]

    def _stored(self, event: Stored) -> list[Command]:
        self.state = State.DONE
        if not event.kept:
            self.losses.append(self._keeping.loss())
        return self._rest()

    def _pass_over(self, event: Event) -> list[Command]:
        return []

    @property
    def _faults(self) -> Faults:
        return catalogue.faults(self.account.provider)

    # -- failure before the commit point

    def _failed_in_stream(self, error: c.Error) -> list[Command]:
        return self._failed(*judge(error, {}, self._now, self._faults))

    def _failed(self, verdict: Verdict, error: c.Error) -> list[Command]:
        outcome, name = verdict.outcome, self.account.name
        error = self._concealed(error)
        self._note(outcome, error)
        released = self._release(verdict)
        if outcome is Outcome.REQUEST:
            return [released, *self._give_up(error, None)]
        if self._failure is None or _TELLING.index(outcome) <= _TELLING.index(self._failure[0]):
            self._failure = (outcome, error, verdict.rest)
        if self.counts and len(self.attempts) > self._settings.retries:
            return [released, *self._give_up(error, None)]
        if outcome in (Outcome.CREDENTIAL, Outcome.MODEL) or self.counts or not self.account.rests:
            self._excluded |= {name}
            return [released, *self._acquire()]
        if outcome is Outcome.RATE:
            return [released, *self._acquire()]
        self._avoided = (*(other for other in self._avoided if other != name), name)
        pause = self._pause(verdict.rest)
        if self._retries == 0 or pause > self._patience or self._now + pause >= self._end:
            if self._pools and self._now < self._end:
                return [released, *self._next_pool()]
            return [released, *self._give_up(error, verdict.rest)]
        self._retries -= 1
        self._patience -= pause
        self.state = State.PAUSING
        self._until = self._now + pause
        return [released]

    def _pause(self, told: float | None) -> float:
        """Seconds before the next attempt, a part of them by chance; not shorter than the vendor asks for."""
        settings = self._settings
        longest = min(settings.backoff * settings.backoff_factor**self._pauses, settings.backoff_max)
        self._pauses += 1
        return max(longest * (1 - settings.jitter * self._chance()), told or 0.0)

    def _resume(self, event: Timer) -> list[Command]:
        return self._acquire() if self._now >= self._until else self._keep_alive()

    def _give_up(self, error: c.Error, wait: float | None) -> list[Command]:
        """The final error, in the client's protocol. `wait`: seconds until another try makes sense, if that is known."""
        self.state, self.error = State.DONE, error
        if self._head_sent:
            return [Send(self._translation.stream().fail(error)), Finish()]  # nothing of the last one's was sent
        self.status, body = own_answers.error_answer(self._client, error, self._form)
        headers = JSON | own_answers.error_headers(self._client, error, self._form)
        if wait is not None or self.status in (429, 503, 529):
            headers["retry-after"] = str(max(1, ceil(self._settings.backoff_max if wait is None else wait)))
        return [Answer(self.status, headers, body)]

    # -- time, and the client's leaving

    def _wait_on(self, event: Timer) -> list[Command]:
        if self._now < self._until:
            return self._keep_alive()
        if self.state is State.ACQUIRING:
            failure = self._failure[1] if self._failure else at_rest(self.pool, pool.Lack.NOBODY, None)
            return [Withdraw(self.pool, self._ask), *self._give_up(failure, None)]
        if self.state is State.KEEPING:
            return self._stored(Stored(False))
        if self.state is State.FETCHING:
            return [CloseUpstream(), *self._unfetched(f"there was no answer in {FETCH_S:.0f} s")]
        error = c.Error(
            kind="timeout", message=f"the upstream of account {self.account.name} took too long", status=504
        )
        if self.state is State.STREAMING:
            return [CloseUpstream(), *self._cut(b"", error)]
        return [CloseUpstream(), *self._failed(Verdict(Outcome.TRANSPORT), error)]

    def _keep_alive(self) -> list[Command]:
        if not self._stream_wanted or self._now < self._sent_at + self._settings.keepalive:
            return []  # a timer may be a little early
        self._sent_at = self._now
        return [*self._head_once(), Send(own_answers.keepalive(self._client, self._form))]

    def _leave(self, event: Gone) -> list[Command]:
        self.state = State.DONE
        return []

    def _leave_queue(self, event: Gone) -> list[Command]:
        self.state = State.DONE
        return [Withdraw(self.pool, self._ask)]

    def _leave_upstream(self, event: Gone) -> list[Command]:
        self.state = State.DONE
        self.usage = getattr(self._stream, "usage", None)
        self._note(Outcome.CLIENT)
        return [CloseUpstream(), self._release(Verdict(Outcome.CLIENT), self.usage)]

    # -- small things

    def _head_once(self) -> list[Command]:
        if self._head_sent:
            return []
        self._head_sent = True
        self.status = 200
        self._sent_at = self._now
        headers = {
            "content-type": own_answers.stream_content_type(self._client, self._form),
            "cache-control": "no-cache",
        }
        return [SendHead(headers | self._loss_header())]

    def _loss_header(self) -> dict[str, str]:
        losses = self.losses
        self._losses_sent = len(losses)
        if not losses or self.route.loss == "silent":
            return {}
        return {"isogloss-loss": own_answers.loss_header(losses)}

    def _late_losses(self) -> bytes:
        """What was lost since the head went out, as a comment; not every stream may have one."""
        late = self.losses[self._losses_sent :]
        if not late or self.route.loss == "silent" or not own_answers.takes_comments(self._client, self._form):
            return b""
        return f": isogloss-loss {own_answers.loss_header(late)}\n\n".encode()

    def _concealed(self, error: c.Error) -> c.Error:
        message = self._conceal(error.message.encode("utf-8", "replace")).decode()
        return error if message == error.message else msgspec.structs.replace(error, message=message)

    def _note(self, outcome: Outcome, error: c.Error | None = None) -> None:
        head, said = self._head_event, None if error is None else error.message[:SAID_LIMIT]
        self.attempts.append(Attempt(self.account.name, self.dialect, outcome, head and head.status, said))


for _state, _taken in TABLE.items():
    _state.takes = {event: (getattr(Exchange, name), tuple(states)) for event, (name, states) in _taken.items()}

# The failure that tells the client most comes first: it is the one answered when several accounts failed differently.
_TELLING = (Outcome.RATE, Outcome.VENDOR, Outcome.TRANSPORT, Outcome.MODEL, Outcome.CREDENTIAL)


def at_rest(name: str, why: pool.Lack, wait: float | None) -> c.Error:
    """What the client is told; `code` is for programs."""
    if wait is None or wait == inf:
        message = f"no account of pool {name} can serve this request now"
        return c.Error(kind="overloaded", message=message, code=f"pool_{pool.Lack.NOBODY}", status=503)
    again = f"try again in {max(1, ceil(wait))} s"
    match why:
        case pool.Lack.RATE:
            kind, status = "rate_limit", 429
            message = f"every account of pool {name} rests after its vendor's rate limit; {again}"
        case pool.Lack.LIMIT:
            kind, status = "rate_limit", 429
            message = f"the limits that the policy sets for pool {name} and its accounts are used up; {again}"
        case pool.Lack.CREDENTIAL:
            kind, status = "overloaded", 503
            message = (
                f"every account of pool {name} rests, as its vendor refused its key; see the gateway's log; {again}"
            )
        case _:
            kind, status, message = "overloaded", 503, f"every account of pool {name} is busy; {again}"
    return c.Error(kind=kind, message=message, code=f"pool_{why}", status=status)
