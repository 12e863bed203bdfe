"""Drives LiteLLM as a client, by its provider of one PROTOCOL; called and answering as `common.py` says."""

import json
import os

import litellm
from common import CHAT_TOOL, HI, WEATHER, base_url, key, model, tell

litellm.suppress_debug_info = True
prefix, root = {
    "anthropic-messages": ("anthropic", base_url),
    "bedrock-converse": ("bedrock/converse", base_url),
    "gemini-generate": ("gemini", f"{base_url}/v1beta"),
    "mistral-chat": ("mistral", f"{base_url}/mistral/v1"),
    "ollama-chat": ("ollama_chat", base_url),
    "openai-chat": ("openai", f"{base_url}/v1"),
    "openai-responses": ("openai/responses", f"{base_url}/v1"),
}[os.environ["PROTOCOL"]]
settings = {"api_base": root, "api_key": key, "max_retries": 0, "max_tokens": 500}
if prefix.startswith("bedrock"):
    signing = {
        "aws_access_key_id": key,
        "aws_secret_access_key": "a-secret-that-only-signs",
        "aws_region_name": "eu-west-1",
    }
    settings = {"aws_bedrock_runtime_endpoint": base_url, **signing, "max_tokens": 500}


def ask(messages=HI, named=model, **more):
    return litellm.completion(model=f"{prefix}/{named}", messages=messages, **settings, **more)


def whole(answer, **more):
    usage = answer.usage
    return {
        "text": answer.choices[0].message.content,
        "usage": [usage.prompt_tokens, usage.completion_tokens],
        **more,
    }


def streamed():
    pieces = list(ask(stream=True, stream_options={"include_usage": True}))
    texts = [piece.choices[0].delta.content for piece in pieces if piece.choices]
    usage = next(piece.usage for piece in reversed(pieces) if getattr(piece, "usage", None))
    return {
        "text": "".join(filter(None, texts)),
        "usage": [usage.prompt_tokens, usage.completion_tokens],
        "pieces": sum(map(bool, texts)),
    }


def tools():
    """A call, and the answer to its result."""
    offered = {"tools": [CHAT_TOOL], "allowed_openai_params": ["tools"]}  # by a model that it does not know
    first = ask(**offered).choices[0].message
    (call,) = first.tool_calls
    result = {"role": "tool", "tool_call_id": call.id, "name": call.function.name, "content": "sunny"}
    answer = ask([*HI, first.model_dump(exclude_none=True), result], **offered)
    return whole(answer, called=[call.function.name, json.loads(call.function.arguments)])


def structured():
    form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": WEATHER, "strict": True}}
    return json.loads(ask(response_format=form).choices[0].message.content)


SCENARIOS = {
    "chat": lambda: whole(ask()),
    "stream": streamed,
    "tools": tools,
    "structured": structured,
    "unknown_model": lambda: whole(ask(named="no-such-model")),
}

tell(SCENARIOS)
