"""Everything in force at one time: pools, routes, credentials. Built whole, never changed; a request keeps the one it began with."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import aiohttp
from yarl import URL

from generated.policy import Policy
from generated.policy import Settings as PoolPolicy
from runtime.core.exchange import Settings
from runtime.core.policy import secret_source
from runtime.core.pool import Account, Pool
from runtime.core.route import Found, FoundRoutes, PolicyRoutes, Routes
from runtime.core.translate import provider

QUEUE_SIZE = 1000  # of `size: auto`
SHORTEST_SECRET = 8  # bytes; taking a shorter one out of a text would spoil the text


class Line:
    """What it takes to call one account: address, credential, headers. Has no useful repr, as it holds a secret."""

    __slots__ = ("_urls", "base_url", "headers", "models_path", "place", "secret")

    def __init__(self, name: str, base_url: str | None, secret: str | None, headers: Mapping[str, str]) -> None:
        facts = provider(name)
        self.base_url = (base_url or facts.base_url).rstrip("/")
        self.models_path = facts.models_path
        self.secret = secret
        self.headers = {name.lower(): value for name, value in headers.items()}
        url = URL(self.base_url)
        self.place = f"{url.host}:{url.port}" if url.port else (url.host or self.base_url)
        self._urls: dict[str, URL] = {}

    def url(self, path: str) -> URL:
        url = self._urls.get(path)
        if url is None:
            url = self._urls[path] = URL(self.base_url + path)
        return url

    def credential(self, place: Mapping[str, str]) -> dict[str, str]:
        """The header that holds the credential; `place` is its name and format."""
        return {place["header"]: place["format"].format(key=self.secret)} if self.secret else {}


class Snapshot:
    """`lines` are by pool and account name; `clients` by name, with the SHA-256 of each one's key."""

    def __init__(
        self,
        pools: Mapping[str, Pool],
        settings: Mapping[str, Settings],
        connect: Mapping[str, float],
        lines: Mapping[tuple[str, str], Line],
        routes: Routes,
        clients: Mapping[str, bytes],
    ) -> None:
        self.pools, self.settings, self.lines, self.routes, self.clients = pools, settings, lines, routes, clients
        self.timeouts = {
            name: aiohttp.ClientTimeout(total=None, sock_connect=seconds) for name, seconds in connect.items()
        }
        self.conceal = concealer(line.secret for line in lines.values() if line.secret)

    @property
    def ready(self) -> bool:
        return any(pool.accounts for pool in self.pools.values())

    def client(self, credentials: Iterable[str]) -> str | None:
        """The name of the client that one of the credentials belongs to, in a time that does not tell which."""
        found = None
        for credential in credentials:
            digest = hashlib.sha256(credential.encode("utf-8", "surrogateescape")).digest()
            for name, known in self.clients.items():
                if hmac.compare_digest(digest, known):
                    found = name
        return found


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


def from_policy(policy: Policy, environ: Mapping[str, str]) -> tuple[Snapshot, list[str]]:
    """The snapshot of a policy file, and what is wrong with its secrets: such an account or client is left out."""
    problems: list[str] = []
    pools, settings, connect, lines = {}, {}, {}, {}
    for name, wanted in policy.pools.items():
        accounts = []
        for account in wanted.accounts:
            try:
                secret = read_secret(account.key, environ) if account.key else None
            except Missing as missing:
                problems.append(f"account {account.name} of pool {name} is left out: {missing}")
                continue
            dialects = tuple(account.dialects or provider(account.provider).dialects)
            rests = account.provider != "echo"
            accounts.append(
                Account(account.name, account.provider, dialects, account.weight, account.max_concurrency, rests)
            )
            lines[name, account.name] = Line(account.provider, account.base_url, secret, account.headers)
        size = QUEUE_SIZE if wanted.queue.size == "auto" else wanted.queue.size
        pools[name] = Pool(name, accounts, queue_size=size)
        settings[name] = _settings(wanted)
        connect[name] = wanted.timeouts.connect
    clients = {}
    for client in policy.clients:
        try:
            kind, where = secret_source(client.key)
            known = (
                bytes.fromhex(where)
                if kind == "sha256"
                else hashlib.sha256(read_secret(client.key, environ).encode()).digest()
            )
            clients[client.name] = known
        except Missing as missing:
            problems.append(f"client {client.name} is left out: {missing}")
    if policy.clients and not clients:
        clients[""] = b""  # a file that names clients never means: let everybody in
    return Snapshot(pools, settings, connect, lines, PolicyRoutes(policy), clients), problems


def from_found(found: Sequence[tuple[Found, Account, Line]]) -> Snapshot:
    """The snapshot of accounts found without a policy file: each is a pool of its own."""
    default = PoolPolicy()
    return Snapshot(
        {one.name: Pool(one.name, [account], queue_size=QUEUE_SIZE) for one, account, _ in found},
        {one.name: _settings(default) for one, _, _ in found},
        {one.name: default.timeouts.connect for one, _, _ in found},
        {(one.name, account.name): line for one, account, line in found},
        FoundRoutes([one for one, _, _ in found]),
        {},
    )


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
