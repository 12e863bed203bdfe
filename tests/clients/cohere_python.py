"""Drives the Cohere SDK of this environment; called and answering as `common.py` says."""

import json

import cohere
from cohere.core.api_error import ApiError
from common import CHAT_TOOL, HI, PIXEL, THINK, WEATHER, base_url, key, model, tell

client = cohere.ClientV2(api_key=key, base_url=base_url, timeout=30)
ONCE = {"max_retries": 0}


def told(texts, thoughts, calls, finish, usage):
    return {
        "text": "".join(texts),
        "thinking": "".join(thoughts),
        "calls": calls,
        "finish": finish,
        "usage": [int(usage.tokens.input_tokens), int(usage.tokens.output_tokens)],
    }


def ask(messages=HI, **settings):
    answer = client.chat(messages=messages, request_options=ONCE, **{"model": model, **settings})
    parts, calls = answer.message.content or (), answer.message.tool_calls or ()
    return told(
        [part.text for part in parts if part.type == "text"],
        [part.thinking for part in parts if part.type == "thinking"],
        [[call.id, call.function.name, call.function.arguments] for call in calls],
        answer.finish_reason,
        answer.usage,
    )


def ask_streamed(messages=HI, **settings):
    """The answer that the stream's events make, and how many of them carried text."""
    texts, thoughts, calls, opened = [], [], [], []
    for event in client.chat_stream(messages=messages, request_options=ONCE, **{"model": model, **settings}):
        if event.type.endswith("-start"):
            opened.append(event.type)
        match event.type:
            case "content-delta":
                content = event.delta.message.content
                texts += [content.text] if content.text else []
                thoughts += [content.thinking] if getattr(content, "thinking", None) else []
            case "tool-call-start":
                call = event.delta.message.tool_calls
                calls.append([call.id, call.function.name, call.function.arguments])
            case "tool-call-delta":
                calls[event.index][2] += event.delta.message.tool_calls.function.arguments
            case "content-end":
                assert opened.pop() == "content-start"
            case "tool-call-end":
                assert opened.pop() == "tool-call-start"
            case "message-end":
                assert opened == ["message-start"]
                last = event.delta
    return {**told(texts, thoughts, calls, last.finish_reason, last.usage), "pieces": len(texts)}


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given."""
    first = ask(tools=[CHAT_TOOL])
    (call_id, name, arguments), *_ = first["calls"]
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    result = {"type": "document", "document": {"data": json.dumps({"weather": "sunny"})}}
    turns = [
        {"role": "assistant", "tool_plan": "I will ask for the weather.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": [result]},
    ]
    return {"first": first, "second": ask([*HI, *turns], tools=[CHAT_TOOL])}


def structured():
    return ask(response_format={"type": "json_object", "json_schema": WEATHER})["text"]


def image():
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    return ask([{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]}])


SCENARIOS = {
    "chat": ask,
    "stream": ask_streamed,
    "system": lambda: ask([{"role": "system", "content": "Be short."}, *HI]),
    "thinking": lambda: ask(THINK),
    "thinking_streamed": lambda: ask_streamed(THINK),
    "cut_short": lambda: ask(max_tokens=3),
    "tools": lambda: tools(ask),
    "tools_streamed": lambda: tools(ask_streamed),
    "structured": structured,
    "image": image,
    "models": lambda: sorted(entry.name for entry in client.models.list().models),
    "unknown_model": lambda: ask(model="no-such-model"),
    "unknown_model_streamed": lambda: ask_streamed(model="no-such-model"),
    "bad_request": lambda: ask(model=5),
}

tell(SCENARIOS, lambda error: {"message": error.body["message"]} if isinstance(error, ApiError) else {})
