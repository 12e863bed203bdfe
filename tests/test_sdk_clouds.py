"""The SDKs' clients of Amazon's, Google's and Microsoft's clouds, through the running gateway to a real engine."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import CLIENT_KEY
from tests.engine.model import AFTER_TOOL, ANSWER, THOUGHT
from tests.servers import ROOT, VENVS, required, running_engine, running_gateway
from tests.test_sdk_clients import told

SDKS = ["anthropic-0.125.0", "anthropic-1.17.0", "anthropic-2.11.0"]
CLOUDS = ["bedrock", "vertex"]


def drive(sdk: str, cloud: str, *asked: str) -> dict[str, Any]:
    """What each scenario of the driver came to, as the SDK's client of the `cloud`, or without one as the SDK's usual
    client. Amazon's messages are read by botocore, which another environment has."""
    python = required(VENVS / sdk, "run `make setup`") / "bin/python"
    [packages] = required(VENVS / "botocore-1.44.5", "run `make setup`").glob("lib/python*/site-packages")
    driver = ROOT / "tests/clients" / f"{sdk.rpartition('-')[0].replace('-', '_')}_python.py"
    return told([python, driver, *asked], CLOUD=cloud, **({"PYTHONPATH": str(packages)} if cloud == "bedrock" else {}))


@pytest.fixture(scope="module", params=[(sdk, cloud) for sdk in SDKS for cloud in CLOUDS], ids="-".join)
def seen(request: pytest.FixtureRequest, gateway: str) -> dict[str, Any]:
    sdk, cloud = request.param
    upstream = "anthropic-messages" if sdk == SDKS[1] else "openai-chat"
    asked = [
        "chat",
        "stream",
        "system",
        "thinking",
        "thinking_streamed",
        "cut_short",
        "tools",
        "tools_streamed",
        "count",
    ]
    heard = drive(sdk, cloud, gateway, f"via-{upstream}", "any-key", *asked)
    unknown = drive(sdk, cloud, gateway, "no-such-model", "any-key", "chat", "stream")
    return heard | {f"{name}_unknown": outcome for name, outcome in unknown.items()}


def test_answers(seen: dict[str, Any]) -> None:
    answer = {"text": ANSWER, "thinking": "", "calls": [], "finish": "end_turn", "usage": [21, 9]}
    assert seen["chat"] == answer
    assert seen["stream"] == {**answer, "pieces": 7}, "a piece per word of the engine, none joined or delayed"
    assert seen["system"]["usage"] == [39, 9], "18 tokens more than without"
    assert (seen["cut_short"]["finish"], seen["cut_short"]["usage"]) == ("max_tokens", [21, 3])


@pytest.mark.parametrize("scenario", ["thinking", "thinking_streamed"])
def test_thinking_is_kept_apart_from_text(seen: dict[str, Any], scenario: str) -> None:
    assert (seen[scenario]["thinking"], seen[scenario]["text"]) == (THOUGHT, ANSWER)


@pytest.mark.parametrize("scenario", ["tools", "tools_streamed"])
def test_a_tool_is_called_and_its_result_taken(seen: dict[str, Any], scenario: str) -> None:
    first, second = seen[scenario]["first"], seen[scenario]["second"]
    [(call_id, name, arguments)] = first["calls"]
    assert call_id and (name, json.loads(arguments)) == ("get_weather", {"city": ANSWER})
    assert (first["finish"], second["text"], second["finish"]) == ("tool_use", AFTER_TOOL, "end_turn")


def test_errors_are_the_sdks_own(seen: dict[str, Any]) -> None:
    for name in ("chat_unknown", "stream_unknown"):
        assert (seen[name]["raised"], seen[name]["status"]) == ("NotFoundError", 404)
        assert "no-such-model" in seen[name]["message"]


def test_tokens_are_counted_where_the_cloud_has_it(seen: dict[str, Any]) -> None:
    count = seen["count"]
    assert 5 < count <= 21 if isinstance(count, int) else "not supported in Bedrock" in count["message"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_client_key_is_asked_for(locked_gateway: str, cloud: str) -> None:
    asked = (SDKS[-1], cloud, locked_gateway, "via-openai-chat")
    refused = drive(*asked, "another-key", "chat")["chat"]
    assert (refused["raised"], refused["status"]) == ("AuthenticationError", 401)
    assert drive(*asked, CLIENT_KEY, "chat")["chat"]["text"] == ANSWER


# Microsoft's, and Google's own models

MORE = """\
pools:
  embedding: {{accounts: [{{name: embedding, provider: llamacpp, base_url: "{embedding}/v1", dialects: [openai-embeddings]}}]}}
  plain: {{accounts: [{{name: plain, provider: llamacpp, base_url: "{engine}/v1", dialects: [openai-completions, openai-chat]}}]}}
models:
  - {{name: embedding, pool: embedding, upstream_model: tiny}}
  - {{name: plain, pool: plain, upstream_model: tiny}}
"""


@pytest.fixture(scope="module")
def azure(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway before engines that chat, complete and embed."""
    with running_engine(tmp_path_factory.mktemp("embedding"), "embed") as embedding:
        policy = MORE.format(engine=engine, embedding=embedding)
        with running_gateway(tmp_path_factory.mktemp("azure"), policy) as url:
            yield url


@pytest.mark.parametrize("sdk", ["openai-1.109.1", "openai-2.54.0", "openai-3.52.0"])
def test_azures_client(azure: str, sdk: str) -> None:
    asked = ["chat", "stream", "tools_streamed", "respond", "complete", "complete_streamed"]
    heard = drive(sdk, "azure", azure, "plain", "any-key", *asked)
    assert (heard["chat"]["text"], heard["chat"]["usage"]) == (ANSWER, [21, 9])
    assert (heard["stream"]["text"], heard["stream"]["pieces"]) == (ANSWER, 7)
    assert heard["tools_streamed"]["second"]["text"] == AFTER_TOOL
    assert heard["respond"] == {"text": ANSWER, "usage": [21, 9]}
    assert (heard["complete"]["text"], heard["complete_streamed"]["pieces"]) == (ANSWER, 7)
    [size, same] = drive(sdk, "azure", azure, "embedding", "any-key", "embed")["embed"]
    assert size == same > 1
    for refused in drive(sdk, "azure", azure, "no-such-model", "any-key", "chat", "embed").values():
        assert (refused["raised"], refused["status"]) == ("NotFoundError", 404) and "no-such-model" in refused[
            "message"
        ]


@pytest.mark.parametrize("sdk", ["google-genai-1.75.0", "google-genai-2.34.0", "google-genai-3.4.0"])
def test_vertex_with_a_key(gateway: str, sdk: str) -> None:
    heard = drive(sdk, "vertex", gateway, "via-openai-chat", "any-key", "chat", "stream", "tools_streamed")
    assert (heard["chat"]["text"], heard["chat"]["usage"]) == (ANSWER, [21, 9])
    assert (heard["stream"]["text"], heard["stream"]["pieces"]) == (ANSWER, 7)
    assert heard["tools_streamed"]["second"]["text"] == AFTER_TOOL


def test_paths_without_a_version(gateway: str) -> None:
    asked = json.dumps({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}).encode()
    for base in ("", "/v1", "/v1beta", "/v1alpha", "/gemini", "/gemini/v1beta"):
        with urllib.request.urlopen(
            f"{gateway}{base}/models/via-openai-chat:generateContent", asked, timeout=30
        ) as answer:
            assert json.load(answer)["candidates"][0]["content"]["parts"] == [{"text": ANSWER}]
