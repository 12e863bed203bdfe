"""Fixtures shared by test modules: a real engine, and a running gateway in front of it."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers

CLIENT_KEY = "a-key-of-the-gateway"
POLICY = """\
pools:
  chat:
    strategy: round_robin
    accounts: [{{name: engine-chat, provider: llamacpp, base_url: "{engine}/v1", dialects: [openai-chat]}}]
  responses:
    strategy: round_robin
    accounts: [{{name: engine-responses, provider: llamacpp, base_url: "{engine}/v1", dialects: [openai-responses]}}]
  messages:
    strategy: round_robin
    accounts: [{{name: engine-messages, provider: llamacpp, base_url: "{engine}/v1", dialects: [anthropic-messages]}}]
models:
  - {{name: via-openai-chat, pool: chat, upstream_model: tiny}}
  - {{name: via-openai-responses, pool: responses, upstream_model: tiny}}
  - {{name: via-anthropic-messages, pool: messages, upstream_model: tiny}}
"""
# An agent program under test tells nobody.
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lanes" in metafunc.fixturenames:  # what is no coroutine has no gateway in this process
        both = inspect.iscoroutinefunction(metafunc.function)
        metafunc.parametrize("lanes", ["express", "aiohttp"] if both else ["express"], indirect=True)


@pytest.fixture
def lanes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test runs by the express lane, and once more without it."""
    from tests import test_app

    monkeypatch.setattr(test_app, "EXPRESS", request.param == "express")


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of nobody we know, for localhost, and its key."""
    return servers.certificate(tmp_path)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a llama.cpp server on the model of `tests/engine/model.py`."""
    with servers.running_engine(tmp_path_factory.mktemp("engine")) as url:
        yield url


@pytest.fixture(scope="session")
def gateway(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a gateway that offers the engine as `via-` each of its protocols."""
    with servers.running_gateway(tmp_path_factory.mktemp("gateway"), POLICY.format(engine=engine)) as url:
        yield url


@pytest.fixture(scope="session")
def locked_gateway(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same gateway, but only `CLIENT_KEY` is let in."""
    clients = "clients: [{name: tests, key: env:TEST_CLIENT_KEY}]\n"
    directory = tmp_path_factory.mktemp("locked-gateway")
    policy = clients + POLICY.format(engine=engine)
    with servers.running_gateway(directory, policy, TEST_CLIENT_KEY=CLIENT_KEY) as url:
        yield url


@pytest.fixture(scope="module")
def redis() -> Iterator[servers.Redis]:
    server = servers.Redis()
    yield server
    server.stop()


AGENTS = {
    "claude": "@anthropic-ai/claude-code-*/claude",
    "cn": "@continuedev/cli/dist/cn.js",
    "codex": "@openai/codex-*/vendor/*/bin/codex",
    "gemini": "@google/gemini-cli/bundle/gemini.js",
    "opencode": "opencode-*/bin/opencode",  # the last of them runs on every processor
    "qwen": "@qwen-code/qwen-code/cli.js",
}
PYTHON_AGENTS = ("aider", "llm", "vibe")  # each in an environment of its own


def agent(name: str) -> list[Path]:
    """The command of an agent program, where `make test-clients` put it, else as on PATH; without any the test is skipped."""
    if name in PYTHON_AGENTS:
        if (program := servers.VENVS / name / "bin" / name).exists():
            return [program.with_name("python"), program]
    elif there := sorted(servers.VENVS.glob(f"agents/node_modules/{AGENTS[name]}")):
        return [servers.NODE, there[-1]] if there[-1].suffix == ".js" else [there[-1]]
    if not (found := shutil.which(name)):
        pytest.skip(f"{name} is not installed: `make test-clients` does it")
    return [Path(found)]
