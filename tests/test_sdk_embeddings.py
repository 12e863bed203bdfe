"""The official SDKs embed through the running gateway, which asks a real engine in its own protocol."""

from __future__ import annotations

import json
import math
import subprocess
import urllib.request
from collections.abc import Iterator

import pytest

from tests.servers import ROOT, VENVS, required, running_engine, running_gateway

# By the name Google's SDK knows how to ask: of the second it takes one content, and on Vertex no batch.
MODELS = ("gemini-embedding-001", "gemini-embedding-2")
POLICY = """\
pools:
  engine: {{accounts: [{{name: engine, provider: llamacpp, base_url: "{engine}/v1"}}]}}
models:
  - {{name: gemini-embedding-001, pool: engine, upstream_model: tiny}}
  - {{name: gemini-embedding-2, pool: engine, upstream_model: tiny}}
"""
SDKS = [
    "openai-3.52.0",
    "cohere-7.3.1",
    "ollama-0.6.3",
    "google-genai-1.75.0",
    "google-genai-3.4.0",
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of an engine that embeds."""
    with running_engine(tmp_path_factory.mktemp("embedding"), "embed") as url:
        yield url


@pytest.fixture(scope="module")
def gateway(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_gateway(tmp_path_factory.mktemp("embedding-gateway"), POLICY.format(engine=engine)) as url:
        yield url


@pytest.fixture(scope="module")
def vectors(engine: str) -> list[list[float]]:
    """What the engine itself makes of the texts."""
    asked = json.dumps({"model": "tiny", "input": ["Hi", "there"]}).encode()
    with urllib.request.urlopen(f"{engine}/v1/embeddings", asked, timeout=30) as response:
        found = [one["embedding"] for one in json.load(response)["data"]]
    assert len(found) == 2 and found[0] != found[1]
    return found


@pytest.mark.parametrize("sdk, vertex", [*((sdk, False) for sdk in SDKS), ("google-genai-3.4.0", True)])
def test_texts_are_embedded(gateway: str, vectors: list[list[float]], sdk: str, vertex: bool) -> None:
    python = required(VENVS / sdk, "run `make setup`") / "bin/python"
    command = [python, ROOT / "tests/clients/embed_python.py", gateway, MODELS[vertex], *["vertex"] * vertex]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["refused"] == 404
    for made, own in zip(said["vectors"], vectors, strict=True):
        assert len(made) == len(own) and all(math.isclose(*pair, rel_tol=1e-6) for pair in zip(made, own, strict=True))
