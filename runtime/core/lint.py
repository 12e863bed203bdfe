"""What a policy means, where its form is right: pools and rules that nothing reaches, tries that cannot be, lost promises.

Everything here is a warning: the gateway serves by such a file, but not as its author may think.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import Any

from msgspec import Struct

from generated.policy import Account, Policy, Pool, Route
from runtime.core.diagnostic import Diagnostic, at
from runtime.core.located import Node, load
from runtime.core.policy import matches, route

SDK_TIMEOUT = 600.0  # seconds that the SDKs of OpenAI and Anthropic wait
SECRETS = ("key", "operator_key", "password", "proxy_auth", "state_password")  # may be in a file
FILES = ("ca", "cert", "credentials", "state_ca")  # are one, as is the `key` of `tls`


class Knowledge(Struct, frozen=True):
    """What the specs know: `dialects` of a provider; must-honour `fields` of a dialect's requests; and what a provider
    `cannot` honour in a dialect, field to reason. And what a file is: why it is `unreadable`, None if it can be read."""

    dialects: Mapping[str, Iterable[str]]
    fields: Callable[[str], Iterable[str]]
    cannot: Callable[[str, str], Mapping[str, str]]
    unreadable: Callable[[str], str | None] = lambda path: None


def lint(
    text: str, file: str, policy: Policy, knowledge: Knowledge, client_timeout: float = SDK_TIMEOUT
) -> list[Diagnostic]:
    """What is to be said of a policy that `parse` has read from this text. `client_timeout`: seconds clients wait."""
    root, _ = load(text, file)
    one = _Lint(policy, root, knowledge, client_timeout)
    one.files(root)
    one.pools()
    one.rules()
    return one.found


class _Lint:
    def __init__(self, policy: Policy, root: Node, knowledge: Knowledge, client_timeout: float) -> None:
        self.policy, self.root, self.knowledge, self.client_timeout = policy, root, knowledge, client_timeout
        self.found: list[Diagnostic] = []

    def say(self, node: Node, code: str, message: str, **more: Any) -> None:
        said = at(node, code, message, severity="warning", **more)
        if said not in self.found:  # what stands in the defaults is looked at for each pool
            self.found.append(said)

    def files(self, node: Node, inside: str = "") -> None:
        """Whether what keys and certificates are read from is there."""
        if isinstance(node.value, list):
            for one in node.value:
                self.files(one, inside)
        elif isinstance(node.value, dict):
            for key, one in node.value.items():
                if not isinstance(one.value, str):
                    self.files(one, key)
                    continue
                path = None
                if inside == "tls" or (key in FILES and inside != "headers"):
                    path = one.value
                elif key in SECRETS and inside != "headers" and one.value.startswith("file:"):
                    path = one.value.removeprefix("file:")
                if path is not None and (why := self.knowledge.unreadable(path)) is not None:
                    self.say(one, "E713", f"{path} cannot be read: {why}")

    # ---- pools

    def pools(self) -> None:
        used = {name for rule in self.policy.models for name in (rule.pool, *rule.fallback)}
        for name, pool in self.policy.pools.items():
            if name not in used:
                node = self.root.at("pools").keys[name]
                self.say(node, "E720", f"no rule leads to pool `{name}`", fixes=[f'{{name: "*", pool: {name}}}'])
            self.tries(name, pool)
            self.weights(name, pool)

    def tries(self, name: str, pool: Pool) -> None:
        """Whether the retries fit into the time that the policy and the client leave for them."""
        times, backoff = pool.timeouts, pool.backoff
        longest = [min(backoff.base * backoff.factor**n, backoff.max) for n in range(pool.retries)]
        shortest = list(accumulate(pause * (1 - backoff.jitter) for pause in longest))
        fitting = sum(pause <= pool.queue.timeout for pause in shortest)
        if fitting < pool.retries:
            message = (
                f"of {pool.retries} retries {pool.retries - fitting} are never made: the pauses before them are"
                f" {_seconds(shortest[-1])} at least, and all waiting together ends after {_seconds(pool.queue.timeout)}"
            )
            fix = f"retries: {fitting}"
            self.say(self.setting(name, "retries"), "E721", message, caret="by queue: {timeout: ...}", fixes=[fix])
        silent = (pool.retries + 1) * (times.connect + times.first_byte) + sum(longest)
        ends = min(times.total, silent)
        if ends > self.client_timeout:
            message = (
                f"an upstream that stays silent is tried for {_seconds(ends)}, and clients leave after"
                f" {_seconds(self.client_timeout)}: what is tried then, nobody waits for"
            )
            known = ["SDKs wait 10 minutes where they are told nothing; --client-timeout says what yours wait."]
            each = (self.client_timeout - sum(longest)) / (pool.retries + 1) - times.connect
            fixes = [f"timeouts: {{total: {_written(self.client_timeout)}}}"]
            if each >= 1:
                fixes.append(f"timeouts: {{first_byte: {_written(each)}}}")
            self.say(self.setting(name, "timeouts", "retries"), "E722", message, known=known, fixes=fixes)
        elif times.total < silent:
            begun = sum(
                start < times.total
                for start in (
                    n * (times.connect + times.first_byte) + sum(longest[:n]) for n in range(pool.retries + 1)
                )
            )
            if begun <= pool.retries:
                message = (
                    f"while upstreams stay silent {begun} of {pool.retries + 1} tries are made: each may take"
                    f" {_seconds(times.connect + times.first_byte)}, and all end after {_seconds(times.total)}"
                )
                each = (times.total - sum(longest)) / (pool.retries + 1) - times.connect
                fix = f"timeouts: {{first_byte: {_written(each)}}}" if each >= 1 else f"retries: {begun - 1}"
                self.say(self.setting(name, "timeouts"), "E721", message, fixes=[fix])

    def weights(self, name: str, pool: Pool) -> None:
        """Weights and priorities that decide nothing."""
        if len(pool.accounts) == 1:
            node = self.root.at("pools", name, "accounts", 0)
            for key in ("weight", "priority"):
                if node.get(key) is not None:
                    self.say(node.keys[key], "E723", f"`{key}` of the only account of pool `{name}` decides nothing")

    def setting(self, pool: str, *keys: str) -> Node:
        """Where the first of a pool's settings was written: by itself, in the defaults, or nowhere: then the pool's name."""
        for key in keys:
            for place in (self.root.at("pools", pool), self.root.get("defaults")):
                if place is not None and place.get(key) is not None:
                    return place.keys[key]
        return self.root.at("pools").keys[pool]

    # ---- rules

    def rules(self) -> None:
        earlier: list[Route] = []
        for number, rule in enumerate(self.policy.models):
            node = self.root.at("models", number)
            if any(matches(before.name, rule.name) for before in earlier):
                earlier.append(rule)
                continue  # never reached, as was said: nothing that it holds matters
            self.overlap(node, rule, earlier)
            self.alias(node, rule, earlier)
            self.fallbacks(node, rule)
            earlier.append(rule)

    def overlap(self, node: Node, rule: Route, earlier: list[Route]) -> None:
        for before in earlier:
            if _target(before) == _target(rule) or matches(rule.name, before.name):
                continue
            example = _both(before.name, rule.name)
            if example is not None:
                message = f"`{rule.name}` shares names with a rule above it, which gets them"
                caret = f"`{before.name}` gets, for one, `{example}`"
                self.say(node.at("name"), "E724", message, caret=caret)

    def alias(self, node: Node, rule: Route, earlier: list[Route]) -> None:
        """An alias whose upstream's own name leads elsewhere."""
        if rule.upstream_model is None or rule.upstream_model == rule.name:
            return
        direct = route(self.policy, rule.name.replace("*", ""))
        other = next((one for one in self.policy.models if one.name == rule.upstream_model), None)
        if other is not None and other is not direct and other.upstream_model not in (None, rule.upstream_model):
            message = (
                f"`{rule.name}` stands for `{rule.upstream_model}`, and that is an alias of `{other.upstream_model}`"
            )
            known = ["An alias is not followed: what stands here goes to the upstream as it is."]
            self.say(
                node.at("upstream_model"),
                "E725",
                message,
                known=known,
                fixes=[f"upstream_model: {other.upstream_model}"],
            )

    def fallbacks(self, node: Node, rule: Route) -> None:
        main = self.policy.pools[rule.pool]
        self.serves(node.at("pool"), rule, main, rule.pool)
        seen = {_identity(account) for account in main.accounts}
        for number, name in enumerate(rule.fallback):
            pool, place = self.policy.pools[name], node.at("fallback", number)
            own = {_identity(account) for account in pool.accounts}
            endless = self.endless([rule.pool, *rule.fallback[:number]])
            if endless is not None:
                message = f"fallback `{name}` is never reached: pool `{endless}` has an echo, which always answers"
                self.say(place, "E726", message)
            elif own <= seen:
                message = f"fallback `{name}` has no account that was not tried before it"
                self.say(place, "E726", message, caret="it fails when they fail")
            else:
                self.serves(place, rule, pool, name)
                self.promises(place, rule, main, pool, name)
            seen |= own

    def endless(self, pools: list[str]) -> str | None:
        """A pool with an account that never fails and is never full."""
        for name in pools:
            if any(one.provider == "echo" and one.max_concurrency is None for one in self.policy.pools[name].accounts):
                return name
        return None

    def serves(self, place: Node, rule: Route, pool: Pool, name: str) -> None:
        """Whether any account has the model that the rule asks for; unknown where the client's name is kept and open."""
        model = rule.upstream_model or rule.name
        if not all(account.models for account in pool.accounts):
            return
        lists = {pattern for account in pool.accounts for pattern in account.models}
        if not any(_both(pattern, model) is not None for pattern in lists):
            message = f"no account of pool `{name}` has the model `{model}`"
            self.say(place, "E726", message, known=[f"Its accounts have: {', '.join(sorted(lists))}."])

    def promises(self, place: Node, rule: Route, main: Pool, pool: Pool, name: str) -> None:
        """Must-honour fields that the route's own pool keeps, and no account of the fallback does."""
        (kept, _), (able, refused) = self.honoured(main), self.honoured(pool)
        lost = sorted((refused.keys() & kept) - able - {*rule.honour})
        fields = {field: refused[field] for field in lost}
        if fields:
            listed = ", ".join(f"`{field}`" for field in fields)
            message = f"fallback `{name}` cannot honour {listed}, as pool `{rule.pool}` does: such requests fail there"
            known = [f"{field}: {why}." for field, why in fields.items()]
            fix = f"honour: [{', '.join(map(_quoted, [*rule.honour, *fields]))}]"
            self.say(place, "E727", message, known=[*known, "If they may be lost on this route, write:"], fixes=[fix])

    def honoured(self, pool: Pool) -> tuple[set[str], dict[str, str]]:
        """Fields that an account of a pool honours in one of its dialects; and those that one refuses, with the reason."""
        able, refused = set(), {}
        for account in pool.accounts:
            for dialect in account.dialects or self.knowledge.dialects[account.provider]:
                cannot = self.knowledge.cannot(account.provider, dialect)
                able |= {*self.knowledge.fields(dialect)} - cannot.keys()
                refused = {**cannot, **refused}
        return able, refused


def _target(rule: Route) -> tuple:
    return rule.pool, rule.upstream_model, tuple(rule.fallback)


def _identity(account: Account) -> tuple:
    return account.provider, account.key, account.base_url


def _both(one: str, other: str) -> str | None:
    """A name that both patterns match, if there is one: the stars of each stand for the other's text between."""
    seen: set[tuple[int, int]] = set()
    open_: list[tuple[int, int, str]] = [(0, 0, "")]
    while open_:
        i, j, text = open_.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        if i == len(one) and j == len(other):
            return text
        a, b = one[i : i + 1], other[j : j + 1]
        if a == "*":
            open_.append((i + 1, j, text))  # it stands for nothing more
            if b and b != "*":
                open_.append((i, j + 1, text + b))
        if b == "*":
            open_.append((i, j + 1, text))
            if a and a != "*":
                open_.append((i + 1, j, text + a))
        if a and a == b:
            open_.append((i + 1, j + 1, text + ("" if a == "*" else a)))
    return None


def _quoted(word: str) -> str:
    return f'"{word}"' if word in ("n", "y") else word  # which some readers of YAML take for no and yes


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 60 else f"{round(seconds / 60, 1):g} min"


def _written(seconds: float) -> str:
    """A duration as the policy file has it."""
    return f"{int(seconds)}s"
