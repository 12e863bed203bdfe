"""Amazon's own client through the running gateway to a real engine: what it asks is signed, and events come as messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import CLIENT_KEY
from tests.engine.model import AFTER_TOOL, ANSWER, THOUGHT
from tests.test_sdk_clients import drive

SDK = "botocore-1.44.5"


@pytest.fixture(scope="module", params=["openai-chat", "anthropic-messages"])
def seen(request: pytest.FixtureRequest, gateway: str) -> dict[str, Any]:
    return drive(SDK, gateway, f"via-{request.param}", "any-key")


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
    assert first["finish"] == "tool_use"
    assert (second["text"], second["finish"]) == (AFTER_TOOL, "end_turn")


def test_errors_are_of_the_vendors_kinds(seen: dict[str, Any]) -> None:
    for scenario in ("unknown_model", "unknown_model_streamed"):
        assert (seen[scenario]["raised"], seen[scenario]["status"]) == ("ResourceNotFoundException", 404)
        assert "no-such-model" in seen[scenario]["message"]
    assert (seen["bad_request"]["raised"], seen["bad_request"]["status"]) == ("ValidationException", 400)
    assert "role" in seen["bad_request"]["message"]
    assert seen["image"]["status"] >= 400 and "image" in seen["image"]["message"]


def test_a_body_of_anthropics_is_invoked(seen: dict[str, Any]) -> None:
    answer = {"text": ANSWER, "finish": "end_turn", "tokens": 9}
    assert seen["invoke"] == answer
    assert seen["invoke_streamed"] == {**answer, "pieces": 7}
    refused = seen["invoke_unknown"]
    assert (refused["raised"], refused["status"]) == ("ResourceNotFoundException", 404)
    assert "no-such-model" in refused["message"]


def test_who_signs_is_who_asks(locked_gateway: str) -> None:
    """The id of the access key is the client's key."""
    refused = drive(SDK, locked_gateway, "via-openai-chat", "another-key", "chat")["chat"]
    assert (refused["raised"], refused["status"]) == ("UnrecognizedClientException", 401)
    assert "another-key" not in refused["message"]
    assert drive(SDK, locked_gateway, "via-openai-chat", CLIENT_KEY, "chat")["chat"]["text"] == ANSWER
