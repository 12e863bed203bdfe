"""Libraries that stand on the SDKs, through the running gateway to a real engine that is asked in another protocol.

Each brings its own habits: what it sets without being asked, how it reads a stream, what it makes of an error. Run by
`make test-clients`, which installs them.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.model import AFTER_TOOL, ANSWER
from tests.servers import ROOT, VENVS, required
from tests.test_sdk_clients import told

pytestmark = pytest.mark.clients
FOUR = ("anthropic-messages", "gemini-generate", "openai-chat", "openai-responses")
VENV = {"instructor": "litellm", "litellm": "litellm"}  # the others live together
SPEAKS = {
    "langchain": FOUR,
    "litellm": (*FOUR, "bedrock-converse", "mistral-chat", "ollama-chat"),
    "openai_agents": FOUR[2:],
    "pydantic_ai": FOUR,
}
WEATHER = {"place": ANSWER, "degrees": 1, "rain": True}
FREE = "anthropic-messages"  # of the engine: it answers free text, whatever format was asked for


def drive(framework: str, protocol: str, gateway: str, upstream: str, *scenarios: str) -> dict[str, Any]:
    python = required(VENVS / VENV.get(framework, "frameworks"), "run `make test-clients`") / "bin/python"
    driver = ROOT / f"tests/clients/{framework}_python.py"
    quiet = {"PROTOCOL": protocol, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LANGSMITH_TRACING": "false"}
    return told([python, driver, gateway, f"via-{upstream}", "any-key", *scenarios], **quiet)


@pytest.fixture(scope="module", params=[(name, protocol) for name, all in SPEAKS.items() for protocol in all])
def spoken(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A framework, and the protocol it speaks."""
    return request.param


@pytest.fixture(scope="module")
def upstream(spoken: tuple[str, str]) -> str:
    return FREE if spoken[1] == "openai-chat" else "openai-chat"


@pytest.fixture(scope="module")
def seen(gateway: str, spoken: tuple[str, str], upstream: str) -> dict[str, Any]:
    return drive(*spoken, gateway, upstream)


def test_text(seen: dict[str, Any], spoken: tuple[str, str]):
    assert seen["chat"] == {"text": ANSWER, "usage": [21, 9]}
    pieces = seen["stream"].pop("pieces")
    assert seen["stream"] == seen["chat"]
    assert pieces > 1 if spoken == ("litellm", "openai-responses") else pieces == 7, "LiteLLM joins what comes together"


def test_a_tool_is_called_and_its_result_taken(seen: dict[str, Any]):
    assert seen["tools"]["called"] == ["get_weather", {"city": ANSWER}]
    assert seen["tools"]["text"] == AFTER_TOOL


def test_structured_output(seen: dict[str, Any], spoken: tuple[str, str], upstream: str):
    found = seen["structured"]
    if spoken == ("litellm", "gemini-generate"):
        assert isinstance(found, dict) and "raised" not in found, "it asks for any object, and for the form in words"
    elif upstream == FREE and spoken[0] != "pydantic_ai":  # which offers a tool instead
        assert found["status"] == 400 and "format" in found["message"]
    else:
        assert found == WEATHER


def test_an_error_is_read(seen: dict[str, Any]):
    assert seen["unknown_model"]["raised"].endswith("NotFoundError")
    assert "no-such-model" in seen["unknown_model"]["message"]


def test_instructor(gateway: str):
    """By Responses it asks for a form and a tool at once, of which the engine honours one."""
    seen = drive("instructor", "openai-chat", gateway, FREE)
    assert seen["structured"] == WEATHER
    assert seen["structured_streamed"]["structured"] == WEATHER and seen["structured_streamed"]["pieces"] > 1
    for refused, why in (("unknown_model", "no-such-model"), ("structured_by_form", "format")):
        assert why in seen[refused]["message"]
    formed = drive("instructor", "openai-chat", gateway, "openai-chat", "structured_by_form")
    assert formed == {"structured_by_form": WEATHER}
