"""The official SDKs, through the running gateway, to a real engine: each client in front of each kind of upstream."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CLIENT_KEY
from tests.engine.model import AFTER_TOOL, ANSWER, THOUGHT
from tests.servers import NODE, ROOT, VENVS, required, running_gateway

SDKS = [
    "openai-1.109.1",
    "openai-2.54.0",
    "openai-3.52.0",
    "openai-js",
    "openai-js_previous",
    "anthropic-0.125.0",
    "anthropic-1.17.0",
    "anthropic-2.11.0",
    "anthropic-js",
    "anthropic-js_previous",
    "cohere-5.21.1",
    "cohere-7.3.1",
    "cohere-js",
    "cohere-js_previous",
    "google-genai-1.75.0",
    "google-genai-2.34.0",
    "google-genai-3.4.0",
    "google-genai-js",
    "google-genai-js_previous",
    "groq-1.7.0",
    "mistralai-1.12.4",
    "mistralai-2.10.1",
    "mistralai-3.7.0",
    "mistralai-js",
    "mistralai-js_previous",
    "ollama-0.6.3",
    "ollama-js",
    "responses-1.109.1",
    "responses-2.54.0",
    "responses-3.52.0",
    "responses-js",
    "responses-js_previous",
    "together-3.1.1",
]
UPSTREAMS = ["openai-chat", "anthropic-messages"]
PACKAGE = {"responses": "openai"}  # the SDK of a driver, where it is called otherwise
LIKE_OPENAI = ("groq", "together")  # SDKs made after OpenAI's, driven as it is
FINISH = {
    "openai": {"end": "stop", "length": "length", "tool": "tool_calls"},
    "anthropic": {"end": "end_turn", "length": "max_tokens", "tool": "tool_use"},
    "cohere": {"end": "COMPLETE", "length": "MAX_TOKENS", "tool": "TOOL_CALL"},
    "google-genai": {"end": "STOP", "length": "MAX_TOKENS", "tool": "STOP"},
    "mistralai": {"end": "stop", "length": "length", "tool": "tool_calls"},
    "ollama": {"end": "stop", "length": "length", "tool": "stop"},
    "responses": {"end": "completed", "length": "max_output_tokens", "tool": "completed"},
}
PART = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"]  # the life of a text
# SDKs that have one error for all, but for those of a server.
ONE_ERROR = {
    "google-genai": ("ClientError", "ServerError"),
    "mistralai": ("SDKError", "SDKError"),
    "ollama": ("ResponseError", "ResponseError"),
}
WRONG = {"google-genai": "contents"}  # what is wrong in a bad request, if not the model
NAMED = {("cohere", "AuthenticationError"): "UnauthorizedError"}  # errors that an SDK calls otherwise
NAMELESS = ("ollama",)  # SDKs that do not know the ids of calls


def drive(sdk: str, url: str, model: str, key: str, *scenarios: str) -> dict[str, Any]:
    """What each scenario of the SDK's driver came to."""
    vendor, _, version = sdk.rpartition("-")
    driver = ROOT / "tests/clients" / ("openai" if vendor in LIKE_OPENAI else vendor.replace("-", "_"))
    if version.startswith("js"):
        return drive_js(f"{driver}_js.mjs", version, url, model, key, *scenarios)
    venv = required(VENVS / f"{PACKAGE.get(vendor, vendor)}-{version}", "run `make setup`")
    return told([venv / "bin/python", f"{driver}_python.py", url, model, key, *scenarios])


def drive_js(driver: str, generation: str, *asked: str, **env: str) -> dict[str, Any]:
    """The same of a JavaScript driver on the modules of a `generation`: js or js_previous."""
    modules = required(VENVS / generation / "stamp", "run `make test-clients`").parent / "node_modules"
    return told([NODE, driver, *asked], MODULES=str(modules), **env)


def told(command: Sequence[str | Path], **env: str) -> dict[str, Any]:
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env}, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def case(*values: str) -> Any:
    """A parameter that begins with an SDK; what is older, or like another, is left to `make test-clients`."""
    more = values[0].endswith("previous") or values[0].startswith(LIKE_OPENAI)
    marks = [pytest.mark.clients] if more else []
    return pytest.param(values if len(values) > 1 else values[0], id="-to-".join(values), marks=marks)


def error(vendor: str, name: str) -> str:
    """What an error is called by a vendor's SDKs, if by its kind `name`."""
    if vendor in ONE_ERROR:
        return ONE_ERROR[vendor][name == "InternalServerError"]
    return NAMED.get((vendor, name), name)


class Seen:
    """One SDK's whole run through one kind of upstream."""

    def __init__(self, sdk: str, upstream: str, url: str):
        self.upstream = upstream
        self.vendor = sdk.rpartition("-")[0]
        self.finish = FINISH["openai" if self.vendor in LIKE_OPENAI else self.vendor]
        self.results = drive(sdk, url, f"via-{upstream}", "any-key")

    def __getitem__(self, scenario: str) -> Any:
        return self.results[scenario]

    def refusal(self, scenario: str) -> tuple[str, int, str]:
        result = self[scenario]
        assert isinstance(result, dict) and "raised" in result, f"not refused: {result}"
        return result["raised"], result["status"], result["message"]

    def error(self, name: str) -> str:
        """What an error is called by this SDK, if by its kind `name`."""
        return error(self.vendor, name)


PAIRS = [case(sdk, upstream) for sdk in SDKS for upstream in UPSTREAMS]


@pytest.fixture(scope="session", params=PAIRS)
def seen(request: pytest.FixtureRequest, gateway: str) -> Seen:
    return Seen(*request.param, gateway)


def said(result: dict[str, Any]) -> dict[str, Any]:
    """What every protocol says."""
    return {name: value for name, value in result.items() if name not in ("items", "kinds")}


def test_chat(seen: Seen):
    answer = {"text": ANSWER, "thinking": "", "calls": [], "finish": seen.finish["end"], "usage": [21, 9]}
    assert said(seen["chat"]) == answer


def test_stream(seen: Seen):
    answer = {"text": ANSWER, "thinking": "", "calls": [], "finish": seen.finish["end"], "usage": [21, 9]}
    assert said(seen["stream"]) == {**answer, "pieces": 7}, "a piece per word of the engine, none joined or delayed"


def test_a_stream_of_responses_has_its_whole_life(seen: Seen):
    if seen.vendor != "responses":
        pytest.skip("of Responses only")
    life = [*PART, "output_item.done", "completed"]
    assert seen["stream"]["kinds"] == ["created", "in_progress", "output_item.added", *life]
    called = ["function_call_arguments.delta", "function_call_arguments.done", "output_item.done", "completed"]
    assert seen["tools_streamed"]["first"]["kinds"] == ["created", "in_progress", "output_item.added", *called]


def test_a_system_prompt_reaches_the_engine(seen: Seen):
    assert seen["system"]["text"] == ANSWER
    assert seen["system"]["usage"] == [39, 9], "18 tokens more than without"


@pytest.mark.parametrize("scenario", ["thinking", "thinking_streamed"])
def test_thinking_is_kept_apart_from_text(seen: Seen, scenario: str):
    assert (seen[scenario]["thinking"], seen[scenario]["text"]) == (THOUGHT, ANSWER)


def test_a_limit_cuts_the_answer(seen: Seen):
    assert ANSWER.startswith(seen["cut_short"]["text"])
    assert seen["cut_short"]["finish"] == seen.finish["length"]
    assert seen["cut_short"]["usage"] == [21, 3]


@pytest.mark.parametrize("scenario", ["tools", "tools_streamed"])
def test_a_tool_is_called_and_its_result_taken(seen: Seen, scenario: str):
    first, second = seen[scenario]["first"], seen[scenario]["second"]
    [(call_id, name, arguments)] = first["calls"]
    assert bool(call_id) == (seen.vendor not in NAMELESS)
    assert (name, json.loads(arguments)) == ("get_weather", {"city": ANSWER})
    assert first["finish"] == seen.finish["tool"]
    assert (second["text"], second["finish"]) == (AFTER_TOOL, seen.finish["end"])


def test_structured_output(seen: Seen):
    if seen.upstream == "openai-chat":
        assert json.loads(seen["structured"]) == {"place": ANSWER, "degrees": 1, "rain": True}
    else:  # the engine's /v1/messages answers free text, whatever format was asked for
        raised, status, message = seen.refusal("structured")
        assert (raised, status) == (seen.error("BadRequestError"), 400)
        assert "format" in message


def test_an_image_is_refused_by_name(seen: Seen):
    raised, status, message = seen.refusal("image")
    assert raised in (seen.error("BadRequestError"), seen.error("InternalServerError"))
    assert 400 <= status < 600
    assert "image" in message


def test_models_are_listed(seen: Seen):
    if seen.vendor == "together":
        pytest.skip("it lists those of a project alone")
    assert seen["models"] == ["via-anthropic-messages", "via-openai-chat", "via-openai-responses"]


@pytest.mark.parametrize("scenario", ["unknown_model", "unknown_model_streamed"])
def test_an_unknown_model(seen: Seen, scenario: str):
    raised, status, message = seen.refusal(scenario)
    assert (raised, status) == (seen.error("NotFoundError"), 404)
    assert "no-such-model" in message


def test_a_bad_request(seen: Seen):
    raised, status, message = seen.refusal("bad_request")
    assert (raised, status) == (seen.error("BadRequestError"), 400)
    assert WRONG.get(seen.vendor, "model") in message


def test_an_engines_own_responses(gateway: str):
    asked = ("chat", "stream", "thinking_streamed", "tools", "tools_streamed")
    for sdk in ("openai-3.52.0", "anthropic-2.11.0"):
        heard, finish = drive(sdk, gateway, "via-openai-responses", "any-key", *asked), FINISH[sdk.split("-")[0]]
        assert heard["chat"] == {**heard["chat"], "text": ANSWER, "finish": finish["end"], "usage": [21, 9]}
        assert (heard["stream"]["text"], heard["stream"]["pieces"]) == (ANSWER, 7)
        assert (heard["thinking_streamed"]["thinking"], heard["thinking_streamed"]["text"]) == (THOUGHT, ANSWER)
        for scenario in ("tools", "tools_streamed"):
            assert heard[scenario]["first"]["finish"] == finish["tool"]
            assert heard[scenario]["second"]["text"] == AFTER_TOOL


@pytest.fixture(scope="session", params=[pair for pair in PAIRS if "ollama" in str(pair.id)])
def completed(request: pytest.FixtureRequest, gateway: str) -> dict[str, Any]:
    """What Ollama's SDKs ask beside conversations."""
    sdk, upstream = request.param
    asked = ("generate", "generate_streamed", "generate_system", "generate_no_limit", "fill_in_the_middle")
    return drive(sdk, gateway, f"via-{upstream}", "any-key", *asked, "show", "show_unknown", "running")


def test_a_prompt_is_completed(completed: dict[str, Any]):
    answer = {"text": ANSWER, "thinking": "", "finish": "stop", "usage": [21, 9]}
    assert completed["generate"] == completed["generate_no_limit"] == {**answer, "pieces": 1}
    assert completed["generate_streamed"] == {**answer, "pieces": 7}
    assert completed["generate_system"]["usage"] == [39, 9], "18 tokens more than without"


def test_a_text_in_the_middle_is_refused_by_a_chat(completed: dict[str, Any]):
    refused = completed["fill_in_the_middle"]
    assert (refused["raised"], refused["status"]) == ("ResponseError", 400)
    assert "suffix" in refused["message"]


def test_a_model_is_shown(completed: dict[str, Any]):
    assert completed["show"]["capabilities"] == ["completion", "tools"]
    assert completed["show"]["details"]["family"] == ""
    assert completed["show_unknown"]["status"] == 404
    assert "no-such-model" in completed["show_unknown"]["message"]
    assert completed["running"] == []


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.id.startswith("anthropic-")])
def test_tokens_are_counted(gateway: str, pair: tuple[str, str]):
    sdk, upstream = pair
    counted = drive(sdk, gateway, f"via-{upstream}", "any-key", "count")["count"]
    if upstream == "anthropic-messages":
        assert counted == 21, "what the engine itself counts, and charges for an answer"
    else:
        assert 5 < counted < 21, "an estimate: the engine's tokens are letters"


@pytest.mark.parametrize("sdk", ["openai-2.54.0", "openai-3.52.0", "google-genai-2.34.0", "google-genai-3.4.0"])
def test_tokens_are_counted_in_other_protocols(gateway: str, sdk: str):
    python = required(VENVS / sdk, "run `make setup`") / "bin/python"
    asked = [python, ROOT / "tests/clients/count_python.py", gateway]
    run = subprocess.run([*asked, "via-anthropic-messages"], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout) == (0, "21\n"), run.stderr
    run = subprocess.run([*asked, "via-openai-chat"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and 5 < int(run.stdout) < 21, run.stderr


FILLERS = """\
pools:
  infill: {{accounts: [{{name: infill, provider: llamacpp, base_url: "{engine}/v1", dialects: [llamacpp-infill]}}]}}
  completions: {{accounts: [{{name: plain, provider: llamacpp, base_url: "{engine}/v1", dialects: [openai-completions]}}]}}
models:
  - {{name: via-infill, pool: infill, upstream_model: tiny}}
  - {{name: via-completions, pool: completions, upstream_model: tiny}}
"""


@pytest.fixture(scope="session")
def completing_gateway(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway that offers the engine's completions, and what it writes between two texts."""
    with running_gateway(tmp_path_factory.mktemp("completing"), FILLERS.format(engine=engine)) as url:
        yield url


@pytest.mark.parametrize("sdk", [case(sdk) for sdk in SDKS if sdk.startswith("mistralai")])
def test_mistrals_text_in_the_middle(completing_gateway: str, sdk: str):
    asked = ("fim", "fim_streamed", "fim_short", "fim_unknown_model")
    seen = drive(sdk, completing_gateway, "via-infill", "any-key", *asked)
    answer = {"text": ANSWER, "thinking": "", "calls": [], "finish": "stop", "usage": [15, 9]}
    assert seen["fim"] == answer
    assert seen["fim_streamed"] == {**answer, "pieces": 7}
    assert (seen["fim_short"]["finish"], seen["fim_short"]["usage"]) == ("length", [15, 3])
    assert seen["fim_unknown_model"]["status"] == 404 and "no-such-model" in seen["fim_unknown_model"]["message"]
    refused = drive(sdk, completing_gateway, "via-completions", "any-key", "fim")["fim"]
    assert refused["status"] == 400 and "/infill" in refused["message"]


@pytest.mark.parametrize("sdk", [sdk for sdk in SDKS if sdk.startswith("openai-") and "js" not in sdk])
def test_openais_completions(completing_gateway: str, sdk: str):
    seen = drive(
        sdk, completing_gateway, "via-completions", "any-key", "complete", "complete_streamed", "complete_short"
    )
    answer = {"text": ANSWER, "finish": "stop", "usage": [seen["complete"]["usage"][0], 9]}
    assert seen["complete"] == {**answer, "pieces": 1}
    assert seen["complete_streamed"] == {**answer, "pieces": 7}
    assert (seen["complete_short"]["finish"], seen["complete_short"]["usage"][1]) == ("length", 3)
    filled = drive(sdk, completing_gateway, "via-infill", "any-key", "fill", "fill_streamed")
    answer = {"text": ANSWER, "finish": "stop", "usage": [15, 9]}
    assert filled == {"fill": {**answer, "pieces": 1}, "fill_streamed": {**answer, "pieces": 7}}


@pytest.mark.parametrize("sdk", [case(sdk) for sdk in SDKS])
def test_a_client_key_is_asked_for(locked_gateway: str, sdk: str):
    asked = ["chat"] if sdk.startswith("together") else ["chat", "models"]
    refused = drive(sdk, locked_gateway, "via-openai-chat", "another-key", *asked)
    for scenario in asked:
        raised = error(sdk.rpartition("-")[0], "AuthenticationError")
        assert (refused[scenario]["raised"], refused[scenario]["status"]) == (raised, 401)
        assert "another-key" not in refused[scenario]["message"]
    accepted = drive(sdk, locked_gateway, "via-openai-chat", CLIENT_KEY, "chat")
    assert accepted["chat"]["text"] == ANSWER
