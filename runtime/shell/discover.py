"""Accounts without a policy file, from the providers' usual environment variables and local ports."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from generated.providers import PROVIDERS
from runtime.core import echo
from runtime.core.catalogue import provider
from runtime.core.pool import Account
from runtime.core.route import Found
from runtime.shell.lists import list_models
from runtime.shell.snapshot import Line, Missing, read_secret
from runtime.shell.upstream import Upstreams

PROBE_S = 0.5  # for an engine on this machine to list its models
FIRST_LIST_S = 1.5  # for a vendor to, while the gateway starts


class Discovered(msgspec.Struct):
    """An account that was found, and where; `source` never holds a secret."""

    found: Found
    account: Account
    line: Line
    source: str


async def discover(environ: Mapping[str, str], own: tuple[str, int]) -> tuple[list[Discovered], list[str]]:
    """The accounts there are, in the order of preference, else the built-in echo; and what is wrong with some."""
    keyed, local, problems = candidates(environ, own)
    upstreams = Upstreams(environ)
    try:
        lists = await asyncio.gather(
            *(list_models(one.line, one.account, upstreams, FIRST_LIST_S) for one in keyed),
            *(list_models(one.line, one.account, upstreams, PROBE_S) for one in local),
        )
    finally:
        await upstreams.close()
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
