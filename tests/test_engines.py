"""Engines that people run, as upstreams: official SDKs through the running gateway to each of them.

What an engine does otherwise than it should is mended, or refused by name, or reported; what no gateway can know stands
in the table of engines as what it cannot.
"""

from __future__ import annotations

import json
import math
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.engine.engines import ENGINES, Engine, running_engine
from tests.engine.model import AFTER_TOOL, ANSWER, THOUGHT
from tests.servers import ROOT, VENVS, required, running_gateway
from tests.test_sdk_clients import FINISH, drive

pytestmark = pytest.mark.engines
POOL = """\
  {dialect}: {{retries: 0, accounts: [{{name: {dialect}, provider: {provider}, base_url: "{url}/v1", dialects: [{dialect}]}}]}}
"""
MODELS = """\
  - {{name: {dialect}, pool: {dialect}, upstream_model: "{called}"}}
  - {{name: {dialect}-unknown, pool: {dialect}, upstream_model: no-such-model}}
"""
OWN = {"openai": "openai-chat", "anthropic": "anthropic-messages"}
SDKS = {"openai": "openai-3.52.0", "anthropic": "anthropic-2.11.0", "google-genai": "google-genai-3.4.0"}
CHATS = ("openai-chat", "openai-responses", "anthropic-messages")
HI = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50}


@dataclass
class Upstream:
    """A running engine, behind a gateway that offers it under the name of each dialect it is asked in."""

    engine: Engine
    own: str
    called: str
    url: str

    def drive(self, vendor: str, dialect: str, *scenarios: str) -> dict[str, Any]:
        return drive(SDKS[vendor], self.url, dialect, "any-key", *scenarios)

    def asked(self, path: str, body: dict[str, Any]) -> tuple[int, str, bytes]:
        """Status, reported losses, body."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        try:
            answer = urllib.request.urlopen(request, timeout=300)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return answer.status, answer.headers.get("isogloss-loss", ""), answer.read()

    def chat(self, **more: Any) -> tuple[int, str, Any]:
        status, lost, said = self.asked("/v1/chat/completions", {"model": "openai-chat", **HI, **more})
        return status, lost, json.loads(said)


def named(dialect: str) -> list[str]:
    return [name for name, engine in ENGINES.items() if dialect in engine.dialects]


@pytest.fixture(scope="module")
def upstream(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """The engine that a test names."""
    engine = ENGINES[request.param]
    directory = tmp_path_factory.mktemp(request.param)
    with running_engine(request.param, directory) as (own, called):
        facts = [{"dialect": one, "provider": engine.provider, "url": own, "called": called} for one in engine.dialects]
        policy = "pools:\n" + "".join(POOL.format(**one) for one in facts)
        policy += "models:\n" + "".join(MODELS.format(**one) for one in facts)
        with running_gateway(directory, policy) as url:
            yield Upstream(engine, own, called, url)


def of(dialect: str, *names: str) -> pytest.MarkDecorator:
    """For every engine that is asked in the dialect, or for those named."""
    return pytest.mark.parametrize("upstream", names or named(dialect), indirect=True, scope="module")


def spoken(upstream: Upstream) -> int:
    """How many tokens the answer has: most count the one that ends it."""
    return 8 if "counts no end" in upstream.engine.can else 9


# ---- conversations


@pytest.mark.parametrize("vendor", SDKS)
@pytest.mark.parametrize(
    ("upstream", "dialect"),
    [(name, one) for name, engine in ENGINES.items() for one in engine.dialects if one in CHATS],
    indirect=["upstream"],
    scope="module",
)
def test_a_conversation(upstream: Upstream, dialect: str, vendor: str) -> None:
    can, finish = upstream.engine.can, FINISH[vendor]
    asked = ["chat", "stream", "thinking", "thinking_streamed", "cut_short", "bad_request", "tools", "tools_streamed"]
    seen = upstream.drive(vendor, dialect, *(one for one in asked if "tools" in can or "tools" not in one))
    answer = {"text": ANSWER, "thinking": "", "calls": [], "finish": finish["end"], "usage": [21, spoken(upstream)]}
    assert seen["chat"] == answer
    stream = seen["stream"]
    usage = stream["usage"] if "streams no usage" in can else answer["usage"]
    assert stream == {**answer, "usage": usage, "pieces": stream["pieces"]} and 1 <= stream["pieces"] <= 7
    for said in (seen["thinking"], seen["thinking_streamed"]):
        if "tags" in can and OWN.get(vendor) == dialect:  # its bytes pass as they are
            assert said["text"] == f"<think>{THOUGHT}</think>{ANSWER}"
        else:
            assert (said["thinking"], said["text"]) == (THOUGHT, ANSWER)
    assert ANSWER.startswith(seen["cut_short"]["text"]) and seen["cut_short"]["usage"] == [21, 3]
    assert seen["bad_request"]["status"] == 400
    if dialect != "openai-responses" or upstream.engine.provider != "llamacpp":  # which does not say it
        assert seen["cut_short"]["finish"] == finish["length"]
    for scenario in {"tools", "tools_streamed"} & set(seen):
        first, second = seen[scenario]["first"], seen[scenario]["second"]
        [(call_id, name, arguments)] = first["calls"]
        assert call_id and (name, json.loads(arguments)) == ("get_weather", {"city": ANSWER})
        assert (first["finish"], second["text"], second["finish"]) == (finish["tool"], AFTER_TOOL, finish["end"])


@of("anthropic-messages")
def test_tokens_are_counted_by_the_engine(upstream: Upstream) -> None:
    assert upstream.drive("anthropic", "anthropic-messages", "count")["count"] == 21


@of("openai-chat")
def test_an_answer_in_a_form(upstream: Upstream) -> None:
    for vendor in SDKS:
        seen = upstream.drive(vendor, "openai-chat", "structured")["structured"]
        if "json" in upstream.engine.can:
            assert json.loads(seen) == {"place": ANSWER, "degrees": 1, "rain": True}
        else:
            assert seen["status"] == 400 and "response_format" in seen["message"]


@of("openai-chat")
def test_an_image_for_a_model_of_text(upstream: Upstream) -> None:
    seen = upstream.drive("anthropic", "openai-chat", "image")["image"]
    if "ignores images" in upstream.engine.can:
        assert seen["text"] == ANSWER
    else:
        assert seen["status"] == 400 and any(word in seen["message"] for word in ("image", "multimodal"))


@of("openai-chat", "llama-cpp-python")
def test_tools_are_refused_by_name(upstream: Upstream) -> None:
    for vendor in SDKS:
        seen = upstream.drive(vendor, "openai-chat", "tools")["tools"]
        assert seen["status"] == 400 and "tools" in seen["message"]


@of("openai-chat")
def test_an_unknown_model(upstream: Upstream) -> None:
    status, _, said = upstream.chat(model="openai-chat-unknown")
    if "knows its model" in upstream.engine.can:
        assert status in (400, 404) and "no-such-model" in said["error"]["message"]
    else:
        assert said["choices"][0]["message"]["content"] == ANSWER


@of("openai-chat")
def test_a_stop(upstream: Upstream) -> None:
    status, _, said = upstream.chat(stop=["small"])
    [choice] = said["choices"]
    assert (status, choice["finish_reason"], choice["message"]["content"]) == (200, "stop", "Hello from a ")
    asked = {"model": "openai-chat", **HI, "stop_sequences": ["a small"], "stream": True}  # over two tokens
    status, _, said = upstream.asked("/v1/messages", asked)
    events = [
        json.loads(line.removeprefix("data: ")) for line in said.decode().splitlines() if line.startswith("data: ")
    ]
    deltas = [event["delta"] for event in events if "delta" in event]
    assert (status, "".join(delta.get("text", "") for delta in deltas)) == (200, "Hello from ")
    assert deltas[-1]["stop_reason"] in ("end_turn", "stop_sequence")


@of("openai-chat")
def test_several_answers(upstream: Upstream) -> None:
    status, _, said = upstream.chat(n=2)
    if "choices" in upstream.engine.can:
        assert [choice["message"]["content"] for choice in said["choices"]] == [ANSWER, ANSWER]
    else:
        assert status == 400 and "n: at most 1" in said["error"]["message"]


@of("openai-chat")
def test_probabilities(upstream: Upstream) -> None:
    """They are there, or it is said that they are not."""
    status, lost, said = upstream.chat(logprobs=True, top_logprobs=2)
    assert status == 200
    assert "logprobs" in lost or said["choices"][0]["logprobs"]["content"][0]["token"] == "Hello"


@of("openai-chat")
@pytest.mark.parametrize("usage", [True, False])
def test_a_stream_ends_as_it_should(upstream: Upstream, usage: bool) -> None:
    asked = {**HI, "stream": True} | ({"stream_options": {"include_usage": True}} if usage else {})
    status, _, said = upstream.asked("/v1/chat/completions", {"model": "openai-chat", **asked})
    *frames, end = said.decode().removesuffix("\n\n").split("\n\n")
    assert (status, end) == (200, "data: [DONE]")
    chunks = [json.loads(frame.removeprefix("data: ")) for frame in frames if frame.startswith("data: ")]
    assert len({chunk["id"] for chunk in chunks}) == 1
    deltas = [choice for chunk in chunks for choice in chunk["choices"]]
    assert "".join(one["delta"].get("content") or "" for one in deltas) == ANSWER
    assert [one["finish_reason"] for one in deltas if one.get("finish_reason")] == ["stop"]
    if usage and "streams no usage" not in upstream.engine.can:
        assert chunks[-1]["usage"]["completion_tokens"] == 9


# ---- prompts


@of("openai-completions")
def test_a_completion(upstream: Upstream) -> None:
    asked = ("complete", "complete_streamed", "complete_short", "fill")
    seen = upstream.drive("openai", "openai-completions", *asked)
    for scenario in asked[:2]:
        assert (seen[scenario]["text"], seen[scenario]["finish"]) == (ANSWER, "stop")
        if scenario == "complete" or "streams no usage" not in upstream.engine.can:
            assert seen[scenario]["usage"][1] == spoken(upstream)
    assert seen["complete_short"]["finish"] == "length" and ANSWER.startswith(seen["complete_short"]["text"])
    if "fills" in upstream.engine.can:
        assert seen["fill"]["text"] == ANSWER
    else:
        assert seen["fill"]["status"] == 400 and "suffix" in seen["fill"]["message"]


@of("openai-completions")
def test_a_completion_with_a_stop(upstream: Upstream) -> None:
    for stream in (False, True):
        asked = {"model": "openai-completions", "prompt": "Hi", "max_tokens": 50, "stop": "a small", "stream": stream}
        status, _, said = upstream.asked("/v1/completions", asked)
        frames = [line[6:] for line in said.splitlines() if line.startswith(b"data: {")] if stream else [said]
        choices = [choice for frame in frames for choice in json.loads(frame)["choices"]]
        assert (status, "".join(choice["text"] for choice in choices)) == (200, "Hello from ")
        assert choices[-1]["finish_reason"] == "stop"


@of("llamacpp-infill")
def test_text_in_the_middle(upstream: Upstream) -> None:
    seen = upstream.drive("openai", "llamacpp-infill", "fill", "fill_streamed")
    assert seen["fill"]["text"] == seen["fill_streamed"]["text"] == ANSWER


# ---- vectors and ranks


@of("openai-embeddings")
@pytest.mark.parametrize("sdk", ["openai-3.52.0", "cohere-7.3.1", "ollama-0.6.3"])
def test_texts_are_embedded(upstream: Upstream, sdk: str) -> None:
    body = json.dumps({"model": upstream.called, "input": ["Hi", "there"]}).encode()
    request = urllib.request.Request(f"{upstream.own}/v1/embeddings", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        own = [one["embedding"] for one in json.load(answer)["data"]]
    assert own[0] != own[1]
    python = required(VENVS / sdk, "run `make setup`") / "bin/python"
    command = [python, ROOT / "tests/clients/embed_python.py", upstream.url, "openai-embeddings"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["refused"] == 404
    for made, kept in zip(said["vectors"], own, strict=True):
        assert len(made) == len(kept) and all(
            math.isclose(*pair, rel_tol=1e-5) for pair in zip(made, kept, strict=True)
        )


@of("openai-embeddings")
def test_a_vectors_length_is_the_models(upstream: Upstream) -> None:
    status, _, said = upstream.asked("/v1/embeddings", {"model": "openai-embeddings", "input": "Hi", "dimensions": 8})
    assert status == 400 and b"dimensions" in said


@of("cohere-rerank")
@pytest.mark.parametrize("path", ["/v2/rerank", "/voyage/v1/rerank"])
def test_texts_are_ranked(upstream: Upstream, path: str) -> None:
    status, _, said = upstream.asked(path, {"model": "cohere-rerank", "query": "a", "documents": ["b", "a"]})
    found = json.loads(said)["data" if "voyage" in path else "results"]
    assert status == 200 and sorted(one["index"] for one in found) == [0, 1]
    scores = [one["relevance_score"] for one in found]
    assert all(isinstance(score, float) for score in scores) and scores == sorted(scores, reverse=True)
    if "ranks" in upstream.engine.can:
        assert found[0]["index"] == 1 and math.isclose(scores[0], 1, rel_tol=1e-5) and scores[1] < 0.5
