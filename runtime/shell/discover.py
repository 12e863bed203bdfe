"""Accounts without a policy file, from the providers' usual environment variables and local ports; and model lists."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import aiohttp
import msgspec

from generated.providers import PROVIDERS
from runtime.core import echo
from runtime.core.pool import Account
from runtime.core.route import Found
from runtime.core.translate import provider
from runtime.shell.credentials import Unavailable
from runtime.shell.snapshot import Line, Missing, Snapshot, read_secret
from runtime.shell.upstream import Clock, Upstreams

PROBE_S = 0.5  # for an engine on this machine to list its models
FIRST_LIST_S = 1.5  # for a vendor to, while the gateway starts
LIST_S = 3.0  # and later
LIST_FRESH_S = 300.0


class Discovered(msgspec.Struct):
    """An account that was found, and where; `source` never holds a secret."""

    found: Found
    account: Account
    line: Line
    source: str


async def discover(
    environ: Mapping[str, str], upstreams: Upstreams, own: tuple[str, int]
) -> tuple[list[Discovered], list[str]]:
    """The accounts there are, in the order of preference, else the built-in echo; and what is wrong with some."""
    keyed, local, problems = candidates(environ, own)
    lists = await asyncio.gather(
        *(list_models(one.line, one.account, upstreams, FIRST_LIST_S) for one in keyed),
        *(list_models(one.line, one.account, upstreams, PROBE_S) for one in local),
    )
    found = []
    for one, models in zip([*keyed, *local], lists, strict=True):
        one.found.models = models or ()
        if one in keyed or models is not None:
            found.append(one)
    if not found:
        account = Account("echo", "echo", ("canonical",), rests=False)
        line = Line("echo", None, None, {})
        found.append(Discovered(Found("echo", account.dialects, echo.MODELS), account, line, "built in"))
    return found, problems


def candidates(
    environ: Mapping[str, str], own: tuple[str, int]
) -> tuple[list[Discovered], list[Discovered], list[str]]:
    """The accounts that have a key, the vendors of our dialects first; engines that may run here; what is wrong.

    `own` is where this gateway listens: a base URL that points there is its user's client setting, not an upstream.
    """
    keyed: list[Discovered] = []
    local: list[Discovered] = []
    problems: list[str] = []
    for name in PROVIDERS:
        facts = provider(name)
        told = {what: _told(variables, environ) for what, variables in facts.env.items()}
        key, address = told.get("key"), told.get("base_url")
        base_url = _base_url(environ[address], facts.local_port, own) if address else None
        library = told.get("credentials") if not key else None
        if facts.local_port is None and not (key or library):
            continue
        settings = {what: environ[found].strip() for what, found in told.items() if found and what not in _OF_ALL}
        try:
            line = Line(name, base_url, read_secret(f"env:{key}", environ) if key else None, {}, settings=settings)
        except Missing as missing:
            problems.append(f"{name}: {missing}")
            continue
        place = f"{line.base_url} (from {address})" if base_url else line.base_url
        account = Account(name, name, facts.usual)
        source = f"{key or library}, at {place}" if key or library else place
        one = Discovered(Found(name, account.dialects), account, line, source)
        (local if facts.local_port is not None else keyed).append(one)
    keyed.sort(key=lambda one: not any(dialect.startswith(one.account.name + "-") for dialect in one.account.dialects))
    return keyed, local, problems


_OF_ALL = ("key", "base_url", "credentials")  # what a provider's `env` names beside the settings in its addresses


def _told(variables: str, environ: Mapping[str, str]) -> str | None:
    """The first of the variables, with | between them, that says something."""
    return next((name for name in variables.split("|") if environ.get(name, "").strip()), None)


def _base_url(given: str, local_port: int | None, own: tuple[str, int]) -> str | None:
    """A base URL from the environment, if it can be one; Ollama's may be no more than host and port."""
    given = given.strip()
    if not given:
        return None
    if "://" not in given:
        given = f"http://{given}"
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or "127.0.0.1"
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    if port is None and local_port is not None and parts.scheme == "http":
        port = local_port
    if port == own[1] and host in ("127.0.0.1", "localhost", "::1", own[0]):
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


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
