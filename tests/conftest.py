"""Fixtures shared by test modules: a real engine, and a running gateway in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import servers

CLIENT_KEY = "a-key-of-the-gateway"
POLICY = """\
pools:
  chat:
    strategy: round_robin
    accounts: [{{name: engine-chat, provider: llamacpp, base_url: "{engine}/v1", dialects: [openai-chat]}}]
  messages:
    strategy: round_robin
    accounts: [{{name: engine-messages, provider: llamacpp, base_url: "{engine}/v1", dialects: [anthropic-messages]}}]
models:
  - {{name: via-openai-chat, pool: chat, upstream_model: tiny}}
  - {{name: via-anthropic-messages, pool: messages, upstream_model: tiny}}
"""


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a llama.cpp server on the model of `tests/engine/model.py`."""
    with servers.running_engine(tmp_path_factory.mktemp("engine")) as url:
        yield url


@pytest.fixture(scope="session")
def gateway(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a gateway that offers the engine as `via-openai-chat` and `via-anthropic-messages`."""
    with servers.running_gateway(tmp_path_factory.mktemp("gateway"), POLICY.format(engine=engine)) as url:
        yield url


@pytest.fixture(scope="session")
def locked_gateway(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same gateway, but only `CLIENT_KEY` is let in."""
    clients = "clients: [{name: tests, key: env:TEST_CLIENT_KEY}]\n"
    directory = tmp_path_factory.mktemp("locked-gateway")
    env = {"TEST_CLIENT_KEY": CLIENT_KEY}
    with servers.running_gateway(directory, clients + POLICY.format(engine=engine), env) as url:
        yield url
