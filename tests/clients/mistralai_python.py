"""Drives the Mistral SDK of this environment; called and answering as `common.py` says."""

from common import CHAT_TOOL, HI, PIXEL, THINK, WEATHER, base_url, key, model, tell

try:
    from mistralai import Mistral
except ImportError:  # its place since the second generation
    from mistralai.client import Mistral

client = Mistral(api_key=key, server_url=f"{base_url}/mistral", timeout_ms=30_000)
BROKEN = {"id": "callAAAAA", "function": {"name": "get_weather", "arguments": "as the model likes"}}


def said(content):
    """The text and the reasoning of a content: a string, or a list of parts."""
    if not isinstance(content, list):
        return content or "", ""
    texts = [part.text for part in content if part.type == "text"]
    thoughts = [thought.text for part in content if part.type == "thinking" for thought in part.thinking]
    return "".join(texts), "".join(thoughts)


def calls(found):
    return [[call.id, call.function.name, call.function.arguments] for call in found or ()]


def whole(answer):
    choice = answer.choices[0]
    text, thinking = said(choice.message.content)
    return {
        "text": text,
        "thinking": thinking,
        "calls": calls(choice.message.tool_calls),
        "finish": choice.finish_reason,
        "usage": [answer.usage.prompt_tokens, answer.usage.completion_tokens],
    }


def streamed(events):
    """What the events add up to, in the form of `whole`, and how many carried text. A call comes in one piece."""
    seen = {"text": "", "thinking": "", "calls": [], "finish": None, "usage": None, "pieces": 0}
    for chunk in (event.data for event in events):
        if chunk.usage and chunk.usage.total_tokens:
            seen["usage"] = [chunk.usage.prompt_tokens, chunk.usage.completion_tokens]
        for choice in chunk.choices:
            text, thinking = said(choice.delta.content)
            seen["finish"] = choice.finish_reason or seen["finish"]
            seen["text"] += text
            seen["thinking"] += thinking
            seen["pieces"] += bool(text)
            seen["calls"] += calls(choice.delta.tool_calls)
    return seen


def ask(messages=HI, **settings):
    return whole(client.chat.complete(messages=messages, **{"model": model, **settings}))


def ask_streamed(messages=HI, **settings):
    return streamed(client.chat.stream(messages=messages, **{"model": model, **settings}))


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given."""
    first = ask(tools=[CHAT_TOOL])
    (call_id, name, arguments), *_ = first["calls"]
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    result = {"role": "tool", "tool_call_id": call_id, "name": name, "content": "sunny"}
    called = {"role": "assistant", "content": "", "tool_calls": [call]}
    return {"first": first, "second": ask([*HI, called, result], tools=[CHAT_TOOL])}


def structured():
    form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": WEATHER, "strict": True}}
    return ask(response_format=form)["text"]


def image():
    picture = {"type": "image_url", "image_url": f"data:image/png;base64,{PIXEL}"}
    return ask([{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture]}])


def fill(**settings):
    return whole(client.fim.complete(**{"model": model, "prompt": "def f(", "suffix": "return a", **settings}))


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
    "unknown_model": lambda: ask(model="no-such-model"),
    "unknown_model_streamed": lambda: ask_streamed(model="no-such-model"),
    "bad_request": lambda: ask([*HI, {"role": "assistant", "tool_calls": [BROKEN]}, *HI]),
    "fim": fill,
    "fim_streamed": lambda: streamed(client.fim.stream(model=model, prompt="def f(", suffix="return a")),
    "fim_short": lambda: fill(max_tokens=3),
    "fim_unknown_model": lambda: fill(model="no-such-model"),
}


def refusal(error):
    """Of every SDK by one name; what was refused is in the body."""
    raised = "SDKError" if getattr(error, "status_code", None) else type(error).__name__
    return {"raised": raised, "message": getattr(error, "body", None) or str(error)}


tell(SCENARIOS, refusal)
