"""The models that upstreams list."""

import asyncio
from collections.abc import Mapping, Sequence

import aiohttp
import msgspec

from runtime.core import echo
from runtime.core.catalogue import provider
from runtime.core.pool import Account
from runtime.shell.credentials import Unavailable
from runtime.shell.queue import Clock
from runtime.shell.snapshot import Line, Snapshot
from runtime.shell.upstream import Upstreams

LIST_S = 3.0  # for an upstream to list its models
LIST_FRESH_S = 300.0


class _Listed(msgspec.Struct):
    id: str | None = None
    name: str | None = None


class _List(msgspec.Struct):
    data: list[_Listed] | None = None
    models: list[_Listed] | None = None
    endpoints: list[_Listed] | None = None  # Databricks


async def list_models(line: Line, account: Account, upstreams: Upstreams, seconds: float) -> list[str] | None:
    """The names an upstream lists; None if it does not answer with a list in time."""
    if line.models_path is None:
        return None
    facts = provider(account.provider)
    headers = {"accept": "application/json", **facts.headers, **line.headers, **line.credential(facts.auth)}
    try:
        if line.credentials is not None:
            headers |= await line.credentials.headers("GET", line.url(line.models_path), headers, b"")
        async with (
            asyncio.timeout(seconds),
            upstreams.session(line).get(line.url(line.models_path), headers=headers, **line.options) as answer,
        ):
            if answer.status != 200:
                return None
            listed = msgspec.json.decode(await answer.read(), type=_List)
    except (TimeoutError, aiohttp.ClientError, OSError, msgspec.DecodeError, Unavailable):
        return None
    models = next((one for one in (listed.data, listed.models, listed.endpoints) if one is not None), None)
    return None if models is None else [name for one in models if (name := one.id or one.name)]


class ModelLists:
    """The upstreams' own model lists, by pool; asked for when wanted, and then remembered for a while."""

    def __init__(self, snapshot: Snapshot, upstreams: Upstreams, clock: Clock) -> None:
        self._snapshot, self._upstreams, self._clock = snapshot, upstreams, clock
        self._lists: dict[str, list[str]] = {}
        self._until = 0.0
        self._asking: asyncio.Task[None] | None = None

    async def get(self) -> Mapping[str, Sequence[str]]:
        if self._clock() >= self._until:
            if self._asking is None:  # whoever comes meanwhile waits for the same answers
                self._asking = asyncio.create_task(self._ask())
            await asyncio.shield(self._asking)
        return self._lists

    async def _ask(self) -> None:
        try:
            pairs = [(name, account) for name, pool in self._snapshot.pools.items() for account in pool.accounts]
            lines = self._snapshot.lines
            lists = await asyncio.gather(
                *(list_models(lines[name, account.name], account, self._upstreams, LIST_S) for name, account in pairs)
            )
            found: dict[str, dict[str, None]] = {}
            for (name, account), models in zip(pairs, lists, strict=True):
                if account.provider == "echo":
                    models = list(echo.MODELS)
                found.setdefault(name, {}).update(dict.fromkeys(models or ()))
            self._lists = {name: list(models) for name, models in found.items()}
            self._until = self._clock() + LIST_FRESH_S
        finally:
            self._asking = None
