"""Amazon's own clients through the running gateway to a real engine: what they ask is signed, and events come as messages."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CLIENT_KEY, POLICY
from tests.engine.model import AFTER_TOOL, ANSWER
from tests.servers import running_gateway
from tests.test_sdk_clients import drive
from tests.test_sdk_clouds import (  # noqa: F401  what they all answer, asked here of `seen` below
    test_a_tool_is_called_and_its_result_taken,
    test_answers,
    test_thinking_is_kept_apart_from_text,
)

SDK = "botocore-1.44.5"
PAIRS = itertools.product((SDK, "bedrock-js"), ("openai-chat", "anthropic-messages"))


@pytest.fixture(scope="module", params=PAIRS, ids="-to-".join)
def seen(request: pytest.FixtureRequest, gateway: str) -> dict[str, Any]:
    sdk, upstream = request.param
    return drive(sdk, gateway, f"via-{upstream}", "any-key")


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


def test_a_bearer_is_sent_where_it_is_secret(
    engine: str, certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an API key in place of a signature: the SDK sends it by HTTPS alone."""
    policy = "clients: [{name: tests, key: env:TEST_CLIENT_KEY}]\n" + POLICY.format(engine=engine)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate[0]))
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", CLIENT_KEY)
    with running_gateway(tmp_path, policy, certificate, TEST_CLIENT_KEY=CLIENT_KEY) as url:
        seen = drive(SDK, url, "via-anthropic-messages", "no-key", "chat", "stream", "tools_streamed")
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "another-key")
        refused = drive(SDK, url, "via-anthropic-messages", "no-key", "chat")["chat"]
    assert seen["chat"]["text"] == seen["stream"]["text"] == ANSWER
    assert seen["tools_streamed"]["second"]["text"] == AFTER_TOOL
    assert (refused["raised"], refused["status"]) == ("UnrecognizedClientException", 401)
