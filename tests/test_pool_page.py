"""docs/pool.md is true: its policy files are good, its defaults are the defaults, its commands run."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from msgspec import to_builtins

from generated.policy import Settings
from runtime.__main__ import main
from runtime.core.exchange import Settings as Treatment
from runtime.core.policy import parse, secret_source
from runtime.shell.check_command import must_honour
from runtime.shell.snapshot import from_policy
from tests.servers import ROOT

PAGE = (ROOT / "docs/pool.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = [text for language, title, text in BLOCKS if language == "yaml" and not title]
PROVIDERS = {name: ["openai-chat"] for name in ("openai", "anthropic")}


@pytest.mark.parametrize("text", FILES, ids=["least", "most"])
def test_its_policy_files_are_good(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name in re.findall(r"env:(\w+)", text):
        monkeypatch.setenv(name, "user:a-secret-of-some-length")
    secret = tmp_path / "secret"
    secret.write_text("a-secret-of-some-length")
    file = tmp_path / "pool.yaml"
    file.write_text(text.replace("file:/run/secrets/second", f"file:{secret}"))
    assert main(["check", "--pool", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: 0 errors, 0 warnings\n"


def test_the_longer_one_says_nearly_everything():
    policy, _ = parse(FILES[1], "pool.yaml", PROVIDERS, os.environ, must_honour())
    accounts = [account for pool in policy.pools.values() for account in pool.accounts]
    said = [policy, policy.server, *policy.models, *policy.clients, *accounts]
    fields = {(type(one).__name__, name) for one in said for name, value in to_builtins(one).items() if value}
    known = {(type(one).__name__, name) for one in said for name in type(one).__struct_fields__}
    left = {"Server": {"tls"}, "Account": {"base_url", "dialects", "settings", "ca"}, "Policy": {"state_ca"}}
    assert known - fields == {(kind, name) for kind, names in left.items() for name in names}


def test_the_defaults_are_the_defaults():
    [text] = [text for _, title, text in BLOCKS if title == "defaults"]
    policy, found = parse(text + FILES[0].split("\n", 1)[1], "pool.yaml", PROVIDERS, {})
    assert policy is not None and not [one for one in found if one.code != "E711"]
    assert policy.defaults == Settings() and len(to_builtins(policy.defaults)) == len(Settings.__struct_fields__)
    written = {"strategy", "queue", "retries", "backoff", "retry_after", "affinity", "timeouts", "keepalive"}
    assert set(re.findall(r"^  (\w+):", text, re.MULTILINE)) == written
    policy, _ = parse(FILES[0].replace("env:FIRST_KEY", "env:HOME"), "pool.yaml", PROVIDERS, os.environ)
    assert from_policy(policy, os.environ)[0].settings["main"] == Treatment()


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.yaml").write_text(FILES[1])
    (tmp_path / "other.yaml").write_text(FILES[0])
    [trace] = [text for _, title, text in BLOCKS if title == "trace.jsonl"]
    (tmp_path / "trace.jsonl").write_text(trace)
    [script] = [text for language, _, text in BLOCKS if language == "sh"]
    for line in script.splitlines():
        program, *command = shlex.split(line)
        assert program == "isogloss" and main(command) == 0
        assert re.search(r"^requests +2(000 +2000)?$", capsys.readouterr().out, re.MULTILINE)
    assert (tmp_path / "load.svg").exists()


def test_every_finding_is_listed():
    code = (ROOT / "runtime/core/lint.py").read_text() + (ROOT / "runtime/core/policy.py").read_text()
    lints = {*re.findall(r'"(E71[1-9]|E72\d)"', code)}
    assert set(re.findall(r"^\| (E\d+) ", PAGE, re.MULTILINE)) == lints
    assert all(secret_source(key) for key in re.findall(r"key: '?((?:env|file|sha256):[\w/]+)", PAGE))
