"""Drives Amazon's botocore of this environment; called and answering as `common.py` says. It signs what it asks."""

import json

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from common import CITY, WEATHER_TOOL, base_url, key, model, tell

session = botocore.session.Session()
session.set_credentials(key, "a-secret-that-only-signs")
once = Config(retries={"total_max_attempts": 1}, read_timeout=30)
client = session.create_client("bedrock-runtime", region_name="eu-west-1", endpoint_url=base_url, config=once)
HI = [{"role": "user", "content": [{"text": "Hi"}]}]
THINK = [{"role": "user", "content": [{"text": "Think first."}]}]
TOOLS = {"toolConfig": {"tools": [{"toolSpec": {**WEATHER_TOOL, "inputSchema": {"json": CITY}}}]}}
PICTURE = {"image": {"format": "png", "source": {"bytes": b"\x89PNG\r\n\x1a\n"}}}


def told(blocks, stop, usage):
    calls = [block["toolUse"] for block in blocks if "toolUse" in block]
    said = [block["reasoningContent"]["reasoningText"] for block in blocks if "reasoningContent" in block]
    return {
        "text": "".join(block.get("text", "") for block in blocks),
        "thinking": "".join(one["text"] for one in said),
        "calls": [[call["toolUseId"], call["name"], json.dumps(call["input"])] for call in calls],
        "finish": stop,
        "usage": [usage["inputTokens"] + usage.get("cacheReadInputTokens", 0), usage["outputTokens"]],
    }


def ask(messages=HI, **settings):
    answer = client.converse(**{"modelId": model, "messages": messages, **settings})
    return told(answer["output"]["message"]["content"], answer["stopReason"], answer["usage"])


def ask_streamed(messages=HI, **settings):
    """The answer that the events make, and how many of them carried text."""
    blocks, stop, usage, pieces = {}, None, None, 0
    for event in client.converse_stream(**{"modelId": model, "messages": messages, **settings})["stream"]:
        ((kind, said),) = event.items()
        if kind == "contentBlockStart":
            blocks[said["contentBlockIndex"]] = {"toolUse": {**said["start"]["toolUse"], "input": ""}}
        elif kind == "contentBlockDelta":
            grow(blocks.setdefault(said["contentBlockIndex"], {}), said["delta"])
            pieces += "text" in said["delta"]
        elif kind == "messageStop":
            stop = said["stopReason"]
        elif kind == "metadata":
            usage = said["usage"]
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return {**told([blocks[index] for index in sorted(blocks)], stop, usage), "pieces": pieces}


def grow(block, delta):
    if "toolUse" in delta:
        block["toolUse"]["input"] += delta["toolUse"]["input"]
    elif "reasoningContent" in delta:
        said = block.setdefault("reasoningContent", {"reasoningText": {"text": ""}})["reasoningText"]
        said["text"] += delta["reasoningContent"].get("text", "")
    else:
        block["text"] = block.get("text", "") + delta["text"]


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given."""
    first = ask(**TOOLS)
    (call_id, name, arguments), *_ = first["calls"]
    call = {"toolUse": {"toolUseId": call_id, "name": name, "input": json.loads(arguments)}}
    result = {"toolResult": {"toolUseId": call_id, "content": [{"text": "sunny"}]}}
    turns = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    return {"first": first, "second": ask([*HI, *turns], **TOOLS)}


def invoke(modelId=model, **settings):
    """A message of Anthropic's, by the operation that takes any body."""
    asked = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 500, **settings}
    body = json.dumps({"messages": [{"role": "user", "content": "Hi"}], **asked})
    answer = json.loads(client.invoke_model(modelId=modelId, body=body)["body"].read())
    return {
        "text": answer["content"][0]["text"],
        "finish": answer["stop_reason"],
        "tokens": answer["usage"]["output_tokens"],
    }


def invoke_streamed():
    body = json.dumps({"max_tokens": 500, "messages": [{"role": "user", "content": "Hi"}]})
    chunks = client.invoke_model_with_response_stream(modelId=model, body=body)["body"]
    events = [json.loads(one["chunk"]["bytes"]) for one in chunks]
    texts = [one["delta"]["text"] for one in events if one["type"] == "content_block_delta"]
    [last] = [one for one in events if one["type"] == "message_delta"]
    tokens = last["usage"]["output_tokens"]
    return {"text": "".join(texts), "pieces": len(texts), "finish": last["delta"]["stop_reason"], "tokens": tokens}


SCENARIOS = {
    "chat": ask,
    "stream": ask_streamed,
    "system": lambda: ask(system=[{"text": "Be short."}]),
    "thinking": lambda: ask(THINK, outputConfig={"effort": "medium"}),
    "thinking_streamed": lambda: ask_streamed(THINK, outputConfig={"effort": "medium"}),
    "cut_short": lambda: ask(inferenceConfig={"maxTokens": 3}),
    "tools": lambda: tools(ask),
    "tools_streamed": lambda: tools(ask_streamed),
    "image": lambda: ask([{"role": "user", "content": [{"text": "What is this?"}, PICTURE]}]),
    "unknown_model": lambda: ask(modelId="no-such-model"),
    "unknown_model_streamed": lambda: ask_streamed(modelId="no-such-model"),
    "invoke": invoke,
    "invoke_streamed": invoke_streamed,
    "invoke_unknown": lambda: invoke(modelId="no-such-model"),
    "bad_request": lambda: ask([{"role": "tool", "content": [{"text": "Hi"}]}]),
}


def refusal(error):
    if not isinstance(error, (ClientError, EventStreamError)):
        raise error
    said = error.response
    status = said.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return {"raised": said["Error"]["Code"], "status": status, "message": said["Error"]["Message"]}


tell(SCENARIOS, refusal)
