"""The policy file: its types, and the table that `runtime.core.policy` checks a file against. Durations are seconds.

Made from specs/schemas/policy.yaml by `isogloss generate`; never edited.
"""

from typing import Any, Literal

from msgspec import Struct


class Tls(Struct, frozen=True, kw_only=True):
    """By what the gateway shows that it is itself. A file that changes is read again."""

    cert: str  # a file of certificates in PEM, its own first
    key: str  # a file with the private key, in PEM, without a password


class Server(Struct, frozen=True, kw_only=True):
    """Where the gateway listens, and to whom."""

    host: str = "127.0.0.1"
    port: int = 7070  # 0 is any free one
    cors: list[str] = []  # web pages that may call, beside those of this machine; * is all
    fetch: list[str] = []  # hosts of media that are fetched where a provider takes no links, by https unless it says
    remember: int = 64  # MiB for what conversations have said, so that it is converted once; 0 is none
    operator_key: str | None = None  # in the header isogloss-operator it opens the decision record and the pin
    tls: Tls | None = None  # HTTPS in place of HTTP


class Queue(Struct, frozen=True, kw_only=True):
    """Where a request waits while no account can serve it."""

    size: Literal["auto"] | int = "auto"  # requests that may wait
    timeout: float = 30.0  # one deadline for all waiting


class Backoff(Struct, frozen=True, kw_only=True):
    """The pause before another try after a vendor's or a transport's failure."""

    base: float = 0.5
    factor: float = 2
    max: float = 8.0
    jitter: float = 0.75  # the part that is left to chance


class RetryAfter(Struct, frozen=True, kw_only=True):
    """What is made of an upstream's Retry-After."""

    max_wait: float = 60.0  # a longer rest is not waited for


class Affinity(Struct, frozen=True, kw_only=True):
    """Whether a conversation goes back to its account, where the vendor's prompt cache is."""

    enabled: bool = True
    ttl: float = 3600.0
    max_entries: int = 100000


class Timeouts(Struct, frozen=True, kw_only=True):
    """How long an upstream may take."""

    connect: float = 5.0
    first_byte: float = 120.0
    stream_idle: float = 300.0
    total: float = 600.0


class Settings(Struct, frozen=True, kw_only=True):
    """How a pool chooses, waits and tries again."""

    strategy: Literal["round_robin", "least_busy", "latency", "fill_first"] = "least_busy"  # who comes first
    rpm: int | None = None  # requests in any minute of the pool as a whole
    tpm: int | None = None  # tokens in any minute, sent and answered
    requests_per_day: int | None = None  # in any 24 hours
    tokens_per_day: int | None = None  # in any 24 hours
    queue: Queue = Queue()
    retries: int = 2  # after a vendor's or a transport's failure
    backoff: Backoff = Backoff()
    retry_after: RetryAfter = RetryAfter()
    affinity: Affinity = Affinity()
    timeouts: Timeouts = Timeouts()
    keepalive: float = 15.0  # silence before a client hears that we live


class Account(Struct, frozen=True, kw_only=True):
    """One credential at a provider."""

    name: str
    provider: str  # a file in specs/providers/
    key: str | None = None  # none for a local engine
    base_url: str | None = None  # replaces the provider's
    dialects: list[str] = []  # speak only these of the provider's; all where there are none
    weight: int = 1  # its share of the turns
    priority: int = 0  # the lowest is used first, whatever the strategy
    models: list[str] = []  # its upstream's names for them; * stands for anything; all where there are none
    rpm: int | None = None  # requests in any minute
    tpm: int | None = None  # tokens in any minute, sent and answered
    requests_per_day: int | None = None  # in any 24 hours
    tokens_per_day: int | None = None  # in any 24 hours
    max_concurrency: int | None = None  # requests at once
    headers: dict[str, str] = {}  # sent with every request
    settings: dict[str, str] = {}  # what the provider's address needs; a profile, a file of credentials
    proxy: str | None = None  # the way to the provider
    proxy_auth: str | None = None  # user:password for the proxy
    ca: str | None = None  # a file of certificates to trust beside the system's


class Pool(Settings, frozen=True, kw_only=True):
    """Accounts that can serve the same models, and how to choose among them."""

    accounts: list[Account]


class Route(Struct, frozen=True, kw_only=True):
    """Which pool serves a model."""

    name: str  # as the client writes it; * stands for anything
    pool: str
    upstream_model: str | None = None  # the client's name where this is absent
    fallback: list[str] = []  # pools to try next, in order
    loss: Literal["report", "refuse", "silent"] = "report"  # what happens when the upstream cannot be told everything
    honour: list[str] = []  # must-honour fields that may be lost here


class Client(Struct, frozen=True, kw_only=True):
    """Somebody who may call the gateway."""

    name: str
    key: str
    models: list[str] = []  # names this client may ask for; * stands for anything; all where there are none
    rpm: int | None = None  # requests in a minute
    tpm: int | None = None  # tokens in a minute
    max_concurrency: int | None = None  # requests at once
    tokens_per_day: int | None = None  # a budget, by UTC days
    tokens_per_month: int | None = None  # a budget, by UTC months


class Usage(Struct, frozen=True, kw_only=True):
    """Where the tokens of each client, account, model and day are kept."""

    file: str | None = None  # an SQLite file; beside the policy file, with its name, where this is absent
    database: str | None = None  # a PostgreSQL database instead; what is not said here libpq takes from the environment
    user: str | None = None  # of the database
    password: str | None = None  # of the database


class Responses(Struct, frozen=True, kw_only=True):
    """Where answers are kept that may be gone on from, and for how long."""

    file: str | None = None  # an SQLite file; where this is absent, `state`, else beside the policy file
    keep: float = 2592000.0  # 0s is not at all


class Policy(Struct, frozen=True, kw_only=True):
    """The policy file: pools of accounts, and which model goes where."""

    version: Literal[1] = 1  # of this form
    server: Server = Server()
    usage: Usage = Usage()
    responses: Responses = Responses()
    state: str | None = None  # a Redis or Valkey that makes all processes and machines one pool
    state_password: str | None = None  # of the store
    state_ca: str | None = None  # a file of certificates to trust for rediss://
    defaults: Settings = Settings()  # hold for every pool that does not say otherwise
    pools: dict[str, Pool]
    models: list[Route]  # matched top down, the first wins
    clients: list[Client] = []  # who may call; without it, whoever can connect


UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}  # of a duration, in seconds

# What may stand under each key: its kind with bounds, and an example to quote. A struct is its own kind.
TABLE: dict[type[Struct], dict[str, tuple[Any, str]]] = {}
TABLE[Tls] = {
    "cert": (("text", 1), "gateway.pem"),
    "key": (("text", 1), "gateway-key.pem"),
}
TABLE[Server] = {
    "host": (("text", 1), "127.0.0.1"),
    "port": (("integer", 0, 65535), "7070"),
    "cors": (("list", ("origin",), None, True), "[https://app.example]"),
    "fetch": (("list", ("text", 0), None, True), '[images.example.com, "*.cdn.example"]'),
    "remember": (("integer", 0, 65536), "64"),
    "operator_key": (("secret", "env", "file", "sha256"), "env:OPERATOR_KEY"),
    "tls": (Tls, "{cert: gateway.pem, key: gateway-key.pem}"),
}
TABLE[Queue] = {
    "size": (("either", ("word", ("auto",)), ("integer", 0, 1000000)), "100"),
    "timeout": (("seconds", 0, 3600), "30s"),
}
TABLE[Backoff] = {
    "base": (("seconds", 0, 3600), "500ms"),
    "factor": (("number", 1, 100), "2"),
    "max": (("seconds", 0, 3600), "8s"),
    "jitter": (("number", 0, 1), "0.75"),
}
TABLE[RetryAfter] = {
    "max_wait": (("seconds", 0, 3600), "60s"),
}
TABLE[Affinity] = {
    "enabled": (("boolean",), "true"),
    "ttl": (("seconds", 1, 2592000), "1h"),
    "max_entries": (("integer", 1, 10000000), "100000"),
}
TABLE[Timeouts] = {
    "connect": (("seconds", 0.001, 86400), "5s"),
    "first_byte": (("seconds", 0.001, 86400), "2m"),
    "stream_idle": (("seconds", 0.001, 86400), "5m"),
    "total": (("seconds", 0.001, 86400), "10m"),
}
TABLE[Settings] = {
    "strategy": (("word", ("round_robin", "least_busy", "latency", "fill_first")), "least_busy"),
    "rpm": (("integer", 1, 1000000000), "500"),
    "tpm": (("integer", 1, 1000000000000), "200000"),
    "requests_per_day": (("integer", 1, 1000000000000), "10000"),
    "tokens_per_day": (("integer", 1, 1000000000000000), "5000000"),
    "queue": (Queue, "{timeout: 30s}"),
    "retries": (("integer", 0, 100), "2"),
    "backoff": (Backoff, "{base: 500ms}"),
    "retry_after": (RetryAfter, "{max_wait: 60s}"),
    "affinity": (Affinity, "{enabled: true}"),
    "timeouts": (Timeouts, "{total: 10m}"),
    "keepalive": (("seconds", 0.1, 3600), "15s"),
}
TABLE[Account] = {
    "name": (("text", 1), "key-a"),
    "provider": (("text", 1), "openai"),
    "key": (("secret", "env", "file"), "env:OPENAI_API_KEY"),
    "base_url": (("url", "http", "https"), "http://127.0.0.1:8080/v1"),
    "dialects": (("list", ("text", 1), None, True), "[openai-chat]"),
    "weight": (("integer", 1, 1000), "1"),
    "priority": (("integer", 0, 1000), "0"),
    "models": (("list", ("text", 1), None, True), "[gpt-5*]"),
    "rpm": (("integer", 1, 1000000000), "500"),
    "tpm": (("integer", 1, 1000000000000), "200000"),
    "requests_per_day": (("integer", 1, 1000000000000), "10000"),
    "tokens_per_day": (("integer", 1, 1000000000000000), "5000000"),
    "max_concurrency": (("integer", 1, 1000000), "8"),
    "headers": (("map", ("text", 0), False), "{OpenAI-Organization: org-1}"),
    "settings": (("map", ("text", 0), False), "{region: eu-west-1}"),
    "proxy": (("url", "http", "https", "socks5"), "http://127.0.0.1:3128"),
    "proxy_auth": (("secret", "env", "file"), "env:PROXY_AUTH"),
    "ca": (("text", 1), "company-ca.pem"),
}
TABLE[Pool] = TABLE[Settings] | {
    "accounts": (("list", Account, None, False), "[{name: key-a, provider: openai, key: env:OPENAI_API_KEY}]"),
}
TABLE[Route] = {
    "name": (("text", 1), '"*"'),
    "pool": (("text", 1), "main"),
    "upstream_model": (("text", 1), "gpt-5"),
    "fallback": (("list", ("text", 1), 5, True), "[spare]"),
    "loss": (("word", ("report", "refuse", "silent")), "report"),
    "honour": (("list", ("text", 1), None, True), "[output_format]"),
}
TABLE[Client] = {
    "name": (("text", 1), "alice"),
    "key": (("secret", "env", "file", "sha256"), "env:ALICE_KEY"),
    "models": (("list", ("text", 1), None, True), "[gpt-5*]"),
    "rpm": (("integer", 1, 1000000000), "60"),
    "tpm": (("integer", 1, 1000000000000), "100000"),
    "max_concurrency": (("integer", 1, 1000000), "8"),
    "tokens_per_day": (("integer", 1, 1000000000000000), "1000000"),
    "tokens_per_month": (("integer", 1, 1000000000000000), "20000000"),
}
TABLE[Usage] = {
    "file": (("text", 1), "usage.sqlite"),
    "database": (("url", "postgresql"), "postgresql://127.0.0.1:5432/isogloss"),
    "user": (("text", 1), "isogloss"),
    "password": (("secret", "env", "file"), "env:DATABASE_PASSWORD"),
}
TABLE[Responses] = {
    "file": (("text", 1), "responses.sqlite"),
    "keep": (("seconds", 0, 31536000), "30d"),
}
TABLE[Policy] = {
    "version": (("word", (1,)), "1"),
    "server": (Server, "{port: 7070}"),
    "usage": (Usage, "{file: usage.sqlite}"),
    "responses": (Responses, "{keep: 30d}"),
    "state": (("url", "redis", "rediss"), "redis://127.0.0.1:6379/0"),
    "state_password": (("secret", "env", "file"), "env:REDIS_PASSWORD"),
    "state_ca": (("text", 1), "company-ca.pem"),
    "defaults": (Settings, "{retries: 2}"),
    "pools": (("map", Pool, True), "{main: {accounts: [{name: key-a, provider: openai, key: env:OPENAI_API_KEY}]}}"),
    "models": (("list", Route, None, False), '[{name: "*", pool: main}]'),
    "clients": (("list", Client, None, False), "[{name: alice, key: env:ALICE_KEY}]"),
}
