"""Drives the Responses of this environment's OpenAI SDK: called and answering as `common.py` says."""

import openai
from common import CITY, HI, PIXEL, THINK, WEATHER_TOOL, base_url, key, model, tell
from pydantic import BaseModel

client = openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=30)
TOOL = {"type": "function", **WEATHER_TOOL, "parameters": CITY, "strict": False}


class Weather(BaseModel):
    place: str
    degrees: int
    rain: bool


def whole(answer):
    thoughts = [item for item in answer.output if item.type == "reasoning"]
    calls = [[item.call_id, item.name, item.arguments] for item in answer.output if item.type == "function_call"]
    return {
        "text": answer.output_text,
        "thinking": "".join(part.text for item in thoughts for part in [*item.summary, *(item.content or ())]),
        "calls": calls,
        "finish": answer.incomplete_details.reason if answer.incomplete_details else answer.status,
        "usage": [answer.usage.input_tokens, answer.usage.output_tokens],
        "items": [item.to_dict() for item in answer.output],
    }


def ask(messages="Hi", **settings):
    return whole(client.responses.create(model=model, input=messages, **settings))


def ask_streamed(messages="Hi", **settings):
    """The answer that the SDK makes of the stream, how many frames carried text, and what was in order."""
    kinds, numbers = [], []
    with client.responses.stream(model=model, input=messages, **settings) as stream:
        for event in stream:
            kinds.append(event.type.removeprefix("response."))
            numbers.append(event.sequence_number)
        answer = whole(stream.get_final_response())
    assert numbers == list(range(len(numbers))), numbers
    return {**answer, "pieces": kinds.count("output_text.delta"), "kinds": list(dict.fromkeys(kinds))}


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given beside all that was said."""
    first = ask(HI, tools=[TOOL])
    result = {"type": "function_call_output", "call_id": first["calls"][0][0], "output": "sunny"}
    return {"first": first, "second": ask([*HI, *first["items"], result], tools=[TOOL])}


def structured():
    return client.responses.parse(model=model, input="Hi", text_format=Weather).output_text


def image():
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}
    return ask([{"role": "user", "content": [{"type": "input_text", "text": "What is this?"}, picture]}])


SCENARIOS = {
    "chat": ask,
    "stream": ask_streamed,
    "system": lambda: ask(instructions="Be short."),
    "thinking": lambda: ask(THINK),
    "thinking_streamed": lambda: ask_streamed(THINK),
    "cut_short": lambda: ask(max_output_tokens=3),
    "tools": lambda: tools(ask),
    "tools_streamed": lambda: tools(ask_streamed),
    "structured": structured,
    "image": image,
    "models": lambda: sorted(entry.id for entry in client.models.list()),
    "unknown_model": lambda: ask(extra_body={"model": "no-such-model"}),
    "unknown_model_streamed": lambda: ask_streamed(extra_body={"model": "no-such-model"}),
    "bad_request": lambda: ask(extra_body={"model": 5}),
}

tell(SCENARIOS)
