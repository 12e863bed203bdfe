"""From a model's name to pools and the upstream's name for it."""

import pytest

from runtime.core.policy import parse
from runtime.core.route import Found, FoundRoutes, PolicyRoutes, Route, Unknown

ACCOUNT = "accounts: [{name: a, provider: openai, base_url: 'http://127.0.0.1:1/v1'}]"


def routes(*rules: str) -> PolicyRoutes:
    text = f"version: 1\npools:\n  one: {{{ACCOUNT}}}\n  two: {{{ACCOUNT}}}\nmodels:\n" + "".join(
        f"  - {r}\n" for r in rules
    )
    policy, found = parse(text, "policy.yaml", {"openai": ["openai-chat"]}, {})
    assert policy is not None, found
    return PolicyRoutes(policy)


def test_the_first_rule_that_matches_wins():
    one = routes(
        "{name: gpt-5, pool: two}", '{name: "gpt-*", pool: one, upstream_model: gpt-5}', '{name: "*", pool: two}'
    )
    assert one.find("gpt-5", "openai-chat") == Route(("two",), "gpt-5")
    assert one.find("gpt-4.1", "openai-chat") == Route(("one",), "gpt-5")
    assert one.find("gpt", "openai-chat") == Route(("two",), "gpt")


def test_a_rule_brings_its_fallbacks_and_its_loss_policy():
    one = routes("{name: m, pool: one, fallback: [two], loss: refuse, honour: [output_format]}")
    assert one.find("m", "openai-chat") == Route(("one", "two"), "m", "refuse", frozenset(["output_format"]))


def test_only_the_star_is_special():
    one = routes('{name: "claude-[1m].*", pool: one}')
    assert one.find("claude-[1m].5", "anthropic-messages").model == "claude-[1m].5"
    for name in ("claude-1.5", "claude-[1m]x5"):
        with pytest.raises(Unknown):
            one.find(name, "anthropic-messages")


def test_a_model_without_a_rule_is_told_the_near_names():
    with pytest.raises(Unknown, match="no route for the model `gtp-5`; near names: `gpt-5`"):
        routes("{name: gpt-5, pool: one}").find("gtp-5", "openai-chat")


def test_the_names_a_client_may_write():
    one = routes(
        "{name: fast, pool: one, upstream_model: x}",
        '{name: "gpt-*", pool: one}',
        '{name: "z*", pool: one, upstream_model: x}',
    )
    assert one.names({"one": ["gpt-5", "other"], "two": ["gpt-6"]}) == ["fast", "gpt-5"]
    assert one.example() == "fast"
    assert routes('{name: "z*", pool: one, upstream_model: x}').example() == "zany"
    assert routes('{name: "*", pool: one}').example() is None


FOUND = FoundRoutes(
    [
        Found("openai", ("openai-chat",), ["gpt-5"]),
        Found("ollama", ("openai-chat",), ["qwen3:8b", "gpt-5", "org/model"]),
        Found("anthropic", ("anthropic-messages",)),
    ]
)


@pytest.mark.parametrize(
    ("name", "dialect", "route"),
    [
        ("gpt-5", "anthropic-messages", Route(("openai",), "gpt-5")),
        ("ollama/gpt-5", "openai-chat", Route(("ollama",), "gpt-5")),
        ("org/model", "openai-chat", Route(("ollama",), "org/model")),
        ("unheard-of", "openai-chat", Route(("openai",), "unheard-of")),
        ("unheard-of", "anthropic-messages", Route(("anthropic",), "unheard-of")),
        ("nobody/model", "anthropic-messages", Route(("anthropic",), "nobody/model")),
        ("openai/", "anthropic-messages", Route(("anthropic",), "openai/")),
    ],
)
def test_found_accounts(name, dialect, route):
    assert FOUND.find(name, dialect) == route


def test_found_accounts_may_not_speak_the_clients_protocol():
    with pytest.raises(Unknown, match="near names: `gpt-5`"):
        FoundRoutes([Found("openai", ("openai-chat",), ["gpt-5"])]).find("gpt-6", "anthropic-messages")


def test_echo_serves_every_protocol():
    assert FoundRoutes([Found("echo", ("canonical",))]).find("anything", "openai-chat") == Route(("echo",), "anything")


def test_found_names():
    assert FOUND.names({}) == ["gpt-5", "qwen3:8b", "ollama/gpt-5", "org/model"]
    assert FOUND.names({"anthropic": ["claude"]}) == ["gpt-5", "qwen3:8b", "ollama/gpt-5", "org/model", "claude"]
