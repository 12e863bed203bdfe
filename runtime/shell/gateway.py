"""What is done to every request, whichever way it came: credentials, limits, routes, the exchange, errors of our own.

Nothing here reads or writes a connection: the express lane does, and for all that is not hot, the application.
"""

from __future__ import annotations

import json
import random
import re
import ssl
import traceback
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import to_builtins

from generated import canonical as c
from runtime.core import catalogue, kept, own_answers, translate
from runtime.core.affinity import key_of
from runtime.core.bound import Bound, Owner
from runtime.core.clients import Admitted, Clients, Denied, estimate, tokens_of
from runtime.core.diagnostic import near
from runtime.core.exchange import JSON, Exchange
from runtime.core.forms import Form
from runtime.core.kept import Found, Keeping
from runtime.core.outcome import Outcome
from runtime.core.pool import Account, Pool, Why
from runtime.core.recall import Memory
from runtime.core.route import Route, Unknown
from runtime.core.served import Paths
from runtime.core.translate import Peek, Translation
from runtime.shell.answers import Answers, Away
from runtime.shell.incoming import Incoming, credentials, passed_on, sent
from runtime.shell.queue import Clock, Queue
from runtime.shell.snapshot import Line, Snapshot
from runtime.shell.telemetry import Telemetry
from runtime.shell.usage import Place, Usage, Used, charged

if TYPE_CHECKING:
    from runtime.shell.lane import Front
    from runtime.shell.shared import Shared
    from runtime.shell.shared_clients import SharedClients
    from runtime.shell.upstream import Run, Upstreams

BODY_LIMIT = 64 << 20  # bytes of a client's request
REQUEST_ID = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)
DEFAULT_DIALECT = "openai-chat"  # of an error where nothing tells the client's protocol
# Pages of this machine: browser SDKs in development, and programs that are a browser inside.
_LOOPBACK = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:(?:[a-z0-9-]+\.)*localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?", re.ASCII
)
COMMON = ("authorization",)  # a header that several protocols have tells none of them
EXPOSED = "x-request-id, request-id, retry-after, isogloss-loss, isogloss-why, isogloss-estimate"
EXPLAINED = 16  # accounts; to explain a choice each is looked at, so among more only operators have it explained
WHY_ACCOUNTS, WHY_LIMIT = 64, 4096  # of the header isogloss-why; bytes
Whole = tuple[int, dict[str, str], bytes]  # status, headers, body
GONE = 499  # in the log, of a client that left


class Refusal(Exception):
    """An answer of our own: an error in the client's protocol."""

    def __init__(self, dialect: str, error: c.Error, headers: Mapping[str, str] | None = None) -> None:
        self.dialect, self.error, self.headers = dialect, error, headers or {}


class InForce(NamedTuple):
    """What a policy comes to while it serves; a request keeps the one it began with."""

    snapshot: Snapshot
    queues: dict[str, Queue]
    clients: Clients
    bound: Bound
    memory: Memory | None


class Seen:
    """What is known of one request, for the log."""

    __slots__ = (
        *("admitted", "began", "client", "error", "exchange", "form", "id", "in_force", "model", "operator"),
        *("origin", "run", "status", "stream", "tokens", "trace", "upstream_model", "who"),
    )

    def __init__(self, id: str, began: float, in_force: InForce) -> None:
        self.id, self.began, self.in_force = id, began, in_force
        self.client = ""  # its dialect; a request without one is not logged
        self.form: Form | None = None  # of its dialect
        self.who: str | None = None
        self.origin: str | None = None  # the web page that may read the answer
        self.operator = False
        self.upstream_model = ""
        self.tokens = 0  # of the request, estimated
        self.admitted: Admitted | None = None
        self.model: str | None = None
        self.stream = False
        self.status = 0
        self.error: str | None = None
        self.trace: str | None = None
        self.exchange: Exchange | None = None
        self.run: Run | Front | None = None


class Gateway:
    """The steps of every request, whichever way it came."""

    def __init__(
        self,
        snapshot: Snapshot,
        clock: Clock,
        environ: Mapping[str, str],
        telemetry: Telemetry,
        usage: Place | None = None,
        part: tuple[int, int] = (0, 1),
        shared: Shared | None = None,
        kept: Answers | None = None,
    ) -> None:
        self.shared, self.kept = shared, kept
        self.clock, self.environ, self.telemetry, self.part = clock, environ, telemetry, part
        self.usage = Usage(usage, clock, self._used) if usage else None
        self.paths = Paths()
        self.draining = False
        self.tls: ssl.SSLContext | None = None
        self.started = int(clock())
        self.in_force = self._with(snapshot, None)
        self.clients: SharedClients | None = None
        if shared is not None:
            from runtime.shell.shared_clients import SharedClients  # few share a store, and it takes memory

            self.clients = SharedClients(self.in_force.clients, shared)

    @cached_property
    def upstreams(self) -> Upstreams:
        """Connections of aiohttp's; most gateways never need any."""
        from runtime.shell.upstream import Upstreams

        return Upstreams(self.environ)

    def health(self, path: str) -> Whole | None:
        """The page for whoever asks whether this lives (/healthz), or whether it can serve (/readyz)."""
        if path not in ("/healthz", "/readyz"):
            return None
        ready = self.snapshot.ready and not self.draining
        status, body = (200, b"ok\n") if path == "/healthz" else (200, b"ready\n") if ready else (503, b"not ready\n")
        return status, {"content-type": "text/plain; charset=utf-8"}, body

    async def close(self) -> None:
        """Closes connections of aiohttp's to upstreams, if there are any."""
        if "upstreams" in vars(self):
            await self.upstreams.close()

    @property
    def snapshot(self) -> Snapshot:
        return self.in_force.snapshot

    def take(self, snapshot: Snapshot) -> None:
        """Serves by another snapshot from the next request on. Pools of the same name keep what they know."""
        self.in_force = self._with(snapshot, self.in_force)
        if self.clients is not None:
            self.clients.follow(self.in_force.clients)

    def _with(self, snapshot: Snapshot, before: InForce | None) -> InForce:
        queues = {}
        for name, pool in snapshot.pools.items():
            lines = {account.name: snapshot.lines[name, account.name] for account in pool.accounts}
            if before is None or (queue := before.queues.get(name)) is None:
                queue = self._queue(pool, lines)
            else:
                queue.replace(pool, lines)
            queues[name] = queue
        clients = Clients(snapshot.rules, before and before.clients, self.part)
        bound = before.bound if before is not None else Bound()
        limit = snapshot.remember << 20
        memory = None if before is None else before.memory
        if (0 if memory is None else memory.limit) != limit:
            memory = Memory(limit) if limit else None
        return InForce(snapshot, queues, clients, bound, memory)

    def _used(self, used: Used, day: str) -> None:
        """What all clients have used by now, as it was written down."""
        self.in_force.clients.load(used, day)
        if self.clients is not None:
            self.clients.spent(used, day)

    def _queue(self, pool: Pool, lines: Mapping[str, Line]) -> Queue:
        if self.shared is None:
            return Queue(pool, lines, self.clock)
        from runtime.shell.shared_queue import SharedQueue

        return SharedQueue(pool, lines, self.clock, self.shared)

    def conceal(self, seen: Seen) -> Callable[[bytes], bytes]:
        """Takes the secrets out of a text: a request that waited may have got an account of a later policy."""
        before = seen.in_force.snapshot
        return lambda text: self.snapshot.conceal(before.conceal(text))

    def see(self, headers: Mapping[str, str]) -> Seen:
        """A request that begins now, under the id that it brings or a new one."""
        given = headers.get("x-request-id", "")
        return Seen(given if REQUEST_ID.fullmatch(given) else new_id(), self.clock(), self.in_force)

    def let_in(self, request: Incoming, seen: Seen, dialect: str) -> None:
        """Raises Refusal where the policy names clients and this is none of them, or what it wants is not for it."""
        seen.client = dialect
        self._admit(request, seen)
        seen.operator = _operates(request, seen)

    def begin(
        self,
        request: Incoming,
        seen: Seen,
        body: bytes,
        model: str | None = None,
        stream: bool = False,
        made: type[Translation] = Translation,
        found: Found | None = None,
        **more: Any,
    ) -> dict[str, str]:
        """Sets `seen.exchange`; gives the headers that go to every upstream. Raises Refusal.

        `model` and `stream` are what the path says of them, in protocols where it does; `made` translates, and `more` is
        for the exchange. `found` is what it goes on from.
        """
        dialect, queues, now = seen.client, seen.in_force.queues, self.clock()
        headers = sent(request)
        if seen.form is not None:
            body, told = seen.form.read(body, model, stream)
            headers |= told
        try:
            peek = translate.peek(dialect, body, model, stream)
            keeping = None if self.kept is None or not kept.form(dialect) else self.keeping(request, seen, body, found)
        except translate.Refused as refused:
            raise Refusal(dialect, refused.error) from None
        if keeping is not None:
            body, keeping.wanted = keeping.body, keeping.wanted and not more
        seen.stream = bool(peek.stream)
        route = self.enter(seen, peek.model, 0 if more else estimate(body), now)
        pools = [queues[name].pool for name in route.pools]
        pinned = pin(request, seen, pools) or owner(keeping and keeping.owner, body, seen, route)
        key = key_of(body, headers, seen.who) if any(pool.wants_key for pool in pools) else None
        seen.exchange = self.exchange(seen, body, peek, route, headers, now, key, pinned, made, keeping, **more)
        return passed_on(seen.id, headers)

    def exchange(
        self,
        seen: Seen,
        body: bytes,
        peek: Peek,
        route: Route,
        headers: Mapping[str, str],
        now: float,
        key: str | None = None,
        pinned: str | None = None,
        made: type[Translation] = Translation,
        keeping: Keeping | None = None,
        **more: Any,
    ) -> Exchange:
        """The exchange of a request that is let in; `key` is its conversation's."""
        keeps = keeping is not None and keeping.wanted
        return Exchange(
            client=seen.client,
            stream=seen.stream,
            body=body,
            route=route,
            translate=translation(
                seen.in_force, seen.client, seen.who, route, peek, headers, now, made, keeping, seen.form
            ),
            settings=seen.in_force.snapshot.settings,
            chance=random.random,
            conceal=self.conceal(seen),
            now=now,
            key=key,
            tokens=seen.tokens,
            pinned=pinned,
            keeping=keeping if keeps else None,
            keep=self.kept.seconds if keeps else 0.0,
            admitted=seen.admitted,
            form=seen.form,
            explain=seen.operator or explained([seen.in_force.queues[name].pool for name in route.pools]),
            **more,
        )

    def keeping(self, request: Incoming, seen: Seen, body: bytes, found: Found | None) -> Keeping:
        return Keeping(seen.client, body, whose(request, seen), found or {})

    def earlier(self, request: Incoming, seen: Seen, body: bytes) -> Coroutine[Any, Any, Found] | None:
        """What a request goes on from, if anything; it raises Refusal where that cannot be read now."""
        ids = [] if self.kept is None else kept.named(seen.client, body)
        return self.find(request, seen, ids) if ids else None

    async def find(self, request: Incoming, seen: Seen, ids: Sequence[str], whole: bool = True) -> Found:
        try:
            return {} if self.kept is None else await self.kept.find(whose(request, seen), ids, whole)
        except Away as away:
            raise away_now(seen, away) from None

    def enter(self, seen: Seen, model: str, tokens: int, now: float) -> Route:
        """Where a request of so many tokens goes, by the model's name. Raises Refusal where it may not."""
        permitted(model, seen)
        route = route_of(model, seen)
        seen.model, seen.upstream_model = model, route.model
        self.admit(seen, tokens, now)
        return route

    def admit(self, seen: Seen, tokens: int, now: float) -> None:
        """Counts a request of so many tokens. Raises Refusal where its client has used up what it may."""
        seen.tokens = tokens
        if seen.who is not None:
            admitted = (self.clients or seen.in_force.clients).admit(seen.who, tokens, now)
            if isinstance(admitted, Denied):
                raise _denied(admitted, seen)
            seen.admitted = admitted

    def refuse(self, seen: Seen, refusal: Refusal) -> Whole:
        """The answer to a request that is refused."""
        seen.client, seen.error = refusal.dialect, refusal.error.message
        seen.status, body = own_answers.error_answer(refusal.dialect, refusal.error, seen.form)
        told = own_answers.error_headers(refusal.dialect, refusal.error, seen.form)
        return seen.status, {**JSON, **own_headers(seen), **told, **refusal.headers}, body

    def fail(self, seen: Seen, bug: Exception) -> Whole:
        """The answer where the gateway itself fails; the log has the trace."""
        trace = "".join(traceback.format_exception(bug))
        seen.trace = self.conceal(seen)(trace.encode("utf-8", "replace")).decode()
        error = c.Error(kind="internal", message=f"the gateway failed; its log says more under {seen.id}", status=500)
        return self.refuse(seen, Refusal(seen.client or DEFAULT_DIALECT, error))

    def over(self, seen: Seen) -> None:
        """Counts what a request has used, and logs it."""
        now = self.clock()
        self._charge(seen, now)
        if seen.client:
            self.telemetry.request(now, seen)

    def _charge(self, seen: Seen, now: float) -> None:
        """Counts what a request has used, once it is over."""
        usage, exchange = None, seen.exchange
        if exchange is not None and not exchange.counts and _served(exchange):
            usage = charged(exchange.usage, seen.tokens)
            if self.usage is not None:
                self.usage.add(seen.who or "", exchange.pool, exchange.account.name, seen.upstream_model, usage, now)
        if seen.admitted is not None:
            (self.clients or seen.in_force.clients).end(seen.admitted, tokens_of(usage), now)

    def check_origin(self, request: Incoming, seen: Seen) -> None:
        """Raises Refusal where a web page from elsewhere calls: with no more than a visit it would spend the keys."""
        origin = request.headers.get("origin")
        cors = seen.in_force.snapshot.cors
        if origin is None or origin in cors or "*" in cors or _LOOPBACK.fullmatch(origin):
            seen.origin = origin
            return
        message = (
            f"the web page {origin} may not call this gateway; its operator lists pages under `server: {{cors: [...]}}`"
        )
        dialect = self.dialect_of(request, self.paths.dialects)
        raise Refusal(dialect, c.Error(kind="permission", message=message, code="origin_not_allowed", status=403))

    def dialect_of(self, request: Incoming, dialects: Sequence[str]) -> str:
        """The dialect a request is told by: by what its path begins with or holds, or by a header of its protocol."""
        if len(dialects) == 1:
            return dialects[0]
        for name in dialects:
            if request.path.startswith(self.paths.prefix(name) + "/"):
                return name
        for name in dialects:
            header = catalogue.dialect(name).http.get("recognise", {}).get("header")
            if header in request.headers and header not in COMMON:
                return name
        for name in dialects:
            if self.paths.last_word(name) in request.path:
                return name
        return DEFAULT_DIALECT if DEFAULT_DIALECT in dialects else dialects[0]

    def _admit(self, request: Incoming, seen: Seen) -> None:
        """Raises Refusal where the policy names clients and this is none of them."""
        snapshot = seen.in_force.snapshot
        if not snapshot.clients:
            return
        seen.who = snapshot.client(credentials(request))
        if seen.who is None:
            message = "no key of this gateway was given; send one as `Authorization: Bearer KEY` or as `x-api-key: KEY`"
            error = c.Error(kind="authentication", message=message, status=401)
            raise Refusal(seen.client, error, {"www-authenticate": "Bearer"})


def explained(pools: Sequence[Pool]) -> bool:
    """Whether the choice among their accounts is written down whole."""
    return 1 < sum(pool.size for pool in pools) <= EXPLAINED


def translation(
    in_force: InForce,
    dialect: str,
    who: str | None,
    route: Route,
    peek: Peek,
    headers: Mapping[str, str],
    now: float,
    made: type[Translation] = Translation,
    keeping: Keeping | None = None,
    form: Form | None = None,
) -> Callable[[Account, str, str], Translation]:
    """Makes the translations of one request."""

    def translation(account: Account, upstream: str, model: str) -> Translation:
        one = made(
            dialect,
            upstream,
            account.provider,
            model,
            now=int(now),
            new_id=new_id,
            loss=route.loss,
            stream=bool(peek.stream),
            honour_waived=route.honour,
            client_headers=headers,
            version=account.version,
            peeked=peek,
            form=form,
            memory=in_force.memory,
            whose=who,
        )
        one.ctx.may_fetch = in_force.snapshot.may_fetch
        if keeping is not None:
            one.said, one.ctx.keeps = keeping.said, keeping.wanted
        return one

    return translation


def _served(exchange: Exchange) -> bool:
    """Whether the last attempt has cost tokens: an upstream answered, as far as the client let it."""
    if not exchange.attempts:
        return False
    last = exchange.attempts[-1]
    begun = last.status is not None and last.status < 300 and exchange.status == 200
    return begun or last.outcome in (Outcome.OK, Outcome.CLIENT)


def _operates(request: Incoming, seen: Seen) -> bool:
    """Whether the operator asks. Raises Refusal where somebody else pretends to, or wants what only operators may."""
    given = request.headers.get("isogloss-operator")
    if given is not None and seen.in_force.snapshot.operates(given.strip()):
        return True
    if given is None and "isogloss-pin" not in request.headers:
        return False
    message = "the header isogloss-operator does not hold the operator's key"
    if seen.in_force.snapshot.operator is None:
        message = "this gateway has no operator; its policy file names one as `server: {operator_key: env:NAME}`"
    elif given is None:
        message = "isogloss-pin is for operators: send the operator's key as isogloss-operator"
    raise Refusal(seen.client, c.Error(kind="permission", message=message, code="operator_only", status=403))


def pin(request: Incoming, seen: Seen, pools: Sequence[Pool]) -> str | None:
    """The account that the operator wants and no other. Raises Refusal where the route has none of this name."""
    name = request.headers.get("isogloss-pin")
    if name is None:
        return None
    names = [account.name for pool in pools for account in pool.accounts]
    if name in names:
        return name
    close = near(name, names) or names[:5]
    listed = ", ".join(f"`{one}`" for one in close)
    message = f"isogloss-pin: this model's route has no account `{name}`; near names: {listed}"
    raise Refusal(seen.client, c.Error(kind="invalid_request", message=message, param="isogloss-pin", status=400))


def owner(known: Owner | None, body: bytes, seen: Seen, route: Route) -> str | None:
    """The account that has what a request makes use of: an earlier answer, as is `known`, a file, a container.

    Raises Refusal where none of its route has.
    """
    found = known or seen.in_force.bound.of_body(body)
    if found is None or found.pool in route.pools:
        return found and found.account
    message = f"an id in this request is one of an account that does not serve the model `{seen.model}`"
    raise Refusal(seen.client, c.Error(kind="invalid_request", message=message, code="bound_elsewhere", status=400))


def whose(request: Incoming, seen: Seen) -> str:
    """For whom an answer is kept: a client of the policy, else whoever sends the same key."""
    if seen.who is not None:
        return f"client {seen.who}"
    key = next(credentials(request), None)
    return "open" if key is None else f"key {sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()}"


def away_now(seen: Seen, away: Away) -> Refusal:
    message = f"answers that were kept cannot be read now: {away}"
    return Refusal(seen.client, c.Error(kind="overloaded", message=message, code="kept_away", status=503))


def _why_header(whys: Sequence[Why]) -> str:
    """The decision records as JSON, one for each account that was acquired; of many accounts the first."""
    shown = WHY_ACCOUNTS
    while True:
        records = [{name: _first(value, shown) for name, value in to_builtins(why).items()} for why in whys[-4:]]
        text = json.dumps(records, separators=(",", ":"))
        if len(text) <= WHY_LIMIT or not shown:
            return text
        shown //= 2


def _first(value: Any, count: int) -> Any:
    if isinstance(value, dict):
        return dict(list(value.items())[:count])
    return value[:count] if isinstance(value, list) else value


def permitted(model: str, seen: Seen) -> None:
    if seen.who is not None and (denied := seen.in_force.clients.forbid(seen.who, model)) is not None:
        raise _denied(denied, seen)


def _denied(denied: Denied, seen: Seen) -> Refusal:
    headers = {} if denied.wait is None else {"retry-after": str(max(1, ceil(denied.wait)))}
    return Refusal(seen.client, denied.error, headers)


def route_of(model: str, seen: Seen) -> Route:
    try:
        return seen.in_force.snapshot.routes.find(model, seen.client)
    except Unknown as unknown:
        error = c.Error(kind="not_found", message=str(unknown), code="model_not_found", param="model", status=404)
        raise Refusal(seen.client, error) from None


def too_large() -> c.Error:
    message = f"a request may have {BODY_LIMIT >> 20} MiB, and this has more"
    return c.Error(kind="too_large", message=message, status=413)


def own_headers(seen: Seen) -> dict[str, str]:
    headers = {"x-request-id": seen.id, "server": "isogloss"}
    if seen.client == "anthropic-messages":
        headers["request-id"] = seen.id
    if seen.operator and seen.exchange is not None:
        headers["isogloss-why"] = _why_header(seen.exchange.whys)
    if seen.origin is not None:
        headers["access-control-allow-origin"] = seen.origin
        headers |= {"access-control-expose-headers": EXPOSED, "vary": "origin"}
    return headers


def new_id() -> str:
    return f"{random.getrandbits(96):024x}"
