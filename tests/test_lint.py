"""What `isogloss check --pool` says of a policy that is well formed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from runtime.__main__ import main
from runtime.core.diagnostic import Diagnostic
from runtime.core.lint import Knowledge, _both, lint
from runtime.core.policy import matches, parse
from runtime.shell.check_command import cannot, honours, must_honour
from tests.servers import ROOT

DIALECTS = {"openai": ["chat"], "anthropic": ["messages"], "both": ["chat", "messages"], "echo": ["canonical"]}
DIALECTS["vectors"] = ["messages", "vectors"]
CANNOT = {(provider, "messages"): {"n": "one answer"} for provider in ("anthropic", "both", "vectors")}
FIELDS = {"vectors": ["dimensions"]}
KNOWLEDGE = Knowledge(
    DIALECTS,
    lambda dialect: FIELDS.get(dialect, ["n"]),
    lambda provider, dialect: CANNOT.get((provider, dialect), {}),
)


def warnings(text: str, **more) -> list[str]:
    """Each as `line:col code message`."""
    policy, found = parse(text, "pool.yaml", DIALECTS, {"A": "a", "B": "b"})
    assert policy is not None and found == [], found
    return [f"{d.line}:{d.col} {d.code} {d.message}" for d in lint(text, "pool.yaml", policy, KNOWLEDGE, **more)]


def policy(main: str = "", spare: str = "", models: str = "{name: '*', pool: main, fallback: [spare]}") -> str:
    return f"""\
pools:
  main:
    accounts: [{{name: a, provider: openai, key: env:A}}]
{main}
  spare:
    accounts: [{{name: b, provider: both, key: env:B}}]
{spare}
models: [{models}]
"""


def test_a_good_policy_is_passed_in_silence():
    assert warnings(policy()) == []


def test_a_file_of_accounts_and_models_alone_is_good():
    text = "pools: {main: {accounts: [{name: a, provider: openai, key: env:A}]}}\nmodels: [{name: '*', pool: main}]\n"
    assert warnings(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            policy(models="{name: '*', pool: main}"),
            "5:3 E720 no rule leads to pool `spare`",
        ),
        (
            policy("    retries: 5\n    queue: {timeout: 3s}\n    timeouts: {first_byte: 10s}"),
            "4:5 E721 of 5 retries 1 are never made: the pauses before them are 3.875 s at least, and all waiting together"
            " ends after 3 s",
        ),
        (
            policy("    timeouts: {total: 3m}"),
            "4:5 E721 while upstreams stay silent 2 of 3 tries are made: each may take 2.1 min, and all end after 3 min",
        ),
        (
            policy("    timeouts: {total: 1h, first_byte: 10m}"),
            "4:5 E722 an upstream that stays silent is tried for 30.3 min, and clients leave after 10 min: what is tried"
            " then, nobody waits for",
        ),
        (
            policy().replace("key: env:A", "key: env:A, weight: 2"),
            "3:56 E723 `weight` of the only account of pool `main` decides nothing",
        ),
        (
            policy(models="{name: 'a*', pool: main}, {name: '*b', pool: spare}"),
            "8:43 E724 `*b` shares names with a rule above it, which gets them",
        ),
        (
            policy(models="{name: f, pool: main, upstream_model: q}, {name: q, pool: spare, upstream_model: g}"),
            "8:48 E725 `f` stands for `q`, and that is an alias of `g`",
        ),
        (
            policy().replace("provider: openai, key: env:A", "provider: echo"),
            "8:45 E726 fallback `spare` is never reached: pool `main` has an echo, which always answers",
        ),
        (
            policy().replace("provider: both, key: env:B", "provider: openai, key: env:A"),
            "8:45 E726 fallback `spare` has no account that was not tried before it",
        ),
        (
            policy(models="{name: x, pool: main, fallback: [spare], upstream_model: gpt-5}").replace(
                "key: env:B", "key: env:B, models: ['claude-*']"
            ),
            "8:43 E726 no account of pool `spare` has the model `gpt-5`",
        ),
        (
            policy().replace("provider: both", "provider: anthropic"),
            "8:45 E727 fallback `spare` cannot honour `n`, as pool `main` does: such requests fail there",
        ),
        (
            policy().replace("provider: both", "provider: vectors"),  # that it embeds too does not help
            "8:45 E727 fallback `spare` cannot honour `n`, as pool `main` does: such requests fail there",
        ),
    ],
)
def test_warnings(text: str, said: str):
    assert warnings(text) == [said]


@pytest.mark.parametrize(
    "text",
    [
        policy(models="{name: 'gpt-5*', pool: main}, {name: '*', pool: spare}"),  # from the special to the general
        policy(models="{name: 'a*', pool: main, fallback: [spare]}, {name: '*b', pool: main, fallback: [spare]}"),
        policy(models="{name: '*', pool: main, fallback: [spare], honour: ['n']}").replace("both", "anthropic"),
        policy().replace("provider: openai, key: env:A", "provider: echo, max_concurrency: 1"),
        policy(models="{name: fast, pool: main, fallback: [spare], upstream_model: gpt-5}"),
    ],
)
def test_what_is_meant_so(text: str):
    assert warnings(text) == []


@pytest.mark.parametrize(("total", "first_byte", "retries"), [(60, 40, 2), (30, 20, 10), (10, 9, 2)])
def test_what_it_says_to_write_is_enough(total: int, first_byte: int, retries: int):
    settings = {"retries": f"{retries}", "timeouts": f"{{total: {total}s, first_byte: {first_byte}s}}"}

    def found() -> list[Diagnostic]:
        text = policy("".join(f"    {key}: {value}\n" for key, value in settings.items()))
        return lint(text, "pool.yaml", parse(text, "pool.yaml", DIALECTS, {"A": "a", "B": "b"})[0], KNOWLEDGE)

    [said] = found()
    [fix] = said.fixes
    assert said.code == "E721"
    key, _, value = fix.partition(": ")
    if key == "timeouts":
        value = f"{{total: {total}s, {value[1:]}"
    settings[key] = value
    assert found() == []


def test_files_of_keys_and_certificates():
    text = (
        "server: {operator_key: 'file:/none/o', tls: {cert: /none/c, key: /none/k}}\nstate: redis://h\n"
        "state_password: 'file:/there'\nstate_ca: /none/s\nclients: [{name: c, key: 'file:/none/c'}]\n"
        + policy().replace("key: env:A", "key: 'file:/none/a', ca: /there, headers: {ca: x, key: 'file:/none'}")
    )
    knowledge = replace(KNOWLEDGE, unreadable=lambda path: None if path == "/there" else "no such file")
    parsed, _ = parse(text, "pool.yaml", DIALECTS, {"A": "a", "B": "b"})
    found = lint(text, "pool.yaml", parsed, knowledge)
    assert {one.code for one in found} == {"E713"}
    said = [one.message.removesuffix(" cannot be read: no such file") for one in found]
    assert said == ["/none/o", "/none/c", "/none/k", "/none/s", "/none/c", "/none/a"]


def test_the_clients_timeout_is_the_operators_to_say():
    assert [one[:8] for one in warnings(policy(), client_timeout=60)] == ["2:3 E722", "5:3 E722"]


def test_what_the_defaults_say_is_said_once():
    assert len(warnings("defaults: {timeouts: {total: 3m}}\n" + policy())) == 1


patterns = st.text("ab*", min_size=1, max_size=6)


@given(patterns, patterns)
def test_a_name_that_two_patterns_share(one: str, other: str):
    example = _both(one, other)
    if example is not None:
        assert matches(one, example) and matches(other, example)
    else:
        assert not any(matches(one, name) and matches(other, name) for name in NAMES)


def words(length: int) -> list[str]:
    return [""] if not length else [word + letter for word in words(length - 1) for letter in "ab"]


NAMES = [word for length in range(9) for word in words(length)]


# -- what the specs know


def test_must_honour_fields_are_those_of_the_canonical_model():
    written = (ROOT / "specs/canonical/model.yaml").read_text()
    assert len(must_honour()) == len(re.findall("x-must-honour: true", written))
    assert {"n", "max_tokens", "output_format", "dimensions"} <= must_honour()
    assert "n" in honours("anthropic-messages") and honours("cohere-embed") == {"dimensions"}


def test_what_a_dialect_and_what_an_overlay_refuses():
    assert cannot("openai", "openai-chat", must_honour()).keys() == {"suffix"}
    assert "n" in cannot("anthropic", "anthropic-messages", must_honour())
    assert "output_format" not in cannot("anthropic", "anthropic-messages", must_honour())
    assert "free text" in cannot("llamacpp", "anthropic-messages", must_honour())["output_format"]


# -- the command

BAD = "pools: {main: {accounts: [{name: a, provider: openai, key: env:NOT_THERE, weight: 0}]}}\nmodels: [{name: '*', pool: main}]\n"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOT_THERE", raising=False)
    file = tmp_path / "pool.yaml"
    file.write_text(BAD)
    assert main(["check", "--pool", str(file)]) == 1
    said = capsys.readouterr().out
    assert "weight must be a whole number from 1 to 1000" in said and "NOT_THERE is not set" in said
    assert said.endswith("1 errors, 1 warnings\n")
    file.write_text(BAD.replace(", weight: 0", ""))
    assert main(["check", "--pool", str(file)]) == 0
    capsys.readouterr()
    assert main(["check", "--pool", str(file), "--client-timeout", "10s", "--format", "json"]) == 0
    assert sorted(one["code"] for one in json.loads(capsys.readouterr().out)) == ["E711", "E722"]
    assert main(["check", "--pool", str(tmp_path / "none")]) == 2
