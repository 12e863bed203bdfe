"""Vercel's AI SDK through the running gateway to a real engine, by each of its providers: it refuses what it cannot read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.model import AFTER_TOOL, ANSWER, THOUGHT
from tests.servers import ROOT
from tests.test_sdk_clients import drive_js

PROTOCOLS = [
    "anthropic-messages",
    "bedrock-converse",
    "cohere-chat",
    "gemini-generate",
    "mistral-chat",
    "openai-chat",
    "openai-compatible",
    "openai-responses",
]
MUTE = ("openai-chat",)  # providers that read no thinking
# Asked for an object, these offer a tool to a model that they do not know.
BY_TOOL = ("anthropic-messages", "bedrock-converse")


@pytest.fixture(scope="module", params=["openai-chat", "anthropic-messages"])
def upstream(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", params=["js", pytest.param("js_previous", marks=pytest.mark.clients)])
def seen(request: pytest.FixtureRequest, gateway: str, protocol: str, upstream: str) -> dict[str, Any]:
    driver = str(ROOT / "tests/clients/vercel.mjs")
    return drive_js(driver, request.param, gateway, f"via-{upstream}", "any-key", PROTOCOL=protocol)


def step(**said: Any) -> dict[str, Any]:
    return {"text": ANSWER, "thinking": "", "calls": [], "results": [], "finish": "stop", "usage": [21, 9], **said}


def test_text(seen: dict[str, Any]):
    assert seen["chat"] == [step()]
    assert seen["stream"] == {"steps": [step()], "pieces": 7}, "a piece per word of the engine, none joined or delayed"
    assert seen["system"] == [step(usage=[39, 9])], "18 tokens more than without"
    [short] = seen["cut_short"]
    assert ANSWER.startswith(short["text"])
    assert (short["finish"], short["usage"]) == ("length", [21, 3])


def test_thinking_is_kept_apart_from_text(seen: dict[str, Any], protocol: str):
    [whole], [streamed] = seen["thinking"], seen["thinking_streamed"]["steps"]
    assert whole == streamed
    assert (whole["text"], whole["thinking"]) == (ANSWER, "" if protocol in MUTE else THOUGHT)


def test_a_tool_is_called_and_its_result_taken(seen: dict[str, Any]):
    for first, second in (seen["tools"], seen["tools_streamed"]["steps"]):
        assert first["calls"] == [["get_weather", {"city": ANSWER}, False]]
        assert (first["results"], first["finish"]) == (["sunny"], "tool-calls")
        assert (second["text"], second["finish"], second["calls"]) == (AFTER_TOOL, "stop", [])


def test_an_object(seen: dict[str, Any], protocol: str, upstream: str):
    if upstream == "openai-chat" or protocol in BY_TOOL:
        found = {"place": ANSWER, "degrees": 1, "rain": True}
        assert seen["structured"] == seen["structured_streamed"] == found
    else:  # the engine's /v1/messages answers free text, whatever format was asked for
        assert (seen["structured"]["raised"], seen["structured"]["status"]) == ("AI_APICallError", 400)
        assert "format" in seen["structured"]["message"]
        assert seen["structured_streamed"] == seen["structured"]


def test_errors_are_read(seen: dict[str, Any]):
    """What an error says reaches who asked: it has the form that the provider knows."""
    for scenario in ("unknown_model", "unknown_model_streamed"):
        assert (seen[scenario]["raised"], seen[scenario]["status"]) == ("AI_APICallError", 404)
        assert "no-such-model" in seen[scenario]["message"]
    assert (seen["image"]["raised"], seen["image"]["status"]) == ("AI_APICallError", 400)
    assert "image" in seen["image"]["message"]
