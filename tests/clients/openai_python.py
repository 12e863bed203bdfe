"""Drives the OpenAI SDK of this environment, or one made after it; called and answering as `common.py` says.

With CLOUD=azure it is the SDK's client of that.
"""

import os
from importlib.util import find_spec

from common import CHAT_TOOL, HI, PIXEL, THINK, WEATHER, base_url, key, model, tell
from pydantic import BaseModel

patience = {"max_retries": 0, "timeout": 30}
if os.environ.get("CLOUD") == "azure":
    from openai import AzureOpenAI

    client = AzureOpenAI(azure_endpoint=base_url, api_version="2024-10-21", api_key=key, **patience)
elif find_spec("openai"):
    from openai import OpenAI

    client = OpenAI(base_url=f"{base_url}/v1", api_key=key, **patience)
elif find_spec("together"):
    from together import Together

    client = Together(base_url=base_url, api_key=key, **patience)
else:
    from groq import Groq

    client = Groq(base_url=base_url, api_key=key, **patience)


class Weather(BaseModel):
    place: str
    degrees: int
    rain: bool


def whole(answer):
    choice = answer.choices[0]
    calls = [[call.id, call.function.name, call.function.arguments] for call in choice.message.tool_calls or []]
    return {
        "text": choice.message.content or "",
        "thinking": getattr(choice.message, "reasoning_content", None) or "",
        "calls": calls,
        "finish": choice.finish_reason,
        "usage": [answer.usage.prompt_tokens, answer.usage.completion_tokens],
    }


def streamed(chunks):
    """What the chunks add up to, in the form of `whole`, and how many carried text."""
    seen = {"text": "", "thinking": "", "calls": [], "finish": None, "usage": None, "pieces": 0}
    for chunk in chunks:
        if chunk.usage:
            seen["usage"] = [chunk.usage.prompt_tokens, chunk.usage.completion_tokens]
        for choice in chunk.choices:
            seen["finish"] = choice.finish_reason or seen["finish"]
            seen["thinking"] += getattr(choice.delta, "reasoning_content", None) or ""
            seen["text"] += choice.delta.content or ""
            seen["pieces"] += bool(choice.delta.content)
            for call in choice.delta.tool_calls or []:
                if (index := int(call.index)) == len(seen["calls"]):
                    seen["calls"].append([call.id, call.function.name, ""])
                seen["calls"][index][2] += call.function.arguments or ""
    return seen


def ask(messages=HI, **settings):
    return whole(client.chat.completions.create(model=model, messages=messages, **settings))


def ask_streamed(messages=HI, extra_body=(), **settings):
    more = {"stream_options": {"include_usage": True}, **dict(extra_body)}  # which not every SDK has a name for
    create = client.chat.completions.create
    return streamed(create(model=model, messages=messages, stream=True, extra_body=more, **settings))


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given."""
    first = ask(tools=[CHAT_TOOL])
    (call_id, name, arguments), *_ = first["calls"]
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    result = {"role": "tool", "tool_call_id": call_id, "content": "sunny"}
    called = {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"first": first, "second": ask([*HI, called, result], tools=[CHAT_TOOL])}


def structured():
    if hasattr(client.chat.completions, "parse"):
        return (
            client.chat.completions.parse(model=model, messages=HI, response_format=Weather).choices[0].message.content
        )
    form = {"name": "weather", "schema": WEATHER, "strict": True}
    return ask(response_format={"type": "json_schema", "json_schema": form})["text"]


def image():
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    return ask([{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]}])


def complete(**settings):
    """A prompt's completion: in one piece, or in as many as carried text."""
    settings = {"model": model, "prompt": "Hi", **settings}
    if settings.get("stream"):
        settings["stream_options"] = {"include_usage": True}
    answer = client.completions.create(**settings)
    parts = list(answer) if settings.get("stream") else [answer]
    choices = [choice for part in parts for choice in part.choices]
    usage = next((part.usage for part in reversed(parts) if part.usage), None)
    return {
        "text": "".join(choice.text for choice in choices),
        "finish": choices[-1].finish_reason,
        "usage": usage and [usage.prompt_tokens, usage.completion_tokens],
        "pieces": sum(bool(choice.text) for choice in choices),
    }


def embed():
    return [len(one.embedding) for one in client.embeddings.create(model=model, input=["Hi", "there"]).data]


def respond():
    answer = client.responses.create(model=model, input="Hi")
    return {"text": answer.output_text, "usage": [answer.usage.input_tokens, answer.usage.output_tokens]}


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
    "models": lambda: sorted(entry.id for entry in client.models.list().data),
    "unknown_model": lambda: ask(extra_body={"model": "no-such-model"}),
    "unknown_model_streamed": lambda: ask_streamed(extra_body={"model": "no-such-model"}),
    "bad_request": lambda: ask(extra_body={"model": 5}),
    "embed": embed,
    "respond": respond,
    "complete": complete,
    "complete_streamed": lambda: complete(stream=True),
    "complete_short": lambda: complete(max_tokens=3),
    "fill": lambda: complete(prompt="def f(", suffix="return a"),
    "fill_streamed": lambda: complete(prompt="def f(", suffix="return a", stream=True),
}

tell(SCENARIOS)
