"""Provider overlays: short, and the same whether a request was converted or passes through."""

import json
from itertools import count
from pathlib import Path

import pytest

from generated.providers import PROVIDERS
from runtime.core.translate import Outgoing, Translation

SPECS = sorted(Path(__file__).parents[1].glob("specs/providers/*.yaml"))
LONGEST = 40  # lines

TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]
CALL = {"id": "call_A", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}


def translation(client: str, provider: str, model: str) -> Translation:
    dialect = next(iter(PROVIDERS[provider]["dialects"]))
    ids = count()
    return Translation(client, dialect, provider, model, now=0, new_id=lambda: f"id{next(ids)}")


def sent(client: str, provider: str, body: dict) -> tuple[dict, Translation]:
    one = translation(client, provider, "deepseek-reasoner")
    outgoing: Outgoing = one.request(json.dumps(body).encode())
    return json.loads(outgoing.body), one


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_overlays_are_short(spec: Path) -> None:
    lines = [line for line in spec.read_text().splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) < LONGEST, f"{spec.name} has {len(lines)} lines: what it says may belong to its dialect"
    assert spec.stem in PROVIDERS


@pytest.mark.parametrize(
    "client, body",
    [
        pytest.param(
            "openai-chat",
            {
                "model": "m",
                "max_completion_tokens": 100,
                "seed": 7,
                "tools": TOOLS,
                "messages": [
                    {"role": "user", "content": "Weather?"},
                    {"role": "assistant", "content": None, "reasoning_content": "Let me look.", "tool_calls": [CALL]},
                    {"role": "tool", "tool_call_id": "call_A", "content": "18C"},
                    {"role": "assistant", "content": "18C."},
                    {"role": "user", "content": "And Rome?"},
                ],
            },
            id="same dialect",
        ),
        pytest.param(
            "anthropic-messages",
            {
                "model": "m",
                "max_tokens": 100,
                "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
                "messages": [
                    {"role": "user", "content": "Weather?"},
                    {
                        "role": "assistant",
                        "content": [
                            {"type": "thinking", "thinking": "Let me look.", "signature": "s"},
                            {"type": "tool_use", "id": "call_A", "name": "get_weather", "input": {"city": "Paris"}},
                        ],
                    },
                    {
                        "role": "user",
                        "content": [{"type": "tool_result", "tool_use_id": "call_A", "content": "18C"}],
                    },
                    {"role": "assistant", "content": "18C."},
                    {"role": "user", "content": "And Rome?"},
                ],
            },
            id="converted",
        ),
    ],
)
def test_deepseek_gets_the_reasoning_of_every_turn_back(client: str, body: dict) -> None:
    upstream, one = sent(client, "deepseek", body)
    said = [message.get("reasoning_content") for message in upstream["messages"] if message["role"] == "assistant"]
    assert said == ["Let me look.", " "], "a turn without reasoning gets the least that is taken"
    assert upstream["max_tokens"] == 100 and "max_completion_tokens" not in upstream
    assert "seed" not in upstream
    assert [loss.path for loss in one.losses] == (
        ["seed"] if client == "openai-chat" else ["messages[1].content[0].signature"]
    )


def test_deepseek_without_tool_calls_is_left_alone() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    upstream, _ = sent("openai-chat", "deepseek", body)
    assert upstream["messages"] == body["messages"]


def test_a_request_that_needs_no_edit_keeps_its_bytes() -> None:
    body = b'{ "model":"gpt-5" , "messages":[ {"role":"user","content":"hi"} ], "temperature": 1.0, "zork": [1e2] }'
    one = Translation("openai-chat", "openai-chat", "openai", "gpt-5", now=0, new_id=lambda: "x")
    assert one.request(body).body == body
