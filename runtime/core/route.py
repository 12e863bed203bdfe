"""From the model name a client writes to the pools that serve it and the name their upstream knows.

With a policy file its `models:` rules decide, the first that matches. Without one, the accounts that were found do:
`account/model` names one outright, a bare name goes to the first whose list has it, else to the first that speaks the
client's own protocol.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from generated.policy import Policy
from runtime.core import policy
from runtime.core.diagnostic import near

REMEMBERED = 4096  # answers kept; the names come from clients


class Route(msgspec.Struct, frozen=True):
    """Where one request goes: `pools` in order of preference, and the model's name there."""

    pools: tuple[str, ...]
    model: str
    loss: str = "report"  # or refuse, silent
    honour: frozenset[str] = frozenset()  # must-honour fields that the operator waives for this route


class Unknown(Exception):
    """No route for a model name; the text says which names there are."""


class Routes(Protocol):
    def find(self, model: str, dialect: str) -> Route:
        """Raises Unknown."""

    def names(self, lists: Mapping[str, Sequence[str]]) -> list[str]:
        """The model names a client may write; `lists` are the upstreams' own, by pool, where they are known."""

    def example(self) -> str | None:
        """A name that surely goes somewhere; None if that depends on what the upstreams have."""


class PolicyRoutes:
    """The rules of a policy file."""

    def __init__(self, rules: Policy) -> None:
        self._policy = rules
        self._found: dict[str, Route] = {}

    def find(self, model: str, dialect: str) -> Route:
        if (route := self._found.get(model)) is not None:
            return route
        if (rule := policy.route(self._policy, model)) is None:
            raise Unknown(_unknown(model, [rule.name for rule in self._policy.models]))
        if len(self._found) >= REMEMBERED:
            self._found.clear()
        route = Route((rule.pool, *rule.fallback), rule.upstream_model or model, rule.loss, frozenset(rule.honour))
        self._found[model] = route
        return route

    def names(self, lists: Mapping[str, Sequence[str]]) -> list[str]:
        names: dict[str, None] = {}
        for rule in self._policy.models:
            if "*" not in rule.name:
                names[rule.name] = None
            elif rule.upstream_model is None:
                for pool in (rule.pool, *rule.fallback):
                    names |= dict.fromkeys(name for name in lists.get(pool, ()) if policy.matches(rule.name, name))
        return list(names)

    def example(self) -> str | None:
        sure = (rule.name for rule in self._policy.models if rule.upstream_model or "*" not in rule.name)
        return next(sure, "").replace("*", "any") or None


class Found(msgspec.Struct):
    """An account that was found without a policy file; it is a pool of its own, of the same name."""

    name: str
    dialects: tuple[str, ...]
    models: Sequence[str] = ()  # its upstream's own list, once it is known


class FoundRoutes:
    """The accounts found in the environment and on local ports, in order of preference."""

    def __init__(self, found: Sequence[Found]) -> None:
        self._found = found

    def find(self, model: str, dialect: str) -> Route:
        account, slash, rest = model.partition("/")
        if slash and rest and any(found.name == account for found in self._found):
            return Route((account,), rest)
        for found in self._found:
            if model in found.models:
                return Route((found.name,), model)
        for found in self._found:
            if dialect in found.dialects or "canonical" in found.dialects:
                return Route((found.name,), model)
        raise Unknown(_unknown(model, self.names({})))

    def names(self, lists: Mapping[str, Sequence[str]]) -> list[str]:
        names: dict[str, None] = {}
        for found in self._found:
            for name in lists.get(found.name) or found.models:
                names[f"{found.name}/{name}" if name in names else name] = None
        return list(names)

    def example(self) -> str | None:
        return next(iter(self.names({})), None)


def _unknown(model: str, names: Sequence[str]) -> str:
    close = near(model, names) or names[:5]
    listed = ", ".join(f"`{name}`" for name in close)
    return f"no route for the model `{model}`" + (f"; near names: {listed}" if close else "")
