"""Everything in force at one time: pools, routes, credentials. Built whole, never changed; a request keeps the one it began with."""

import hashlib
import hmac
import json
import random
import re
import ssl
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from yarl import URL

from generated.policy import Account as AccountPolicy
from generated.policy import Client, Policy
from generated.policy import Settings as PoolPolicy
from runtime.core.account import Account
from runtime.core.affinity import Affinity
from runtime.core.catalogue import provider, version_said
from runtime.core.counting import counters
from runtime.core.exchange import Settings
from runtime.core.limits import Limits
from runtime.core.passing import passages
from runtime.core.policy import matches, secret_source
from runtime.core.pool import Pool
from runtime.core.route import Found, FoundRoutes, PolicyRoutes, Routes
from runtime.shell.credentials import Signature, Token, Unavailable, credentials

LOOPBACK = ("127.", "localhost", "[::1]", "::1")  # for these the environment's proxy is not asked
QUEUE_SIZE = 1000  # of `size: auto`
POOL_LIMITS, AT_ONCE = ("rpm", "tpm", "requests_per_day", "tokens_per_day"), "max_concurrency"
URLS_REMEMBERED = 1000
ABOVE = "/.."
_PLACE = re.compile(r"\{(\w+)\}")
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY")  # of the environment
SHORTEST_SECRET = 8  # bytes; taking a shorter one out of a text would spoil the text


class Way(NamedTuple):
    """How to get to an account's provider, where that is not straight. The proxy's user and password are a secret."""

    proxy: str | None
    login: tuple[str, str] | None
    ca: str | None  # certificates that are trusted, too: PEM

    @property
    def socks(self) -> bool:
        return self.proxy is not None and self.proxy.startswith("socks5://")


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


class Line:
    """What it takes to call one account: address, credential, headers. Has no useful repr, as it holds a secret."""

    __slots__ = (
        *("_settings", "_urls", "base_url", "credentials", "headers", "heads", "local", "models_path"),
        *("options", "place", "secret", "spot", "way"),
    )

    def __init__(
        self,
        name: str,
        base_url: str | None,
        secret: str | None,
        headers: Mapping[str, str],
        way: Way | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Raises Missing where the provider's address needs a setting, or its credentials a library, that is not there."""
        facts = provider(name)
        self._settings = settings or {}
        self.base_url = self._filled(base_url or facts.base_url).rstrip("/")
        for spoken in facts.dialects.values():
            for path in spoken.values():
                self._filled(path.replace("{model}", ""))
        self.credentials: Token | Signature | None = None  # of an account without a key
        if secret is None and (wanted := facts.auth.get("keyless")) is not None:
            try:
                self.credentials = credentials(wanted, self._settings)
            except Unavailable as problem:
                raise Missing(str(problem)) from None
        self.models_path = facts.models_path
        self.secret, self.way = secret, way
        self.headers = {name.lower(): value for name, value in headers.items()}
        url = URL(self.base_url)
        self.options: dict[str, Any] = {}  # of every call
        if way is not None and way.proxy is not None and not way.socks:
            login = {"proxy-authorization": _basic(*way.login)} if way.login else {}
            self.options = {"proxy": way.proxy, "proxy_headers": login}
            if url.scheme == "http":  # such a request goes to the proxy itself; only a tunnel has a head of its own
                self.headers |= login
        self.place = f"{url.host}:{url.port}" if url.port else (url.host or self.base_url)
        self.local = self.place.startswith(LOOPBACK)
        self._urls: dict[str, URL] = {}
        self.spot: Any = None  # where the express lane connects; False: by way of aiohttp
        self.heads: dict[Any, Any] = {}  # of its requests, but for what differs

    def _filled(self, address: str) -> str:
        """The settings in their places."""
        try:
            return _PLACE.sub(lambda place: self._settings[place[1]], address)
        except KeyError as name:
            raise Missing(f"its provider needs to know more, as in settings: {{{name.args[0]}: ...}}") from None

    def url(self, path: str) -> URL:
        """The address of a path. A model's name in it is written by the client: not every one is remembered."""
        url = self._urls.get(path)
        if url is None:
            if len(self._urls) >= URLS_REMEMBERED:
                self._urls.clear()
            base, rest = self.base_url, path
            if path.startswith(ABOVE):  # beside what base_url ends in, if it ends in anything
                base, rest = str(URL(base).parent).rstrip("/"), path.removeprefix(ABOVE)
            url = self._urls[path] = URL(base + self._filled(rest))
        return url

    def credential(self, place: Mapping[str, str]) -> dict[str, str]:
        """The header that holds the credential; `place` is its name and format."""
        return {place["header"]: place["format"].format(key=self.secret)} if self.secret else {}


def proxy_in(environ: Mapping[str, str]) -> bool:
    """Whether the environment names a proxy."""
    return any(map(environ.get, PROXIES))


class Snapshot:
    """`lines` are by pool and account name; `clients` by name, with the SHA-256 of each one's key; `rules` are theirs."""

    def __init__(
        self,
        pools: Mapping[str, Pool],
        settings: Mapping[str, Settings],
        connect: Mapping[str, float],
        lines: Mapping[tuple[str, str], Line],
        routes: Routes,
        clients: Mapping[str, bytes],
        rules: Sequence[Client] = (),
        operator: bytes | None = None,
        cors: Sequence[str] = (),
        fetch: Sequence[str] = (),
        remember: int = 64,
    ) -> None:
        self.pools, self.settings, self.lines, self.routes, self.clients = pools, settings, lines, routes, clients
        self._by_hash = {known: name for name, known in clients.items()}
        self.rules, self.operator, self.cors = rules, operator, frozenset(cors)
        self.remember = remember  # MiB
        self._fetch = [one if "://" in one else f"https://{one}" for one in fetch]
        self._unable: dict[str, dict[str, frozenset[str]]] = {}
        self._strangers: dict[tuple[str, str, frozenset[str]], frozenset[str]] = {}
        self.connect = connect  # seconds, by pool
        secrets = [line.secret for line in lines.values() if line.secret]
        secrets += [line.way.login[1] for line in lines.values() if line.way and line.way.login]
        self.conceal = concealer(secrets)

    def unable(self, client: str) -> dict[str, frozenset[str]]:
        """By pool, the accounts whose providers count no tokens for a client's dialect."""
        if client not in self._unable:
            self._unable[client] = {
                name: frozenset(one.name for one in pool.accounts if not counters(one, client))
                for name, pool in self.pools.items()
            }
        return self._unable[client]

    def passages(self, path: str) -> dict[str, dict[str, str]]:
        """By dialect, the providers of its accounts that take a path as it is, each with the path there."""
        found: dict[str, dict[str, str]] = {}
        for name, dialects in {kind for kinds in self._kinds.values() for kind in kinds}:
            for dialect, place in passages(name, path).items():
                if dialect in dialects:
                    found.setdefault(dialect, {})[name] = place
        return found

    def strangers(self, pool: str, dialect: str, providers: frozenset[str]) -> frozenset[str]:
        """The accounts of a pool that are none of those providers', or do not speak a dialect."""
        key = (pool, dialect, providers)
        if key not in self._strangers:
            kinds = self._kinds[pool].items()
            self._strangers[key] = frozenset(
                one
                for (name, dialects), names in kinds
                if name not in providers or dialect not in dialects
                for one in names
            )
        return self._strangers[key]

    def takes(self, pool: Pool, dialect: str, providers: Iterable[str]) -> bool:
        """Whether a pool has an account of one of those providers that speaks a dialect."""
        return len(self.strangers(pool.name, dialect, frozenset(providers))) < pool.size

    @cached_property
    def _kinds(self) -> dict[str, dict[tuple[str, tuple[str, ...]], list[str]]]:
        """By pool, the names of accounts of each kind: with the same provider and dialects."""
        found: dict[str, dict[tuple[str, tuple[str, ...]], list[str]]] = {}
        for pool in self.pools.values():
            kinds = found.setdefault(pool.name, {})
            for account in pool.accounts:
                kinds.setdefault((account.provider, account.dialects), []).append(account.name)
        return found

    @property
    def ready(self) -> bool:
        return any(pool.accounts for pool in self.pools.values())

    def may_fetch(self, url: str) -> bool:
        """Whether the policy lists the host of a link."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if "@" in parts.netloc or "\\" in url or not parts.hostname:
            return False
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        return any(matches(pattern.lower(), origin) for pattern in self._fetch)

    def operates(self, credential: str) -> bool:
        """Whether this is the operator's key."""
        return self.operator is not None and hmac.compare_digest(_digest(credential), self.operator)

    def client(self, credentials: Iterable[str]) -> str | None:
        """The name of the client that one of the credentials belongs to.

        How long it takes tells of hashes alone, and nobody can choose a credential by its hash.
        """
        found = None
        for credential in credentials:
            found = self._by_hash.get(_digest(credential), found)
        return found


def _digest(credential: str) -> bytes:
    return hashlib.sha256(credential.encode("utf-8", "surrogateescape")).digest()


def concealer(secrets: Iterable[str]) -> Callable[[bytes], bytes]:
    """Takes the secrets out of a text, as they are and as they stand in URLs and in JSON."""
    forms = {
        form.encode()
        for secret in secrets
        if len(secret) >= SHORTEST_SECRET
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    if not forms:
        return bytes
    pattern = re.compile(b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: pattern.sub(b"[key]", text)


class Missing(Exception):
    """A secret that is not where the policy says it is. The text says where that was."""


def read_secret(key: str, environ: Mapping[str, str]) -> str:
    """The secret at `env:NAME` or `file:PATH`. Raises Missing."""
    kind, where = secret_source(key)
    if kind == "env":
        secret = environ.get(where, "").strip()
        if not secret:
            raise Missing(f"the environment has no {where}")
    else:
        try:
            secret = Path(where).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as problem:
            raise Missing(f"{where} cannot be read: {getattr(problem, 'strerror', None) or 'it is no text'}") from None
        if not secret:
            raise Missing(f"{where} is empty")
    if not secret.isascii() or not secret.isprintable():
        raise Missing(f"what {key} holds cannot stand in a header: it has characters that are not printable ASCII")
    return secret


def from_policy(
    policy: Policy, environ: Mapping[str, str], share: tuple[int, int] = (0, 1)
) -> tuple[Snapshot, list[str]]:
    """The snapshot of a policy file, and what is wrong with its secrets: such an account or client is left out.

    `share` is this process's part of every limit: (index, count).
    """
    problems: list[str] = []
    pools, settings, connect, lines = {}, {}, {}, {}
    for name, wanted in policy.pools.items():
        accounts = []
        for account in wanted.accounts:
            try:
                secret = read_secret(account.key, environ) if account.key else None
                way = _way(account, environ)
                headers = {header.lower(): value for header, value in account.headers.items()}
                line = Line(account.provider, account.base_url, secret, headers, way, account.settings)
            except Missing as missing:
                problems.append(f"account {account.name} of pool {name} is left out: {missing}")
                continue
            accounts.append(_account(account))
            lines[name, account.name] = line
        pools[name] = _pool(name, accounts, wanted, share)
        settings[name] = _settings(wanted)
        connect[name] = wanted.timeouts.connect
    clients, operator = {}, None
    for client in policy.clients:
        try:
            clients[client.name] = _known(client.key, environ)
        except Missing as missing:
            problems.append(f"client {client.name} is left out: {missing}")
    if policy.clients and not clients:
        clients[""] = b""  # a file that names clients never means: let everybody in
    if policy.server.operator_key is not None:
        try:
            operator = _known(policy.server.operator_key, environ)
        except Missing as missing:
            problems.append(f"nobody is an operator: {missing}")
    if share[1] > 1 and policy.state is None and (few := _unsplit(policy, share[1])):
        problems.append(f"{share[1]} workers cannot split what is less than that, so each has 1 of {', '.join(few)}")
    rules = [client for client in policy.clients if client.name in clients]
    routes, server = PolicyRoutes(policy), policy.server
    return Snapshot(
        *(pools, settings, connect, lines, routes, clients, rules, operator),
        *(server.cors, server.fetch, server.remember),
    ), problems


def _unsplit(policy: Policy, count: int) -> list[str]:
    """The limits of a policy of which not everyone among so many can have a part."""
    found: list[tuple[str, Any, Iterable[str]]] = []
    for name, pool in policy.pools.items():
        found.append((f"pool {name}", pool, POOL_LIMITS))
        found += [(f"account {one.name} of pool {name}", one, (*POOL_LIMITS, AT_ONCE)) for one in pool.accounts]
    found += [(f"client {client.name}", client, ("rpm", "tpm", AT_ONCE)) for client in policy.clients]
    return [
        f"`{limit}` of {name}"
        for name, one, limits in found
        for limit in limits
        if (most := getattr(one, limit)) is not None and most < count
    ]


def _way(account: AccountPolicy, environ: Mapping[str, str]) -> Way | None:
    if account.proxy is None and account.ca is None:
        return None
    if (account.proxy or "").startswith("socks5://") and find_spec("aiohttp_socks") is None:
        raise Missing("a socks5 proxy needs a library more: pip install 'isogloss[socks]'")
    login = None
    if account.proxy_auth is not None:
        user, colon, password = read_secret(account.proxy_auth, environ).partition(":")
        if not colon:
            raise Missing(f"what {account.proxy_auth} holds is no user:password")
        login = (user, password)
    return Way(account.proxy, login, None if account.ca is None else _certificates(account.ca))


def _certificates(file: str) -> str:
    """The certificates in a PEM file. Raises Missing."""
    try:
        text = Path(file).expanduser().read_bytes().decode("ascii", "ignore")  # comments may be in any language
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (OSError, ValueError) as problem:  # an SSLError is an OSError
        raise Missing(f"{file} holds no certificates: {getattr(problem, 'strerror', None) or problem}") from None
    return sys.intern(text)  # connections are kept by it: the same text shall be the same string


def _known(key: str, environ: Mapping[str, str]) -> bytes:
    """The SHA-256 by which a key of the gateway's own is known. Raises Missing."""
    kind, where = secret_source(key)
    return bytes.fromhex(where) if kind == "sha256" else _digest(read_secret(key, environ))


def from_found(found: Sequence[tuple[Found, Account, Line]], share: tuple[int, int] = (0, 1)) -> Snapshot:
    """The snapshot of accounts found without a policy file: each is a pool of its own."""
    default = PoolPolicy()
    return Snapshot(
        {one.name: _pool(one.name, [account], default, share) for one, account, _ in found},
        {one.name: _settings(default) for one, _, _ in found},
        {one.name: default.timeouts.connect for one, _, _ in found},
        {(one.name, account.name): line for one, account, line in found},
        FoundRoutes([one for one, _, _ in found]),
        {},
    )


def _account(wanted: AccountPolicy) -> Account:
    dialects = tuple(wanted.dialects) or provider(wanted.provider).usual
    return Account(
        name=wanted.name,
        provider=wanted.provider,
        dialects=dialects,
        weight=wanted.weight,
        max_concurrency=wanted.max_concurrency,
        rests=wanted.provider != "echo",
        priority=wanted.priority,
        models=tuple(wanted.models),
        limits=_limits(wanted),
        version=version_said(dialects, wanted.headers),
    )


def _pool(name: str, accounts: Sequence[Account], wanted: PoolPolicy, share: tuple[int, int] = (0, 1)) -> Pool:
    affinity = wanted.affinity
    return Pool(
        name,
        accounts,
        strategy=wanted.strategy,
        queue_size=QUEUE_SIZE if wanted.queue.size == "auto" else wanted.queue.size,
        limits=_limits(wanted),
        affinity=Affinity(affinity.ttl, affinity.max_entries) if affinity.enabled else None,
        chance=random.random,
        share=share,
    )


def _limits(wanted: AccountPolicy | PoolPolicy) -> Limits:
    return Limits(wanted.rpm, wanted.tpm, wanted.requests_per_day, wanted.tokens_per_day)


def _settings(wanted: PoolPolicy) -> Settings:
    return Settings(
        retries=wanted.retries,
        backoff=wanted.backoff.base,
        backoff_factor=wanted.backoff.factor,
        backoff_max=wanted.backoff.max,
        jitter=wanted.backoff.jitter,
        patience=wanted.queue.timeout,
        longest_wait=wanted.retry_after.max_wait,
        first_byte=wanted.timeouts.first_byte,
        stream_idle=wanted.timeouts.stream_idle,
        total=wanted.timeouts.total,
        keepalive=wanted.keepalive,
    )
