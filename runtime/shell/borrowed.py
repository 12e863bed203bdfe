"""A call of the express lane that does not go straight: through a proxy, signed, or to the built-in echo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import aiohttp

from runtime.core import exchange as x
from runtime.shell.credentials import Unavailable
from runtime.shell.lane_upstream import headers_to
from runtime.shell.snapshot import Line
from runtime.shell.upstream import broken, played

if TYPE_CHECKING:
    from runtime.shell.lane_upstream import Caller, Wires


class Borrowed:
    """A call by way of aiohttp, or of the built-in echo."""

    def __init__(
        self,
        pool: Wires,
        caller: Caller,
        line: Line,
        outgoing: Any,
        stream: bool,
        passed_on: Mapping[str, str],
        seconds: float,
    ) -> None:
        self._pool, self._caller, self._line = pool, caller, line
        self._flows = asyncio.Event()
        self._flows.set()
        self._answer: aiohttp.ClientResponse | None = None
        if outgoing.request is not None:
            events = played(outgoing.request, stream)
        else:
            events = self._asked(outgoing, headers_to(line, outgoing, stream, passed_on), seconds)
        self._task = pool.spawn(self._run(events))

    def pause(self) -> None:
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def hang_up(self) -> None:
        self._task.cancel()
        if self._answer is not None:
            self._answer.close()

    def leave(self) -> None:
        self._task.cancel()
        if self._answer is not None:
            self._pool.upstreams().leave_rest(self._answer)

    async def _run(self, events: AsyncIterator[x.Event]) -> None:
        async for event in events:
            self._caller.happen(self, [event])
            await self._flows.wait()

    async def _asked(self, outgoing: Any, headers: dict[str, str], seconds: float) -> AsyncIterator[x.Event]:
        line = self._line
        try:
            self._answer = await self._pool.upstreams().call(line, outgoing.path, outgoing.body, headers, seconds)
            yield x.Head(self._answer.status, self._answer.headers)
            content = self._answer.content
            while True:
                try:
                    data = await content.readany()
                except (aiohttp.ClientError, OSError):
                    if held := content._read_nowait(-1):  # what came before the break
                        yield x.Data(held)
                    raise
                if not data:
                    break
                yield x.Data(data)
        except (Unavailable, aiohttp.ClientError, OSError, TimeoutError) as problem:
            yield broken(problem, line.place)
        else:
            self._answer.release()
            yield x.End()
