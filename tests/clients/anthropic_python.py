"""Drives the Anthropic SDK of this environment; called and answering as `common.py` says.

With CLOUD=bedrock or CLOUD=vertex it is the SDK's client of that cloud.
"""

import json
import os

import anthropic
from common import CITY, HI, PIXEL, THINK, WEATHER, WEATHER_TOOL, base_url, key, model, tell

patience = {"max_retries": 0, "timeout": 30}
match os.environ.get("CLOUD"):
    case "bedrock":
        client = anthropic.AnthropicBedrock(base_url=base_url, api_key=key, aws_region="eu-west-1", **patience)
    case "vertex":
        place = {"region": "us-east5", "project_id": "p", "base_url": f"{base_url}/v1"}
        client = anthropic.AnthropicVertex(access_token=key, **place, **patience)
    case _:
        client = anthropic.Anthropic(base_url=base_url, api_key=key, **patience)
TOOL = {**WEATHER_TOOL, "input_schema": CITY}


def whole(message):
    blocks, usage = message.content, message.usage
    return {
        "text": "".join(block.text for block in blocks if block.type == "text"),
        "thinking": "".join(block.thinking for block in blocks if block.type == "thinking"),
        "calls": [[block.id, block.name, json.dumps(block.input)] for block in blocks if block.type == "tool_use"],
        "finish": message.stop_reason,
        "usage": [usage.input_tokens + (usage.cache_read_input_tokens or 0), usage.output_tokens],
    }


def ask(messages=HI, **settings):
    return whole(client.messages.create(model=model, messages=messages, **{"max_tokens": 500, **settings}))


def ask_streamed(messages=HI, **settings):
    """The message that the SDK's own accumulator makes of the stream, and how many events carried text."""
    with client.messages.stream(model=model, messages=messages, max_tokens=500, **settings) as stream:
        pieces = sum(event.type == "content_block_delta" and event.delta.type == "text_delta" for event in stream)
        return {**whole(stream.get_final_message()), "pieces": pieces}


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given."""
    first = ask(tools=[TOOL])
    (call_id, name, arguments), *_ = first["calls"]
    call = {"type": "tool_use", "id": call_id, "name": name, "input": json.loads(arguments)}
    result = {"type": "tool_result", "tool_use_id": call_id, "content": "sunny"}
    turns = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    return {"first": first, "second": ask([*HI, *turns], tools=[TOOL])}


def structured():
    return ask(output_config={"format": {"type": "json_schema", "schema": WEATHER}})["text"]


def image():
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    return ask([{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]}])


SCENARIOS = {
    "chat": ask,
    "stream": ask_streamed,
    "system": lambda: ask(system="Be short."),
    "thinking": lambda: ask(THINK),
    "thinking_streamed": lambda: ask_streamed(THINK),
    "cut_short": lambda: ask(max_tokens=3),
    "tools": lambda: tools(ask),
    "tools_streamed": lambda: tools(ask_streamed),
    "structured": structured,
    "image": image,
    "count": lambda: client.messages.count_tokens(model=model, messages=HI).input_tokens,
    "models": lambda: sorted(entry.id for entry in client.models.list()),
    "unknown_model": lambda: ask(extra_body={"model": "no-such-model"}),
    "unknown_model_streamed": lambda: ask_streamed(extra_body={"model": "no-such-model"}),
    "bad_request": lambda: ask(extra_body={"model": 5}),
}

tell(SCENARIOS)
