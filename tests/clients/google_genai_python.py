"""Drives the Gemini SDK of this environment; called and answering as `common.py` says. With CLOUD=vertex it asks Vertex."""

import json
import os

from common import PIXEL, WEATHER, base_url, key, model, tell
from google import genai
from google.genai import types

vertex = os.environ.get("CLOUD") == "vertex"
client = genai.Client(vertexai=vertex, api_key=key, http_options=types.HttpOptions(base_url=base_url, timeout=30_000))
HI = [{"role": "user", "parts": [{"text": "Hi"}]}]
THINK = [{"role": "user", "parts": [{"text": "Think first."}]}]
TOOL = {
    "name": "get_weather",
    "description": "Weather of a city",
    "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]},
}
TOOLS = {"tools": [{"function_declarations": [TOOL]}]}


def whole(answers):
    """The answer that a list of its pieces makes."""
    candidates = [answer.candidates[0] for answer in answers]
    parts = [part for one in candidates for part in (one.content and one.content.parts) or ()]
    calls = [part.function_call for part in parts if part.function_call]
    usage = answers[-1].usage_metadata
    return {
        "text": "".join(part.text for part in parts if part.text and not part.thought),
        "thinking": "".join(part.text for part in parts if part.text and part.thought),
        "calls": [[call.id, call.name, json.dumps(call.args)] for call in calls],
        "finish": candidates[-1].finish_reason.name,
        "usage": usage and [usage.prompt_token_count, usage.candidates_token_count],
    }


def ask(contents=HI, named=model, **config):
    return whole([client.models.generate_content(model=named, contents=contents, config=config)])


def ask_streamed(contents=HI, named=model, **config):
    """The answer that the stream's pieces make, and how many of them carried text."""
    answers = list(client.models.generate_content_stream(model=named, contents=contents, config=config))
    assert [bool(answer.candidates[0].finish_reason) for answer in answers] == [False] * (len(answers) - 1) + [True]
    return {**whole(answers), "pieces": sum(bool(answer.text) for answer in answers)}


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given."""
    first = ask(**TOOLS)
    (call_id, name, arguments), *_ = first["calls"]
    call = {"function_call": {"id": call_id, "name": name, "args": json.loads(arguments)}}
    result = {"function_response": {"id": call_id, "name": name, "response": {"output": "sunny"}}}
    turns = [{"role": "model", "parts": [call]}, {"role": "user", "parts": [result]}]
    return {"first": first, "second": ask([*HI, *turns], **TOOLS)}


def image():
    picture = {"inline_data": {"mime_type": "image/png", "data": PIXEL}}
    return ask([{"role": "user", "parts": [{"text": "What is this?"}, picture]}])


def raw(path, body):
    return client._api_client.request("post", path, body).body


SCENARIOS = {
    "chat": ask,
    "stream": ask_streamed,
    "system": lambda: ask(system_instruction="Be short."),
    "thinking": lambda: ask(THINK, thinking_config={"include_thoughts": True}),
    "thinking_streamed": lambda: ask_streamed(THINK, thinking_config={"include_thoughts": True}),
    "cut_short": lambda: ask(max_output_tokens=3),
    "tools": lambda: tools(ask),
    "tools_streamed": lambda: tools(ask_streamed),
    "structured": lambda: ask(response_mime_type="application/json", response_json_schema=WEATHER)["text"],
    "image": image,
    "models": lambda: sorted(one.name.removeprefix("models/") for one in client.models.list()),
    "unknown_model": lambda: ask(named="no-such-model"),
    "unknown_model_streamed": lambda: ask_streamed(named="no-such-model"),
    "bad_request": lambda: raw(f"models/{model}:generateContent", {"contents": 5}),
}

tell(SCENARIOS, lambda error: {"status": getattr(error, "code", None)})
