"""The way of every connection that is not hot: aiohttp, on the same port.

It takes a fifth of a second to import and some ten MiB, so it is when the first such request comes, and in a thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import web

    from runtime.shell.app import App
    from runtime.shell.gateway import Gateway


class Aside:
    """Makes aiohttp's protocol for a connection."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._server: web.Server | None = None
        self._loading: asyncio.Future[type[App]] | None = None

    def __call__(self) -> Any:
        if self._server is None:
            self._server = _imported()(self._gateway).server()
        return self._server()

    @property
    def ready(self) -> bool:
        """Whether a protocol is made at once."""
        return self._server is not None

    async def prepare(self) -> None:
        """Until it is ready."""
        if self._loading is None:
            self._loading = asyncio.get_running_loop().run_in_executor(None, _imported)
        await asyncio.shield(self._loading)

    async def shutdown(self, seconds: float) -> None:
        """Lets requests in flight end for so long."""
        if self._server is not None:
            self._server.pre_shutdown()
            await self._server.shutdown(seconds)


def _imported() -> type[App]:
    from runtime.shell.app import App

    return App
