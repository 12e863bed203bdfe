"""Drives the Ollama SDK of this environment; called and answering as `common.py` says."""

import json

import ollama
from common import CHAT_TOOL, HI, PIXEL, THINK, WEATHER, base_url, key, model, tell

client = ollama.Client(base_url, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def whole(parts):
    """The answer that a list of its parts makes; calls have no ids here."""
    last, messages = parts[-1], [part.message for part in parts]
    calls = [call.function for message in messages for call in message.tool_calls or ()]
    return {
        "text": "".join(message.content or "" for message in messages),
        "thinking": "".join(message.thinking or "" for message in messages),
        "calls": [[None, call.name, json.dumps(call.arguments)] for call in calls],
        "finish": last.done_reason,
        "usage": [last.prompt_eval_count, last.eval_count],
    }


def ask(messages=HI, **settings):
    return whole([client.chat(messages=messages, **{"model": model, **settings})])


def ask_streamed(messages=HI, **settings):
    """The answer that the stream's lines make, and how many of them carried text."""
    parts = list(client.chat(messages=messages, stream=True, **{"model": model, **settings}))
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    return {**whole(parts), "pieces": sum(bool(part.message.content) for part in parts)}


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given."""
    first = ask(tools=[CHAT_TOOL])
    (_, name, arguments), *_ = first["calls"]
    call = {"role": "assistant", "tool_calls": [{"function": {"name": name, "arguments": json.loads(arguments)}}]}
    result = {"role": "tool", "tool_name": name, "content": "sunny"}
    return {"first": first, "second": ask([*HI, call, result], tools=[CHAT_TOOL])}


def image():
    return ask([{"role": "user", "content": "What is this?", "images": [PIXEL]}])


def completion(**settings):
    """A prompt's completion: in one piece, or in as many as carried text."""
    answer = client.generate(**{"model": model, "prompt": "Hi", **settings})
    parts = list(answer) if settings.get("stream") else [answer]
    return {
        "text": "".join(part.response for part in parts),
        "thinking": "".join(part.thinking or "" for part in parts),
        "finish": parts[-1].done_reason,
        "usage": [parts[-1].prompt_eval_count, parts[-1].eval_count],
        "pieces": sum(bool(part.response) for part in parts),
    }


SCENARIOS = {
    "chat": ask,
    "stream": ask_streamed,
    "system": lambda: ask([{"role": "system", "content": "Be short."}, *HI]),
    "thinking": lambda: ask(THINK, think=True),
    "thinking_streamed": lambda: ask_streamed(THINK, think=True),
    "cut_short": lambda: ask(options={"num_predict": 3}),
    "tools": lambda: tools(ask),
    "tools_streamed": lambda: tools(ask_streamed),
    "structured": lambda: ask(format=WEATHER)["text"],
    "image": image,
    "models": lambda: sorted(entry.model for entry in client.list().models),
    "unknown_model": lambda: ask(model="no-such-model"),
    "unknown_model_streamed": lambda: ask_streamed(model="no-such-model"),
    "bad_request": lambda: client._request_raw("POST", "/api/chat", json={"model": 5, "messages": HI}).json(),
    "generate": completion,
    "generate_streamed": lambda: completion(stream=True),
    "generate_system": lambda: completion(system="Be short."),
    "generate_no_limit": lambda: completion(options={"num_predict": -1}),
    "fill_in_the_middle": lambda: completion(suffix="!"),
    "show": lambda: client.show(model).model_dump(mode="json"),
    "show_unknown": lambda: client.show("no-such-model").model_dump(mode="json"),
    "running": lambda: [entry.model for entry in client.ps().models],
}

tell(SCENARIOS, lambda error: {"message": getattr(error, "error", str(error))})
