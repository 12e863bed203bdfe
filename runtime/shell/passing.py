"""Hands a request on as it is, byte for byte, and its answer back: what this gateway does not translate.

Bodies go through as they come, both ways, and no faster than the other side takes them. What has been read whole may go
to another account when the first one fails; of what is on its way there is one attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from generated import canonical as c
from runtime.core import passing
from runtime.core import pool as core
from runtime.core.account import Account
from runtime.core.bound import Owner
from runtime.core.catalogue import faults
from runtime.core.exchange import ERROR_LIMIT, Attempt, at_rest
from runtime.core.outcome import Outcome, Verdict, judge
from runtime.core.translate import Translation
from runtime.shell.credentials import Unavailable
from runtime.shell.lane_upstream import AGENT
from runtime.shell.queue import Answer
from runtime.shell.upstream import broken

if TYPE_CHECKING:
    from runtime.shell.gateway import InForce, Seen
    from runtime.shell.queue import Clock
    from runtime.shell.snapshot import Line
    from runtime.shell.upstream import Upstreams

LEARNT = 1 << 20  # bytes of an answer in which ids are looked for
SAFE = ("GET", "HEAD")  # may be asked twice
MOST = 8  # accounts that are tried
ELSEWHERE = (Outcome.RATE, Outcome.CREDENTIAL)  # nothing was done: another account may do it
NEUTRAL = (Outcome.RATE, Outcome.VENDOR, Outcome.MODEL)  # the limits of files and pictures are not those of answers


class Failed(Exception):
    """No account served it; `error` says why."""

    def __init__(self, error: c.Error) -> None:
        super().__init__(error.message)
        self.error = error


class Passing:
    """One request that is handed on. The log sees it as an exchange."""

    counts = True  # no tokens are charged
    error: c.Error | None = None
    usage = None
    losses = ()

    def __init__(
        self,
        request: web.BaseRequest,
        seen: Seen,
        ways: Mapping[str, str],
        translate: Callable[[Account], Translation],
        upstreams: Upstreams,
        clock: Clock,
        conceal: Callable[[bytes], bytes],
        own_headers: Callable[[], dict[str, str]],
    ) -> None:
        """`ways` are the providers that take the path, each with the path there."""
        self.request, self.seen, self.ways, self.translate = request, seen, ways, translate
        self.upstreams, self.clock, self.conceal, self.own_headers = upstreams, clock, conceal, own_headers
        self.in_force: InForce = seen.in_force
        self.attempts: list[Attempt] = []
        self.whys: list[core.Why] = []
        self.account: Account | None = None
        self.dialect, self.pool = seen.client, ""
        self.response: web.StreamResponse | None = None
        self.first_byte: float | None = None
        self._kind = request.headers.get("content-type", "").lower()
        self.head, self._whole = b"", True  # of the body
        self._longer = 0  # bytes that the body is longer than it came
        self._moved = 0.0  # when something last went up

    async def look(self, most: int = passing.PEEKED) -> str | None:
        """Reads the beginning of the body, of so many bytes; the model that it names."""
        content, parts, size = self.request.content, [], 0
        while size < most and (part := await content.readany()):
            parts.append(part)
            size += len(part)
        self.head, self._whole = b"".join(parts), content.at_eof()
        if not self.head or "content-encoding" in self.request.headers:
            return None
        return passing.model_of(self.head, self._whole, self._kind)

    def rename(self, model: str) -> None:
        """The body names another model from here on."""
        head = passing.renamed(self.head, self._whole, self._kind, model)
        self._longer = len(head) - len(self.head)
        self.head = head

    async def play(self, pools: Sequence[str], model: str, pinned: str | None) -> web.StreamResponse:
        """Until the answer is through. Raises Failed, and CancelledError where the client has left.

        `model` is empty where the request names none.
        """
        bound = self.in_force.bound
        owner = bound.of_path(self.request.path) or (bound.of_body(self.head) if self._whole else None)
        if owner is not None and owner.pool in self.in_force.queues:
            pools, pinned = [owner.pool], owner.account
        said: web.Response | None = None  # by an upstream, which another account might not say
        for pool in pools:
            excluded = self.in_force.snapshot.strangers(pool, self.dialect, frozenset(self.ways))
            while len(self.attempts) < MOST:
                settings = self.in_force.snapshot.settings[pool]
                patience = settings.patience if pool == pools[-1] and said is None else 0.0
                ask = core.Ask(model, self.clock() + patience, excluded, pinned=pinned, explain=self.seen.operator)
                acquired, line = await self._acquire(pool, ask)
                if isinstance(acquired, core.Refused):
                    wait = None if acquired.until is None else acquired.until - self.clock()
                    self.error = self.error or at_rest(pool, acquired.why, wait)
                    break
                self.pool, self.account = pool, acquired.account
                self.whys.append(acquired.why)
                response, final = await self._attempt(acquired, line, settings, stray=owner is None)
                if final:
                    return response
                said = response or said
                excluded |= {acquired.account.name}
        if said is not None:
            return said
        raise Failed(self.error)

    async def _acquire(self, pool: str, ask: core.Ask) -> Answer:
        queue = self.in_force.queues[pool]
        answer = queue.ask(ask)
        if not isinstance(answer, asyncio.Future):
            return answer
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if answer.done() and isinstance(acquired := answer.result()[0], core.Acquired):
                queue.report(acquired.lease, Verdict(Outcome.CLIENT))
            queue.withdraw(ask)
            raise

    async def _attempt(
        self, acquired: core.Acquired, line: Line, settings: Any, stray: bool
    ) -> tuple[web.StreamResponse | None, bool]:
        """What an account answered, and whether the client shall have it; None where it did not answer."""
        verdict, status, error = Verdict(Outcome.CLIENT), None, None
        translation = self.translate(acquired.account)
        again = self._whole and len(self.attempts) + 1 < MOST
        try:
            upstream = await self._open(line, translation, settings)
            status = upstream.status
            async with upstream:
                if status < 400:
                    await self._through(upstream, settings, Owner(self.pool, acquired.account.name))
                    verdict = Verdict(Outcome.OK)
                    return self.response, True
                body = self.conceal(await upstream.content.read(ERROR_LIMIT))
                error = translation.error(status, upstream.headers, body)
                verdict, error = judge(error, upstream.headers, self.clock(), faults(acquired.account.provider), body)
                final = not again or not (
                    verdict.outcome in ELSEWHERE
                    or self.request.method in SAFE
                    and (status >= 500 or stray and status == 404)
                )
                return self._said(status, upstream.headers, body), final
        except (Unavailable, aiohttp.ClientError, OSError, TimeoutError) as problem:
            if self.response is not None:  # its head is out: a broken connection is all that can be said
                verdict = Verdict(Outcome.TRANSPORT)
                raise ConnectionResetError from problem
            failure = broken(problem, line.place)
            verdict, error = Verdict(failure.outcome), failure.error
            unsent = isinstance(problem, (Unavailable, aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError))
            if not (again and (unsent or self.request.method in SAFE)):
                raise Failed(error) from None
            self.error = error
            return None, False
        finally:
            said = error and error.message
            self.attempts.append(Attempt(acquired.account.name, self.dialect, verdict.outcome.value, status, said))
            neutral = verdict.outcome in NEUTRAL
            self.in_force.queues[self.pool].report(acquired.lease, Verdict(Outcome.REQUEST) if neutral else verdict)

    async def _open(self, line: Line, translation: Translation, settings: Any) -> aiohttp.ClientResponse:
        """The head of the answer."""
        request = self.request
        theirs, auth = translation.head()
        headers = {
            **theirs,
            **passing.along(translation.headers, self.dialect),
            "user-agent": AGENT,
            "x-request-id": self.seen.id,
            **line.headers,
            **line.credential(auth),
        }
        if "content-type" not in request.headers:
            headers.pop("content-type", None)
        url = line.url(self.ways[translation.provider])
        if text := passing.query(request.rel_url.raw_query_string):
            url = url.with_query(text) if not url.raw_query_string else url.update_query(text)
        if line.credentials is not None:
            headers |= await line.credentials.headers(request.method, url, headers, self.head)
        body: Any = self.head or None
        if not self._whole:
            body = self._body()
            if request.content_length is not None:
                headers["content-length"] = str(request.content_length + self._longer)
        self._moved = self.clock()
        opening = asyncio.ensure_future(
            self.upstreams.session(line).request(
                request.method,
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.in_force.snapshot.connect[self.pool]),
                **line.options,
            )
        )
        try:
            while (left := self._moved + settings.first_byte - self.clock()) > 0:
                await asyncio.wait((opening,), timeout=left)
                if opening.done():
                    return opening.result()
            raise TimeoutError
        finally:
            if not opening.done():
                opening.cancel()

    async def _body(self) -> AsyncIterator[bytes]:
        yield self.head
        while part := await self.request.content.readany():
            self._moved = self.clock()
            yield part

    async def _through(self, upstream: aiohttp.ClientResponse, settings: Any, owner: Owner) -> None:
        """The answer, a piece at a time."""
        response = web.StreamResponse(status=upstream.status, headers=self._headers(upstream.headers))
        self.first_byte, self.seen.status = self.clock(), upstream.status
        await response.prepare(self.request)
        self.response = response
        learnt: list[bytes] | None = [] if "json" in upstream.content_type else None
        size = 0
        while True:
            async with asyncio.timeout(settings.stream_idle):
                part = await upstream.content.readany()
            if not part:
                break
            await response.write(part)
            size += len(part)
            if size > LEARNT:
                learnt = None
            if learnt is not None:
                learnt.append(part)
        await response.write_eof()
        if learnt:
            self.in_force.bound.learn(b"".join(learnt), owner)

    def _said(self, status: int, headers: Mapping[str, str], body: bytes) -> web.Response:
        kept = {name: value for name, value in self._headers(headers).items() if name.lower() != "content-length"}
        return web.Response(status=status, headers=kept, body=body)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return passing.back(headers) | self.own_headers()
