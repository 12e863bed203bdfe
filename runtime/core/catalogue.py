"""The dialects and the providers that were generated, each loaded when somebody speaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

import msgspec

from generated.dialects import DIALECTS
from generated.providers import PROVIDERS
from runtime.core.context import Context
from runtime.core.forms import SPOKEN
from runtime.core.outcome import Faults
from runtime.core.rules import CANONICAL


class Provider(msgspec.Struct):
    """A provider's facts, from its overlay."""

    name: str
    base_url: str
    auth: dict[str, Any]
    dialects: dict[str, dict[str, str]]
    env: dict[str, str]
    models: dict[str, dict[str, Any]]
    headers: dict[str, str]
    models_path: str | None
    local_port: int | None

    @property
    def usual(self) -> tuple[str, ...]:
        """The dialects that an account speaks which does not say which."""
        return tuple(name for name, place in self.dialects.items() if "asked" not in place)

    def capabilities(self, model: str) -> dict[str, Any]:
        """What a model is known to take; the first pattern that matches its name decides."""
        return _capabilities(self.name, model)


@cache
def faults(name: str) -> Faults:
    """What a provider's errors mean; of an unknown one, what they usually do."""
    facts = PROVIDERS.get(name, {})
    return Faults(**{key: facts[key] for key in ("errors", "limits", "wait") if key in facts})


@cache
def provider(name: str) -> Provider:
    """A shipped provider by name; KeyError if there is none."""
    facts = PROVIDERS[name]
    return Provider(
        name=name,
        base_url=facts["base_url"],
        auth=facts["auth"],
        dialects=facts["dialects"],
        env=facts.get("env", {}),
        models=facts.get("models", {}),
        headers=facts.get("headers", {}),
        models_path=facts.get("models_path"),
        local_port=facts.get("local_port"),
    )


@lru_cache(1 << 12)  # the names come from clients
def _capabilities(name: str, model: str) -> dict[str, Any]:
    for patterns, facts in provider(name).models.items():
        if any(fnmatchcase(model, pattern) for pattern in patterns.split("|")):
            return facts
    return {}


class Dialect:
    """The generated modules of one dialect, loaded on first use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._facts = SPOKEN[name]
        self.asks: str = self._facts["asks"]  # the canonical type of its requests
        self.http: dict[str, Any] = self._facts["http"]
        self.converses = self.asks == "Request"

    def _module(self, part: str) -> ModuleType:
        return import_module(f"generated.{self._facts['package']}.{part}")

    def whole(self, body: bytes) -> bytes:
        """An answer with the object around it, where its list comes alone."""
        bare = self.http.get("bare")
        return body if bare is None else b'{"%b":%b}' % (bare.encode(), body)

    @cached_property
    def rules(self) -> ModuleType:
        return self._module("rules")

    @cached_property
    def request(self) -> ModuleType:
        return self._module("request")

    @cached_property
    def response(self) -> ModuleType:
        return self._module("response")

    @cached_property
    def stream(self) -> ModuleType:
        """Of a dialect that converses."""
        return self._module("stream")

    def writing(self) -> Context:
        """A context for something that has no sender: nothing of it is reported."""
        ctx = Context(CANONICAL, self.rules, now=0, new_id=lambda: "0")
        ctx.answering = True
        return ctx


@cache
def dialect(name: str) -> Dialect:
    return Dialect(name)


@cache
def edit(name: str, dialect_name: str) -> Callable[..., None] | None:
    """The generated function that fits a request body to one provider; None where nothing differs."""
    if dialect_name not in PROVIDERS[name].get("differs", ()):
        return None
    return getattr(import_module(f"generated.overlays.{name}"), "edit_" + dialect_name.replace("-", "_"))


@cache
def adds(name: str, dialect_name: str) -> tuple[str, ...]:
    """The fields that a provider's answers have in a dialect, and nobody else's."""
    return tuple(PROVIDERS[name].get("adds", {}).get(dialect_name, ()))


def alike(one: str, other: str) -> bool:
    """Whether two dialects ask for the same: both for answers in a conversation, or both for embeddings."""
    asked = [SPOKEN.get(name, {}).get("asks", "Request") for name in (one, other)]
    return asked[0] == asked[1]


def completes(name: str) -> bool:
    """Whether a dialect completes one prompt, and holds no conversation."""
    return "one" in dialect(name).rules.TURNS if name in SPOKEN else False


@cache
def preferred(dialects: tuple[str, ...], client: str) -> tuple[str, ...]:
    """The client's own dialect first: there every byte that need not change does not. Others only if they ask for the same.

    Those that complete one prompt come before chats for a client that does, and behind them for one that does not.
    """
    if len(dialects) == 1 and dialects[0] == client:
        return dialects
    others = [one for one in dialects if one != client and alike(one, client)]
    others.sort(key=lambda one: completes(one) != completes(client))
    return (client, *others) if client in dialects else tuple(others)


def version_said(dialects: Iterable[str], headers: Mapping[str, str]) -> str | None:
    """The version that an account's own headers name for a protocol it speaks."""
    own = {name.lower(): value for name, value in headers.items()}
    named = (dialect(name).http.get("version", {}).get("header") for name in dialects if name in DIALECTS)
    return next((own[header] for header in named if header in own), None)
