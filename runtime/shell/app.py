"""The gateway on aiohttp: whatever is not hot, and what the gateway itself says of its models, its tokens, its health."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import ClientPayloadError, web

from generated import canonical as c
from runtime.core import kept, own_answers, passing, translate
from runtime.core.bound import Owner
from runtime.core.coding import KNOWN as CODINGS
from runtime.core.coding import Broken, TooLong, unpacked
from runtime.core.coding import Unknown as UnknownCoding
from runtime.core.counting import NATIVE, NOBODY, Counting, around, counters, texts, told
from runtime.core.exchange import JSON, preferred
from runtime.core.forms import asked
from runtime.core.pool import Account, Pool
from runtime.core.translate import Translation
from runtime.shell import tokens
from runtime.shell.answers import Away
from runtime.shell.gateway import (
    BODY_LIMIT,
    GONE,
    Gateway,
    InForce,
    Refusal,
    Seen,
    Whole,
    away_now,
    new_id,
    own_headers,
    permitted,
    pin,
    route_of,
    too_large,
    whose,
)
from runtime.shell.incoming import sent
from runtime.shell.lists import ModelLists
from runtime.shell.passing import Failed, Passing
from runtime.shell.upstream import Run


class App:
    """One request handler for all of aiohttp's connections."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._lists: tuple[InForce, ModelLists] | None = None

    def server(self) -> web.Server:
        """Makes a protocol for each connection."""
        return web.Server(
            self.handle,
            handler_cancellation=True,
            auto_decompress=False,
            access_log=None,
            keepalive_timeout=75.0,
            max_line_size=16384,
            max_field_size=65536,
            read_bufsize=1 << 18,
        )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Takes one request; every answer, errors included, is in the protocol of its client."""
        seen = self.gateway.see(request.headers)
        try:
            return await self._answer(request, seen)
        except Refusal as refusal:
            return _response(self.gateway.refuse(seen, refusal))
        except (asyncio.CancelledError, ConnectionError):
            seen.status = GONE
            raise
        except Exception as bug:
            response = _response(self.gateway.fail(seen, bug))
            if seen.run is not None and seen.run.response is not None and seen.run.response.prepared:
                raise ConnectionResetError from bug  # the head is out: a broken connection is all that can be said
            return response
        finally:
            self.gateway.over(seen)

    async def _answer(self, request: web.BaseRequest, seen: Seen) -> web.StreamResponse:
        method, path = request.method, request.path
        self.gateway.check_origin(request, seen)
        if method == "OPTIONS":
            return _preflight(request)
        served, named = self.gateway.paths.find(path)
        wanted = "GET" if method == "HEAD" else method
        fitting = [one for one in served if one[0] == wanted]
        ours = any(operation.startswith("kept.") for *_, operation in served)
        if not fitting and not ours and (ways := seen.in_force.snapshot.passages(request.rel_url.raw_path)):
            dialect = self.gateway.dialect_of(request, [*ways])
            self.gateway.let_in(request, seen, dialect)
            return await self._pass(request, seen, ways[dialect])
        if not served:
            if method in ("GET", "HEAD") and (page := self._own_page(path)) is not None:
                return page
            listed = ", ".join(self.gateway.paths.served)
            raise Refusal(
                self.gateway.dialect_of(request, self.gateway.paths.dialects),
                c.Error(
                    kind="not_found",
                    message=f"nothing is served at {method} {path}, and no account here takes it as it is; what is: {listed}",
                    status=404,
                ),
            )
        dialect = self.gateway.dialect_of(request, [name for _, name, _ in fitting or served])
        if not fitting:
            allowed = ", ".join(sorted({method for method, _, _ in served}))
            error = c.Error(kind="invalid_request", message=f"{path} takes {allowed}, not {method}", status=405)
            raise Refusal(dialect, error, {"allow": allowed})
        operation = next(operation for _, name, operation in fitting if name == dialect)
        seen.form = asked(dialect, operation, request.query_string)
        self.gateway.let_in(request, seen, dialect)
        match operation if seen.form is None else operation.partition(".")[0]:
            case "generate" | "stream" as operation:
                return await self._generate(request, seen, named.get("model"), operation == "stream")
            case "count":
                return await self._count(request, seen, named.get("model"))
            case "models":
                names = seen.in_force.snapshot.routes.names(await self._models(seen.in_force).get())
                if seen.who is not None:
                    names = [name for name in names if seen.in_force.clients.allows(seen.who, name)]
                body = own_answers.models_answer(dialect, [self._model(name) for name in names])
            case "model":
                permitted(named["model"], seen)
                route_of(named["model"], seen)
                body = own_answers.model_answer(dialect, self._model(named["model"]))
            case "look_up":
                try:
                    name = own_answers.looked_up(dialect, await body_of(request, dialect))
                except translate.Refused as refused:
                    raise Refusal(dialect, refused.error) from None
                permitted(name, seen)
                route_of(name, seen)
                body = own_answers.shown_answer(dialect, self._model(name))
            case "running":
                body = own_answers.running_answer(dialect, [])
            case passed if passed.startswith("passed."):
                ways = seen.in_force.snapshot.passages(request.rel_url.raw_path).get(dialect)
                if ways is None:
                    message = f"{path} is passed on to an upstream that has it, and no account here has one"
                    raise Refusal(dialect, c.Error(kind="not_found", message=message, status=404))
                return await self._pass(request, seen, ways, goes_on=True)
            case what if what.startswith("kept."):
                answer = await self._kept(request, seen, what.partition(".")[2], named["id"])
                if isinstance(answer, web.StreamResponse):
                    return answer
                body = answer
            case fixed:
                body = own_answers.fixed_answer(dialect, fixed.partition(".")[2])
        seen.status = 200
        return web.Response(headers={**JSON, **own_headers(seen)}, body=body)

    async def _generate(
        self, request: web.BaseRequest, seen: Seen, model: str | None, stream: bool
    ) -> web.StreamResponse:
        body = await body_of(request, seen.client)
        asked = self.gateway.earlier(request, seen, body)
        found = None if asked is None else await asked
        return await self.run(request, seen, self.gateway.begin(request, seen, body, model, stream, found=found))

    async def run(self, request: web.BaseRequest, seen: Seen, passed_on: Mapping[str, str]) -> web.StreamResponse:
        """Carries the exchange out that has begun."""
        snapshot, queues, *_ = seen.in_force
        seen.run = Run(
            seen.exchange,
            request,
            snapshot,
            queues,
            self.gateway.upstreams,
            self.gateway.clock,
            passed_on,
            lambda: own_headers(seen),
            self.gateway.kept and self.gateway.kept.keep,
        )
        response = await seen.run.play()
        seen.status = seen.exchange.status
        return response

    async def _kept(self, request: web.BaseRequest, seen: Seen, what: str, id: str) -> bytes | web.StreamResponse:
        """What is asked of an answer that was kept; its upstream's word, where that has kept it."""
        dialect, all = seen.client, await self.gateway.find(request, seen, [id], whole=what == "items")
        found = kept.there(all, id)
        if found is None or found.owner is None and found.items is None:
            raise Refusal(dialect, kept.unknown(dialect, id))
        if found.owner is not None:
            ways = seen.in_force.snapshot.passages(request.rel_url.raw_path).get(dialect, {})
            response = await self._pass(request, seen, ways, found.owner)
            if what == "delete" and response.status < 300:
                await self._forget(request, seen, kept.ids(dialect, id, found))
            return response
        try:
            match what:
                case "delete":
                    await self._forget(request, seen, kept.ids(dialect, id, found))
                    return kept.deleted(dialect, id)
                case "items":
                    return kept.page(dialect, id, all, request.query)
                case "cancel":
                    raise translate.Refused(kept.uncancelled(dialect))
            if request.query.get("stream") == "true":
                message = (
                    "stream: this answer is here as a whole; only one that is made in the background streams again"
                )
                raise translate.Refused(c.Error("invalid_request", message, param="stream", status=400))
        except translate.Refused as refused:
            raise Refusal(dialect, refused.error) from None
        return bytes(found.value)

    async def _forget(self, request: web.BaseRequest, seen: Seen, ids: Sequence[str]) -> None:
        try:
            await self.gateway.kept.forget(whose(request, seen), ids)
        except Away as away:
            raise away_now(seen, away) from None

    async def _pass(
        self,
        request: web.BaseRequest,
        seen: Seen,
        ways: Mapping[str, str],
        owner: Owner | None = None,
        goes_on: bool = False,
    ) -> web.StreamResponse:
        """Hands a request on as it is, to an account of one of the providers that take its path.

        `owner` is the only one that knows what it is about; `goes_on`: it may go on from an answer that was kept.
        """
        dialect, (snapshot, queues, *_), now = seen.client, seen.in_force, self.gateway.clock()
        headers = sent(request)

        def translation(account: Account) -> Translation:
            return Translation(
                dialect,
                dialect,
                account.provider,
                seen.upstream_model,
                now=int(now),
                new_id=new_id,
                client_headers=headers,
                version=account.version,
            )

        run = Passing(
            request,
            seen,
            ways,
            translation,
            self.gateway.upstreams,
            self.gateway.clock,
            self.gateway.conceal(seen),
            lambda: own_headers(seen),
        )
        model = await run.look(BODY_LIMIT if goes_on else passing.PEEKED)
        if goes_on and (asked := self.gateway.earlier(request, seen, run.head)) is not None:
            try:
                keeping = self.gateway.keeping(request, seen, run.head, await asked)
            except translate.Refused as refused:
                raise Refusal(dialect, refused.error) from None
            owner, run.head = keeping.owner, keeping.body
        if model:
            route = self.gateway.enter(seen, model, 0, now)
            pools = list(route.pools)
            if route.model != model:
                run.rename(route.model)
        else:
            permitted("", seen)
            self.gateway.admit(seen, 0, now)
            pools = [pool.name for pool in snapshot.pools.values() if snapshot.takes(pool, dialect, ways)]
        if owner is not None:
            pools = [name for name in pools if name == owner.pool and _has(queues[name].pool, owner.account)]
            if not pools:
                message = "what this is about is kept by an account that serves no such request here"
                error = c.Error(kind="not_found", message=message, code="bound_elsewhere", status=404)
                raise Refusal(dialect, error)
        pinned = pin(request, seen, [queues[name].pool for name in pools]) or (owner and owner.account)
        seen.exchange = seen.run = run
        try:
            response = await run.play(pools, seen.upstream_model, pinned)
        except Failed as failed:
            raise Refusal(dialect, failed.error) from None
        seen.status = response.status
        return response

    async def _count(self, request: web.BaseRequest, seen: Seen, model: str | None) -> web.StreamResponse:
        """How many tokens a request has: by an upstream that counts, else an estimate that says it is one."""
        body, snapshot = await body_of(request, seen.client), seen.in_force.snapshot
        unable = snapshot.unable(seen.client)
        asked = self.gateway.earlier(request, seen, body)
        found, how = None if asked is None else await asked, {"counts": True, "speaks": counters, "unable": unable}
        passed_on = self.gateway.begin(request, seen, body, model, made=Counting, found=found, **how)
        exchange, pools = seen.exchange, [snapshot.pools[name] for name in seen.exchange.route.pools]
        if any(len(unable[pool.name]) < pool.size for pool in pools):
            response = await self.run(request, seen, passed_on)
            if exchange.error is None or exchange.error.kind in ("invalid_request", "too_large"):
                return response
        account = next((account for pool in pools for account in pool.accounts), NOBODY)
        dialect = next(iter(preferred(account, seen.client)), NATIVE)
        try:
            meant = exchange.translate(account, dialect, exchange.route.model).meaning(exchange.body)
        except translate.Refused as refused:
            raise Refusal(seen.client, refused.error) from None
        count = c.TokenCount(input=around(meant) + await tokens.count(texts(meant)))
        seen.status = 200
        headers = {**JSON, **own_headers(seen), "isogloss-estimate": "true"}
        return web.Response(headers=headers, body=told(seen.client, count))

    def _own_page(self, path: str) -> web.Response | None:
        if (health := self.gateway.health(path)) is not None:
            return _response(health)
        if path == "/":
            return web.Response(text="\n".join(["isogloss", *self.gateway.paths.served, ""]))
        return None

    def _models(self, in_force: InForce) -> ModelLists:
        if self._lists is None or self._lists[0] is not in_force:
            self._lists = in_force, ModelLists(in_force.snapshot, self.gateway.upstreams, self.gateway.clock)
        return self._lists[1]

    def _model(self, name: str) -> c.Model:
        return c.Model(id=name, created=self.gateway.started, owner="isogloss", title=name)


async def body_of(request: web.BaseRequest, dialect: str) -> bytes:
    """The whole body; not by `request.read`, which would keep it for as long as the answer streams."""
    if request.headers.get("expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # that was no answer yet
    parts, size = [], request.content_length or 0
    try:
        while size <= BODY_LIMIT and (part := await request.content.readany()):
            parts.append(part)
            if request.content_length is None:
                size += len(part)
    except (web.RequestPayloadError, ClientPayloadError) as problem:
        error = c.Error(kind="invalid_request", message=f"the body cannot be read: {problem}", status=400)
        raise Refusal(dialect, error, {"connection": "close"}) from None
    if size > BODY_LIMIT:
        raise Refusal(dialect, too_large(), {"connection": "close"})
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    coding = request.headers.get("content-encoding")
    if coding is None:
        return body
    try:
        return unpacked(body, coding, BODY_LIMIT)
    except TooLong:
        raise Refusal(dialect, too_large()) from None
    except Broken as problem:
        error = c.Error(kind="invalid_request", message=f"the body is not {coding}: {problem}", status=400)
        raise Refusal(dialect, error) from None
    except UnknownCoding:
        message = f"bodies in the content-encoding {coding} are not taken; send {' or '.join(CODINGS)}, or none"
        error = c.Error(kind="invalid_request", message=message, code="content_encoding", status=415)
        raise Refusal(dialect, error, {"accept-encoding": ", ".join(CODINGS)}) from None


def _preflight(request: web.BaseRequest) -> web.Response:
    """Lets a browser's SDK in: its headers differ by SDK and version, so what it asks for is what it may send."""
    headers = {
        "access-control-allow-origin": request.headers.get("origin", "*"),
        "access-control-allow-methods": "GET, HEAD, POST, DELETE, OPTIONS",
        "access-control-allow-headers": request.headers.get("access-control-request-headers", "*"),
        "access-control-max-age": "86400",
        "vary": "origin, access-control-request-headers",
    }
    if request.headers.get("access-control-request-private-network") == "true":
        headers["access-control-allow-private-network"] = "true"
    return web.Response(status=204, headers=headers)


def _response(whole: Whole) -> web.Response:
    status, headers, body = whole
    return web.Response(status=status, headers=headers, body=body)


def _has(pool: Pool, account: str) -> bool:
    return any(one.name == account for one in pool.accounts)
